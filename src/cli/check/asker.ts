// Asks: resolvers for where a zone's servers are, and those servers, each at each of its addresses, for everything else.

import { isWithin } from "../../dns/names";
import {
  type Ask,
  agreed,
  contentOf,
  type Lookup,
  type Step,
  unknown,
  unreached,
  type View,
  viewOf,
  type Zone,
  zoneIn,
} from "./lookup";
import { parentOf } from "./names";
import { query, type Reply } from "./query";
import type { Message, Query, Type } from "./wire";

export interface AskerOptions {
  resolvers: readonly string[];
  port: number;
  /** Milliseconds that a server has to answer. */
  patience: number;
}

const mostAliases = 8;

export class Asker {
  readonly #options: AskerOptions;
  readonly #zones = new Map<string, Promise<Zone | string>>();
  readonly #lookups = new Map<string, Promise<Lookup>>();
  readonly #steps = new Map<string, Promise<Step>>();
  /** Addresses that did not answer at all: they are not waited for again. */
  readonly #silent = new Map<string, Reply>();

  #verifies: Promise<boolean> | undefined;

  constructor(options: AskerOptions) {
    this.#options = options;
  }

  /** From the servers of the name's zone. */
  readonly ask: Ask = (name, type) =>
    this.#once(this.#lookups, `${name} ${type}`, () => this.#followed(name, type, this.#direct));

