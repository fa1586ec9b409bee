import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Privilege } from "../../src/connectionArgs.ts";
import { installedCall, programCall, type Verb } from "../../src/hostProgram.ts";

const content = 'echo "$0 $*"; cat; exit 3\n';
const hash = createHash("sha256").update(content).digest("hex").slice(0, 32);
const program = { file: "", hash, upload: ".mailhost-000000000000-11111111.sh" };
const shells = ["sh", "bash", "dash", "zsh", "fish", "csh"].filter(
  (shell) => spawnSync(shell, ["-c", "true"]).status === 0,
);

let home: string;
let kept: string;
let tools: string;

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), "mailhost-call-"));
  home = join(root, "home");
  kept = join(root, "var");
  tools = join(root, "bin");
  for (const directory of [home, tools]) mkdirSync(directory);
  writeFileSync(join(home, program.upload), content);
  tool("id", "case $1 in -u) echo 0;; -un) echo deploy;; esac");
  tool("sudo", '[ "$1" = -n ] && shift && SUDO=1 exec "$@"');
});
afterEach(() => rmSync(join(home, ".."), { recursive: true, force: true }));

/** A program that the call finds before the system's own. */
function tool(name: string, text: string): void {
  writeFileSync(join(tools, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(tools, name), 0o755);
}

/** As sshd runs a command: by the login shell, with the policy on standard input. */
function call(privilege: Privilege = Privilege.None, shell = "sh", verb: Verb = "apply") {
  const text = programCall(program, privilege, verb, "mx1.example.com").replaceAll("/var/lib/mailhost", kept);
  const env = { HOME: home, PATH: `${tools}:${process.env.PATH}` };
  return spawnSync(shell, ["-c", text], { cwd: "/", env, input: "policy   1\n", encoding: "utf8" });
}

const copy = () => join(kept, "bin", program.upload);

describe("the call of the host program", () => {
  it.each(shells)("runs a copy of the upload and hands on input, output and exit status, by %s", (shell) => {
    const { stdout, stderr, status } = call(Privilege.None, shell);
    expect({ stdout, stderr, status }).toEqual({
      stdout: `${copy()} apply mx1.example.com\npolicy   1\n`,
      stderr: "",
      status: 3,
    });
    expect(statSync(kept).mode & 0o777).toBe(0o711);
    expect(statSync(join(kept, "bin")).mode & 0o777).toBe(0o700);
  });

  it("becomes root by sudo and loses nothing of its input on the way", () => {
    writeFileSync(join(home, program.upload), content);
    expect(call(Privilege.Sudo)).toMatchObject({ stdout: `${copy()} apply mx1.example.com\npolicy   1\n`, status: 3 });
  });

  it("needs the upload only once", () => {
    call();
    rmSync(join(home, program.upload));
    expect(call()).toMatchObject({ status: 3, stderr: "" });
  });

  it.each([
    ["before it", ".00000000", ".11111111"],
    ["after it", ".11111111", ".00000000"],
    ["with blanks in its name, before it", " -t .", ".11111111"],
  ])("takes the right upload where a cut one lies %s", (_, cut, right) => {
    rmSync(join(home, program.upload));
    writeFileSync(join(home, `${program.upload}${cut}`), content.slice(0, 9));
    writeFileSync(join(home, `${program.upload}${right}`), content);
    expect(call()).toMatchObject({ status: 3, stderr: "" });
  });

  it("does not run another program under that name, and takes the right one the next time", () => {
    writeFileSync(join(home, program.upload), "echo evil\n");
    expect(call()).toMatchObject({ stdout: "", stderr: "mx1.example.com: no program; raise repair\n", status: 65 });
    writeFileSync(join(home, program.upload), content);
    expect(call().status).toBe(3);
  });

  it("takes the upload again where a kill left half a copy", () => {
    call();
    writeFileSync(copy(), content.slice(0, 9));
    writeFileSync(join(home, program.upload), content);
    expect(call()).toMatchObject({ status: 3, stderr: "" });
  });

  it.each(["ledger", "probes", "dns"])("never takes a removal for done while its %s is there", (left) => {
    mkdirSync(join(kept, left), { recursive: true });
    rmSync(join(home, program.upload), { force: true });
    expect(call(Privilege.None, "sh", "remove")).toMatchObject({
      status: 65,
      stderr: expect.stringContaining("no program; raise repair"),
    });
    expect(existsSync(join(kept, left))).toBe(true);
  });

  it("takes a removal for done beside what is nobody's", () => {
    for (const left of ["evidence", "lock", "run.bindns", "drain.7"]) mkdirSync(join(kept, left), { recursive: true });
    rmSync(join(home, program.upload), { force: true });
    expect(call(Privilege.None, "sh", "remove")).toMatchObject({ status: 0, stdout: "", stderr: "" });
  });

  it("has nothing to do where a removal was done already, but to clear what its kill left", () => {
    mkdirSync(`${kept}.gone`);
    expect(call(Privilege.None, "sh", "remove")).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(existsSync(kept) || existsSync(`${kept}.gone`)).toBe(false);
  });

  it("does not run a copy that was changed", () => {
    call();
    rmSync(join(home, program.upload));
    writeFileSync(copy(), "echo evil\n");
    expect(call()).toMatchObject({ stdout: "", status: 65 });
  });

  it("says what to do where the upload is missing", () => {
    rmSync(join(home, program.upload));
    const { stderr, status } = call();
    expect(stderr).toMatch(/\nmx1\.example\.com: no program; raise repair\n$/);
    expect(status).toBe(65);
  });

  it("says so where the login is not root", () => {
    tool("id", "case $1 in -u) echo 1000;; -un) echo deploy;; esac");
    expect(call()).toMatchObject({
      stdout: "",
      stderr: "mx1.example.com: deploy is not root; set privilege\n",
      status: 1,
    });
    expect(existsSync(kept)).toBe(false);
  });

  it("says so where sudo asks for a password, after what sudo says itself", () => {
    tool("sudo", "echo 'sudo: a password is required' >&2; exit 1");
    expect(call(Privilege.Sudo)).toMatchObject({
      stdout: "",
      stderr: "sudo: a password is required\nmx1.example.com: deploy needs NOPASSWD in sudoers\n",
      status: 1,
    });
  });

  it("says so where there is no doas", () => {
    tool("doas", "echo 'doas: Operation not permitted' >&2; exit 1");
    expect(call(Privilege.Doas).stderr).toMatch(/mx1\.example\.com: deploy needs nopass in doas\.conf\n$/);
  });

  it("passes shellcheck where there is one", () => {
    if (spawnSync("shellcheck", ["--version"]).status !== 0) return;
    const text = programCall(program, Privilege.Sudo, "apply", "mx1.example.com");
    // The two texts are quoted on purpose: the shells that they are for expand them.
    execFileSync("shellcheck", ["-s", "sh", "-e", "SC2016", "-"], { input: text });
    expect(readFileSync(join(home, program.upload), "utf8")).toBe(content);
  });
});

describe("the call of a program that root installed", () => {
  const installed = () => join(tools, "mailhost");
  const run = (privilege: Privilege, shell = "sh") => {
    const env = { HOME: home, PATH: `${tools}:${process.env.PATH}` };
    const text = installedCall(installed(), privilege, "apply", "mx1.example.com");
    return spawnSync(shell, ["-c", text], { cwd: "/", env, input: "policy   1\n", encoding: "utf8" });
  };

  it.each(shells)("hands on arguments, input, output and exit status, by %s", (shell) => {
    tool("mailhost", content);
    tool("sudo", '[ "$2" = -l ] && exit 0; shift; exec "$@"');
    for (const privilege of [Privilege.None, Privilege.Sudo]) {
      const { stdout, stderr, status } = run(privilege, shell);
      const [head, ...input] = stdout.split("\n");
      expect({ head, input, stderr, status }).toEqual({
        head: `${installed()} apply mx1.example.com`,
        input: ["policy   1", ""],
        stderr: "",
        status: 3,
      });
    }
  });

  it("says so where it is not there, or is no program", () => {
    const line = `mx1.example.com: no program at ${installed()}; root must install it first\n`;
    expect(run(Privilege.None)).toMatchObject({ stdout: "", stderr: line, status: 65 });
    tool("mailhost", content);
    chmodSync(installed(), 0o644);
    expect(run(Privilege.Sudo)).toMatchObject({ stdout: "", stderr: line, status: 65 });
  });

  it("says so where sudo does not allow it, but not where the program itself fails", () => {
    const line = `mx1.example.com: deploy needs NOPASSWD in sudoers for ${installed()} apply mx1.example.com\n`;
    tool("mailhost", "echo no >&2; exit 1");
    tool("sudo", '[ "$2" = -l ] && exit 0; shift; exec "$@"');
    expect(run(Privilege.Sudo)).toMatchObject({ stderr: "no\n", status: 1 });
    tool("sudo", "echo 'sudo: a password is required' >&2; exit 1");
    expect(run(Privilege.Sudo)).toMatchObject({ stderr: `sudo: a password is required\n${line}`, status: 1 });
  });
});
