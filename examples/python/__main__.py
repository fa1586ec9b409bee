"""One mail host, obsolete TLS closed."""

import pulumi
import pulumi_mailhost as mailhost

config = pulumi.Config()

mx1 = mailhost.PostfixHardening(
    "mx1",
    connection=mailhost.ConnectionArgs(
        host=config.require("host"),
        host_key=config.require("hostKey"),
        private_key=config.require_secret("privateKey"),
    ),
    tls=mailhost.TlsArgs(
        incoming=mailhost.IncomingTlsArgs(),
        submission=mailhost.SubmissionTlsArgs(profile=mailhost.TlsProfile.INTERMEDIATE),
        outgoing=mailhost.OutgoingTlsArgs(),
    ),
    settings={"smtpd_helo_required": "yes"},
    on_destroy=mailhost.OnDestroy.RESTORE,
)

pulumi.export("protocols", mx1.protocols)
pulumi.export("warnings", mx1.warnings)
pulumi.export("policy", mx1.policy)
