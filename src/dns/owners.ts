// Which component of a program owns a host name, and which others send mail to it.
import type * as pulumi from "@pulumi/pulumi";
import { perRun } from "../perRun";
import { Refusal } from "../policy/refusal";
import { sharedName } from "./waves";

export interface Claimant {
  /** Its name. */
  component: string;
  /** With the name, which one it is: of one in a program, a unit test may make several. */
  type: unknown;
}

interface Owned extends Claimant {
  waved: boolean;
  /** What a set that needs the name's addresses waits for. */
  resources: pulumi.Resource[];
}

/** The host names of one run of one program. */
export class HostNames {
  readonly #owned = new Map<string, Owned>();
  readonly #users = new Map<string, string>();

  /** Refuses a second owner: of two, one would overwrite the other's addresses. */
  own(argument: string, name: string, { component, type }: Claimant, waved: boolean): void {
    const owner = this.#owned.get(name);
    if (owner !== undefined && (owner.component !== component || owner.type !== type)) {
      throw new Refusal(
        argument,
        `is "${name}", whose addresses MailDns "${owner.component}" publishes already; leave them to it, and set external here`,
      );
    }
    if (waved && this.#users.has(name)) throw new Refusal("ipv6.wave", sharedName(name));
    this.#owned.set(name, { component, type, waved, resources: [] });
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

export const hostNames = perRun(() => new HostNames());
