// One mail domain on a mail host that is its own name server: MX, addresses and reverse names, and AAAA once its wave is published.
import * as mailhost from "@postmaster/mailhost";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const connection: mailhost.Connection = {
  host: config.require("host"),
  hostKey: config.require("hostKey"),
  privateKey: config.requireSecret("privateKey"),
};
const domain = config.require("domain");

const dns = new mailhost.MailDns(domain, {
  domain,
  rfc2136: {
    connection,
    key: { name: config.require("keyName"), file: config.require("keyFile") },
    reverseZones: config
      .require("reverseZones")
      .split(",")
      .map((zone) => ({ zone })),
  },
  hosts: [
    {
      name: `mx1.${domain}`,
      preference: 10,
      ipv4: [config.require("ipv4")],
      ipv6: [config.require("ipv6")],
      connection,
    },
  ],
  ipv6: { wave: 1, publishedWave: config.requireNumber("publishedWave") },
  allowLargeChange: config.requireBoolean("allowLargeChange"),
  allowSpecialPurposeAddresses: config.requireBoolean("allowSpecialPurposeAddresses"),
});

export const { records, waiting, warnings } = dns;
