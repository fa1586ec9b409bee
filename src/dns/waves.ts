// Which of a domain's names get IPv6, and which name receives its mail.
import { Refusal } from "../policy/refusal";

export interface Wave {
  wave: number;
  published: number;
}

/** Of a mail host, what a wave decides by. */
export interface WaveHost {
  name: string;
  preference: number | undefined;
  hasIpv6: boolean;
  external: boolean;
  dualStackName: string | undefined;
}

/** A domain without a wave waits for none. */
export function isReached(wave: Wave | undefined): boolean {
  return wave === undefined || wave.published >= wave.wave;
}

/** A wave moves what a domain receives, so a name that is no MX host of it does not wait. */
export function publishesIpv6(host: WaveHost, wave: Wave | undefined): boolean {
  return host.hasIpv6 && (host.preference === undefined || isReached(wave));
}

/** The name that the MX record of a host shows. */
export function exchangeOf(host: WaveHost, wave: Wave | undefined): string {
  return isReached(wave) ? (host.dualStackName ?? host.name) : host.name;
}

/** Whether the wave moves anything of this host: its own AAAA, or the domain's MX record. */
export function isMoved({ preference, hasIpv6, dualStackName }: WaveHost): boolean {
  return preference !== undefined && (hasIpv6 || dualStackName !== undefined);
}

export function refuseIdleWave(hosts: readonly WaveHost[], wave: Wave | undefined): void {
  if (wave === undefined || hosts.some(isMoved)) return;
  const shared = hosts.find(({ external, preference }) => external && preference !== undefined);
  throw new Refusal("ipv6.wave", shared === undefined ? nothing : sharedName(shared.name));
}

const nothing = "has nothing to publish: no MX host of the domain has ipv6 or dualStackName";

/** A wave on a name that other domains use would move their mail as well. */
export function sharedName(name: string): string {
  return `cannot be on ${name}, which other domains share; publish a second name of that host with A and AAAA, and give it as dualStackName: the MX record then moves to it`;
}
