// Twelve mail domains that get IPv6 in three waves: spamtraps first, small domains next, then the rest. Half of them have
// mail host names of their own, half share those of the infrastructure's domain. docs/mail-dns.md tells the way.
import * as mailhost from "@postmaster/mailhost";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const connection: mailhost.Connection = {
  host: config.require("host"),
  hostKey: config.require("hostKey"),
  privateKey: config.requireSecret("privateKey"),
};
const infrastructure = config.require("infrastructure");
const addresses = { ipv4: [config.require("ipv4")], ipv6: [config.require("ipv6")] };
const publishedWave = config.requireNumber("publishedWave");

const ownNames = [
  { wave: 1, domains: ["trap-one.test", "trap-two.test"] },
  { wave: 2, domains: ["small-one.test", "small-two.test"] },
  { wave: 3, domains: ["large-one.test", "large-two.test"] },
];
const sharedNames = [
  { wave: 1, domains: ["trap-three.test", "trap-four.test"] },
  { wave: 2, domains: ["small-three.test", "small-four.test"] },
  { wave: 3, domains: ["large-three.test", "large-four.test"] },
];

const common = {
  rfc2136: { connection, key: { name: config.require("keyName"), file: config.require("keyFile") } },
  ttl: 300,
  allowLargeChange: config.requireBoolean("allowLargeChange"),
  allowSpecialPurposeAddresses: config.requireBoolean("allowSpecialPurposeAddresses"),
};
const reverseZones = config.requireObject<string[]>("reverseZones").map((zone) => ({ zone }));

// The host's two names: domains move from the first to the second, which opens only once IPv6 works.
new mailhost.MailDns("infrastructure", {
  ...common,
  domain: infrastructure,
  rfc2136: { ...common.rfc2136, reverseZones },
  hosts: [
    { name: `mx.${infrastructure}`, ipv4: addresses.ipv4, reverse: false },
    { name: `mx6.${infrastructure}`, ...addresses, connection },
  ],
});

for (const { wave, domains } of ownNames) {
  for (const domain of domains) {
    new mailhost.MailDns(domain, {
      ...common,
      domain,
      hosts: [{ name: `mx.${domain}`, preference: 10, ...addresses, reverse: false }],
      ipv6: { wave, publishedWave },
    });
  }
}

for (const { wave, domains } of sharedNames) {
  for (const domain of domains) {
    new mailhost.MailDns(domain, {
      ...common,
      domain,
      hosts: [
        {
          name: `mx.${infrastructure}`,
          external: true,
          preference: 10,
          dualStackName: `mx6.${infrastructure}`,
        },
      ],
      ipv6: { wave, publishedWave },
    });
  }
}
