// The name server of a host of kind `bind`, as a test asks it, changes it and gives it zones; other servers answer on ports of their own.
import type { Host } from "./host.ts";

export type Key = "lab" | "other";

/** The secrets of the keys that named.conf knows; both are hmac-sha256. */
export const keySecrets: Readonly<Record<Key, string>> = {
  lab: "bGFiIHNlY3JldCBvZiBsYWIsIDMyIGJ5dGVzIGxvbmc=",
  other: "bGFiIHNlY3JldCBvZiBvdGhlciwgMzIgYnl0ZXMgbG8=",
};

/** The values of one record set, sorted; empty where there is none. */
export async function lookup(host: Host, name: string, type: string, port = 53): Promise<string[]> {
  const answer = await host.must(`dig +short +tries=1 -p ${port} @127.0.0.1 '${name}' ${type}`);
  return answer.split("\n").filter(Boolean).sort();
}

/** All records of a zone as `NAME TTL TYPE VALUE`, sorted, but its SOA and what only signs it. */
export async function zoneRecords(host: Host, zone: string, port = 53): Promise<string[]> {
  const answer = await host.must(`dig +noall +answer +onesoa -p ${port} @127.0.0.1 '${zone}' AXFR`);
  const records = answer.split("\n").map((line) => line.split(/\s+/));
  return records
    .filter(
      ([, , , type]) =>
        type !== undefined && !["SOA", "RRSIG", "NSEC", "DNSKEY", "TYPE65534", "CDS", "CDNSKEY"].includes(type),
    )
    .map(([name, ttl, , type, ...value]) => [name, ttl, type, ...value].join(" "))
    .sort();
}

/** An update as somebody else makes it: lines of nsupdate without `zone` and `send`. */
export async function update(
  host: Host,
  zone: string,
  lines: readonly string[],
  { key = "lab", port = 53 }: { key?: Key; port?: number } = {},
): Promise<void> {
  const stdin = [`server 127.0.0.1 ${port}`, `zone ${zone}`, ...lines, "send", ""].join("\n");
  await host.must(`nsupdate -k /etc/bind/${key}.key`, { stdin });
}

export interface ZoneOptions {
  /** What its file holds besides SOA and NS. */
  records?: readonly string[];
  key?: Key;
  signed?: boolean;
}

/** One more zone, which takes updates signed by a key. */
export async function addZone(host: Host, zone: string, options: ZoneOptions = {}): Promise<void> {
  const { records = [], key = "lab", signed = false } = options;
  const head = ["$TTL 3600", "@ SOA ns1.lab.test. hostmaster.lab.test. 1 3600 900 604800 300", "@ NS ns1.lab.test."];
  const file = `/var/lib/bind/lab/${zone.replaceAll("/", "-")}`;
  await host.write(file, [...head, ...records, ""].join("\n"));
  const policy = signed ? " dnssec-policy default;" : "";
  const config = `{ type primary; file "${file}"; allow-update { key ${key}-key; };${policy} };`;
  await host.must(`chown bind:bind '${file}' && rndc addzone '${zone}' '${config}'`);
}
