// All that is looked at for one domain, in the order of the table.
import { reverseName } from "../../dns/addresses";
import { sideBySide } from "../sideBySide";
import type { Asker } from "./asker";
import { type Finding, finding } from "./finding";
import { hostNames, judgeAddresses, judgeForward, judgeMx, judgePointer, type MailHost } from "./hosts";
import type { Lookup, Zone } from "./lookup";
import { judgeDane, judgeSessions, type Unseen } from "./mail";
import { familyOf, plainName } from "./names";
import { isSecure, judgeAgreement, judgeDnssec, judgeServers, seeZone, type ZoneSeen } from "./servers";
import { type Chain, keyOf } from "./smtp";
import { readSpf } from "./spf";
import { checkCaa, checkDmarc, checkSts, checkTlsRpt, judgeSpf } from "./texts";
import type { State } from "./ttl";
import { type Meeting, Visits } from "./visits";
import { safeFromAll, type Wait, waitFinding, waitsOf } from "./wait";

export interface CheckOptions {
  /** Milliseconds that a name server has to answer. */
  patience: number;
  /** Milliseconds that a mail server has: postscreen makes clients wait. */
  mailPatience: number;
  smtpPort: number;
  /** Private and documentation addresses pass for public ones. */
  allowSpecial: boolean;
  /** The time, in seconds since 1970. */
  clock: () => number;
  /** What was seen before. */
  state: State;
}

export interface DomainReport {
  domain: string;
  findings: Finding[];
  waits: Wait[];
  safeFrom: number | null;
  seen: State;
}

/** Sessions at the same time. */
const together = 8;

export async function checkDomain(domain: string, asker: Asker, options: CheckOptions): Promise<DomainReport> {
  const mx = await asker.ask(domain, "MX");
  const names = hostNames(domain, mx);
  const hosts = await Promise.all(names.map((name) => hostOf(name, asker)));
  const lookups = [mx, ...hosts.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6])];
  const aliases = lookups.flatMap((lookup) => lookup.aliases);
  const visits = new Visits({ port: options.smtpPort, patience: options.mailPatience });
  const [zones, meetings] = await Promise.all([
    zonesOf([domain, ...names, ...aliases], asker),
    meetingsOf(hosts, visits),
  ]);
  const addresses = hosts.flatMap(addressesOf);
  const [pointers, dane, spf, ...texts] = await Promise.all([
    Promise.all(
      hosts.flatMap((host) => addressesOf(host).map((address) => pointerFindings(address, host.name, asker))),
    ),
    Promise.all(hosts.map((host) => daneFindings(host, zones, visits, asker))),
    readSpf(domain, asker.near(domain)),
    checkDmarc(domain, asker),
    checkSts(domain, names, meetings, asker, options.mailPatience),
    checkTlsRpt(domain, asker.ask),
    Promise.all(names.map((name) => checkCaa(name, zones.get(name)?.zone.name ?? name, asker))),
  ]);
  const waits = waitsOf(
    lookups.flatMap(({ steps }) => steps),
    negatives(zones),
    options.state,
    // Only now all answers are there: an earlier time could lie before a change that they already show.
    options.clock(),
  );
  const findings = [
    ...zoneFindings(domain, names, zones),
    judgeMx(domain, mx, hosts),
    ...hosts.flatMap(({ name, ipv4, ipv6 }) =>
      [ipv4, ipv6].map((lookup) => judgeAddresses(name, lookup, options.allowSpecial)),
    ),
    ...pointers.flat(),
    ...judgeSessions(meetings),
    ...dane.flat(),
    judgeSpf(domain, spf, addresses),
    ...texts.flat(),
    ...judgeAgreement(await asker.asked(), zones.get(domain)?.zone.name ?? domain),
    ...waits.each.map(waitFinding),
  ];
  return { domain, findings, waits: waits.each, safeFrom: safeFromAll(waits.each), seen: waits.seen };
}

async function hostOf(name: string, asker: Asker): Promise<MailHost> {
  const [ipv4, ipv6] = await Promise.all([asker.ask(name, "A"), asker.ask(name, "AAAA")]);
  return { name, ipv4, ipv6 };
}

function addressesOf({ ipv4, ipv6 }: MailHost): string[] {
  return [...(ipv4.records ?? []), ...(ipv6.records ?? [])];
}

