// Zones as arguments, and which names they hold.
import { Refusal, refuse } from "../policy/refusal";
import { networkOf, networkOfZone } from "./addresses";
import { isWithin, zoneName } from "./names";
import type { ReverseZone } from "./publisher";

/** A zone of reverse names: the usual ones say their network by their name, a classless one does not (RFC 2317). */
export function reverseZone(argument: string, zone: unknown, network: unknown): ReverseZone {
  const name = zoneName(`${argument}.zone`, zone);
  if (!/(^|\.)(in-addr|ip6)\.arpa$/.test(name))
    refuse(`${argument}.zone`, zone, "use a zone of reverse names, below in-addr.arpa or ip6.arpa");
  const said = networkOfZone(name);
  if (network === undefined && said === undefined)
    throw new Refusal(
      `${argument}.network`,
      `is missing; ${name} does not say its network, so give it, such as 192.0.2.0/25`,
    );
  const given = network === undefined ? undefined : networkOf(`${argument}.network`, network);
  if (given !== undefined && said !== undefined && given !== said)
    refuse(`${argument}.network`, network, `${name} holds the names of ${said}; leave it out`);
  return { zone: name, network: given ?? said ?? "" };
}

/** Refuses a second zone of the same name, or for the same network. */
export function refuseZonesTwice(argument: string, zones: readonly ReverseZone[]): void {
  const twice = zones.findIndex(({ zone, network }, at) =>
    zones.slice(0, at).some((other) => other.zone === zone || other.network === network),
  );
  if (twice >= 0) refuse(`${argument}[${twice}].zone`, zones[twice]?.zone, "it stands there already; give a zone once");
}

/** Refuses a name that the zone cannot hold. */
export function refuseOutside(argument: string, name: string, zone: string): void {
  if (!isWithin(name, zone)) {
    throw new Refusal(
      argument,
      `is "${name}", which is not in the zone ${zone}; publish it by a MailDns of its own zone, and set external here`,
    );
  }
}
