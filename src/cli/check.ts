import { getServers } from "node:dns";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { domainName } from "../dns/names";
import { Refusal } from "../policy/refusal";
import { Asker } from "./check/asker";
import { checkDomain, type DomainReport } from "./check/domain";
import { exitStatus } from "./check/finding";
import { json, table } from "./check/output";
import { parseState, type State, stateText } from "./check/ttl";
import { type Command, parseWords, UsageError } from "./command";
import { sideBySide } from "./sideBySide";
import { plain, writeLine } from "./terminal";

export interface CheckCall {
  /** In lower case and ASCII. */
  domains: string[];
  resolvers: string[];
  state: string | null;
  /** Seconds. */
  timeout: number;
  json: boolean;
  allowSpecial: boolean;
}

/** Domains at the same time. */
const together = 4;
/** Seconds for a mail server or a policy file: postscreen alone takes six. */
const mailTimeout = 30;

export const check: Command = {
  name: "check",
  call: "DOMAIN… [--resolver ADDRESS]… [--state FILE] [--timeout SECONDS] [--json] [--allow-special-purpose]",
  summary: "say what the world sees of a mail domain, and from when the next phase or wave is safe",
  help: `Asks the authoritative name servers of each domain, each over IPv4 and IPv6, and the mail servers on port 25 of each
published address. One table: name servers, DNSSEC, MX, A, AAAA, PTR, FCrDNS, STARTTLS, TLSA, SPF, DMARC, MTA-STS, TLS-RPT, CAA, TTL.
What does not answer is not known, never absent.

  --resolver ADDRESS       where to ask for the name servers; the system's own without this; may be repeated
  --state FILE             keep what was seen in FILE, so that the next call knows since when it is so, and what was before
  --timeout SECONDS        how long a name server has to answer, 1 to 60; 5 without this
  --json                   for programs
  --allow-special-purpose  take private and documentation addresses for public ones

Exit status: 0 nothing failed; 1 something failed; 2 the call was wrong; 3 nothing failed, but something could not be judged.`,
  run: (words) => run(checkCall(words)),
};

export function checkCall(words: string[]): CheckCall {
  const { values, positionals } = parseWords(words, optionTypes);
  if (positionals.length === 0) throw new UsageError("DOMAIN is missing; name at least one domain");
  const resolvers = values.resolver ?? systemResolvers();
  if (resolvers.length === 0) throw new UsageError("the system has no resolver; name one by --resolver");
  return {
    domains: [...new Set(positionals.map(domainOf))],
    resolvers: resolvers.map(resolverOf),
    state: values.state ?? null,
    timeout: timeoutOf(values.timeout ?? "5"),
    json: values.json ?? false,
    allowSpecial: values["allow-special-purpose"] ?? false,
  };
}

const optionTypes = {
  resolver: { type: "string", multiple: true },
  state: { type: "string" },
  timeout: { type: "string" },
  json: { type: "boolean" },
  "allow-special-purpose": { type: "boolean" },
} as const;

function domainOf(text: string): string {
  try {
    return domainName("DOMAIN", text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new UsageError(`DOMAIN is ${JSON.stringify(text)}; use a mail domain such as example.com`);
  }
}

/** Others than port 53 can't be meant: the zones' own servers have no other either. */
function systemResolvers(): string[] {
  return getServers().filter((address) => isIP(address.split("%")[0] ?? "") !== 0);
}

function resolverOf(text: string): string {
  if (isIP(text.split("%")[0] ?? "") === 0)
    throw new UsageError(`--resolver is ${JSON.stringify(text)}; use the address of a resolver`);
  return text;
}

function timeoutOf(text: string): number {
  const seconds = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > 60)
    throw new UsageError(`--timeout is ${JSON.stringify(text)}; use a number from 1 to 60`);
  return seconds;
}

async function run(call: CheckCall): Promise<number> {
  const now = Math.floor(Date.now() / 1_000);
  const state = call.state === null ? {} : readState(call.state);
  const patience = call.timeout * 1_000;
  const options = {
    patience,
    mailPatience: mailTimeout * 1_000,
    smtpPort: 25,
    allowSpecial: call.allowSpecial,
    // Rounded up, so that nothing is safe too early.
    clock: () => Math.ceil(Date.now() / 1_000),
    state,
  };
  const reports = await sideBySide(call.domains, together, (domain) =>
    checkDomain(domain, new Asker({ resolvers: call.resolvers, port: 53, patience }), options),
  );
  writeLine(process.stdout, call.json ? json(reports, now) : table(reports));
  const status = exitStatus(reports.flatMap(({ findings }) => findings));
  return call.state === null || keepState(call.state, state, reports) ? status : 1;
}

function readState(path: string): State {
  if (!existsSync(path)) return {};
  try {
    return parseState(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UsageError(`--state is ${JSON.stringify(path)}, which can't be used: ${reason(error)}`);
  }
}

/** What this call did not ask for stays as it was. */
function keepState(path: string, before: State, reports: readonly DomainReport[]): boolean {
  try {
    writeFileSync(`${path}.new`, stateText(Object.assign({}, before, ...reports.map(({ seen }) => seen))));
    renameSync(`${path}.new`, path);
    return true;
  } catch (error) {
    writeLine(process.stderr, `mailhost: error: ${plain(path)} can't be written: ${reason(error)}`);
    return false;
  }
}

function reason(error: unknown): string {
  return plain(error instanceof Error ? error.message : String(error));
}
