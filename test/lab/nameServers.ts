// The name servers of a host of kind `name-servers` beside its BIND: how a test gives each a zone that takes updates.
import type { Host } from "./host.ts";

export interface NameServer {
  name: string;
  /** It listens on 127.0.0.1. */
  port: number;
  /** One more zone with these records besides SOA and NS, which takes updates signed by lab-key. */
  addZone(host: Host, zone: string, records?: readonly string[]): Promise<void>;
}

const head = ["$TTL 3600", "@ SOA ns1.lab.test. hostmaster.lab.test. 1 3600 900 604800 300", "@ NS ns1.lab.test."];
const zoneFile = (records: readonly string[]): string => [...head, ...records, ""].join("\n");

export const nameServers: readonly NameServer[] = [
  {
    name: "Knot",
    port: 5301,
    async addZone(host, zone, records = []) {
      const file = `/var/lib/knot/${zone}.zone`;
      await host.write(file, zoneFile(records));
      const config = `  - domain: ${zone}\\n    file: ${file}\\n    acl: [transfer, lab]\\n`;
      await host.must(`chown knot:knot ${file}
        grep -q '^zone:' /etc/knot/zones.conf || echo zone: >>/etc/knot/zones.conf
        printf '${config}' >>/etc/knot/zones.conf && knotc -b reload && knotc -b zone-reload ${zone}`);
    },
  },
  {
    name: "PowerDNS",
    port: 5302,
    async addZone(host, zone, records = []) {
      const file = `/var/tmp/${zone}.zone`;
      await host.write(file, zoneFile(records));
      await host.must(
        `pdnsutil load-zone ${zone} ${file} && pdnsutil set-meta ${zone} TSIG-ALLOW-DNSUPDATE lab-key && pdns_control purge '${zone}$'`,
      );
    },
  },
];
