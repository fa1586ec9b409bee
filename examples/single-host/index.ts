// One mail host, obsolete TLS closed. `Pulumi.yaml` at the root describes each configuration value.
import * as mailhost from "@postmaster/mailhost";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();

const postfix = new mailhost.PostfixHardening("mail", {
  connection: {
    host: config.require("host"),
    port: config.requireNumber("port"),
    user: config.require("user"),
    privateKey: config.requireSecret("privateKey"),
    hostKey: config.require("hostKey"),
    privilege: config.require<mailhost.Privilege>("privilege"),
  },
  tls: {
    incoming: { minimumVersion: config.require<mailhost.TlsVersion>("incoming") },
    submission: { minimumVersion: config.require<mailhost.TlsVersion>("submission") },
    outgoing: { minimumVersion: config.require<mailhost.TlsVersion>("outgoing") },
  },
  onDestroy: config.require<mailhost.OnDestroy>("onDestroy"),
  repair: config.requireNumber("repair"),
});

export const { postfixVersion, protocols, changes, effectiveAt, overridesLeft, warnings } = postfix;
