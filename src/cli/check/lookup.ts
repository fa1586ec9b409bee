// What is known of one name and type, as its zone's own servers have it.
import { parentOf } from "./names";
import type { Problem, Reply } from "./query";
import type { Message, ResourceRecord, Type } from "./wire";

/** An address of a name server; empty where it is not known. */
export interface Server {
  /** Its name. */
  name: string;
  address: string;
}

export interface Zone {
  name: string;
  /** Its name servers, also those without an address. */
  names: string[];
  servers: Server[];
  /** Name servers that have no address. */
  addressless: string[];
  /** Addresses that nobody could tell. */
  untold: Untold[];
}

export interface Untold {
  /** The name server's name. */
  name: string;
  type: Type;
  why: string;
}

/** What one address of a name server said. */
export interface View extends Server {
  /** Lame: it answers, but not as a server of the zone. */
  state: "answer" | "lame" | Problem;
  /** Records as text, sorted; "no such name" and "no such record" are none. */
  records: string[];
  exists: boolean;
  /** Seconds that the records may be kept, or that their absence may (RFC 2308). */
  ttl: number;
  /** The answer came with a signature. */
  signed: boolean;
  /** Another name that stands for this one. */
  alias: string | null;
  /** The answer's code, where it is lame; `cutOff` where only TCP is silent. */
  code: string;
}

/** What one zone's servers have of one name, or a resolver. */
export interface Step {
  name: string;
  type: Type;
  /** Whose servers were asked; empty where none were. */
  zone: string;
  /** Null where nobody could say; then it is not known, and never absent. */
  records: string[] | null;
  /** Whether the name is there at all. */
  exists: boolean;
  /** Where `records` is null: the reason. */
  why: string;
  ttl: number;
  signed: boolean;
  /** The name that stands there instead. */
  alias: string | null;
  views: View[];
}

/** What a name has in the end: `views` are of the last name, `signed` and `ttl` are of all answers that led there. */
export interface Lookup extends Step {
  /** What was asked, the name itself first. */
  steps: Step[];
  /** The names that led there by CNAME records. */
  aliases: string[];
}

const cutOff = "TCP";

export type Ask = (name: string, type: Type) => Promise<Lookup>;

export function viewOf(server: Server, reply: Reply, name: string, type: Type): View {
  const nothing = nothingFrom(server);
  // A server that lacks TCP is there, whatever TCP says.
  if ("problem" in reply)
    return reply.cut ? { ...nothing, state: "silent", code: cutOff } : { ...nothing, state: reply.problem };
  const { message } = reply;
  const said = message.code === "NOERROR" || message.code === "NXDOMAIN";
  if (!said || !message.authoritative)
    return { ...nothing, state: "lame", code: said ? "not authoritative" : message.code };
  return { ...nothing, state: "answer", ...contentOf(message, name, type) };
}

/** Of a name server whose address nobody tells: nothing was heard of it, and it may have anything. */
export function unreached({ names, servers, addressless }: Zone): View[] {
  const reached = new Set([...servers.map(({ name }) => name), ...addressless]);
  return names
    .filter((name) => !reached.has(name))
    .map((name) => ({ ...nothingFrom({ name, address: "" }), state: "silent" }));
}

function nothingFrom(server: Server) {
  return { ...server, records: [], exists: false, ttl: 0, signed: false, alias: null, code: "" };
}

type Content = Pick<View, "records" | "exists" | "ttl" | "signed" | "alias">;

export function contentOf(message: Message, name: string, type: Type): Content {
  const own = message.answers.filter((record) => record.name === name);
  const alias = type === "CNAME" ? undefined : own.find((record) => record.type === "CNAME");
  const records = own.filter((record) => record.type === (alias === undefined ? type : "CNAME"));
  const covered = alias === undefined ? type : "CNAME";
  return {
    records: [...new Set(records.map(({ text }) => text))].sort(),
    // A name that stands for one that is not there is there.
    exists: message.code !== "NXDOMAIN" || alias !== undefined,
    ttl: records.length > 0 ? Math.min(...records.map(({ ttl }) => ttl)) : negativeTtl(message.authorities),
    signed: own.some((record) => record.type === "RRSIG" && record.text === covered),
    alias: alias === undefined ? null : alias.text.replace(/\.$/, ""),
  };
}

/** How long a resolver may keep that there is nothing: the smaller of the SOA record's TTL and its last number. */
export function negativeTtl(authorities: readonly ResourceRecord[]): number {
  const soa = authorities.find(({ type }) => type === "SOA");
  return soa === undefined ? 0 : Math.min(soa.ttl, Number(soa.text.split(" ").at(-1)));
}

/** What most servers that answer have; whether they agree is another question. */
export function agreed(zone: string, name: string, type: Type, views: readonly View[]): Step {
  const answers = views.filter(({ state }) => state === "answer");
  const counts = new Map<string, number>();
  for (const view of answers) counts.set(contentKey(view), (counts.get(contentKey(view)) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? 1 : -1));
  const view = answers.find((of) => contentKey(of) === most?.[0]);
  const base = { name, type, zone, views: [...views] };
  const how = views.some(({ code }) => code === cutOff) ? ` by ${cutOff}, which the answer's length needs` : "";
  if (view === undefined) return { ...base, ...unknown(`no server of the zone of ${name} answers${how}`) };
  const { records, exists, ttl, signed, alias } = view;
  return { ...base, records, exists, ttl, signed, alias, why: "" };
}

export function unknown(why: string) {
  return { records: null, exists: true, ttl: 0, signed: false, alias: null, why };
}

/** Equal for servers that say the same. */
export function contentKey({ records, exists, alias }: View): string {
  return JSON.stringify([exists, alias, ...records]);
}

/** The zone that a resolver's answer about the SOA record of a name tells; null where it tells none. */
export function zoneIn(message: Message, name: string): string | null {
  const soa = message.answers.find(({ type, name: owner }) => type === "SOA" && owner === name);
  if (soa !== undefined) return name;
  const above = message.authorities.find(({ type }) => type === "SOA");
  if (above === undefined || message.answers.some(({ type }) => type === "CNAME")) return null;
  return above.name === name || name.endsWith(`.${above.name}`) || above.name === "" ? above.name : null;
}

/** Names from this one up to the last label. */
export function upwards(name: string): string[] {
  const names: string[] = [];
  for (let at = name; at !== ""; at = parentOf(at)) names.push(at);
  return names;
}
