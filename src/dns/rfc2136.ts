import * as pulumi from "@pulumi/pulumi";
import { remoteScope, showNewPolicy } from "../component";
import { type Host, obeyPolicy, type RemoteScope, sendSecrets, uploadProgram } from "../connection";
import { parseDnsReceipt } from "../dnsReceipt";
import { type Line, renderPolicy } from "../policy/render";
import type { Warning } from "../receipt";
import type { WantedDns } from "../wantedDns";
import { judgeMove } from "./move";
import { absolute } from "./names";
import type { Part, Publication, Published, Publisher, PublisherScope, RecordSet } from "./publisher";
import { readRfc2136, type UpdateKey, type UpdateZone } from "./rfc2136Args";

interface Wanted {
  dns: WantedDns;
  host: Host;
  forward: UpdateZone;
  reverse: UpdateZone[];
}

/** Publishes by DNS update: all zones by one command on a host that reaches the servers, and by others what can have to wait. */
export function rfc2136(label: string, component: string, given: unknown, dns: WantedDns): Publisher {
  const { host, forward, reverse } = readRfc2136(label, component, given, dns.domain);
  return {
    zone: forward.zone,
    reverseZones: reverse,
    endpoint: host.endpoint,
    signed: "atPublication",
    publish: (scope, publication) => publish(scope, publication, { dns, host, forward, reverse }),
  };
}

function publish(scope: PublisherScope, publication: Publication, wanted: Wanted): Published {
  const { name, options, component, owners } = scope;
  const { host, dns } = wanted;
  const parts = partsOf(publication, [...owners, ...modeLines(dns)], wanted);
  const owner = owners[0]?.rest ?? name;
  const judgeMachine = judgeMove({ label: scope.label, owner, adopt: dns.adopt, component });
  const asked = { owner, repair: dns.repair, judgeMachine };
  const remote = remoteScope(component, { type: "rfc2136", name }, host, asked, options);
  const policies = parts.map(({ policy }) => policy);
  const upload = uploadProgram(`${name}-program`, remote, policies);
  const before = [...upload, ...keysBefore(`${name}-keys`, remote, wanted, owners, upload)];
  // What the domain's mail hangs on goes only where a large change is allowed, and a refused destroy takes no other part either.
  const protect = parts.some(({ own }) => own.some(({ last }) => last)) ? { protect: true } : {};
  const guarded: RemoteScope = { ...remote, options: { ...remote.options, ...protect } };

  const resources = new Map<string, pulumi.Resource>();
  const commands: ReturnType<typeof obeyPolicy>[] = [];
  for (const { part, own, policy } of parts) {
    const main = commands.slice(0, 1);
    const waits = own.flatMap((set) => waitsOf(set, resources, main));
    const command = obeyPolicy(`${name}-${commandOf[part]}`, guarded, policy, [...before, ...main, ...waits]);
    if (part === "main") showNewPolicy(policy, upload[0]?.id ?? command.stdout, component);
    for (const { key } of own) resources.set(key, command);
    commands.push(command);
  }
  return { resources, warnings: warningsOf(host, commands) };
}

const commandOf: Readonly<Record<Part, string>> = { main: "records", gated: "gated", mail: "mail" };

/** In the order in which they run: each is told of what the others publish, so that a set which changes sides is nobody's loss. */
function partsOf(
  { pointers, addresses, mail, later }: Publication,
  common: readonly Line[],
  { forward, reverse }: Wanted,
) {
  const sets = [...pointers, ...addresses, ...mail];
  const parts = (["main", "gated", "mail"] as const).filter(
    (part) => part === "main" || later.some((set) => set.part === part),
  );
  return parts.map((part) => {
    const own = sets.filter((set) => set.part === part);
    const zones = part === "main" ? [forward, ...reverse] : [forward];
    const others = later.filter((set) => set.part !== part);
    const partLine: Line[] = part === "main" ? [] : [{ keyword: "part", rest: part }];
    return {
      part,
      own,
      policy: policyOf([...common, ...partLine, ...zoneLines(zones), ...others.map(laterLine)], own),
    };
  });
}

function waitsOf(
  { needs, gates, after }: RecordSet,
  published: ReadonlyMap<string, pulumi.Resource>,
  main: readonly pulumi.Resource[],
): pulumi.Resource[] {
  const needed = needs.flatMap((key) => published.get(key) ?? []);
  return [...needed, ...gates.map((gate) => gate(main)), ...(after?.() ?? [])];
}

/** Plain sets make a plain policy, so that a preview of a new component shows it. */
function policyOf(lines: readonly Line[], sets: readonly RecordSet[]): pulumi.Output<string> {
  const records = sets.map(({ name, ttl, type, values }) =>
    pulumi
      .all([name, values])
      .apply(([at, all]) => all.map((value): Line => ({ keyword: "record", rest: `${at} ${ttl} ${type} ${value}` }))),
  );
  return pulumi.all(records).apply((known) => renderPolicy([...lines, ...known.flat()]));
}

function modeLines({ domain, adopt, allowLargeChange, ttlPhase, loweredTtl, repair }: WantedDns): Line[] {
  const when = (asked: boolean, line: Line): Line[] => (asked ? [line] : []);
  return [
    { keyword: "domain", rest: absolute(domain) },
    { keyword: "phase", rest: ttlPhase },
    { keyword: "lowered", rest: String(loweredTtl) },
    ...when(adopt, { keyword: "adopt", rest: "yes" }),
    ...when(allowLargeChange, { keyword: "allow", rest: "large-change" }),
    ...when(repair > 0, { keyword: "repair", rest: String(repair) }),
  ];
}

function zoneLines(zones: readonly UpdateZone[]): Line[] {
  return zones.map(({ zone, server, port, key }) => ({
    keyword: "zone",
    rest: `${absolute(zone)} server ${server} port ${port} ${keyText(key)}`,
  }));
}

function keyText(key: UpdateKey | undefined): string {
  if (key === undefined) return "without key";
  return `key ${key.name} ${key.file === undefined ? key.algorithm : `file ${key.file}`}`;
}

function laterLine({ name, type }: Publication["later"][number]): Line {
  return { keyword: "later", rest: `${name} ${type}` };
}

/** Secrets go ahead of the policies, which name the keys only. */
function keysBefore(
  name: string,
  scope: RemoteScope,
  { forward, reverse }: Wanted,
  owners: readonly Line[],
  upload: pulumi.Resource[],
): pulumi.Resource[] {
  const secrets = new Map<string, pulumi.Input<string>>();
  for (const { key } of [forward, ...reverse]) if (key?.secret !== undefined) secrets.set(key.name, key.secret);
  if (secrets.size === 0) return [];
  const lines = [...secrets].map(([key, secret]) => pulumi.interpolate`key ${key} ${secret}`);
  const text = pulumi
    .all(lines)
    .apply((known) => [`owner ${owners[0]?.rest}`, ...known].map((line) => `${line}\n`).join(""));
  return [sendSecrets(name, scope, text, upload)];
}

function warningsOf(host: Host, commands: readonly { stdout: pulumi.Output<string> }[]): pulumi.Output<Warning[]> {
  return pulumi
    .all([host.address, pulumi.all(commands.map(({ stdout }) => stdout))])
    .apply(([address, outputs]) => outputs.flatMap((output) => parseDnsReceipt(address, output).warnings));
}
