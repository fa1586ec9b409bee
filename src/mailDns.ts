import * as pulumi from "@pulumi/pulumi";
import { childOptions, showWarnings } from "./component";
import { reverseName } from "./dns/addresses";
import { gatesOf } from "./dns/gate";
import { absolute } from "./dns/names";
import { type Claimant, type HostNames, hostNames } from "./dns/owners";
import { type Plan, planPublication, publicationWarnings } from "./dns/publication";
import type { Publisher, PublisherScope, RecordSet } from "./dns/publisher";
import { rfc2136 } from "./dns/rfc2136";
import { route53 } from "./dns/route53";
import { isMoved, isReached } from "./dns/waves";
import { refuseOutside } from "./dns/zones";
import { naming } from "./errors";
import type { MailDnsArgs } from "./mailDnsArgs";
import { ownerLines } from "./owner";
import { Refusal } from "./policy/refusal";
import { compareBytes } from "./policy/render";
import { qualifiedType } from "./qualifiedType";
import type { Warning } from "./receipt";
import { domainLabel, normalizeDns, type WantedDns } from "./wantedDns";

const type = "mailhost:index:MailDns";

/**
 * Publishes what the names of a mail domain's hosts need: A and AAAA, the reverse names, TLSA where asked, and the
 * domain's MX records. IPv6 comes in waves: of many domains, those of a wave get it together.
 */
export class MailDns extends pulumi.ComponentResource {
  /** The mail domain in its one form: lower case, A-labels, without the last dot. */
  public readonly domain: pulumi.Output<string>;
  /** All records that the component publishes, as `NAME TTL TYPE VALUE`, sorted. */
  public readonly records: pulumi.Output<string[]>;
  /** What waits for the domain's wave, in a sentence each; empty where nothing does. */
  public readonly waiting: pulumi.Output<string[]>;
  /** Reverse names of the hosts' addresses that are in no zone of ours and that others must publish, as `NAME PTR VALUE`. */
  public readonly expectedPointers: pulumi.Output<string[]>;
  /** The host that the records are published from, as `user@host:port`, for `mailhost audit`; absent with `route53`. */
  public readonly endpoint?: pulumi.Output<string>;
  /** What should be known although all was published; each is shown by `pulumi up` as well. */
  public readonly warnings: pulumi.Output<Warning[]>;

  constructor(name: string, args: MailDnsArgs, opts?: pulumi.ComponentResourceOptions) {
    const label = domainLabel(name, args.domain);
    const wanted = normalizeDns(label, args);
    const publisher = publisherOf(label, name, args, wanted);
    naming(label, () => refuseWhatZoneCannotHold(wanted, publisher));
    const owners = naming(label, () => ownerLines(type, name, opts?.aliases, wanted.formerly));
    const names = hostNames();
    const claimant = { component: name, type: qualifiedType(opts?.parent) };
    naming(label, () => claim(names, claimant, wanted));
    // As of the others the state has where the host is, also where the first up does not finish.
    super(type, name, { domain: wanted.domain, endpoint: publisher.endpoint }, opts);

    const scope: PublisherScope = { name, label, component: this, options: childOptions(this, opts), owners };
    const plan = planPublication(label, wanted, publisher, {
      gates: (host) => gatesOf(host, wanted, scope),
      exchange: (exchange) => names.resourcesOf(exchange),
    });
    const { resources, warnings } = publisher.publish(scope, withProtection(plan, wanted));
    for (const host of wanted.hosts) names.published(host.name, addressResources(host.name, resources));

    this.domain = pulumi.output(wanted.domain);
    this.records = recordTexts(plan);
    this.waiting = pulumi.output(waitingFor(wanted));
    this.expectedPointers = pulumi.output(
      plan.foreignPointers.map(({ host, address }) => `${absolute(reverseName(address))} PTR ${absolute(host)}`),
    );
    if (publisher.endpoint !== undefined) this.endpoint = publisher.endpoint;
    const said = publicationWarnings(wanted, plan);
    for (const { code, text } of said) void pulumi.log.warn(`${label}: ${text} (${code})`, this);
    this.warnings = pulumi
      .output(warnings)
      .apply((more) => [...said, ...showWarnings({ host: label, warnings: more }, this)]);
    this.registerOutputs({
      domain: this.domain,
      records: this.records,
      waiting: this.waiting,
      expectedPointers: this.expectedPointers,
      endpoint: this.endpoint,
      warnings: this.warnings,
    });
  }
}

