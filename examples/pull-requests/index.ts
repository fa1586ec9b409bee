// One mail host. No key is here or in the configuration: ssh's agent has it, where one is needed.
import * as mailhost from "@postmaster/mailhost";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();

new mailhost.PostfixHardening("mx1", {
  connection: { host: config.require("host"), hostKey: config.require("hostKey") },
  tls: { incoming: {}, submission: {}, outgoing: {} },
  settings: { smtpd_helo_required: "yes" },
});
