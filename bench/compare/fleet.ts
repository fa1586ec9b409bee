// Many hosts, each with a Postfix of its own, to be brought from one state to another again and again.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "../../test/lab/host.ts";
import { Lab } from "../../test/lab/lab.ts";

/** What every contender has to bring about: four protocol settings, one cipher list, one service; then one line more. */
export const settings: Readonly<Record<string, string>> = {
  smtpd_tls_protocols: ">=TLSv1.2",
  smtpd_tls_mandatory_protocols: ">=TLSv1.2",
  smtp_tls_protocols: ">=TLSv1",
  smtp_tls_mandatory_protocols: ">=TLSv1",
  tls_medium_cipherlist: "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
};
/** Of the service smtp/inet, in master.cf. */
export const option = { name: "smtpd_client_port_logging", value: "yes" } as const;
export const change = { name: "smtpd_helo_required", value: "yes" } as const;

/** The same as a policy, for who runs the host program without a component. */
export function policyText(changed: boolean): string {
  return [
    "policy   1",
    "owner    bench/compare/ssh/mailhost:index:PostfixHardening/mx",
    "tls      incoming >= TLSv1.2",
    "tls      outgoing >= TLSv1",
    ...(changed ? [`set      ${change.name} = ${change.value}`] : []),
    `set      tls_medium_cipherlist = ${settings.tls_medium_cipherlist}`,
    `option   smtp/inet ${option.name} = ${option.value}`,
    "activate reload",
    "destroy  keep",
    "",
  ].join("\n");
}

/** As many at a time for every contender that can be told. */
export const parallel = 16;

export class Fleet {
  readonly lab: Lab;
  readonly hosts: readonly Host[];
  /** For what the contenders write here. */
  readonly dir: string;
  readonly knownHosts: string;
  readonly key: string;

  private constructor(lab: Lab, hosts: readonly Host[]) {
    const [first] = hosts;
    if (first === undefined) throw new Error("a fleet has one host at least");
    this.lab = lab;
    this.hosts = hosts;
    this.dir = join(lab.dir, "bench");
    mkdirSync(this.dir);
    this.knownHosts = join(this.dir, "known_hosts");
    this.key = first.keys.ed25519;
    writeFileSync(this.knownHosts, hosts.map(({ address, hostKey }) => `${address} ${hostKey}\n`).join(""));
  }

  static async boot(count: number): Promise<Fleet> {
    const lab = await Lab.open();
    const hosts: Host[] = [];
    for (let number = 1; number <= count; number += 1) hosts.push(await lab.boot({ init: "plain", kind: "python" }));
    const fleet = new Fleet(lab, hosts);
    const login = readFileSync(`${fleet.key}.pub`, "utf8").trim();
    await fleet.each(`cp -a /etc/postfix /root/postfix; echo '${login}' >>/root/.ssh/authorized_keys`);
    return fleet;
  }

  /** As it was booted, with nothing of any contender. */
  async reset(): Promise<void> {
    await this.each(
      "rm -rf /var/lib/mailhost /root/mailhost.sh; cp -a /root/postfix/main.cf /root/postfix/master.cf /etc/postfix/ && postfix reload 2>/dev/null",
    );
  }

  /** Whether every host has what was asked; a figure of something else is none. */
  async verify(changed: boolean): Promise<void> {
    const wanted = Object.entries({ ...settings, ...(changed ? { [change.name]: change.value } : {}) });
    const names = wanted.map(([name]) => name).join(" ");
    const expected = `${wanted.map(([, value]) => value).join("\n")}\n${option.value}`;
    for (const host of this.hosts) {
      const found = await host.must(`postconf -h ${names} && postconf -P smtp/inet/${option.name} | sed 's/.*= *//'`);
      if (found.trim() !== expected) throw new Error(`${host.name} has ${found}`);
    }
  }

  async each(command: string): Promise<void> {
    for (const host of this.hosts) await host.must(command);
  }

  async close(): Promise<void> {
    await this.lab.close();
  }
}
