// A host whose address is known once another resource exists, as with a new virtual machine.
import * as mailhost from "@postmaster/mailhost";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const [host, hostKey, privateKey] = [
  config.require("address"),
  config.require("hostKey"),
  config.requireSecret("privateKey"),
];

const machine = new command.remote.Command("machine", {
  connection: { host, hostKey, privateKey },
  create: "ip -4 -o address show dev host0 | sed -n 's,^.* inet \\([0-9.]*\\)/.*$,\\1,p'",
});

const postfix = new mailhost.PostfixHardening("mx", {
  connection: { host: machine.stdout, hostKey, privateKey },
  tls: { outgoing: {} },
  settings: { smtpd_helo_required: "yes" },
  onDestroy: mailhost.OnDestroy.Restore,
});

export const { endpoint } = postfix;
