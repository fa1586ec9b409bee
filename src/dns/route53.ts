import { EipDomainName } from "@pulumi/aws/ec2";
import { Record } from "@pulumi/aws/route53";
import * as pulumi from "@pulumi/pulumi";
import { naming } from "../errors";
import { checked, refuseOutput, refuseOutputsWithin } from "../inputs";
import { flag, knownMembers, list, members, Refusal, refuse, text } from "../policy/refusal";
import { withoutStackTraces } from "../stackTraces";
import type { WantedDns } from "../wantedDns";
import { changeHooks } from "./changeHook";
import { isWithin, zoneName } from "./names";
import type { ElasticIp, Publication, Published, Publisher, PublisherScope, RecordSet, ReverseZone } from "./publisher";
import { refuseZonesTwice, reverseZone } from "./zones";

interface HostedZone extends ReverseZone {
  zoneId: pulumi.Input<string>;
}

interface Zones {
  zoneId: pulumi.Input<string>;
  reverse: HostedZone[];
}

/** Publishes at Route 53: a resource for each record set, so that the engine shows, orders and removes each by itself. */
export function route53(label: string, given: unknown, wanted: WantedDns): Publisher {
  const known = naming(label, () => read(label, given, wanted.domain));
  const zones: Zones = { zoneId: known.zoneId, reverse: known.reverseZones };
  return {
    ...known,
    endpoint: undefined,
    publish: (scope, publication) => publish(scope, publication, zones, wanted),
  };
}

function read(label: string, given: unknown, domain: string) {
  refuseOutput("route53", given);
  knownMembers("route53", given, ["zoneId", "zone", "reverseZones", "dnssec"]);
  const { zoneId, zone, reverseZones, dnssec } = Object.fromEntries(members("route53", given));
  refuseOutputsWithin("route53.zone", zone);
  refuseOutput("route53.reverseZones", reverseZones);
  refuseOutput("route53.dnssec", dnssec);
  const reverse = list("route53.reverseZones", reverseZones, (argument, one) =>
    hostedReverseZone(label, argument, one),
  );
  refuseZonesTwice("route53.reverseZones", reverse);
  return {
    zone: zone === undefined ? domain : zoneName("route53.zone", zone),
    zoneId: hostedZoneId(label, "route53.zoneId", zoneId),
    reverseZones: reverse,
    signed: flag("route53.dnssec", dnssec, false),
  };
}

function hostedReverseZone(label: string, argument: string, given: unknown): HostedZone {
  knownMembers(argument, given, ["zone", "zoneId", "network"]);
  const { zone, zoneId, network } = Object.fromEntries(members(argument, given));
  refuseOutput(`${argument}.zone`, zone);
  refuseOutput(`${argument}.network`, network);
  return { ...reverseZone(argument, zone, network), zoneId: hostedZoneId(label, `${argument}.zoneId`, zoneId) };
}

function hostedZoneId(label: string, argument: string, value: unknown): pulumi.Input<string> {
  if (value === undefined) throw new Refusal(argument, "is missing; use the id of the hosted zone, such as Z123");
  return checked(label, value, (known) => {
    const id = text(argument, known).replace(/^\/hostedzone\//, "");
    if (!/^[A-Z0-9]{1,32}$/.test(id)) refuse(argument, known, "use the id of a hosted zone, such as Z123");
    return id;
  });
}

function publish(scope: PublisherScope, publication: Publication, zones: Zones, wanted: WantedDns): Published {
  const resources = withoutStackTraces(() => register(scope, publication, zones, wanted));
  return { resources, warnings: [] };
}

/** By the order of what each needs: pointers, addresses, mail; and removed the other way round. */
function register(scope: PublisherScope, publication: Publication, zones: Zones, wanted: WantedDns) {
  const resources = new Map<string, pulumi.Resource>();
  const { pointers, addresses, elasticIps, mail } = publication;
  const sets = new Map([...pointers, ...addresses, ...mail].map((set) => [childName(scope.name, set.key), set]));
  const hooks = changeHooks(scope.name, scope.label, sets, wanted, scope.component);
  const watched = { ...scope, options: { ...scope.options, hooks } };
  const add = (set: RecordSet, zoneId: pulumi.Input<string>) =>
    resources.set(set.key, record(watched, set, zoneId, wanted, resources));
  for (const set of pointers) add(set, reverseZoneId(set, zones.reverse));
  for (const set of addresses) add(set, zones.zoneId);
  for (const ip of elasticIps) resources.set(ip.key, reverseNameAtAws(scope, ip, resources));
  for (const set of mail) add(set, zones.zoneId);
  return resources;
}

function record(
  { name, options }: PublisherScope,
  { key, former, type, ttl, values, after, gates, needs, last, ...set }: RecordSet,
  zoneId: pulumi.Input<string>,
  wanted: WantedDns,
  published: ReadonlyMap<string, pulumi.Resource>,
): Record {
  const needed = publishedOf(needs, published);
  const open = gates.map((gate) => gate(needed));
  return new Record(
    childName(name, key),
    {
      zoneId,
      name: pulumi.output(set.name).apply(relative),
      type,
      ttl,
      records: values,
      allowOverwrite: wanted.adopt,
    },
    {
      ...options,
      // Two records of one name and type cannot be there at once.
      deleteBeforeReplace: true,
      aliases: former.map((one) => ({ name: childName(name, one) })),
      dependsOn: after === undefined ? [...needed, ...open] : onceAllAreMade(() => [...after(), ...needed, ...open]),
      ...(last ? { protect: true } : {}),
    },
  );
}

/** A component that comes later in the program may publish the name: only addresses wait here, which wait for no mail. */
function onceAllAreMade(resources: () => pulumi.Resource[]): Promise<pulumi.Resource[]> {
  return new Promise((resolve) => setImmediate(() => resolve(resources())));
}

/** AWS sets it only once the name leads to the address. */
function reverseNameAtAws(
  { name, options }: PublisherScope,
  { key, allocationId, needs, ...ip }: ElasticIp,
  published: ReadonlyMap<string, pulumi.Resource>,
): EipDomainName {
  return new EipDomainName(
    childName(name, key),
    { allocationId, domainName: relative(ip.name) },
    { ...options, dependsOn: publishedOf(needs, published) },
  );
}

function publishedOf(keys: readonly string[], published: ReadonlyMap<string, pulumi.Resource>): pulumi.Resource[] {
  return keys.flatMap((key) => published.get(key) ?? []);
}

function childName(component: string, key: string): string {
  return `${component}-${key.replaceAll(" ", "-")}`;
}

/** Route 53 writes names without the last dot, and with it would read each as changed. */
function relative(name: string): string {
  return name.replace(/\.$/, "");
}

function reverseZoneId({ name }: RecordSet, zones: readonly HostedZone[]): pulumi.Output<string> {
  return pulumi.output(name).apply((known) => {
    const holding = zones.filter(({ zone }) => isWithin(relative(known), zone));
    const [smallest] = holding.toSorted((a, b) => b.zone.length - a.zone.length);
    return pulumi.output(smallest?.zoneId ?? "");
  });
}
