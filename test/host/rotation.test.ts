// Evidence through real log rotation: Debian's logrotate with rsyslog's own configuration, and the other ways in which sites set it up.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { until } from "../lab/run.ts";
import { ACCOUNT, SmtpClient } from "../lab/smtp.ts";
import { PROGRAM } from "./bench.ts";
import { ProbeBench } from "./probeBench.ts";

const STATE = "/var/lib/mailhost";
const CONFIG = "/etc/logrotate.d/rsyslog";
let lab: Lab;
let host: Host;
let debians: string;

beforeAll(async () => {
  lab = await Lab.open();
  host = await lab.boot({ kind: "logs" });
  await new ProbeBench(host).prepare();
  debians = await host.read(CONFIG);
});
afterAll(() => lab.close());

beforeEach(async () => {
  await host.must(`rm -rf ${STATE} /var/log/mail.log* /var/log/syslog* /var/log/kern.log* /var/lib/logrotate/status
    /usr/lib/rsyslog/rsyslog-rotate; mkdir -p ${STATE}/probes`);
  const probe = ["owner    org/mail/dev/mailhost:index:Smtps465Probe/mx", "probe    tcp 465", "retain   400"];
  await host.write(`${STATE}/probes/465`, `policy   1\n${probe.join("\n")}\n`);
  await logins(1);
  await collect();
  // The first run also finds in the journal what came before these files.
  found = 0;
  found = (await evidence()).logins;
});

let found = 0;
const collect = (): Promise<string> => host.must(`sh ${PROGRAM} collect mx1`);
// Names by the second are taken where two rotations are of one.
const rotate = (): Promise<string> => host.must(`until logrotate -f ${CONFIG}; do sleep 0.2; done`);

/** Ends of sessions in all files of the log, whatever became of them. */
async function inFiles(): Promise<number> {
  const text = await host.must(`cd /var/log && for file in mail.log*; do
      case $file in *.gz) zcat $file ;; *.xz) xzcat $file ;; *.zst) zstdcat $file ;; *) cat $file ;; esac
    done 2>/dev/null | grep -c 'smtps/smtpd.*: disconnect.* auth=1' || true`);
  return Number(text);
}

/** Logins on 465, to the last line of the last in the log. */
async function logins(count: number): Promise<void> {
  const before = await inFiles();
  for (let n = 0; n < count; n += 1) {
    const client = await SmtpClient.connect(host, { port: 465, tls: "wrapper", login: ACCOUNT });
    await client.quit();
  }
  await until("the log", async () => (await inFiles()) >= before + count || undefined);
}

/** Since the test began. */
async function evidence(): Promise<{ logins: number; gaps: string[] }> {
  const rows = (await host.must(`cat ${STATE}/evidence/*-*-*.tsv`)).split("\n").map((row) => row.split("\t"));
  const all = rows.filter(([kind]) => kind === "login").reduce((sum, row) => sum + Number(row[6]), 0);
  return {
    logins: all - found,
    gaps: rows.filter(([kind]) => kind === "gap").map((row) => row[5] ?? ""),
  };
}

const more = (...lines: string[]) => `\tdelaycompress\n${lines.map((line) => `\t${line}\n`).join("")}`;

test.each<[string, string]>([
  ["as Debian sets it up", more()],
  ["compressed at once", ""],
  ["named by the second", more("dateext", "dateformat -%Y%m%d-%s")],
  ["xz", more("compresscmd /usr/bin/xz", "compressext .xz")],
  ["zstd, at once", "\tcompresscmd /usr/bin/zstd\n\tcompressoptions -q --rm\n\tcompressext .zst\n"],
])("each login counts once through logrotate: %s", async (_, lines) => {
  await host.write(CONFIG, debians.replace("\tdelaycompress\n", lines));
  await logins(1);
  // Lines come while it rotates.
  await Promise.all([logins(3), rotate()]);
  await logins(1);
  await collect();
  expect(await evidence()).toEqual({ logins: 5, gaps: [] });
  // A new file without a line yet; two rotations between two runs; and two runs without a line.
  await rotate();
  await collect();
  await logins(1);
  await rotate();
  await logins(1);
  await rotate();
  await collect();
  await logins(1);
  await collect();
  await collect();
  expect(await evidence()).toEqual({ logins: 8, gaps: [] });
});

test.each([
  ["and kept for a day", more("copytruncate")],
  ["and compressed at once", "\tcopytruncate\n"],
])("each login counts once where the log is copied and truncated, %s", async (_, lines) => {
  await host.write(CONFIG, debians.replace("\tdelaycompress\n", lines));
  await logins(1);
  await rotate();
  await collect();
  await logins(2);
  await rotate();
  await logins(2);
  await rotate();
  await logins(3);
  await collect();
  expect(await evidence()).toEqual({ logins: 8, gaps: [] });
});

test("what was rotated away before it was read is a gap, and the rest counts once", async () => {
  await host.write(CONFIG, debians.replace("rotate 4", "rotate 1"));
  // What came in the second of the last line that was read is not told from it.
  await host.must("sleep 1.1");
  await logins(2);
  await rotate();
  await logins(1);
  await rotate();
  await logins(1);
  await rotate();
  await logins(1);
  const left = await inFiles();
  expect(left).toBe(2);
  await collect();
  expect(await evidence()).toEqual({ logins: left, gaps: ["log"] });
  await collect();
  expect((await evidence()).logins).toBe(left);
});