  /** From a resolver, for names of others. */
  readonly resolve: Ask = (name, type) =>
    this.#once(this.#lookups, `resolve ${name} ${type}`, () =>
      this.#followed(name, type, (at, of) => this.#resolved(at, of, false)),
    );

  /** The same for where servers are: also of a zone whose signatures a resolver finds wrong. */
  readonly #find: Ask = (name, type) =>
    this.#once(this.#lookups, `find ${name} ${type}`, () =>
      this.#followed(name, type, (at, of) => this.#resolved(at, of, true)),
    );

  /** The servers of the zone for a name within `domain`, a resolver for others. */
  near(domain: string): Ask {
    return (name, type) => (isWithin(name, domain) ? this.ask : this.resolve)(name, type);
  }

  /** All that zones' servers were asked for until now. */
  asked(): Promise<Step[]> {
    return Promise.all(this.#steps.values());
  }

  /** The zone that a name belongs to, or why it is not known. */
  zoneOf(name: string): Promise<Zone | string> {
    return this.#once(this.#zones, name, () => this.#findZone(name));
  }

  /** What each address of the zone's servers says. */
  async views(zone: Zone, name: string, type: Type): Promise<View[]> {
    const heard = await Promise.all(
      zone.servers.map(async (server) =>
        viewOf(server, await this.#patient(server.address, { name, type, recursive: false }), name, type),
      ),
    );
    return [...heard, ...unreached(zone)];
  }

  /** The first resolver's own answer, or what kept all of them from giving one. */
  async resolver(question: Omit<Query, "recursive">): Promise<Message | string> {
    let why = "there is no resolver";
    for (const address of this.#options.resolvers) {
      const reply = await query({ ...this.#options, address }, { ...question, recursive: true });
      if ("message" in reply) return reply.message;
      why = `resolver ${address} ${reply.problem === "silent" ? "does not answer" : "can't be reached"}`;
    }
    return why;
  }

  /** Whether the resolver verifies signatures at all: the root zone has some. */
  verifies(): Promise<boolean> {
    this.#verifies ??= this.resolver({ name: "", type: "SOA" }).then(
      (root) => typeof root !== "string" && root.authentic,
    );
    return this.#verifies;
  }

  #once<T>(kept: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
    const known = kept.get(key) ?? make();
    kept.set(key, known);
    return known;
  }

  /** One that was silent once is asked no more. */
  async #patient(address: string, question: Query): Promise<Reply> {
    const silent = this.#silent.get(address);
    if (silent !== undefined) return silent;
    const reply = await query({ ...this.#options, address }, question);
    if ("problem" in reply && !reply.cut) this.#silent.set(address, reply);
    return reply;
  }

  async #followed(name: string, type: Type, one: (name: string, type: Type) => Promise<Step>): Promise<Lookup> {
    const aliases: string[] = [];
    const steps: Step[] = [];
    for (let at = name; ; ) {
      if (!fits(at))
        return { ...unknown(""), name, type, zone: "", views: [], aliases, steps, records: [], exists: false };
      const step = await one(at, type);
      steps.push(step);
      if (step.alias === null) return { ...step, name, aliases, steps, ...together(steps) };
      if (aliases.length >= mostAliases)
        return { ...step, name, aliases, steps, ...unknown(`${name} leads from CNAME to CNAME without end`) };
      aliases.push(step.alias);
      at = step.alias;
    }
  }

  readonly #direct = (name: string, type: Type): Promise<Step> =>
    this.#once(this.#steps, `${name} ${type}`, async () => {
      // A DS record stands in the zone above.
      const zone = await this.zoneOf(type === "DS" ? parentOf(name) : name);
      if (typeof zone === "string") return { name, type, zone: "", views: [], ...unknown(zone) };
      return agreed(zone.name, name, type, await this.views(zone, name, type));
    });

  async #resolved(name: string, type: Type, unchecked: boolean): Promise<Step> {
    const message = await this.resolver({ name, type, unchecked });
    const base = { name, type, zone: "", views: [] };
    if (typeof message === "string") return { ...base, ...unknown(message) };
    if (message.code !== "NOERROR" && message.code !== "NXDOMAIN")
      return { ...base, ...unknown(`the resolver says ${message.code} of ${name}`) };
    const content = contentOf(message, name, type);
    const view: View = { name: "resolver", address: "", state: "answer", code: "", ...content };
    return { ...base, ...content, why: "", views: [view] };
  }

  async #findZone(name: string): Promise<Zone | string> {
    const message = await this.resolver({ name, type: "SOA", unchecked: true });
    if (typeof message === "string") return message;
    if (message.code !== "NOERROR" && message.code !== "NXDOMAIN")
      return `the resolver says ${message.code} of ${name}`;
    const zone = zoneIn(message, name);
    // A name that stands for another, or a resolver that leaves out what it need not say.
    if (zone === null)
      return name === "" ? "the resolver does not say which servers a zone has" : this.zoneOf(parentOf(name));
    return zone === name ? this.#servers(zone) : this.zoneOf(zone);
  }

  async #servers(zone: string): Promise<Zone | string> {
    const { records, why } = await this.#find(zone, "NS");
    if (records === null) return why;
    if (records.length === 0) return `${zone} has no NS record`;
    const names = records.map((text) => text.replace(/\.$/, ""));
    const found = await Promise.all(names.map((name) => this.#addresses(name)));
    const untold = found.flatMap((of) => of.untold);
    const settled = new Set([...found.flatMap(({ servers }) => servers), ...untold].map(({ name }) => name));
    return {
      name: zone,
      names,
      servers: found.flatMap(({ servers }) => servers),
      addressless: names.filter((name) => !settled.has(name)),
      untold,
    };
  }

  async #addresses(name: string): Promise<Pick<Zone, "servers" | "untold">> {
    const lookups = await Promise.all([this.#find(name, "A"), this.#find(name, "AAAA")]);
    return {
      servers: lookups.flatMap(({ records }) => (records ?? []).map((address) => ({ name, address }))),
      untold: lookups.flatMap(({ records, type, why }) => (records === null ? [{ name, type, why }] : [])),
    };
  }
}

/** Whether it can be a name at all (RFC 1035, section 2.3.4); records of others say anything. */
function fits(name: string): boolean {
  return name === "" || (name.length <= 253 && name.split(".").every((label) => /^[!-~]{1,63}$/.test(label)));
}

function together(steps: readonly Step[]): Pick<Lookup, "ttl" | "signed"> {
  return { ttl: Math.min(...steps.map(({ ttl }) => ttl)), signed: steps.every(({ signed }) => signed) };
}
