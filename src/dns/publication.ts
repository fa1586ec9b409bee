// What a component wants published, as record sets.
import * as pulumi from "@pulumi/pulumi";
import { naming } from "../errors";
import { Refusal } from "../policy/refusal";
import type { Warning } from "../receipt";
import type { WantedDns, WantedHost } from "../wantedDns";
import { type Family, reverseName } from "./addresses";
import type { HostGates } from "./gate";
import { absolute } from "./names";
import type { ElasticIp, Publication, Publisher, RecordSet, ReverseZone } from "./publisher";
import { distinct, mxValues, nullMxValues, pointerName, reverseZoneOf, tlsaName } from "./records";
import { exchangeOf, publishesIpv6 } from "./waves";

const families = ["ipv4", "ipv6"] as const satisfies readonly Family[];

/** A reverse name that someone else has to publish. */
export interface ForeignPointer {
  host: string;
  address: string;
}

/** What a component publishes, and what it can only ask others for. */
export interface Plan {
  publication: Publication;
  foreignPointers: ForeignPointer[];
}

export function planPublication(
  label: string,
  wanted: WantedDns,
  { reverseZones }: Pick<Publisher, "reverseZones">,
  waits: { gates: (host: WantedHost) => HostGates; exchange: (name: string) => pulumi.Resource[] },
): Plan {
  const own = wanted.hosts.filter(({ external }) => !external);
  const pointers = own.filter(({ reverse }) => reverse).flatMap((host) => pointersOf(host, reverseZones));
  const pointing = pointers.flatMap((pointer) => pointerSet(label, pointer, wanted.ttl));
  const addresses = own.flatMap((host) => addressSets(label, host, wanted, waits.gates(host), own.length === 1));
  naming(label, () => refuseSecondName(pointers));
  const mail = mailSets(wanted, waits.exchange);
  return {
    publication: {
      pointers: pointing,
      addresses: addresses.map((set) => ({ ...set, needs: pointersFor(set, pointers) })),
      elasticIps: own.flatMap(elasticIp),
      mail,
      later: [
        ...own.flatMap(laterSets),
        ...mail
          .filter(({ part }) => part !== "main")
          .map(({ type, part }) => ({ name: absolute(wanted.domain), type, part })),
      ],
    },
    foreignPointers: pointers.flatMap(({ host, address, zones }) =>
      typeof address === "string" && reverseZoneOf(address, zones) === undefined ? [{ host, address }] : [],
    ),
  };
}

/** An address whose reverse name is to lead to a host. */
interface Pointer {
  /** By the address where it is known, for then a host that is renamed, or another that takes it over, changes the one set. */
  key: string;
  /** What it was called while its address was known late. */
  former: string[];
  argument: string;
  host: string;
  family: Family;
  address: pulumi.Input<string>;
  /** Our zones of its family. */
  zones: ReverseZone[];
}

/** They follow the address and not the wave: a host that has a route already sends from it. */
function pointersOf(host: WantedHost, zones: readonly ReverseZone[]): Pointer[] {
  const { name, argument, addresses } = host;
  const kept = elasticIp(host).length > 0 ? addresses.ipv4[0] : undefined;
  return families.flatMap((family) =>
    addresses[family].flatMap((address, at) =>
      address === kept
        ? []
        : {
            key: typeof address === "string" ? `PTR ${address}` : `${name} PTR ${family} ${at}`,
            former: typeof address === "string" ? [`${name} PTR ${address}`, `${name} PTR ${family} ${at}`] : [],
            argument: `${argument}.${family}[${at}]`,
            host: name,
            family,
            address,
            zones: zones.filter(({ network }) => network.includes(":") === (family === "ipv6")),
          },
    ),
  );
}

/** An address leads back to one name (RFC 1912, section 2.1), which the mail it sends is judged by. */
function refuseSecondName(pointers: readonly Pointer[]): void {
  const leads = new Map<string, string>();
  for (const { argument, host, address, zones } of pointers) {
    if (typeof address !== "string" || reverseZoneOf(address, zones) === undefined) continue;
    const other = leads.get(address);
    if (other !== undefined) {
      const problem = `is "${address}", whose reverse name leads to ${other} already; set reverse to false on one of the two`;
      throw new Refusal(argument, problem);
    }
    leads.set(address, host);
  }
}

/** AWS keeps the reverse name of an Elastic IP. */
function elasticIp({ name, reverse, allocationId }: WantedHost): ElasticIp[] {
  if (allocationId === undefined || !reverse) return [];
  return [{ key: `${name} elasticIp`, allocationId, name: absolute(name), needs: [`${name} A`] }];
}

function pointerSet(label: string, { key, former, argument, host, address, zones }: Pointer, ttl: number): RecordSet[] {
  const ours = typeof address === "string" ? reverseZoneOf(address, zones) !== undefined : zones.length > 0;
  if (!ours) return [];
  const name = later(address, (known) => naming(label, () => pointerIn(argument, known, zones)));
  return [set({ key, former, name, type: "PTR", ttl, values: [absolute(host)] })];
}

/** An address that becomes known late cannot take its record away any more. */
function pointerIn(argument: string, address: string, zones: readonly ReverseZone[]): string {
  const zone = reverseZoneOf(address, zones);
  if (zone === undefined)
    throw new Refusal(
      argument,
      `is "${address}", which is in none of the reverse zones; add its zone, or set reverse to false`,
    );
  return pointerName(address, zone);
}

