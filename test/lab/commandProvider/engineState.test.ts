// The stand-in, or the real plugin where there is one, under the real engine: what state keeps and what is shown.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { command, connection, events, host, mark, program, ran, stack, state, up } from "./stackOnHost.ts";

describe("state", () => {
  const keyLine = () => host.key.split("\n")[2] ?? "no key";

  test("holds the connection encrypted, as input and output", async () => {
    command(`create: 'echo plain'`);
    const result = await up();
    const { text, resource } = await state();
    expect(text).not.toContain(keyLine());
    expect(result.stdout).not.toContain(keyLine());
    for (const where of [resource?.inputs, resource?.outputs]) {
      expect(where?.connection).toHaveProperty("ciphertext");
      expect(where?.connection).not.toHaveProperty("plaintext");
    }
    expect(resource?.outputs).toMatchObject({ stdout: "plain", stderr: "", create: "echo plain" });
    expect((await state(["--show-secrets"])).text).toContain(keyLine());
  });

  test("holds a secret stdin encrypted, what the command prints of it not", async () => {
    command(`create: 'cat; echo', stdin: pulumi.secret('hush-' + 42), logging: 'none'`);
    const result = await up();
    const { text, resource } = await state();
    expect(resource?.inputs.stdin).toHaveProperty("ciphertext");
    expect(resource?.outputs).toMatchObject({ stdout: "hush-42" });
    expect(result.stdout.split("Outputs:")[0]).not.toContain("hush-42");
    expect(text.match(/hush-42/g)).toHaveLength(2); // the command's output and the stack's
  });

  test("hides outputs that are named secret", async () => {
    command(`create: 'echo hush-$((40+2))', logging: 'none'`, `{ additionalSecretOutputs: ['stdout'] }`);
    await up();
    command(`create: 'echo hush-$((40+2)) again', logging: 'none'`, `{ additionalSecretOutputs: ['stdout'] }`);
    await up();
    expect((await state()).text).not.toContain("hush-42");
    expect(await stack.outputs()).toEqual({ stdout: "hush-42 again" });
  });

  test("has nothing of a create that failed, so its delete never runs", async () => {
    command(`create: '${mark("create")}; exit 3', delete: '${mark("delete")}'`);
    const result = await stack.up();
    expect(result.status).not.toBe(0);
    expect(result.stdout).toContain('Process exited with status 3: running "');
    expect((await state()).resource).toBeUndefined();
    expect((await stack.destroy()).status).toBe(0);
    expect(ran()).toEqual(["create"]);
  });

  test("keeps the old inputs after an update that failed", async () => {
    command(`create: '${mark("create")}'`);
    await up();
    command(`create: '${mark("create")}', update: 'exit 4'`);
    expect((await stack.up()).stdout).toContain('Process exited with status 4: running "exit 4":');
    expect((await state()).resource?.inputs).not.toHaveProperty("update");
  });
});

describe("output", () => {
  test("of a running command is shown unless logging is off", async () => {
    command(`create: 'echo shown-$((1+1)); sleep 1; echo said-$((2+2)) >&2; sleep 1'`);
    const loud = (await up()).stdout.split("Outputs:")[0];
    expect(loud).toContain("shown-2");
    expect(loud).toContain("said-4");
    command(`create: 'echo shown-$((1+1)); sleep 1; echo said-$((2+2)) >&2; sleep 1 # again', logging: 'none'`);
    const silent = (await up()).stdout.split("Outputs:")[0];
    expect(silent).not.toMatch(/shown-2|said-4/);
  });

  test("of 200 kB is in the error of a command that fails", async () => {
    command(`create: 'seq 40000; exit 1', logging: 'none'`);
    const { stdout } = await stack.up();
    expect(stdout).toContain('Process exited with status 1: running "seq 40000; exit 1":');
    for (const line of [1, 20000, 40000]) expect(stdout).toMatch(new RegExp(`^ *${line}$`, "m"));
  });

  test("of 10 MB is kept", async () => {
    command(`create: 'yes 123456789 | head -c 10000000', logging: 'none'`);
    await up();
    expect(String((await stack.outputs()).stdout)).toHaveLength(9_999_999);
  });
});

describe("CopyToRemote", () => {
  const copy = (source: string, where = connection()) =>
    program.write(
      "index.js",
      `const pulumi = require('@pulumi/pulumi');
const { remote } = require('@pulumi/command');
new remote.CopyToRemote('it', { connection: ${where}, source: ${source}, remotePath: '${events}/deep/program.sh' });
`,
    );
  const uploaded = () => readFileSync(join(events, "deep", "program.sh"), "utf8");

  test("of a file: a hash in state, copied again when the content changed, and only then", async () => {
    copy(`new pulumi.asset.FileAsset('program.sh')`);
    program.write("program.sh", "echo secretless-content\n");
    await up();
    expect(uploaded()).toBe("echo secretless-content\n");
    const { text, resource } = await state();
    expect(text).not.toContain("secretless-content");
    expect(resource?.outputs.source).toMatchObject({ hash: expect.stringMatching(/^[0-9a-f]{64}$/) });

    writeFileSync(join(events, "deep", "program.sh"), "edited");
    copy(`new pulumi.asset.FileAsset('program.sh')`, connection({ perDialTimeout: 7 }));
    await up();
    expect(uploaded()).toBe("edited");

    program.write("program.sh", "echo new\n");
    await up();
    expect(uploaded()).toBe("echo new\n");
    expect((await stack.destroy()).status).toBe(0);
    expect(uploaded()).toBe("echo new\n");
  });

  test("of a text: all of it in state", async () => {
    copy(`new pulumi.asset.StringAsset('a text')`);
    await up();
    expect(uploaded()).toBe("a text");
    expect((await state()).text).toContain("a text");
  });

  test("of what comes from the net is refused", async () => {
    copy(`new pulumi.asset.AssetArchive({ a: new pulumi.asset.StringAsset('x') })`);
    const { status, stdout } = await stack.preview();
    expect(status).not.toBe(0);
    expect(stdout).toContain("archive must be a path to a file or directory");
  });
});
