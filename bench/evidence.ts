// How long the collector needs for a syslog of 1 GB, against `grep -c` of it: `npm run bench:evidence`, or `-- 5 200` for five runs of 200 MB.
import { cpus, loadavg } from "node:os";
import { writeBigLog } from "../test/unit/evidence/bigLog.ts";
import { Collector } from "../test/unit/evidence/collector.ts";
import { type Cost, costOf } from "../test/unit/evidence/cost.ts";
import { Figures, table } from "./measure.ts";

const runs = Number(process.argv[2] ?? 3);
const megabytes = Number(process.argv[3] ?? 1_000);
if (!(runs >= 1) || !(megabytes >= 1)) {
  process.stderr.write("usage: node bench/evidence.ts [RUNS [MEGABYTES]]\n");
  process.exit(2);
}

const figures = new Figures();
const ratios: Record<string, string[]> = {};
for (let run = 0; run < runs; run += 1) {
  // Postfix logs no handshakes by default, and all with smtpd_tls_loglevel = 1.
  measure("no TLS lines", false);
  measure("TLS lines", true);
  measureFlow();
}
const about = { awk: "mawk", processors: cpus().length, load: loadavg()[0], ratios };
process.stdout.write(`${table(figures.all())}\n\n${JSON.stringify(about)}\n`);

function measure(name: string, handshakes: boolean): void {
  const collector = new Collector();
  try {
    const log = collector.path("mail.log");
    const {
      bytes,
      mails: _,
      ...written
    } = writeBigLog(log, { size: megabytes * 1e6, end: collector.now - 3_600, handshakes });
    grep(collector);
    const before = grep(collector);
    const cost = costOf(["sh", collector.scriptFile("kernel_files() { mail_files; }; collect_now")], collector.env);
    const after = grep(collector);
    const found = { tls: collector.total("tls"), scans: collector.total("syn"), logins: collector.total("login") };
    if (JSON.stringify(found) !== JSON.stringify(written))
      throw new Error(`${JSON.stringify(found)} of ${JSON.stringify(written)}`);
    const size = `${Math.round(bytes / 1e6)} MB, ${name}`;
    add(`grep -c of ${size}`, before);
    add(`the collector's first run, ${size}`, cost);
    addRatio(name, cost, before, after);
  } finally {
    collector.remove();
  }
}

/** Incoming mail is counted only where someone asked for it. */
function measureFlow(): void {
  const collector = new Collector();
  try {
    const log = collector.path("mail.log");
    const { bytes, mails } = writeBigLog(log, { size: megabytes * 1e6, end: collector.now - 3_600, handshakes: false });
    grep(collector);
    const before = grep(collector);
    const cost = costOf(["sh", collector.scriptFile("flow 400 >/dev/null")], collector.env);
    const after = grep(collector);
    const found = collector
      .run("flow 400")
      .split("\n")
      .map((row) => row.split("\t"));
    const accepted = found.filter(([, kind]) => kind === "accepted").reduce((sum, row) => sum + Number(row[7]), 0);
    if (accepted !== mails) throw new Error(`${accepted} of ${mails} mails`);
    add(`incoming mail, the first run, ${Math.round(bytes / 1e6)} MB`, cost);
    addRatio("incoming mail", cost, before, after);
  } finally {
    collector.remove();
  }
}

function addRatio(name: string, cost: Cost, before: Cost, after: Cost): void {
  const ratio = (what: "milliseconds" | "processor") => ((2 * cost[what]) / (before[what] + after[what])).toFixed(2);
  ratios[name] = [...(ratios[name] ?? []), `${ratio("milliseconds")} (processor ${ratio("processor")})`];
}

function add(name: string, { milliseconds, processor, peak }: Cost): void {
  figures.add(name, "ms", Math.round(milliseconds));
  figures.add(`${name}, processor`, "ms", Math.round(processor));
  figures.add(`${name}, largest process`, "kB", peak);
}

function grep(collector: Collector): Cost {
  return costOf(["grep", "-c", "SERVICE MONITORING: ", collector.path("mail.log")], collector.env);
}
