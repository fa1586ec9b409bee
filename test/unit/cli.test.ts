import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "../../src/cli/command.ts";
import { restoreCall } from "../../src/cli/restore.ts";
import { type Become, destination, remoteCommand, sshWords } from "../../src/cli/ssh.ts";
import { plain, relay } from "../../src/cli/terminal.ts";
import { checkout } from "../lab/places.ts";

describe("the words of a call", () => {
  it.each<[string, object]>([
    ["mx1", { host: "mx1", yes: false, forgetGone: false, become: "none", options: [] }],
    ["root@192.0.2.1 --yes", { host: "root@192.0.2.1", yes: true }],
    ["mx1 --yes --forget-gone", { yes: true, forgetGone: true }],
    ["--yes --sudo mx1", { host: "mx1", yes: true, become: "sudo" }],
    ["mx1 --doas", { become: "doas" }],
    ["mx1 -o Port=2222 --ssh-option User=x -oCompression=yes", { options: ["Port=2222", "User=x", "Compression=yes"] }],
    ["ssh://root@[2001:db8::1]:22", { host: "ssh://root@[2001:db8::1]:22" }],
    ["2001:db8::1%eth0", { host: "2001:db8::1%eth0" }],
  ])("%s", (words, expected) => {
    expect(restoreCall(words.split(" "))).toMatchObject(expected);
  });

  it.each<[string[], RegExp]>([
    [[], /^HOST is missing; name one host$/],
    [["mx1", "mx2"], /^"mx2" is one host too many; name one host$/],
    [["mx1", "--sudo", "--doas"], /^--sudo and --doas are two ways/],
    [["mx1", "--force"], /--force/],
    [["--", "-oProxyCommand=id"], /^HOST is "-oProxyCommand=id"; use a name that ssh knows/],
    [["--", "-v"], /^HOST is "-v"/],
    [["root@-v"], /^HOST is "root@-v"/],
    [["ssh://-v"], /^HOST is /],
    [["mx1;id"], /^HOST is "mx1;id"/],
    [["$(id)"], /^HOST is /],
    [["mx 1"], /^HOST is /],
    [["mx1\nid"], /^HOST is "mx1\\nid"/],
    [[""], /^HOST is ""/],
  ])("%j is refused", (words, error) => {
    expect(() => restoreCall(words)).toThrow(UsageError);
    expect(() => restoreCall(words)).toThrow(error);
  });
});

it.each([
  ["stdout", ["report", "--help"], 0],
  ["stderr", ["nosuch"], 2],
] as const)(
  "a reader that closes %s of %j early changes nothing of the exit status",
  async (closed, words, expected) => {
    const child = spawn(process.execPath, [join(checkout, "dist/cli/main.js"), ...words]);
    child[closed].destroy();
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => said.push(text));
    const [status] = await once(child, "close");
    expect({ status, said }).toEqual({ status: expected, said: [] });
  },
);

describe("ssh is told where a host is in words that it takes", () => {
  /** As OpenSSH itself reads the words. */
  const heeded = (host: string, ...options: string[]): string[] => {
    const words = ["-F", "none", "-G", ...sshWords(options), ...destination(host)];
    const { stdout } = spawnSync("ssh", words, { encoding: "utf8" });
    return stdout.split("\n").filter((line) => /^(hostname|user|port) /.test(line));
  };

  it.each([
    ["root@mx1", ["user root", "hostname mx1", "port 22"]],
    ["ssh://deploy@mx1:2222", ["user deploy", "hostname mx1", "port 2222"]],
    ["root@2001:db8::1", ["user root", "hostname 2001:db8::1", "port 22"]],
    ["ssh://root@[2001:db8::1]:22", ["user root", "hostname 2001:db8::1", "port 22"]],
    ["ssh://deploy@[2001:db8::1]:2222/", ["user deploy", "hostname 2001:db8::1", "port 2222"]],
    ["ssh://root@[fe80::1%eth0]", ["user root", "hostname fe80::1%eth0", "port 22"]],
  ])("%s", (host, expected) => {
    expect(heeded(host).toSorted()).toEqual(expected.toSorted());
  });

  it("and the user's own options go before a port in the name, as they do in any other", () => {
    for (const host of ["ssh://root@mx1:2222", "ssh://root@[2001:db8::1]:2222"])
      expect(heeded(host, "Port=2200", "User=auditor")).toEqual(expect.arrayContaining(["port 2200", "user auditor"]));
  });
});

