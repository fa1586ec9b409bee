import { type Evidence, EvidenceError, parseEvidence } from "../evidence/parse";
import { summarize } from "../evidence/summary";
import { type Command, parseWords, UsageError } from "./command";
import { knock, seen } from "./knock";
import { csv } from "./report/csv";
import { type Mark, markOf, runFlow } from "./report/flow";
import { html } from "./report/html";
import { json } from "./report/json";
import { answered, failed, type Outcome } from "./report/outcome";
import { svg } from "./report/svg";
import { table } from "./report/table";
import { sideBySide } from "./sideBySide";
import { checkedHost, errorOf, runOnHost, type Target } from "./ssh";
import { hostsOfStack, type MailHosts } from "./stack";
import { plain, writeLine } from "./terminal";
import { type Reach, reachOf, reachOptions } from "./words";

const formats = { table, svg, html, json, csv };

export interface ReportCall extends Reach {
  hosts: string[];
  stacks: string[];
  port: number;
  days: number;
  format: keyof typeof formats;
  knock: boolean;
  /** Asks about incoming mail instead, with days to look at. */
  ipv6: { marks: Mark[] } | null;
}

/** Hosts that are asked at the same time. */
const together = 16;
/** Until the host's log has the lines of a knock. */
const settle = 1_500;

export const report: Command = {
  name: "report",
  call: "HOST… [--stack STACK]… [--port PORT] [--days DAYS] [--svg | --html | --json | --csv] [--knock] [--ipv6 [--wave DATE]… [--safe DATE]…] [--sudo | --doas] [-o OPTION]…",
  summary: "say who still uses a port, and whether it can be retired; or how much mail comes over IPv6",
  help: `HOST is what ssh knows a host by. ssh's own configuration, agent, jump hosts and known hosts count; it never asks.
The host brings its evidence up to date and judges it. The report goes to standard output.

  --stack STACK            every host whose Postfix or probe is in a Pulumi stack, too; may be repeated
  --port PORT              the port; 465 without this
  --days DAYS              how far back, 1 to 400; 180 without this, 30 with --ipv6
  --svg, --html            a picture, or a page in one file
  --json, --csv            for programs, or for a spreadsheet: one line a host and account
  --knock                  make three connections to the port from here, and see whether the host's probe saw them
  --ipv6                   instead: incoming mail over IPv4 and IPv6 by day and domain, and what of it was refused
  --wave DATE, --safe DATE a day on which a wave was published, or old answers had run out, such as 2026-11-20; may be repeated
  --sudo, --doas           become root there that way
  -o, --ssh-option OPTION  an option for ssh, such as ConnectTimeout=5; may be repeated

Exit status: 0 each host says retire; 3 at least one says keep; 4 none says keep, but one has not enough evidence;
1 a host could not be asked or a stack not read, whatever the others say; 2 the call was wrong. With --ipv6 only 0, 1 and 2.`,
  run: (words) => run(reportCall(words)),
};

export function reportCall(words: string[]): ReportCall {
  const { values, positionals } = parseWords(words, optionTypes);
  const reach = reachOf(values);
  const stacks = values.stack ?? [];
  if (positionals.length + stacks.length === 0)
    throw new UsageError("HOST is missing; name at least one host, or a --stack");
  const chosen = (["svg", "html", "json", "csv"] as const).filter((name) => values[name]);
  if (chosen.length > 1) throw new UsageError(`--${chosen.join(" and --")} are two formats; use one`);
  const ipv6 = values.ipv6 ? { marks: marksOf(values) } : null;
  if (ipv6 !== null) refuseWithIpv6(values);
  else if (values.wave ?? values.safe) throw new UsageError("--wave and --safe are for --ipv6");
  return {
    hosts: positionals.map(checkedHost),
    stacks,
    port: number("--port", values.port ?? "465", 65_535),
    days: number("--days", values.days ?? (ipv6 === null ? "180" : "30"), 400),
    format: chosen[0] ?? "table",
    knock: values.knock ?? false,
    ...reach,
    ipv6,
  };
}

