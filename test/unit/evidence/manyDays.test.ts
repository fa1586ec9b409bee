// A year of day files: those too old go, the others are read, all or with an error, and it takes no more processes than a day.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Collector } from "./collector.ts";

const DAY = 86_400;
let collector: Collector;

beforeEach(() => {
  collector = new Collector();
  collector.write("mail.log", "Nov 25 11:00:00 mx1 postfix/smtpd[1]: connect from a.example[192.0.2.1]");
});
afterEach(() => collector.remove());

const fileOf = (ago: number): string =>
  join(
    collector.dir,
    "state/evidence",
    `${new Date((collector.now - ago * DAY) * 1_000).toISOString().slice(0, 10)}.tsv`,
  );

function writeDay(ago: number): void {
  const time = collector.now - ago * DAY;
  const row = ["syn", 465, "-", 4, "198.51.100.0/24", "-", 1, time, time].join("\t");
  writeFileSync(fileOf(ago), `# mailhost evidence 1\n${row}\n`);
}

/** How often a report calls one of the tools that it does all its work with. */
function calls(): number {
  const file = join(collector.dir, "calls");
  writeFileSync(file, "");
  const counted = ["awk", "sort", "head", "cut", "grep", "sed"].map(
    (tool) => `${tool}() { echo >>${file}; command ${tool} "$@"; }`,
  );
  collector.run([...counted, "take_evidence_lock() { :; }; evidence 465 399 >/dev/null"].join("\n"));
  return readFileSync(file).length;
}

it("is no more work than a few days", () => {
  for (const ago of [1, 2, 3]) writeDay(ago);
  collector.run("collect_now");
  const few = calls();
  expect(few).toBeGreaterThan(10);
  for (let ago = 4; ago < 390; ago += 1) writeDay(ago);
  expect(calls()).toBe(few);
  expect(collector.evidence(465, 399).filter((line) => line.includes("\tsyn\t"))).toHaveLength(389);
});

it("keeps what the policy retains, and forgets older days", () => {
  for (const ago of [399, 400, 401, 900]) writeDay(ago);
  collector.run("collect_now");
  expect([399, 400, 401, 900].map((ago) => existsSync(fileOf(ago)))).toEqual([true, true, false, false]);
});

it("says that the days can't be read, for half of them would look like all", () => {
  writeDay(1);
  const broken = 'awk() { case "$*" in *FILENAME*) return 2 ;; esac; command awk "$@"; }';
  const command = [broken, "take_evidence_lock() { :; }", "evidence 465 399 >/dev/null"].join("\n");
  expect(() => collector.run(command)).toThrow(/error: can't read the days in /);
});
