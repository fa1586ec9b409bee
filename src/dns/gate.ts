import * as pulumi from "@pulumi/pulumi";
import { obeyPolicy, type RemoteScope, uploadProgram } from "../connection";
import { faultHooks } from "../faultHook";
import { hostProgram } from "../hostProgram";
import { type Line, renderPolicy } from "../policy/render";
import type { WantedDns, WantedHost } from "../wantedDns";
import { absolute } from "./names";
import type { Gate, PublisherScope } from "./publisher";
import { publishesIpv6 } from "./waves";

/**
 * Looks on the mail host whether mail for its name can be taken, and sent, at the addresses that are to be published. It
 * changes nothing, and looks again only where addresses, TLSA records or the wave change.
 */
export function gateOf(host: WantedHost, wanted: WantedDns, scope: PublisherScope): Gate | undefined {
  const { gate } = host;
  if (gate === undefined) return undefined;
  let opened: pulumi.Resource | undefined;
  return (after) => {
    opened ??= openGate(`${scope.name}-gate-${host.name}`, gate, host, wanted, scope, after);
    return opened;
  };
}

function openGate(
  name: string,
  gate: NonNullable<WantedHost["gate"]>,
  host: WantedHost,
  wanted: WantedDns,
  scope: PublisherScope,
  after: readonly pulumi.Resource[],
): pulumi.Resource {
  const owner = `${scope.owners[0]?.rest} gate ${host.name}`;
  const remote: RemoteScope = {
    host: gate.host,
    program: gate.host.installedProgram ?? hostProgram(gate.host.label, owner),
    repair: wanted.repair,
    options: { ...scope.options, hooks: faultHooks("gate", name, gate.host.label, scope.component) },
  };
  const policy = pulumi
    .all([gatedAddresses(host, wanted), host.tlsa])
    .apply(([addresses, tlsa]) =>
      renderPolicy([
        { keyword: "owner", rest: owner },
        ...addresses.map((address): Line => ({ keyword: "gate", rest: `${absolute(host.name)} ${address}` })),
        ...tlsa.map((rest): Line => ({ keyword: "tlsa", rest })),
        ...plainLines(gate.resolver, wanted),
      ]),
    );
  return obeyPolicy(name, remote, policy, [...uploadProgram(`${name}-program`, remote, [policy]), ...after]);
}

/** Where no IPv6 address is published, a gate is for the certificate alone. */
function gatedAddresses(host: WantedHost, { wave }: WantedDns): pulumi.Input<string>[] {
  return publishesIpv6(host, wave) ? host.addresses.ipv6 : host.addresses.ipv4.slice(0, 1);
}

function plainLines(resolver: string | undefined, { wave, repair }: WantedDns): Line[] {
  return [
    ...(resolver === undefined ? [] : [{ keyword: "ask", rest: resolver } as const]),
    ...(wave === undefined ? [] : [{ keyword: "wave", rest: String(wave.wave) } as const]),
    ...(repair > 0 ? [{ keyword: "repair", rest: String(repair) } as const] : []),
  ];
}
