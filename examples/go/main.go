// One mail host, obsolete TLS closed.
package main

import (
	"example.com/pulumi-mailhost/sdk/go/mailhost"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		settings := config.New(ctx, "")
		intermediate := mailhost.TlsProfileIntermediate
		restore := mailhost.OnDestroyRestore
		mx1, err := mailhost.NewPostfixHardening(ctx, "mx1", &mailhost.PostfixHardeningArgs{
			Connection: mailhost.ConnectionArgs{
				Host:       pulumi.String(settings.Require("host")),
				HostKey:    pulumi.String(settings.Require("hostKey")),
				PrivateKey: settings.RequireSecret("privateKey"),
			},
			Tls: &mailhost.TlsArgs{
				Incoming:   &mailhost.IncomingTlsArgs{},
				Submission: &mailhost.SubmissionTlsArgs{Profile: &intermediate},
				Outgoing:   &mailhost.OutgoingTlsArgs{},
			},
			Settings:  map[string]pulumi.StringInput{"smtpd_helo_required": pulumi.String("yes")},
			OnDestroy: &restore,
		})
		if err != nil {
			return err
		}
		ctx.Export("protocols", mx1.Protocols)
		ctx.Export("warnings", mx1.Warnings)
		ctx.Export("policy", mx1.Policy)
		return nil
	})
}
