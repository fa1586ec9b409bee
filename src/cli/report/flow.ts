// `mailhost report --ipv6`: incoming mail over IPv4 and IPv6, against the days on which waves were published.
import { type Flow, type FlowDay, type FlowDomain, type Split, sum, summarizeFlow, total } from "../../evidence/flow";
import { EvidenceError, parseFlow } from "../../evidence/parse";
import { UsageError } from "../command";
import { sideBySide } from "../sideBySide";
import { errorOf, runOnHost, type Target } from "../ssh";
import type { MailHosts } from "../stack";
import { aligned, plain, writeLine } from "../terminal";
import { cell } from "./escape";

/** A day to look at. */
export interface Mark {
  kind: "wave" | "safe";
  day: string;
}

export interface FlowCall {
  days: number;
  marks: Mark[];
  format: string;
  become: Target["become"];
  options: string[];
}

type FlowOutcome = { host: string; flow: Flow } | { host: string; problem: string };

const words = { wave: "wave published", safe: "old answers have run out" };
const shownDomains = 20;

export function markOf(kind: Mark["kind"], text: string): Mark {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // A day that no month has would become another.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text)
    throw new UsageError(`--${kind} is ${JSON.stringify(text)}; use a day such as 2026-11-20`);
  return { kind, day: text };
}

export async function runFlow({ hosts, nowhere }: MailHosts, call: FlowCall, together: number): Promise<number> {
  const outcomes = [...(await sideBySide(hosts, together, (host) => ask(host, call))), ...nowhere];
  writeLine(process.stdout, flowText(outcomes, call).trimEnd());
  for (const outcome of outcomes)
    if ("problem" in outcome) writeLine(process.stderr, `${outcome.host}: error: ${outcome.problem}`);
  return outcomes.some((outcome) => "problem" in outcome) ? 1 : 0;
}

async function ask(host: string, { become, options, days }: FlowCall): Promise<FlowOutcome> {
  const said: string[] = [];
  try {
    const tell = (line: string) => void said.push(line);
    const { status, reached, lines } = await runOnHost(
      { host, become, options },
      { verb: "flow", numbers: [days], tell },
    );
    if (status !== 0) throw new EvidenceError(errorOf(host, said, reached));
    return { host, flow: summarizeFlow(parseFlow(lines), days) };
  } catch (error) {
    return { host, problem: plain(error instanceof Error ? error.message : String(error)) };
  }
}