describe("ssh gives up", () => {
  /** As OpenSSH itself reads the words. */
  const heeded = (...options: string[]): string[] => {
    const { stdout } = spawnSync("ssh", ["-F", "none", ...sshWords(options), "-G", "mx1"], { encoding: "utf8" });
    return stdout.split("\n").filter((line) => /^(connecttimeout|serveralive)/.test(line));
  };

  it("a host that is silent for a minute", () => {
    expect(heeded()).toEqual(["serveralivecountmax 3", "serveraliveinterval 20", "connecttimeout 60"]);
  });

  it("when the user's own option says so", () => {
    expect(heeded("ServerAliveInterval=0", "ConnectTimeout=5")).toEqual([
      "serveralivecountmax 3",
      "serveraliveinterval 0",
      "connecttimeout 5",
    ]);
  });
});

describe("what another machine says", () => {
  it.each([
    ["\u001b[31mred\u001b[0m", "red"],
    ["\u001b]0;title\u0007text", "text"],
    ["\u009b2Jtext\u0085", "text"],
    ["a\rb\bc\u0000", "abc"],
    ["abc\u202edef", "abcdef"],
    ["tab\there, ü and €", "tab\there, ü and €"],
  ])("%j is shown as %j", (given, shown) => {
    expect(plain(given)).toBe(shown);
  });

  it("comes line by line, so that no escape or character is cut in two", async () => {
    const lines: string[] = [];
    const bytes = Buffer.from("one\u001b[31m two\nthrée\n\nend");
    await relay(Readable.from([...bytes].map((byte) => Buffer.of(byte))), (line) => lines.push(line));
    expect(lines).toEqual(["one two", "thrée", "", "end"]);
  });
});

describe("the command that a host's shell reads", () => {
  const shells = ["sh", "bash", "dash", "zsh", "fish", "csh"].filter(
    (shell) => spawnSync(shell, ["-c", "true"]).status === 0,
  );
  let tools: string;
  beforeEach(() => {
    tools = mkdtempSync(join(tmpdir(), "mailhost-cli-"));
    tool("id", "case $1 in -u) echo 0;; -un) echo deploy;; esac");
    tool("sudo", '[ "$1" = -n ] && shift && SUDO=1 exec "$@"');
  });
  afterEach(() => rmSync(tools, { recursive: true, force: true }));

  function tool(name: string, text: string): void {
    writeFileSync(join(tools, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(tools, name), 0o755);
  }

  const program = 'echo "$1 for $2 $3 $4 $SUDO"\nexit 7\n';
  function call(become: Become, { shell = "sh", host = "mx1" } = {}) {
    const env = { HOME: tools, PATH: `${tools}:${process.env.PATH}` };
    const input = `${host}\n${program}`;
    return spawnSync(shell, ["-c", remoteCommand({ verb: "restore", numbers: [465, 180] }, become)], {
      env,
      input,
      encoding: "utf8",
    });
  }

  it.each(shells)("runs the program that follows the host's name, by %s", (shell) => {
    const { status, stdout, stderr } = call("sudo", { shell });
    expect({ status, stdout, stderr }).toEqual({
      status: 7,
      stdout: "mailhost: begun\nrestore for mx1 465 180 1\n",
      stderr: "",
    });
    expect(call("none", { shell }).stdout).toBe("mailhost: begun\nrestore for mx1 465 180 \n");
  });

  it("never reads the host's name as more than a name", () => {
    expect(call("none", { host: "$(id) `id` ';id;'" }).stdout).toContain("for $(id) `id` ';id;' 465 180 \n");
  });

  it("says so where the login is not root, or does not become it", () => {
    tool("id", "case $1 in -u) echo 1000;; -un) echo deploy;; esac");
    tool("sudo", "exit 1");
    tool("doas", "exit 1");
    for (const [become, problem] of [
      ["none", "is not root; use --sudo or --doas"],
      ["sudo", "needs NOPASSWD in sudoers"],
      ["doas", "needs nopass in doas.conf"],
    ] as const)
      expect(call(become)).toMatchObject({
        status: 1,
        stdout: "mailhost: begun\n",
        stderr: `mx1: error: deploy ${problem}\n`,
      });
  });
});
