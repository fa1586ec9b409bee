// A probe whose kernel really logs. In a guest the lines go to this machine's ring alone, and are relayed to the guest's file as
// rsyslog writes them; a prefix of its own keeps them apart from those of other tests.
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";
import { until } from "../lab/run.ts";
import { PROGRAM } from "./bench.ts";
import { ProbeBench } from "./probeBench.ts";

const SWITCH = "/proc/sys/net/netfilter/nf_log_all_netns";
let lab: Lab;
let bench: ProbeBench;
let relay: ChildProcess;
let before: string;
let prefix: string;

beforeAll(async () => {
  lab = await Lab.open();
  bench = new ProbeBench(await lab.boot());
  await bench.prepare();
  prefix = `LAB ${lab.id}: `;
  const file = join(bench.host.root, "var/log/kern.log");
  before = readFileSync(SWITCH, "utf8");
  writeFileSync(SWITCH, "1");
  relay = spawn("dmesg", ["--follow-new", "--notime"], { stdio: ["ignore", "pipe", "inherit"] });
  if (relay.stdout === null) throw new Error("no lines to relay");
  createInterface(relay.stdout).on("line", (line) => {
    if (line.includes(prefix)) appendFileSync(file, `${new Date().toISOString()} mx1 kernel: [1.000000] ${line}\n`);
  });
});
afterAll(async () => {
  relay.kill();
  writeFileSync(SWITCH, before);
  await lab.close();
});

test("a probe that is counted and logged is verified, and who came is kept as a network", async () => {
  const { state, warnings } = await bench.apply(`log debug ${prefix}|`);
  expect({ state, warnings }).toEqual({ state: "verified", warnings: [] });
  await bench.knock();
  const network = `${bench.host.clientAddress.replace(/\d+$/, "0")}/24`;
  const rows = await until("the row", async () => {
    const found = (await bench.host.must(`sh ${PROGRAM} evidence mx1 465 1`)).split("\n");
    return found.some((row) => row.includes(`\tsyn\t465\t-\t4\t${network}\t`)) ? found : undefined;
  });
  expect(rows.filter((row) => row.includes("\tsyn\t465\t"))).toHaveLength(1);
  expect(rows.some((row) => /\tcounted\t465\t/.test(row))).toBe(true);
  await bench.done("remove", `log debug ${prefix}|`);
});
