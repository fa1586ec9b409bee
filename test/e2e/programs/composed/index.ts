// A component within another one, with a provider of its own, a transform, and a machine that it goes with.
import * as mailhost from "@postmaster/mailhost";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const connection = {
  host: config.require("address"),
  hostKey: config.require("hostKey"),
  privateKey: config.requireSecret("privateKey"),
};

class Site extends pulumi.ComponentResource {
  readonly policy: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("test:index:Site", name, {}, opts);
    const machine = new command.remote.Command(`${name}-machine`, { connection, create: "true" }, { parent: this });
    const postfix = new mailhost.PostfixHardening(
      `${name}-mx`,
      {
        connection,
        tls: { outgoing: {} },
        settings: { smtpd_helo_required: "yes" },
        onDestroy: mailhost.OnDestroy.Restore,
      },
      { parent: this, deletedWith: config.getBoolean("together") ? machine : undefined },
    );
    this.policy = postfix.policy;
    this.registerOutputs({ policy: this.policy });
  }
}

const own = new command.Provider("own");
const site = new Site("site", {
  providers: { command: own },
  transforms: [
    ({ type, props, opts }) =>
      type === "command:remote:Command" ? { props: { ...props, logging: "stdoutAndStderr" }, opts } : undefined,
  ],
});

export const { policy } = site;
