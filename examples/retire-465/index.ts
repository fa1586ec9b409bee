// Port 465 of one host: measured, then retired once nobody uses it any more, and opened again if somebody asks for it.
import * as mailhost from "@postmaster/mailhost";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const connection = {
  host: config.require("host"),
  hostKey: config.require("hostKey"),
  privateKey: config.requireSecret("privateKey"),
};

const probe = new mailhost.Smtps465Probe("mx1", { connection, syslogName: "postfix/smtps" });

const stages: Record<string, Record<string, mailhost.Service>> = {
  measure: {},
  retire: { "smtps/inet": { enabled: false, onlyIfQuietForDays: config.requireNumber("quietDays") } },
  open: { "smtps/inet": { enabled: true } },
};

const postfix = new mailhost.PostfixHardening("mx1", {
  connection,
  tls: {},
  services: stages[config.require("stage")] ?? {},
});

export const { state, listener, endpoint } = probe;
export const { protocols, warnings } = postfix;
