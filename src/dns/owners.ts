// Which component of a program owns a host name, and which others send mail to it.
import * as pulumi from "@pulumi/pulumi";
import { Refusal } from "../policy/refusal";
import { sharedName } from "./waves";

interface Owned {
  component: string;
  waved: boolean;
  /** What a set that needs the name's addresses waits for. */
  resources: pulumi.Resource[];
}

/** The host names of one run of one program. */
export class HostNames {
  readonly #owned = new Map<string, Owned>();
  readonly #users = new Map<string, string>();

  /** Refuses a second owner: of two, one would overwrite the other's addresses. */
  own(argument: string, name: string, component: string, waved: boolean): void {
    const owner = this.#owned.get(name);
    if (owner !== undefined) {
      throw new Refusal(
        argument,
        `is "${name}", whose addresses MailDns "${owner.component}" publishes already; leave them to it, and set external here`,
      );
    }
    if (waved && this.#users.has(name)) throw new Refusal("ipv6.wave", sharedName(name));
    this.#owned.set(name, { component, waved, resources: [] });
  }

  /** Notes that a domain's MX record leads to a name that another component, or someone else, publishes. */
  use(argument: string, name: string, component: string): void {
    if (this.#owned.get(name)?.waved === true)
      throw new Refusal(argument, `is "${name}", and a wave of its owner ${sharedName(name)}`);
    this.#users.set(name, component);
  }

  published(name: string, resources: readonly pulumi.Resource[]): void {
    this.#owned.get(name)?.resources.push(...resources);
  }

  resourcesOf(name: string): pulumi.Resource[] {
    return this.#owned.get(name)?.resources ?? [];
  }
}

const byMonitor = new WeakMap<object, HostNames>();
const byTarget = new Map<string, HostNames>();

/**
 * One process may run many programs, so names are kept by the engine that asks: by its address, since a component of another
 * language gets a client of its own each time.
 */
export function hostNames(): HostNames {
  const monitor: object | undefined = pulumi.runtime.getMonitor();
  if (monitor === undefined) return new HostNames();
  const known = byMonitor.get(monitor) ?? sharedBy(targetOf(monitor));
  byMonitor.set(monitor, known);
  return known;
}

function sharedBy(target: string | undefined): HostNames {
  if (target === undefined) return new HostNames();
  const known = byTarget.get(target) ?? new HostNames();
  byTarget.set(target, known);
  return known;
}

function targetOf(monitor: object): string | undefined {
  if (!("getChannel" in monitor) || typeof monitor.getChannel !== "function") return undefined;
  const channel: unknown = monitor.getChannel();
  if (typeof channel !== "object" || channel === null || !("getTarget" in channel)) return undefined;
  return typeof channel.getTarget === "function" ? String(channel.getTarget()) : undefined;
}
