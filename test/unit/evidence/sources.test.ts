// Which files the collector takes for Postfix's log.
import { spawnSync } from "node:child_process";
import { afterEach, expect, it } from "vitest";
import { Collector, session } from "./collector.ts";

let collector: Collector;
afterEach(() => collector.remove());

const LOGIN = session("2026-11-25T11:00:00Z", 1, "x[192.0.2.1]", "bob");

/** A run as cron starts it: its output is a pipe. What it said, and how it ended. */
function run(): { stdout: string; stderr: string } {
  const command = `{ timeout 20 sh ${collector.scriptFile("collect_now")}; echo "ended $?"; } | cat`;
  const { stdout, stderr } = spawnSync("sh", ["-c", command], { encoding: "utf8", env: collector.env });
  return { stdout, stderr };
}
const DONE = { stdout: "ended 0\n", stderr: "" };

it.each(["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])("never its own output, where maillog_file is %s", (file) => {
  collector = new Collector({ maillogFile: file });
  expect(run()).toEqual(DONE);
  expect(collector.run("cat $evidence/state.tsv")).toMatch(/^source\tmail\tnone$/m);
  collector.write("mail.log", ...LOGIN);
  expect(run()).toEqual(DONE);
  expect(collector.total("login")).toBe(1);
});

it("no pipe", () => {
  collector = new Collector({ maillogFile: "pipe" });
  collector.in("mkfifo pipe");
  expect(run()).toEqual(DONE);
});

it("a file of another name, also one that was just renamed", () => {
  collector = new Collector({ maillogFile: "postfix.log" });
  collector.write("postfix.log", ...LOGIN);
  collector.in("mv postfix.log postfix.log.1");
  collector.collect();
  expect(collector.total("login")).toBe(1);
});
