// The stand-in's Command against a real sshd: verbs, input, output, how commands end, the log.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Provider, startProvider } from "./harness.ts";
import { COMMAND, failure, to } from "./reach.ts";
import { type SshHost, startSshHost } from "./sshHosts.ts";
import { UNKNOWN, type Values } from "./values.ts";

let host: SshHost;
let provider: Provider;
let connection: Values;

beforeAll(async () => {
  host = await startSshHost(["AcceptEnv GREETING PULUMI_COMMAND_STDOUT"]);
  provider = await startProvider();
  connection = to(host);
});

afterAll(async () => {
  provider?.stop();
  await host?.stop();
});

const create = (inputs: Values) => provider.create(COMMAND, { connection, ...inputs }).then(({ state }) => state);
const logged = () => provider.log.splice(0).map(({ message }) => message);

describe("verbs", () => {
  test("create runs create; an id is the name and eight digits", async () => {
    const { id, state } = await provider.create(COMMAND, { connection, create: "echo one; echo two >&2" });
    expect(id).toMatch(/^name[0-9a-f]{8}$/);
    expect(state).toEqual({ connection, create: "echo one; echo two >&2", stdout: "one", stderr: "two" });
  });

  test("without create nothing is run, not even dialled", async () => {
    expect(await create({ connection: { ...connection, port: 1 }, update: "false" })).toMatchObject({
      stdout: "",
      stderr: "",
    });
  });

  test("update runs update, else create, else keeps what was printed", async () => {
    const old = await create({ create: "echo created" });
    const inputs = { connection, create: "echo created anew" };
    expect(await provider.update(COMMAND, old, { ...inputs, update: "echo updated" })).toMatchObject({
      stdout: "updated",
    });
    expect(await provider.update(COMMAND, old, inputs)).toMatchObject({ stdout: "created anew" });
    expect(await provider.update(COMMAND, old, { connection })).toEqual({ connection, stdout: "created", stderr: "" });
  });

  test("delete runs the delete of the state", async () => {
    const mark = join(host.directory, "deleted");
    await provider.delete(COMMAND, { connection, delete: `echo bye > ${mark}`, stdout: "", stderr: "" });
    expect(readFileSync(mark, "utf8")).toBe("bye\n");
    await provider.delete(COMMAND, { connection: { ...connection, port: 1 }, stdout: "", stderr: "" });
  });

  test("all three get the same stdin", async () => {
    const file = join(host.directory, "stdin");
    const inputs = { connection, stdin: "shared\n", create: "cat", update: "cat; echo", delete: `cat > ${file}` };
    const state = await create(inputs);
    expect(state.stdout).toBe("shared");
    expect(await provider.update(COMMAND, state, inputs)).toMatchObject({ stdout: "shared\n" });
    await provider.delete(COMMAND, state);
    expect(readFileSync(file, "utf8")).toBe("shared\n");
  });

  test("without stdin the command reads nothing and does not wait", async () => {
    expect(await create({ create: "wc -c" })).toMatchObject({ stdout: "0" });
  });

  test("diff names each change, and what replaces", async () => {
    const state = { connection, create: "a", triggers: ["x"], stdout: "", stderr: "" };
    expect(await provider.diff(COMMAND, state, { connection, create: "a", triggers: ["x"] })).toEqual({
      changed: false,
      replaces: [],
      diffs: [],
    });
    const { changed, replaces, diffs } = await provider.diff(COMMAND, state, { connection, create: "b" });
    expect([changed, replaces, diffs.sort()]).toEqual([true, ["triggers"], ["create", "triggers"]]);
  });

  test("preview runs nothing and leaves the outputs open", async () => {
    const mark = join(host.directory, "previewed");
    const inputs = { connection: { ...connection, port: 1 }, create: `touch ${mark}` };
    const { state } = await provider.create(COMMAND, inputs, true);
    expect(state).toEqual({ ...inputs, stdout: UNKNOWN, stderr: UNKNOWN });
    const old = { ...inputs, stdout: "old", stderr: "" };
    expect(await provider.update(COMMAND, old, { ...inputs, update: "true" }, true)).toMatchObject({ stdout: UNKNOWN });
    expect(await provider.update(COMMAND, old, inputs, true)).toMatchObject({ stdout: "old" });
    expect(existsSync(mark)).toBe(false);
  });
});

describe("output", () => {
  test("loses one final newline, no more", async () => {
    expect(await create({ create: "printf 'a\\n\\n'; printf 'b' >&2" })).toMatchObject({ stdout: "a\n", stderr: "b" });
  });

  test("of 10 MB arrives whole", async () => {
    const state = await create({ create: "yes 123456789 | head -c 10000000", logging: "none" });
    expect(String(state.stdout)).toHaveLength(9_999_999);
    expect(String(state.stdout).endsWith("\n123456789")).toBe(true);
  });

  test("and as much input", async () => {
    const stdin = "x".repeat(10_000_000);
    const digest = createHash("sha256").update(stdin).digest("hex");
    expect(await create({ create: "sha256sum", stdin })).toMatchObject({ stdout: `${digest}  -` });
  });

  test("that is no UTF-8 can not be kept", async () => {
    const problem = await failure(create({ create: "printf '\\377'", logging: "none" }));
    expect(problem).toBe("grpc: error while marshaling: string field contains invalid UTF-8");
  });

  test("of secret inputs stays plain, the inputs stay secret", async () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "hush" };
    const state = await create({ create: "cat", stdin: secret });
    expect(state).toMatchObject({ stdin: secret, stdout: "hush" });
  });
});

