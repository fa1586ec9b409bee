// What the host program's verb `evidence` prints, as docs/policy.md has it. Whatever has another shape is refused.

/** One row of a day file. A `-` of the file is null. Times are seconds since 1970. */
export interface Row {
  day: string;
  kind: string;
  port: number | null;
  service: string | null;
  family: string | null;
  network: string | null;
  what: string | null;
  count: number;
  first: number;
  last: number;
}

export interface Span {
  first: number;
  last: number;
}

export interface Gap extends Span {
  what: string;
}

/** Whoever logged in, or sent mail without a known account, from one network. */
export interface UserRow extends Span {
  account: string | null;
  network: string;
  sessions: number;
}

export interface Verdict {
  word: string;
  sentence: string;
}

export interface Floor extends Verdict {
  block: string;
  version: string;
}

export interface Evidence {
  rows: Row[];
  now: Map<string, string>;
  covered: Span | null;
  holes: Gap[];
  users: UserRow[];
  passes: string | null;
  verdict: Verdict;
  floors: Floor[];
}

export class EvidenceError extends Error {}

const day = /^\d{4}-\d\d-\d\d$/;
const kinds = new Set([
  "syn",
  "counted",
  "connect",
  "login",
  "mail",
  "tls",
  "refused",
  "accepted",
  "deferred",
  "rejected",
  "cover",
  "gap",
]);
const portWords = ["retire", "keep", "not enough evidence"];
const floorWords = ["raise", "keep", "not enough evidence"];

export function parseEvidence(lines: readonly string[]): Evidence {
  const evidence = {
    rows: [] as Row[],
    now: new Map<string, string>(),
    covered: null as Span | null,
    holes: [] as Gap[],
    users: [] as UserRow[],
    passes: null as string | null,
    verdict: null as Verdict | null,
    floors: [] as Floor[],
  };
  for (const [at, line] of lines.entries()) {
    const fields = new Fields(line, at + 1);
    const kind = fields.text();
    if (day.test(kind)) evidence.rows.push(row(kind, fields));
    else if (kind === "now") evidence.now.set(fields.text(), fields.text());
    else if (kind === "covered") evidence.covered = { first: fields.number(), last: fields.number() };
    else if (kind === "hole") evidence.holes.push(hole(fields));
    else if (kind === "user") evidence.users.push(user(fields));
    else if (kind === "passes") evidence.passes = fields.orNone((text) => fields.matching(text, day));
    else if (kind === "verdict") evidence.verdict = { word: fields.word(portWords), sentence: fields.text() };
    else if (kind === "floor")
      evidence.floors.push({
        block: fields.text(),
        version: fields.text(),
        word: fields.word(floorWords),
        sentence: fields.text(),
      });
    else fields.refuse();
    fields.end();
  }
  const { verdict } = evidence;
  if (verdict === null) throw new EvidenceError("the host's answer has no verdict; it is not whole");
  return { ...evidence, verdict };
}

/** What the verb `flow` prints: rows of incoming mail, and what is so now. */
export function parseFlow(lines: readonly string[]): { rows: Row[]; now: Map<string, string> } {
  const rows: Row[] = [];
  const now = new Map<string, string>();
  for (const [at, line] of lines.entries()) {
    const fields = new Fields(line, at + 1);
    const kind = fields.text();
    if (day.test(kind)) rows.push(row(kind, fields));
    else if (kind === "now") now.set(fields.text(), fields.text());
    else fields.refuse();
    fields.end();
  }
  if (!/^\d{1,12}$/.test(now.get("time") ?? ""))
    throw new EvidenceError("the host's answer has no time; it is not whole");
  return { rows, now };
}

function row(of: string, fields: Fields): Row {
  return {
    day: of,
    kind: fields.word([...kinds]),
    port: fields.orNone((text) => fields.asNumber(text)),
    service: fields.orNone((text) => text),
    family: fields.orNone((text) => text),
    network: fields.orNone((text) => text),
    what: fields.orNone((text) => text),
    count: fields.number(),
    first: fields.number(),
    last: fields.number(),
  };
}

function hole(fields: Fields): Gap {
  return { first: fields.number(), last: fields.number(), what: fields.text() };
}

function user(fields: Fields): UserRow {
  const account = fields.orNone((text) => text);
  const network = fields.text();
  fields.number();
  return { account, network, sessions: fields.number(), first: fields.number(), last: fields.number() };
}

/** The fields of one line, taken one after the other. */
class Fields {
  readonly #fields: string[];
  readonly #line: number;
  #at = 0;

  constructor(line: string, number: number) {
    this.#fields = line.split("\t");
    this.#line = number;
  }

  text(): string {
    const field = this.#fields[this.#at];
    if (field === undefined) return this.refuse();
    this.#at += 1;
    return field;
  }

  orNone<T>(read: (text: string) => T): T | null {
    const text = this.text();
    return text === "-" ? null : read(text);
  }

  number(): number {
    return this.asNumber(this.text());
  }

  asNumber(text: string): number {
    return Number(this.matching(text, /^\d{1,15}$/));
  }

  matching(text: string, pattern: RegExp): string {
    return pattern.test(text) ? text : this.refuse();
  }

  word(words: readonly string[]): string {
    const text = this.text();
    return words.includes(text) ? text : this.refuse();
  }

  end(): void {
    if (this.#at !== this.#fields.length) this.refuse();
  }

  refuse(): never {
    const line = this.#fields.join(" ").slice(0, 80);
    throw new EvidenceError(`line ${this.#line} of the host's answer is not evidence: ${JSON.stringify(line)}`);
  }
}
