import type * as pulumi from "@pulumi/pulumi";
import { type Host, hostLabel, normalizeConnection } from "./connection";
import type { Connection } from "./connectionArgs";
import { type Family, publishedAddress } from "./dns/addresses";
import { domainName, serverName } from "./dns/names";
import { tlsaValue } from "./dns/records";
import { isMoved, refuseIdleWave, type Wave, type WaveHost } from "./dns/waves";
import { naming } from "./errors";
import { checkedInTheOpen, refuseOutput, refuseOutputsWithin } from "./inputs";
import { type Ipv6Wave, type MailDnsArgs, type MailHost, TtlPhase } from "./mailDnsArgs";
import { formerOwner } from "./owner";
import { flag, knownMembers, list, oneOf, Refusal, refuse, wholeNumber } from "./policy/refusal";

/** A mail host with every argument checked and every default filled in. */
export interface WantedHost extends WaveHost {
  /** Its place in the arguments, for what is refused later. */
  argument: string;
  addresses: Readonly<Record<Family, pulumi.Input<string>[]>>;
  reverse: boolean;
  allocationId: pulumi.Input<string> | undefined;
  tlsa: pulumi.Input<string>[];
  gated: boolean;
  /** Where the gate looks, and whom it asks for reverse names. */
  gate: { host: Host; resolver: string | undefined } | undefined;
}

/** What a component wants published. */
export interface WantedDns {
  domain: string;
  nullMx: boolean;
  hosts: WantedHost[];
  wave: Wave | undefined;
  /** The TTL of this phase. */
  ttl: number;
  loweredTtl: number;
  ttlPhase: TtlPhase;
  adopt: boolean;
  allowLargeChange: boolean;
  formerly: string[];
  repair: number;
}

const argumentNames = [
  "domain",
  "hosts",
  "nullMx",
  "route53",
  "rfc2136",
  "ipv6",
  "ttl",
  "loweredTtl",
  "ttlPhase",
  "adopt",
  "allowLargeChange",
  "allowSpecialPurposeAddresses",
  "formerly",
  "repair",
];

const hostMembers = [
  "name",
  "preference",
  "ipv4",
  "ipv6",
  "external",
  "dualStackName",
  "reverse",
  "ipv4AllocationId",
  "tlsa",
  "connection",
  "gate",
  "resolver",
];

/** The domain as errors show it before anything is checked. */
export function domainLabel(componentName: string, domain: unknown): string {
  return typeof domain === "string" && domain !== "" ? domain : componentName;
}

/** Checks all arguments but the publishers' and connections, without touching anything. */
export function normalizeDns(label: string, args: MailDnsArgs): WantedDns {
  return naming(label, () => {
    knownMembers("", args, argumentNames);
    const { hosts: _, route53: __, rfc2136: ___, ...plain } = args;
    for (const [name, value] of Object.entries(plain)) refuseOutputsWithin(name, value);
    refuseOutput("hosts", args.hosts);
    const hosts = list("hosts", args.hosts, (argument, host) => wantedHost(label, argument, host, args));
    const wave = wantedWave(args.ipv6);
    const nullMx = flag("nullMx", args.nullMx, false);
    refuseIdleWave(hosts, wave);
    refuseNameWithoutAddress(hosts, wave);
    refuseWithoutMail(hosts, nullMx);
    refuseTwice(hosts);
    return { domain: domainName("domain", args.domain), nullMx, hosts, wave, ...timing(args), ...modes(args) };
  });
}

function modes(args: MailDnsArgs) {
  return {
    adopt: flag("adopt", args.adopt, false),
    allowLargeChange: flag("allowLargeChange", args.allowLargeChange, false),
    formerly: list("formerly", args.formerly, formerOwner),
    repair: wholeNumber("repair", args.repair ?? 0, 0, 1_000_000_000),
  };
}

function timing(args: MailDnsArgs) {
  const ttl = wholeNumber("ttl", args.ttl ?? 3600, 30, 604_800);
  const loweredTtl = wholeNumber("loweredTtl", args.loweredTtl ?? Math.min(300, ttl), 30, 604_800);
  if (loweredTtl > ttl) refuse("loweredTtl", loweredTtl, `use at most ttl, which is ${ttl}`);
  const ttlPhase = oneOf("ttlPhase", args.ttlPhase ?? TtlPhase.Settled, TtlPhase);
  return { ttl: ttlPhase === TtlPhase.Settled ? ttl : loweredTtl, loweredTtl, ttlPhase };
}

function wantedWave(ipv6: Ipv6Wave | undefined): Wave | undefined {
  if (ipv6 === undefined) return undefined;
  knownMembers("ipv6", ipv6, ["wave", "publishedWave"]);
  return {
    wave: wholeNumber("ipv6.wave", ipv6.wave, 1, 1000),
    published: wholeNumber("ipv6.publishedWave", ipv6.publishedWave ?? 0, 0, 1000),
  };
}