export function flowText(
  outcomes: readonly FlowOutcome[],
  { format, marks }: Pick<FlowCall, "format" | "marks">,
): string {
  if (format === "json") return json(outcomes, marks);
  if (format === "csv") return csv(outcomes);
  return outcomes
    .map((outcome) =>
      "flow" in outcome ? table(outcome.host, outcome.flow, marks) : [`${outcome.host}: not asked: ${outcome.problem}`],
    )
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

const head = ["CONN 4", "CONN 6", "IN 4", "IN 6", "IN 6 %", "4XX 4", "4XX 6", "5XX 4", "5XX 6"];

function table(host: string, flow: Flow, marks: readonly Mark[]): string[] {
  const days = aligned([["DAY", ...head, ""], ...flow.history.map((day) => dayRow(day, marks))]);
  const domains = flow.domains.slice(0, shownDomains).map(domainRow);
  const more = flow.domains.length - domains.length;
  return [
    `${host}: mail that came in on port 25 over IPv4 and IPv6 in ${flow.days} days`,
    ...(flow.source === "none" ? ["  this host has neither a journal nor a mail log"] : []),
    ...days.map(indented),
    "  CONN connections, IN accepted mail, 4XX refused for now, 5XX refused; ? no log of that day, * part of it",
    ...comparisons(flow, marks).map(indented),
    ...(domains.length === 0
      ? []
      : ["", ...aligned([["DOMAIN", ...head.slice(2), "FIRST OVER IPv6"], ...domains]).map(indented)]),
    ...(more > 0 ? [`  and ${more} more; --csv has all`] : []),
  ];
}

function indented(line: string): string {
  return `  ${line}`;
}

function dayRow(of: FlowDay, marks: readonly Mark[]): string[] {
  const notes = marks.filter(({ day }) => day === of.day).map(({ kind }) => words[kind]);
  const note = notes.length === 0 ? "" : `<- ${notes.join(", ")}`;
  if (of.covered === 0 && total(of.connections) + total(of.accepted) === 0)
    return [of.day, ...head.map(() => "?"), note];
  const mark = of.covered < 80_000 ? "*" : "";
  return [`${of.day}${mark}`, ...numbers(of.connections), ...fateCells(of), note];
}

function domainRow(of: FlowDomain): string[] {
  return [plain(of.domain ?? "(none named)"), ...fateCells(of), of.firstIpv6 ?? "-"];
}

function fateCells({ accepted, deferred, rejected }: Pick<FlowDay, "accepted" | "deferred" | "rejected">): string[] {
  return [...numbers(accepted), share(accepted), ...numbers(deferred), ...numbers(rejected)];
}

function numbers({ ipv4, ipv6 }: Split): string[] {
  return [`${ipv4}`, `${ipv6}`];
}

/** Of all how much came over IPv6. */
function share(of: Split): string {
  return total(of) === 0 ? "-" : `${Math.round((of.ipv6 / total(of)) * 100)} %`;
}

/** One sentence for each wave: the days from it on against those before. */
function comparisons({ history }: Flow, marks: readonly Mark[]): string[] {
  return marks
    .filter(({ kind }) => kind === "wave")
    .map(({ day }) => {
      const [before, after] = [history.filter((of) => of.day < day), history.filter((of) => of.day >= day)];
      const accepted = (days: FlowDay[]) => share(sum(days.map((of) => of.accepted)));
      return `since ${day}: ${accepted(after)} of the mail over IPv6, ${accepted(before)} before; refused ${refused(after, "ipv6")} over IPv6, ${refused(after, "ipv4")} over IPv4`;
    });
}

/** Of what was offered over a family, how much was refused for good. */
function refused(days: readonly FlowDay[], family: keyof Split): string {
  const rejected = sum(days.map((of) => of.rejected))[family];
  return share({ ipv6: rejected, ipv4: sum(days.map((of) => of.accepted))[family] });
}

function json(outcomes: readonly FlowOutcome[], marks: readonly Mark[]): string {
  const hosts = outcomes.map((outcome) => {
    if ("problem" in outcome) return { host: outcome.host, error: outcome.problem };
    const { time, ...rest } = outcome.flow;
    return {
      host: outcome.host,
      error: null,
      time: new Date(time * 1_000).toISOString().replace(".000Z", "Z"),
      ...rest,
    };
  });
  return JSON.stringify({ format: 1, marks, hosts }, null, 2);
}

/** One line a host and domain; one for a host without any, with the reason where it was not asked. */
function csv(outcomes: readonly FlowOutcome[]): string {
  const columns = ["accepted", "deferred", "rejected"] as const;
  const first = [
    "host",
    "domain",
    ...columns.flatMap((name) => [`${name}_ipv4`, `${name}_ipv6`]),
    "first_over_ipv6",
    "why",
  ];
  const rows = outcomes.flatMap((outcome) => {
    const without = (why: string) => [[outcome.host, ...first.slice(2).map(() => ""), why]];
    if ("problem" in outcome) return without(outcome.problem);
    if (outcome.flow.domains.length === 0) return without("no mail in these days");
    return outcome.flow.domains.map((of) => [
      outcome.host,
      of.domain ?? "",
      ...columns.flatMap((name) => numbers(of[name])),
      of.firstIpv6 ?? "",
      "",
    ]);
  });
  return [first, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
}