describe("a command that fails", () => {
  test("is quoted whole, with all that it said", async () => {
    const command = 'printf "caf\u00e9\\t\\n"; echo problem >&2; exit 3 #\u00a0';
    const problem = await failure(create({ create: command }));
    expect(problem).toMatch(
      'Process exited with status 3: running "printf \\"café\\\\t\\\\n\\"; echo problem >&2; exit 3 #\\u00a0":\n',
    );
    expect(problem.split(":\n")[1]).toContain("café\t\n");
    expect(problem.split(":\n")[1]).toContain("problem\n");
  });

  test("in update and delete as well", async () => {
    const state = { connection, create: "true", delete: "exit 5", stdout: "", stderr: "" };
    expect(await failure(provider.update(COMMAND, state, { connection, create: "exit 4" }))).toBe(
      'Process exited with status 4: running "exit 4":\n',
    );
    expect(await failure(provider.delete(COMMAND, state))).toBe('Process exited with status 5: running "exit 5":\n');
  });

  test.each([
    ["exit 255", "Process exited with status 255"],
    ["no-such-command 2>/dev/null", "Process exited with status 127"],
    ["kill -TERM $$", "Process exited with status 143 from signal TERM"],
    ["kill -KILL $$", "Process exited with status 137 from signal KILL"],
    ["kill -USR1 $$", "Process exited with status 128 from signal USR1"],
    ["kill -KILL $PPID", "wait: remote command exited without exit status or exit signal"],
  ])("%s", async (command, problem) => {
    expect(await failure(create({ create: command }))).toBe(`${problem}: running "${command}":\n`);
  });

  test("as it did not read all of a long input", async () => {
    expect(await failure(create({ create: "true", stdin: "x".repeat(10_000_000) }))).toBe('EOF: running "true":\n');
  });
});

describe("logging", () => {
  test.each([
    [undefined, ["out", "err"]],
    ["stdoutAndStderr", ["out", "err"]],
    ["stdout", ["out"]],
    ["stderr", ["err"]],
    ["none", []],
  ])("%s", async (logging, lines) => {
    logged();
    const state = await create({ create: "echo out; sleep 0.1; echo err >&2", ...(logging ? { logging } : {}) });
    expect(state).toMatchObject({ stdout: "out", stderr: "err" });
    expect(provider.log.every(({ severity, ephemeral }) => severity === "INFO" && ephemeral)).toBe(true);
    expect(logged()).toEqual(lines);
  });

  test("streams lines while the command still runs", async () => {
    logged();
    const go = join(host.directory, "go");
    const running = create({ create: `echo early; while [ ! -e ${go} ]; do sleep 0.1; done; printf late` });
    await vi.waitFor(() => expect(logged()).toEqual(["early"]), 10_000);
    writeFileSync(go, "");
    await running;
    expect(logged()).toEqual(["late"]);
  });

  test("a line of 64 kB, at which the real one hangs, is refused", async () => {
    const long = 'head -c 70000 /dev/zero | tr "\\0" x';
    expect(await failure(create({ create: long }))).toMatch(/^the real provider hangs here/);
    expect(await create({ create: long, logging: "none" })).toMatchObject({ stdout: "x".repeat(70000) });
  });
});

describe("environment", () => {
  const advice = (name: string) =>
    `Unable to set '${name}'. This only works if your SSH server is configured to accept\n`;

  test("arrives where sshd accepts it", async () => {
    expect(await create({ create: 'echo "$GREETING"', environment: { GREETING: "good day" } })).toMatchObject({
      stdout: "good day",
    });
  });

  test("fails where it does not, without running the command", async () => {
    provider.log.length = 0;
    const mark = join(host.directory, "ran");
    const problem = await failure(create({ create: `touch ${mark}`, environment: { MIN_TLS: "1.2" } }));
    expect(problem).toBe('could not set environment variable "MIN_TLS": ssh: setenv failed');
    expect(existsSync(mark)).toBe(false);
    expect(provider.log).toMatchObject([{ severity: "ERROR", ephemeral: false }]);
    expect(provider.log[0]?.message).toContain(advice("MIN_TLS"));
  });

  const print = 'echo "$PULUMI_COMMAND_STDOUT|$PULUMI_COMMAND_STDERR"';

  test("carries the last output unless told not to; a refusal only warns", async () => {
    const state = {
      connection,
      create: "true",
      delete: `${print} > ${host.directory}/last`,
      stdout: "before",
      stderr: "oops",
    };
    provider.log.length = 0;
    expect(await provider.update(COMMAND, state, { connection, create: print, logging: "none" })).toMatchObject({
      stdout: "before|",
    });
    expect(provider.log).toMatchObject([{ severity: "WARNING", ephemeral: false }]);
    expect(provider.log[0]?.message).toContain(advice("PULUMI_COMMAND_STDERR"));
    await provider.delete(COMMAND, state);
    expect(readFileSync(join(host.directory, "last"), "utf8")).toBe("before|\n");

    provider.log.length = 0;
    const silent = { connection, create: print, addPreviousOutputInEnv: false, logging: "none" };
    expect(await provider.update(COMMAND, state, silent)).toMatchObject({ stdout: "|" });
    expect(provider.log).toEqual([]);
  });
});
