import * as pulumi from "@pulumi/pulumi";
import { type Host, obeyPolicy, type RemoteScope, uploadProgram } from "../connection";
import { faultHooks } from "../faultHook";
import { hostProgram } from "../hostProgram";
import { type Line, renderPolicy } from "../policy/render";
import type { WantedDns, WantedHost } from "../wantedDns";
import { absolute } from "./names";
import type { Gate, PublisherScope } from "./publisher";
import { publishesIpv6 } from "./waves";

/** What the sets of a host wait for. */
export interface HostGates {
  /** Its AAAA records. */
  ipv6: Gate[];
  /** Its TLSA records. */
  tlsa: Gate[];
}

/**
 * Look on the mail host whether mail for its name can be taken, and sent, at the addresses that are to be published. They
 * change nothing, and look again only where what they are for changes. The certificate over IPv4 has a gate of its own, so that a
 * wave which goes back asks no host.
 */
export function gatesOf(host: WantedHost, wanted: WantedDns, scope: PublisherScope): HostGates {
  const { gate, addresses, tlsa } = host;
  if (gate === undefined) return { ipv6: [], tlsa: [] };
  const { resolver } = gate;
  const name = `${scope.name}-gate-${host.name}`;
  const owner = `${scope.owners[0]?.rest} gate ${host.name}`;
  const wave: Line[] = wanted.wave === undefined ? [] : [{ keyword: "wave", rest: String(wanted.wave.wave) }];
  const ask: Line[] = resolver === undefined ? [] : [{ keyword: "ask", rest: resolver }];
  const repair: Line[] = wanted.repair > 0 ? [{ keyword: "repair", rest: String(wanted.repair) }] : [];
  const over = (asked: Asked) => once((after) => openGate(asked, gate.host, host, wanted, scope, after));
  const ipv6 = over({ name, owner, addresses: addresses.ipv6, lines: [...ask, ...wave, ...repair] });
  const ipv4 = over({
    name: `${name}-tlsa`,
    owner: `${owner} TLSA`,
    addresses: addresses.ipv4.slice(0, 1),
    lines: repair,
  });
  const overIpv6 = publishesIpv6(host, wanted.wave) ? [ipv6] : [];
  return { ipv6: overIpv6, tlsa: tlsa.length === 0 ? [] : [...(addresses.ipv4.length > 0 ? [ipv4] : []), ...overIpv6] };
}

/** What one gate looks for. */
interface Asked {
  name: string;
  owner: string;
  addresses: pulumi.Input<string>[];
  lines: Line[];
}

function once(open: Gate): Gate {
  let opened: pulumi.Resource | undefined;
  return (after) => {
    opened ??= open(after);
    return opened;
  };
}

function openGate(
  { name, owner, addresses, lines }: Asked,
  host: Host,
  { name: hostName, tlsa }: WantedHost,
  { repair }: WantedDns,
  scope: PublisherScope,
  after: readonly pulumi.Resource[],
): pulumi.Resource {
  const remote: RemoteScope = {
    host,
    program: host.installedProgram ?? hostProgram(host.label, owner),
    repair,
    options: { ...scope.options, hooks: faultHooks("gate", name, host.label, scope.component) },
  };
  const policy = pulumi
    .all([addresses, tlsa])
    .apply(([known, hashes]) =>
      renderPolicy([
        { keyword: "owner", rest: owner },
        ...known.map((address): Line => ({ keyword: "gate", rest: `${absolute(hostName)} ${address}` })),
        ...hashes.map((rest): Line => ({ keyword: "tlsa", rest })),
        ...lines,
      ]),
    );
  return obeyPolicy(name, remote, policy, [...uploadProgram(`${name}-program`, remote, [policy]), ...after]);
}
