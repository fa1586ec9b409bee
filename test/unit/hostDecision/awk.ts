import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe } from "vitest";

/** An awk as its command and the arguments that stand before all others. */
export type Awk = readonly [string, ...string[]];

/** Every awk that a host may have and this machine has. Where only one unknown awk is installed, that one. */
export const awks: readonly Awk[] = findAwks();

function findAwks(): Awk[] {
  const known: Awk[] = [["mawk"], ["gawk"], ["busybox", "awk"], ["original-awk"]];
  const found = known.filter(works);
  return found.length > 0 ? found : [["awk"]];
}

function works([command, ...args]: Awk): boolean {
  return spawnSync(command, [...args, "BEGIN { exit 7 }"]).status === 7;
}

/** A group of tests for each awk. */
export function withEachAwk(title: string, body: (awk: Awk) => void): void {
  describe.each(awks.map((awk) => ({ awk, called: awk.join(" ") })))(`${title} ($called)`, ({ awk }) => body(awk));
}

const sources = fileURLToPath(new URL("../../../src/host/", import.meta.url));

export function source(name: string): string {
  return `${sources}${name}`;
}

/** The parts of the decision in the order in which the host program joins them. */
export const decisionParts: readonly string[] = [
  ...(/"((?:\$awk_\w+)*\$awk_decide)"/.exec(readFileSync(source("apply.sh"), "utf8"))?.[1] ?? "").matchAll(
    /\$awk_(\w+)/g,
  ),
].map(([, name]) => source(`${name}.awk`));

/** The reader of policies, as arguments of an awk. */
export const policyReader: readonly string[] = ["policyShapes.awk", "policy.awk"].flatMap((name) => [
  "-f",
  source(name),
]);

export interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** As the host program runs an awk: in the C locale, where a character is a byte. */
export function runAwk([command, ...args]: Awk, rest: readonly string[], input: string | Buffer = ""): Run {
  const { status, stdout, stderr, error } = spawnSync(command, [...args, ...rest], {
    input,
    env: { PATH: process.env.PATH, LC_ALL: "C" },
    maxBuffer: 1 << 26,
    timeout: 60_000,
  });
  if (error !== undefined) throw error;
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}
