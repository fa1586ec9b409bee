// The kernel's lines through the journal alone: entries as journald stores them, written by systemd's own importer with the
// kernel's transport, for no guest may write to the kernel's log; read by the host's own journalctl.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { PROGRAM } from "./bench.ts";
import { ProbeBench, probePolicy } from "./probeBench.ts";

const STATE = "/var/lib/mailhost";
const IMPORT = "/lib/systemd/systemd-journal-remote";
let lab: Lab;
let host: Host;

beforeAll(async () => {
  lab = await Lab.open();
  host = await lab.boot({ kind: "logs" });
  await new ProbeBench(host).prepare();
  await host.must("systemctl disable --now syslog.socket rsyslog; rm -f /var/log/*.log /var/log/syslog");
});
afterAll(() => lab.close());

/** Journald keeps its files there, without an entry of before. */
async function keepIn(storage: "persistent" | "volatile"): Promise<void> {
  await host.must(`mkdir -p /etc/systemd/journald.conf.d && printf '[Journal]\\nStorage=${storage}\\n' >/etc/systemd/journald.conf.d/lab.conf
    rm -rf ${STATE} /var/log/journal /run/log/journal; systemctl restart systemd-journald; journalctl --flush
    mkdir -p ${STATE}/probes`);
  await host.write(`${STATE}/probes/465`, probePolicy());
  directory = `/${storage === "persistent" ? "var" : "run"}/log/journal/$(cat /etc/machine-id)`;
}

let directory = "";
let packets = 0;

/** As many of the kernel's lines of the probe's rule, of this moment and this boot. */
async function kernelLogs(count: number, file = "system-kernel"): Promise<void> {
  const now = Date.now() * 1_000;
  const boot = (await host.must("cat /proc/sys/kernel/random/boot_id")).trim().replaceAll("-", "");
  const machine = (await host.must("cat /etc/machine-id")).trim();
  const entries = Array.from({ length: count }, (_, i) => {
    packets += 1;
    const text = `SERVICE MONITORING: IN=host0 OUT= MAC=52:54 SRC=198.51.100.7 DST=192.0.2.1 LEN=60 PROTO=TCP SPT=${2_000 + packets} DPT=465 WINDOW=64240 RES=0x00 SYN URGP=0 `;
    const fields = {
      __REALTIME_TIMESTAMP: now + i,
      __MONOTONIC_TIMESTAMP: 1_000_000 + packets,
      _BOOT_ID: boot,
      _MACHINE_ID: machine,
      _HOSTNAME: "mx1",
      _TRANSPORT: "kernel",
      SYSLOG_FACILITY: 0,
      SYSLOG_IDENTIFIER: "kernel",
      PRIORITY: 7,
      MESSAGE: text,
    };
    return `${Object.entries(fields)
      .map(([name, value]) => `${name}=${value}\n`)
      .join("")}\n`;
  });
  await host.must(`mkdir -p ${directory} && ${IMPORT} -o ${directory}/${file}.journal - 2>/dev/null`, {
    stdin: entries.join(""),
  });
  const seen = `journalctl -q --no-pager -k -b -o cat | grep -c 'SPT=${2_000 + packets} '`;
  expect((await host.must(seen)).trim()).toBe("1");
  // A run reads up to the beginning of its own second.
  await host.must(`until [ $(date +%s) -gt ${Math.floor(now / 1e6)} ]; do sleep 0.1; done`);
}

async function collect(): Promise<{ lines: number; gaps: string[]; source: string }> {
  await host.must(`sh ${PROGRAM} collect mx1`);
  const rows = (await host.must(`cat ${STATE}/evidence/*-*-*.tsv`)).split("\n").map((row) => row.split("\t"));
  const state = await host.read(`${STATE}/evidence/state.tsv`);
  return {
    lines: rows.filter(([kind]) => kind === "syn").reduce((sum, row) => sum + Number(row[6]), 0),
    gaps: rows.filter(([kind]) => kind === "gap").map((row) => row[5] ?? ""),
    source: /^source\tkernel\t(.*)$/m.exec(state)?.[1] ?? "",
  };
}

beforeEach(() => {
  packets = 0;
});

test("each line of a persistent journal counts once, over a reboot and after its file was archived", async () => {
  await keepIn("persistent");
  await kernelLogs(3);
  expect(await collect()).toEqual({ lines: 3, gaps: [], source: "journal" });
  expect(await collect()).toEqual({ lines: 3, gaps: [], source: "journal" });
  await kernelLogs(2);
  expect((await collect()).lines).toBe(5);
  await kernelLogs(1);
  await host.reboot();
  await kernelLogs(4, "system-after");
  await host.must("journalctl --rotate");
  expect(await collect()).toEqual({ lines: 10, gaps: [], source: "journal" });
  expect((await collect()).lines).toBe(10);
});

test("a journal whose entries of the last run are gone goes on after them, and tells the gap", async () => {
  await keepIn("persistent");
  await kernelLogs(3);
  await collect();
  // Vacuumed: the cursor's entry, and all that came since.
  await kernelLogs(2);
  await host.must(
    `rm ${directory}/system-kernel.journal; journalctl --rotate; journalctl -q --vacuum-time=1s; systemctl restart systemd-journald`,
  );
  await kernelLogs(4, "system-new");
  expect(await collect()).toEqual({ lines: 7, gaps: ["kernel"], source: "journal" });
  expect((await collect()).lines).toBe(7);
});

test("a journal in memory alone loses what a reboot finds unread, which is told, and nothing counts twice", async () => {
  await keepIn("volatile");
  await kernelLogs(3);
  expect((await collect()).lines).toBe(3);
  await kernelLogs(2);
  await host.reboot();
  await kernelLogs(4);
  expect(await collect()).toEqual({ lines: 7, gaps: ["kernel"], source: "journal" });
  expect((await collect()).lines).toBe(7);
});
