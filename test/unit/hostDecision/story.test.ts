import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { source } from "./awk.ts";

const shells = [["sh"], ["bash"], ["dash"], ["busybox", "sh"]].filter(
  ([shell = "", ...args]) => spawnSync(shell, [...args, "-c", "true"]).status === 0,
);
const program = `LC_ALL=C; export LC_ALL; host=$1; awk_visible=$2; ${readFileSync(source("story.sh"), "utf8")}\nsay "$3"`;

/** What stands on standard error after `say`. */
function said([shell = "", ...args]: string[], text: string, host = "mx1"): string {
  const awk = readFileSync(source("visible.awk"), "utf8");
  const { status, stderr } = spawnSync(shell, [...args, "-c", program, "sh", host, awk, text]);
  expect(status).toBe(0);
  return stderr.toString();
}

describe.each(shells.map((shell) => ({ shell, called: shell.join(" ") })))(
  "a line of the story, by $called",
  ({ shell }) => {
    it.each([
      ["done", "done"],
      ["a b  c 100% \\n \\033[2J 'q' \"q\" `x` $(x) *", "a b  c 100% \\n \\033[2J 'q' \"q\" `x` $(x) *"],
      ["Grüße ☃ 📬\u00a0é", "Grüße ☃ 📬\u00a0é"],
      ["\u001b]0;title\u0007\u001b[31mred", "?]0;title??[31mred"],
      ["a\u009b31mb\u007fc\rd\te", "a?31mb?c?d?e"],
      ["\u202eevil\u2066\u2028\u2030\u2065", "?evil??\u2030\u2065"],
      ["two\nlines", "two lines"],
      ["-n", "-n"],
    ])("is %j as %j", (text, shown) => {
      expect(said(shell, text)).toBe(`mx1: ${shown}\n`);
    });

    it("names a host as safely", () => expect(said(shell, "done", "a\u001b[1mb")).toBe("a?[1mb: done\n"));
  },
);
