import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runAwk, source, withEachAwk } from "./awk.ts";

const programs = readdirSync(source("")).filter((name) => name.endsWith(".awk"));

/** The code of a program without comments, texts and patterns. */
function bare(text: string): string {
  return text.replace(/"(\\.|[^"\\])*"|(?<=[(,~&|!] ?)\/(\[[^\]]*\]|\\.|[^/\\[])+\/|^\s*#.*$/gm, '""');
}

describe.each(programs)("%s", (name) => {
  const code = bare(readFileSync(source(name), "utf8"));

  it("calls functions and sets variables as every awk reads it", () => {
    // busybox awk of Debian 11 takes `name (` for a call.
    const words = [...code.matchAll(/\b(\w+) \(/g)].map(([, word]) => word);
    expect(words.filter((word) => !/^(if|while|for|return|in|print|printf|else|do)$/.test(word ?? ""))).toEqual([]);
    // What only gawk has.
    expect(code).not.toMatch(/\b(gensub|strftime|systime|asort|asorti|PROCINFO|RT|IGNORECASE|FPAT|length [a-z])\b/);
    // mawk refuses a parameter with the name of a function that it read before.
    const functions = programs.flatMap((one) =>
      [...bare(readFileSync(source(one), "utf8")).matchAll(/^function (\w+)\(/gm)].map(([, called]) => called),
    );
    const parameters = [...code.matchAll(/^function \w+\((.*)\) \{$/gm)].flatMap(([, list]) => list?.split(", ") ?? []);
    expect(parameters.filter((parameter) => functions.includes(parameter))).toEqual([]);
  });

  it("has at most 300 lines", () => {
    expect(code.split("\n").length).toBeLessThanOrEqual(300);
  });
});

withEachAwk("texts in a ledger", (awk) => {
  it("are one line without a tab, and come out as they went in", () => {
    const directory = mkdtempSync(join(tmpdir(), "mailhost-encode-"));
    const program = join(directory, "program.awk");
    writeFileSync(program, 'BEGIN { RS = "\\001" } { text = encode($0); printf "%s\\n%s", text, decode(text) }\n');
    try {
      for (const text of ["a", "\\", "\\\\", "\\n", "a\tb\nc", "\\\t\\\n\\", "\n", "&\\&", "%s\\%", "ö\\ü"]) {
        const encoded = text.replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n");
        const { stdout, stderr } = runAwk(awk, ["-f", source("lines.awk"), "-f", program], `${text}\u0001`);
        expect({ stdout, stderr }).toEqual({ stdout: `${encoded}\n${text}`, stderr: "" });
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