function publisherOf(label: string, component: string, args: MailDnsArgs, wanted: WantedDns): Publisher {
  if (args.rfc2136 !== undefined) {
    naming(label, () => refuseAmazon(args, wanted));
    return rfc2136(label, component, args.rfc2136, wanted);
  }
  return naming(label, () => {
    if (args.route53 === undefined)
      throw new Refusal("route53", "is missing, and rfc2136 too; say where the zone is by one of them");
    return route53(label, args.route53, wanted);
  });
}

function refuseAmazon({ route53: amazon }: MailDnsArgs, { hosts }: WantedDns): void {
  if (amazon !== undefined) throw new Refusal("route53", "is given, and rfc2136 too; leave out one of them");
  const kept = hosts.find(({ allocationId }) => allocationId !== undefined);
  if (kept !== undefined)
    throw new Refusal(
      `${kept.argument}.ipv4AllocationId`,
      "is given with rfc2136; AWS keeps such names for route53 only",
    );
}

function refuseWhatZoneCannotHold({ domain, hosts }: WantedDns, { zone, signed }: Publisher): void {
  refuseOutside("domain", domain, zone);
  for (const { argument, name, external, tlsa } of hosts) {
    if (!external) refuseOutside(`${argument}.name`, name, zone);
    if (tlsa.length > 0 && signed === false) {
      throw new Refusal(
        `${argument}.tlsa`,
        `is given, and ${zone} is not signed, so nobody believes it; sign the zone and set route53.dnssec`,
      );
    }
  }
}

function claim(names: HostNames, claimant: Claimant, { hosts, wave }: WantedDns): void {
  for (const host of hosts) {
    if (host.external) names.use(`${host.argument}.name`, host.name, claimant.component);
    else names.own(`${host.argument}.name`, host.name, claimant, wave !== undefined && isMoved(host) && host.hasIpv6);
  }
  const own = new Set(hosts.filter(({ external }) => !external).map(({ name }) => name));
  for (const { argument, dualStackName: second } of hosts)
    if (second !== undefined && !own.has(second)) names.use(`${argument}.dualStackName`, second, claimant.component);
}

/** The domain's mail and last address are protected, unless a large change is meant. */
function withProtection({ publication }: Plan, { allowLargeChange }: WantedDns): Plan["publication"] {
  const free = (sets: RecordSet[]) => (allowLargeChange ? sets.map((set) => ({ ...set, last: false })) : sets);
  return { ...publication, addresses: free(publication.addresses), mail: free(publication.mail) };
}

function addressResources(host: string, resources: ReadonlyMap<string, pulumi.Resource>): pulumi.Resource[] {
  return [`${host} A`, `${host} AAAA`].flatMap((key) => resources.get(key) ?? []);
}

function recordTexts({ publication }: Plan): pulumi.Output<string[]> {
  const { pointers, addresses, mail } = publication;
  const sets = [...pointers, ...addresses, ...mail].map(({ name, ttl, type, values }) =>
    pulumi.all([name, values]).apply(([at, all]) => all.map((value) => `${at} ${ttl} ${type} ${value}`)),
  );
  return pulumi.all(sets).apply((texts) => texts.flat().sort(compareBytes));
}

function waitingFor({ domain, hosts, wave }: WantedDns): string[] {
  if (wave === undefined || isReached(wave)) return [];
  return hosts.filter(isMoved).map(({ name, dualStackName }) => {
    const what = dualStackName === undefined ? `${name} AAAA` : `${domain} MX to ${dualStackName}`;
    return `${what} waits for wave ${wave.wave}; published is ${wave.published}`;
  });
}
