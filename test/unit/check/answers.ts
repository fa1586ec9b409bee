// Look-ups as a zone's servers would answer them, for what only judges.
import type { Ask, Lookup, View } from "../../../src/cli/check/lookup.ts";
import type { Type } from "../../../src/cli/check/wire.ts";

export type Zone = Record<string, string[] | null>;

export function view(records: readonly string[], more: Partial<View> = {}): View {
  return {
    name: "ns1.example.net",
    address: "192.0.2.53",
    state: "answer",
    records: [...records].sort(),
    exists: true,
    ttl: 300,
    signed: false,
    alias: null,
    code: "",
    ...more,
  };
}

/** Null: nobody answers. */
export function lookup(name: string, type: Type, records: string[] | null, more: Partial<Lookup> = {}): Lookup {
  const views = records === null ? [view([], { state: "silent" })] : [view(records)];
  const why = records === null ? `no server of the zone of ${name} answers` : "";
  const step = {
    name,
    type,
    zone: "example.com",
    records,
    exists: true,
    why,
    ttl: 300,
    signed: false,
    alias: null,
    views,
    ...more,
  };
  return { aliases: [], steps: [step], ...step };
}

/** Names of the zone are written `NAME TYPE`; all else is not there. */
export function askIn(zone: Zone): Ask {
  return async (name, type) => {
    const records = zone[`${name} ${type}`];
    return records === undefined ? lookup(name, type, [], { exists: false }) : lookup(name, type, records);
  };
}