/** By name: the zone that it is in, or why that is not known. */
async function zonesOf(names: readonly string[], asker: Asker): Promise<Zones> {
  const known = new Map<string, Promise<ZoneSeen>>();
  const unknown = new Map<string, string>();
  const zones = new Map<string, ZoneSeen>();
  const seen = (zone: Zone): Promise<ZoneSeen> => {
    const one = known.get(zone.name) ?? seeZone(zone, asker);
    known.set(zone.name, one);
    return one;
  };
  await Promise.all(
    names.map(async (name) => {
      const zone = await asker.zoneOf(name);
      if (typeof zone === "string") unknown.set(name, zone);
      else zones.set(name, await seen(zone));
    }),
  );
  return Object.assign(zones, { unknown });
}

type Zones = Map<string, ZoneSeen> & { unknown: ReadonlyMap<string, string> };

/** Each zone once, the domain's first. */
function zoneFindings(domain: string, names: readonly string[], zones: Zones): Finding[] {
  const main = zones.get(domain)?.zone.name;
  const done = new Set<string>();
  return [domain, ...names].flatMap((name) => {
    const seen = zones.get(name);
    const why = zones.unknown.get(name);
    if (seen === undefined) return [finding("name servers", name, [{ word: "not known", text: why ?? "not known" }])];
    if (done.has(seen.zone.name)) return [];
    done.add(seen.zone.name);
    return [judgeServers(seen, seen.zone.name === main), judgeDnssec(seen)];
  });
}

/** How long each zone lets resolvers keep that there is nothing, by name. */
function negatives(zones: Zones): Map<string, number> {
  return new Map(
    [...zones].map(([name, { views }]): [string, number] => {
      const soas = views.filter(({ records }) => records.length > 0);
      return [
        name,
        Math.max(0, ...soas.map(({ ttl, records }) => Math.min(ttl, Number(records[0]?.split(" ").at(-1))))),
      ];
    }),
  );
}

function meetingsOf(hosts: readonly MailHost[], visits: Visits): Promise<Meeting[]> {
  const calls = hosts.flatMap((host) => addressesOf(host).map((address) => ({ host: host.name, address })));
  return sideBySide(calls, together, async ({ host, address }) => ({
    host,
    address,
    session: await visits.to(address, host),
  }));
}

async function pointerFindings(address: string, host: string, asker: Asker): Promise<Finding[]> {
  const pointer = await asker.ask(reverseName(address), "PTR");
  const names = (pointer.records ?? []).map(plainName);
  const type = familyOf(address) === "IPv6" ? "AAAA" : "A";
  const forward = await Promise.all(
    names.map(async (name): Promise<[string, Lookup]> => [name, await asker.ask(name, type)]),
  );
  return [judgePointer(address, host, pointer), judgeForward(address, pointer, new Map(forward))];
}

async function daneFindings(host: MailHost, zones: Zones, visits: Visits, asker: Asker): Promise<Finding[]> {
  const lookup = await asker.ask(`_25._tcp.${host.name}`, "TLSA");
  const live = new Map<string, Chain>();
  const unseen: Unseen[] = [];
  for (const address of lookup.records?.length ? addressesOf(host) : []) {
    const { state, text } = await visits.to(address, host.name);
    if (state !== "encrypted") {
      unseen.push({ place: address, without: state === "greets" || state === "broken" ? text : null });
      continue;
    }
    for (const kind of ["RSA", "ECDSA"] as const) {
      const session = await visits.to(address, host.name, kind);
      if (session.state === "encrypted") live.set(`${address} (${keyOf(session.chain)})`, session.chain);
      else unseen.push({ place: `${address} (${kind})`, without: null });
    }
  }
  const elsewhere = await zonesOf(lookup.aliases, asker);
  const way = [zones.get(host.name), ...lookup.aliases.map((name) => elsewhere.get(name))];
  return judgeDane(host.name, lookup, allSecure(way) && lookup.signed, live, unseen);
}

/** Each zone on the way to the records must be signed: an alias that nobody can believe leads anywhere. */
function allSecure(way: readonly (ZoneSeen | undefined)[]): boolean | null {
  const each = way.map((zone) => (zone === undefined ? null : isSecure(zone)));
  if (each.includes(false)) return false;
  return each.includes(null) ? null : true;
}