function marksOf({ wave = [], safe = [] }: { wave?: string[]; safe?: string[] }): Mark[] {
  return [...wave.map((date) => markOf("wave", date)), ...safe.map((date) => markOf("safe", date))];
}

/** All of Postfix's port 25 is reported, in figures. */
function refuseWithIpv6(values: { port?: string; knock?: boolean; svg?: boolean; html?: boolean }): void {
  const [wrong] = (["port", "knock", "svg", "html"] as const).filter((name) => values[name] !== undefined);
  if (wrong !== undefined) throw new UsageError(`--ipv6 goes without --${wrong}`);
}

const optionTypes = {
  stack: { type: "string", multiple: true },
  port: { type: "string" },
  days: { type: "string" },
  svg: { type: "boolean" },
  html: { type: "boolean" },
  json: { type: "boolean" },
  csv: { type: "boolean" },
  knock: { type: "boolean" },
  ipv6: { type: "boolean" },
  wave: { type: "string", multiple: true },
  safe: { type: "string", multiple: true },
  ...reachOptions,
} as const;

function number(name: string, text: string, most: number): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > most)
    throw new UsageError(`${name} is ${JSON.stringify(text)}; use a number from 1 to ${most}`);
  return value;
}

async function run(call: ReportCall): Promise<number> {
  const found = await hostsOf(call);
  if (found === null) return 1;
  if (call.ipv6 !== null) return runFlow(found, { ...call, marks: call.ipv6.marks }, together);
  const outcomes = [...(await sideBySide(found.hosts, together, (host) => ask(host, call))), ...found.nowhere];
  writeLine(process.stdout, formats[call.format](outcomes).trimEnd());
  for (const { host, problem } of failed(outcomes)) writeLine(process.stderr, `${host}: error: ${problem}`);
  return exitStatus(outcomes);
}

/** Null where a stack can't be read: its hosts are not known, so that a report would not be whole. */
async function hostsOf({ hosts, stacks }: ReportCall): Promise<MailHosts | null> {
  try {
    const found = await Promise.all(stacks.map(hostsOfStack));
    return {
      hosts: [...new Set([...hosts, ...found.flatMap((stack) => stack.hosts)])],
      nowhere: found.flatMap(({ nowhere }) => nowhere),
    };
  } catch (error) {
    writeLine(process.stderr, `mailhost: error: ${plain(error instanceof Error ? error.message : String(error))}`);
    return null;
  }
}

export function exitStatus(outcomes: readonly Outcome[]): number {
  const words = answered(outcomes).map(({ summary }) => summary.verdict.word);
  if (words.length < outcomes.length) return 1;
  if (words.includes("keep")) return 3;
  return words.every((word) => word === "retire") ? 0 : 4;
}

/** One that can't be asked is named in the report; the others are in it all the same. */
async function ask(host: string, call: ReportCall): Promise<Outcome> {
  const target = { host, become: call.become, options: call.options };
  try {
    const before = await evidenceOf(target, call);
    if (!call.knock) return { host, summary: summarize(before, call), knock: null };
    const made = await knock(target, call.port);
    await new Promise((resolve) => setTimeout(resolve, settle));
    const after = await evidenceOf(target, call);
    const saw = { counted: seen("counted", call.port, before, after), logged: seen("syn", call.port, before, after) };
    return { host, summary: summarize(after, call), knock: { ...made, ...saw } };
  } catch (error) {
    return { host, problem: plain(error instanceof Error ? error.message : String(error)) };
  }
}

async function evidenceOf(target: Target, { port, days }: ReportCall): Promise<Evidence> {
  const said: string[] = [];
  const tell = (line: string) => void said.push(line);
  const { status, reached, lines } = await runOnHost(target, { verb: "evidence", numbers: [port, days], tell });
  if (status !== 0) throw new EvidenceError(errorOf(target.host, said, reached));
  return parseEvidence(lines);
}
