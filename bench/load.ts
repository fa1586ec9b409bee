// What each way of activation does to clients under steady load: `npm run bench:load`, or `-- 200 35` for 200 connections
// a second and 35 seconds to drain.
import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import type { Host } from "../test/lab/host.ts";
import { Lab } from "../test/lab/lab.ts";
import { Load, type LoadReport } from "../test/lab/load.ts";
import { checkout } from "../test/lab/places.ts";
import { sleep } from "../test/lab/run.ts";
import { columns } from "./measure.ts";
import { ON_HOST } from "./onHost.ts";

const [rate = 300, drainSeconds = 40] = process.argv.slice(2).map(Number);
if (![rate, drainSeconds].every((number) => Number.isInteger(number) && number > 0)) {
  process.stderr.write("usage: node bench/load.ts [CONNECTIONS-A-SECOND [SECONDS-TO-DRAIN]]\n");
  process.exit(2);
}

const STAYS = { idle: 20, chatty: 4, slow: 6, stalled: 2, dotted: 2 };
/** For one sender the answer to the final dot comes late, as from a slow filter. */
const LATE = `smtpd_end_of_data_restrictions = check_sender_access inline:{{late@client.test = sleep ${drainSeconds + 10}}}`;
/** The load goes on for a while before and after the change. */
const AROUND_MS = 3_000;

interface Outcome {
  report: LoadReport;
  delivered: Map<string, number>;
  /** When new connections had the new settings, in ms. */
  at: number;
  remaining: number;
  ended: number;
  told: number;
}

const kinds = { Drain: `drain ${drainSeconds}`, Reload: "reload", Restart: "restart" };
const outcomes = new Map<string, Outcome>();
const lab = await Lab.open();
try {
  for (const [name, activate] of Object.entries(kinds)) {
    process.stderr.write(`bench: ${name}\n`);
    const host = await lab.boot();
    outcomes.set(name, await underLoad(host, activate));
    await host.cutPower();
  }
} finally {
  await lab.close();
}
const rows = Object.entries(figures()).map(([name, figure]) => [name, ...[...outcomes.values()].map(figure)]);
process.stdout.write(`${columns([["", ...outcomes.keys()], ...rows])}\n\n`);
process.stdout.write(`${cpus().length} processors, load ${loadavg()[0]}, ${rate} connections a second asked for\n`);

async function underLoad(host: Host, activate: string): Promise<Outcome> {
  const program = `${ON_HOST}/mailhost.sh`;
  await host.must(`mkdir -p ${ON_HOST} && echo '${LATE}' >>/etc/postfix/main.cf && postfix reload`);
  await host.write(program, readFileSync(join(checkout, "dist/host/mailhost.sh"), "utf8"));
  const load = await Load.start(host, { rate, most: 40, stays: STAYS });
  try {
    await sleep(AROUND_MS);
    const began = Date.now();
    const { status, stdout, stderr } = await host.exec(`sh ${program} apply mx1`, { stdin: policy(activate) });
    if (status !== 0) throw new Error(stderr);
    const receipt = JSON.parse(stdout) as { activation: { at: string; remaining: number; ended: number } };
    // As long for each, so that their numbers compare.
    await sleep(Math.max(0, began + (drainSeconds + 5) * 1000 - Date.now()) + AROUND_MS);
    const report = await load.stop();
    const { at, remaining, ended } = receipt.activation;
    const told = stderr.match(/ended the idle session of/g)?.length ?? 0;
    return { report, delivered: await load.delivered(), at: Date.parse(at), remaining, ended, told };
  } finally {
    load.destroy();
  }
}

function policy(activate: string): string {
  const owner = "organization/bench/load/mailhost:index:PostfixHardening/mx1";
  return `policy   1\nowner    ${owner}\ntls      incoming >= TLSv1.2\nactivate ${activate}\ndestroy  keep\n`;
}

/** The seconds for which each idle session, or each other one that was open at the change, went on with the old settings. */
function onOldSettings({ report, at }: Outcome, idle: boolean): number[] {
  return report.stays
    .filter(({ kind }) => (kind === "idle") === idle)
    .map(({ endedAt }) => (endedAt - at) / 1000)
    .filter((seconds) => seconds > 0);
}

function longest(outcome: Outcome, idle: boolean): string {
  const left = leftAtTheEnd(outcome, idle);
  const seconds = Math.max(0, ...onOldSettings(outcome, idle)).toFixed(0);
  return left > 0 ? `over ${seconds}` : seconds;
}

/** Those that ended only with the load. */
function leftAtTheEnd({ report: { stays } }: Outcome, idle: boolean): number {
  return stays.filter(({ kind, ended }) => ended === undefined && (kind === "idle") === idle).length;
}

function cut({ report }: Outcome, idle: boolean): number {
  return report.stays.filter(({ kind, ended }) => ended !== undefined && (kind === "idle") === idle).length;
}

function figures(): Record<string, (outcome: Outcome) => string> {
  const times = (outcome: Outcome, wanted: (times: number) => boolean): string =>
    String(outcome.report.accepted.filter((id) => wanted(outcome.delivered.get(id) ?? 0)).length);
  return {
    "connections of the load": ({ report }) => String(report.connections),
    "connections refused": ({ report }) => String(report.refused),
    "transactions failed": ({ report }) => String(report.failed.length),
    "mails accepted": ({ report }) => String(report.accepted.length),
    "of these delivered exactly once": (outcome) => times(outcome, (count) => count === 1),
    "of these delivered more than once": (outcome) => times(outcome, (count) => count > 1),
    "of these lost": (outcome) => times(outcome, (count) => count === 0),
    "no answer to the final dot": ({ report }) => String(report.unanswered.length),
    "and delivered all the same": ({ report, delivered }) =>
      String(report.unanswered.filter((id) => delivered.has(id)).length),
    "idle sessions cut": (outcome) => String(cut(outcome, true)),
    "of these listed": ({ told }) => String(told),
    "other sessions cut": (outcome) => String(cut(outcome, false)),
    "sessions on old settings when the run ended": ({ remaining }) => String(remaining),
    "idle sessions on old settings, for at most, s": (outcome) => longest(outcome, true),
    "other sessions on old settings, for at most, s": (outcome) => longest(outcome, false),
    "longest connection of the load, ms": ({ report }) => String(report.longestMs),
  };
}
