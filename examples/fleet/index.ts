// Many mail hosts from one file. The first is the canary: the others wait until it succeeded. Then some at a time: each waits for the one that many places before it.
import { readFileSync } from "node:fs";
import * as mailhost from "@postmaster/mailhost";
import * as pulumi from "@pulumi/pulumi";

interface FleetHost {
  name: string;
  host: string;
  hostKey: string;
  /** What only this host has. */
  settings?: Record<string, string>;
}

const config = new pulumi.Config();
const atOnce = config.getNumber("atOnce") ?? 2;
const hosts: FleetHost[] = JSON.parse(readFileSync(`${__dirname}/hosts.json`, "utf8"));

const hardened: mailhost.PostfixHardening[] = [];
for (const [at, { name, host, hostKey, settings }] of hosts.entries()) {
  const before = hardened[Math.max(0, at - atOnce)];
  hardened.push(
    new mailhost.PostfixHardening(
      name,
      {
        connection: { host, hostKey, privateKey: config.requireSecret("privateKey") },
        tls: { incoming: {}, submission: {}, outgoing: {} },
        settings: { smtpd_helo_required: "yes", ...settings },
        onDestroy: mailhost.OnDestroy.Restore,
      },
      { dependsOn: before },
    ),
  );
}

export const endpoints = hardened.map(({ endpoint }) => endpoint);
export const warnings = hardened.map((host) => host.warnings);
