// A probe beside a hardened Postfix, on one host.
import * as mailhost from "@postmaster/mailhost";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const connection = {
  host: config.require("address"),
  hostKey: config.require("hostKey"),
  privateKey: config.requireSecret("privateKey"),
};

new mailhost.PostfixHardening("mx", {
  connection,
  tls: { incoming: {} },
  onDestroy: mailhost.OnDestroy.Restore,
});

const probe = new mailhost.Smtps465Probe("mx", {
  connection,
  destinations: [config.require("address")],
  prefix: config.get("prefix"),
  syslogName: config.get("syslogName") || undefined,
  onDestroy: mailhost.ProbeOnDestroy.RemoveEvidence,
});

export const { place, state, listener } = probe;
