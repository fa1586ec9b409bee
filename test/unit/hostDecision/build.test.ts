import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decisionParts, source } from "./awk.ts";

const tool = fileURLToPath(new URL("../../../tools/build-host-program.mjs", import.meta.url));

let directory: string;
let file: string;
let program: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "mailhost-build-"));
  file = join(directory, "mailhost.sh");
  execFileSync(process.execPath, [tool, directory]);
  program = readFileSync(file, "utf8");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("the host program as it is sent to hosts", () => {
  it("is the same file each time, and may be run", () => {
    execFileSync(process.execPath, [tool, directory]);
    expect(readFileSync(file, "utf8")).toBe(program);
    expect(statSync(file).mode & 0o777).toBe(0o755);
  });

  it("says at its top what it is, and has no other comment and no blank line", () => {
    const [shebang, header, directive, ...rest] = program.split("\n").slice(0, -1);
    expect(shebang).toBe("#!/bin/sh");
    expect(header).toMatch(/^# mailhost's host program/);
    expect(directive).toBe("# shellcheck disable=SC2016,SC3013");
    expect(rest.filter((line) => /^\s*(#|$)/.test(line))).toEqual([]);
  });

  it("holds each awk program as its source has it, quotes and backslashes too", () => {
    const names = readdirSync(source("")).filter((name) => name.endsWith(".awk"));
    const variables = program.slice(0, program.indexOf("\nstate="));
    for (const name of names) {
      const input = `${variables}\nprintf %s "$awk_${name.slice(0, -4)}"`;
      const held = execFileSync("sh", { input, encoding: "utf8" });
      const code = readFileSync(source(name), "utf8")
        .split("\n")
        .filter((line) => !/^\s*(#|$)/.test(line));
      expect(held).toBe(`${code.join("\n")}\n`);
    }
  });

  it("uses every awk program, so that none is sent for nothing", () => {
    const shell = program.slice(program.indexOf("\nstate="));
    const names = readdirSync(source("")).filter((name) => name.endsWith(".awk"));
    for (const name of names) expect(shell).toContain(`$awk_${name.slice(0, -4)}`);
    expect(decisionParts.length).toBeGreaterThan(10);
  });

  it.each(["sh", "bash", "dash", "busybox"])("is read by %s, and names its verbs where there is none", (shell) => {
    const words = shell === "busybox" ? ["sh"] : [];
    if (spawnSync(shell, [...words, "-c", "true"]).status !== 0) return;
    const { status, stderr } = spawnSync(shell, [...words, file, "nonsense", "mx1"], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr:
        'mx1: error: the verb is "nonsense"; use one of apply, plan, audit, remove, secrets, restore, restore-forget, restore-plan, collect, evidence, flow\n',
    });
  });
});