/** The reverse names of a set's addresses. */
function pointersFor({ name, type }: RecordSet, pointers: readonly Pointer[]): string[] {
  const family = type === "A" ? "ipv4" : "ipv6";
  if (type === "TLSA") return [];
  return pointers
    .filter((pointer) => absolute(pointer.host) === name && pointer.family === family)
    .map(({ key }) => key);
}

function addressSets(
  label: string,
  host: WantedHost,
  { ttl, wave }: WantedDns,
  gates: HostGates,
  alone: boolean,
): RecordSet[] {
  const { addresses, argument } = host;
  const part = host.gated ? "gated" : "main";
  const name = absolute(host.name);
  const valuesOf = (member: string, values: readonly pulumi.Input<string>[]) =>
    allOf(values, (known) => naming(label, () => distinct(`${argument}.${member}`, known)));
  const has4 = addresses.ipv4.length > 0;
  const sets: RecordSet[] = [];
  if (has4) {
    const values = valuesOf("ipv4", addresses.ipv4);
    sets.push(set({ key: `${host.name} A`, name, type: "A", ttl, values, last: alone }));
  }
  if (publishesIpv6(host, wave)) {
    const values = valuesOf("ipv6", addresses.ipv6);
    sets.push(
      set({
        key: `${host.name} AAAA`,
        name,
        type: "AAAA",
        ttl,
        values,
        part,
        gates: gates.ipv6,
        last: alone && (wave === undefined || !has4),
      }),
    );
  }
  if (host.tlsa.length > 0) {
    const values = valuesOf("tlsa", host.tlsa);
    const at = absolute(tlsaName(host.name));
    sets.push(set({ key: `${host.name} TLSA`, name: at, type: "TLSA", ttl, values, part, gates: gates.tlsa }));
  }
  return sets;
}

/** Of a host with a gate, also before its wave. */
function laterSets({ name, gated, hasIpv6, tlsa }: WantedHost): Publication["later"] {
  if (!gated) return [];
  return [
    ...(hasIpv6 ? [{ name: absolute(name), type: "AAAA", part: "gated" } as const] : []),
    ...(tlsa.length > 0 ? [{ name: absolute(tlsaName(name)), type: "TLSA", part: "gated" } as const] : []),
  ];
}

function mailSets(wanted: WantedDns, waits: (name: string) => pulumi.Resource[]): RecordSet[] {
  const { domain, hosts, nullMx, ttl, wave } = wanted;
  const receiving = hosts.filter(({ preference }) => preference !== undefined);
  if (receiving.length === 0 && !nullMx) return [];
  const exchanges = receiving.map((host) => ({ preference: host.preference ?? 0, name: exchangeOf(host, wave) }));
  const own = new Set(hosts.filter(({ external }) => !external).map(({ name }) => name));
  const others = exchanges.filter(({ name }) => !own.has(name));
  return [
    set({
      key: `${domain} MX`,
      name: absolute(domain),
      type: "MX",
      ttl,
      values: nullMx ? [...nullMxValues] : mxValues(exchanges),
      part: receiving.some(canWait) ? "mail" : "main",
      needs: receiving.flatMap((host) => addressesNeeded(host, exchangeOf(host, wave))),
      after: others.length === 0 ? undefined : () => others.flatMap(({ name }) => waits(name)),
      last: true,
    }),
  ];
}

/** What an MX record needs of the name that it shows; a second name is for both families. */
function addressesNeeded({ name, addresses }: WantedHost, exchange: string): string[] {
  if (exchange !== name) return [`${exchange} A`, `${exchange} AAAA`];
  return [`${name} ${addresses.ipv4.length > 0 ? "A" : "AAAA"}`];
}

/** An MX record waits for a gate only where without what it opens the name would have no address. */
function canWait({ dualStackName, gated, addresses }: WantedHost): boolean {
  return dualStackName !== undefined || (gated && addresses.ipv4.length === 0);
}

type Given = Pick<RecordSet, "key" | "name" | "type" | "ttl" | "values"> & Partial<RecordSet>;

function set(given: Given): RecordSet {
  return { former: [], part: "main", needs: [], gates: [], after: undefined, last: false, ...given };
}

/** Plain values stay plain, so that a preview and an error come at once. */
function allOf(values: readonly pulumi.Input<string>[], to: (known: string[]) => string[]): pulumi.Input<string[]> {
  const plain = values.filter((value) => typeof value === "string");
  return plain.length === values.length ? to(plain) : pulumi.all([...values]).apply(to);
}

function later(value: pulumi.Input<string>, to: (known: string) => string): pulumi.Input<string> {
  return typeof value === "string" ? to(value) : pulumi.output(value).apply(to);
}

/** What has to be said of a publication although it is possible. */
export function publicationWarnings(wanted: WantedDns, { foreignPointers }: Plan): Warning[] {
  const pointers = foreignPointers.filter(({ address }) => address.includes(":"));
  return [
    ...pointers.map(({ host, address }) => ({
      code: "no-reverse-zone",
      text: `${address} of ${host} is in none of the reverse zones; whoever has its network must publish ${reverseName(address)} PTR ${absolute(host)}, or others refuse the host's mail`,
    })),
    ...wanted.hosts
      .filter(({ tlsa }) => tlsa.length === 1)
      .map(({ name }) => ({
        code: "lone-tlsa",
        text: `${name} has one TLSA record; publish the next key's beside it before the certificate is renewed with another key`,
      })),
  ];
}