function wantedHost(label: string, argument: string, given: unknown, args: MailDnsArgs): WantedHost {
  knownMembers(argument, given, hostMembers);
  const host = isHost(given) ? given : refuse(argument, given, "use an object with a name");
  const { ipv4: _, ipv6: __, ipv4AllocationId, tlsa: ___, connection, ...plain } = host;
  for (const [name, value] of Object.entries(plain)) refuseOutputsWithin(`${argument}.${name}`, value);
  const external = flag(`${argument}.external`, host.external, false);
  const special = flag("allowSpecialPurposeAddresses", args.allowSpecialPurposeAddresses, false);
  const addresses = (family: Family) =>
    inputs(label, `${argument}.${family}`, host[family], (place, value) =>
      publishedAddress(place, value, family, special),
    );
  const wanted: WantedHost = {
    argument,
    name: domainName(`${argument}.name`, host.name),
    preference:
      host.preference === undefined ? undefined : wholeNumber(`${argument}.preference`, host.preference, 0, 65_535),
    external,
    addresses: { ipv4: addresses("ipv4"), ipv6: addresses("ipv6") },
    hasIpv6: (host.ipv6 ?? []).length > 0,
    dualStackName:
      host.dualStackName === undefined ? undefined : domainName(`${argument}.dualStackName`, host.dualStackName),
    reverse: flag(`${argument}.reverse`, host.reverse, !external),
    allocationId: ipv4AllocationId,
    tlsa: inputs(label, `${argument}.tlsa`, host.tlsa, tlsaValue),
    gated: flag(`${argument}.gate`, host.gate, true) && connection !== undefined && !external,
    gate: undefined,
  };
  if (wanted.gated && connection !== undefined) wanted.gate = gateAt(argument, wanted.name, connection, host.resolver);
  refuseContradiction(wanted);
  return wanted;
}

function gateAt(argument: string, name: string, connection: Connection, resolver: unknown): WantedHost["gate"] {
  return {
    host: normalizeConnection(hostLabel(name, connection), connection),
    resolver: resolver === undefined ? undefined : serverName(`${argument}.resolver`, resolver),
  };
}

/** What has another shape is refused by the checks of its members. */
function isHost(given: unknown): given is MailHost {
  return typeof given === "object" && given !== null && "name" in given;
}

/** How many there are is plain, for each may become a resource; each may be an output. */
function inputs<T>(
  label: string,
  argument: string,
  value: unknown,
  check: (argument: string, value: unknown) => T,
): pulumi.Input<T>[] {
  refuseOutput(argument, value);
  return list(argument, value, (place, item) => checkedInTheOpen(label, place, item, (known) => check(place, known)));
}

function refuseContradiction({ argument, name, addresses, external, dualStackName, preference, ...host }: WantedHost) {
  const count = addresses.ipv4.length + addresses.ipv6.length;
  const say = (member: string, problem: string): never => {
    throw new Refusal(`${argument}.${member}`, problem);
  };
  if (!external && count === 0)
    say("ipv4", `is missing, and ${name} has no ipv6 either; give an address, or set external where others publish it`);
  if (external && count > 0) say("external", "is true, and addresses are given too; leave out one of them");
  if (external && host.reverse) say("reverse", "is true for an external name; its owner publishes that");
  if (external && host.tlsa.length > 0) say("tlsa", "is given for an external name; its owner publishes that");
  if (external && preference === undefined) say("preference", "is missing; without it an external name says nothing");
  if (host.allocationId !== undefined && addresses.ipv4.length === 0)
    say("ipv4AllocationId", "is given without ipv4; name the Elastic IP there");
  if (dualStackName === undefined) return;
  if (preference === undefined) say("dualStackName", "is given without preference; it is about the domain's MX record");
  if (dualStackName === name) say("dualStackName", "is the host's own name; use another name of that host");
  if (addresses.ipv6.length > 0) say("dualStackName", "is given beside ipv6; publish these under that name only");
}

/** Before the wave an MX record would lead to a name that has no address. */
function refuseNameWithoutAddress(hosts: readonly WantedHost[], wave: Wave | undefined): void {
  const alone = hosts.find((host) => isMoved(host) && host.hasIpv6 && host.addresses.ipv4.length === 0);
  if (wave === undefined || alone === undefined) return;
  throw new Refusal(
    `${alone.argument}.ipv4`,
    `is missing, and before its wave ${alone.name} would have no address; give it one, or leave out ipv6.wave`,
  );
}

function refuseWithoutMail(hosts: readonly WantedHost[], nullMx: boolean): void {
  const exchanges = hosts.filter(({ preference }) => preference !== undefined);
  if (nullMx && exchanges[0] !== undefined) {
    throw new Refusal(
      `${exchanges[0].argument}.preference`,
      "is given, and nullMx says that the domain takes no mail; leave out one of them",
    );
  }
  if (!nullMx && hosts.length === 0)
    throw new Refusal("hosts", "is empty; give the domain's mail hosts, or set nullMx where it takes no mail");
}

function refuseTwice(hosts: readonly WantedHost[]): void {
  const seen = new Set<string>();
  for (const { argument, name } of hosts) {
    if (seen.has(name)) refuse(`${argument}.name`, name, "it stands there already; give a host once");
    seen.add(name);
  }
  refuseSecondRecord(hosts);
}

/** Before and after its wave, each MX record of the domain leads to a name of its own. */
function refuseSecondRecord(hosts: readonly WantedHost[]): void {
  const names = new Set(hosts.filter(({ preference }) => preference !== undefined).map(({ name }) => name));
  for (const { argument, dualStackName } of hosts) {
    if (dualStackName === undefined) continue;
    if (names.has(dualStackName))
      refuse(
        `${argument}.dualStackName`,
        dualStackName,
        "an MX record of the domain leads there already; use another name",
      );
    names.add(dualStackName);
  }
}
