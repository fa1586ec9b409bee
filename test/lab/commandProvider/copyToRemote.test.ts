// The stand-in's CopyToRemote against a real sshd: where things land, what copies again, what is refused.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type Provider, startProvider } from "./harness.ts";
import { failure, to } from "./reach.ts";
import { type SshHost, startSshHost } from "./sshHosts.ts";
import type { Value, Values } from "./values.ts";

const COPY = "command:remote:CopyToRemote";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
let host: SshHost;
let provider: Provider;
let connection: Values;
let local: string;
let remote: string;

beforeAll(async () => {
  host = await startSshHost();
  provider = await startProvider();
  connection = to(host);
});

afterAll(async () => {
  provider?.stop();
  await host?.stop();
  rmSync(local, { recursive: true, force: true });
});

beforeEach(() => {
  local ??= mkdtempSync(join(tmpdir(), "mailhost-copy-"));
  rmSync(local, { recursive: true, force: true });
  mkdirSync(join(local, "tree", "sub"), { recursive: true });
  writeFileSync(join(local, "file"), "content\n");
  writeFileSync(join(local, "tree", "a"), "A");
  writeFileSync(join(local, "tree", "sub", "b"), "B");
  remote = mkdtempSync(join(host.directory, "remote-"));
});

const asset = (fields: Values): Value => ({ [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", hash: "h1", ...fields });
const archive = (fields: Values): Value => ({ [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7", hash: "h1", ...fields });
const inputs = (source: Value, remotePath: string): Values => ({ connection, source, remotePath });
const copy = (source: Value, path: string) => provider.create(COPY, inputs(source, path));
const content = (path: string) => readFileSync(join(remote, path), "utf8");

describe("a file", () => {
  test("lands at the path, parents are made, and state is what went in", async () => {
    const source = asset({ path: join(local, "file") });
    const { id, state } = await copy(source, join(remote, "new", "deep", "name"));
    expect(content("new/deep/name")).toBe("content\n");
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(state).toEqual(inputs(source, join(remote, "new", "deep", "name")));
  });

  test("lands in a directory under its own name", async () => {
    await copy(asset({ path: join(local, "file") }), remote);
    expect(content("file")).toBe("content\n");
  });

  test("overwrites in place: same inode, same mode", async () => {
    writeFileSync(join(remote, "old"), "much longer than before\n", { mode: 0o600 });
    const before = statSync(join(remote, "old"));
    await copy(asset({ path: join(local, "file") }), join(remote, "old"));
    const after = statSync(join(remote, "old"));
    expect(content("old")).toBe("content\n");
    expect([after.ino, after.mode]).toEqual([before.ino, before.mode]);
  });

  test("of several megabytes arrives whole", async () => {
    const big = Buffer.from(Array.from({ length: 3_000_001 }, (_, i) => i % 251));
    writeFileSync(join(local, "file"), big);
    await copy(asset({ path: join(local, "file") }), join(remote, "big"));
    expect(readFileSync(join(remote, "big")).equals(big)).toBe(true);
  });

  test("that is not there", async () => {
    expect(await failure(copy(asset({ path: join(local, "none") }), join(remote, "x")))).toBe(
      `open ${join(local, "none")}: no such file or directory`,
    );
  });
});

describe("a text", () => {
  test("lands at the path", async () => {
    await copy(asset({ text: "grüße\n" }), join(remote, "new", "text"));
    expect(content("new/text")).toBe("grüße\n");
  });

  test("has no name of its own for a directory", async () => {
    expect(await failure(copy(asset({ text: "x" }), remote))).toBe(
      `remote path ${remote} is a directory; when using a text asset, remotePath must be a file path`,
    );
  });
});

describe("a directory", () => {
  test("lands in the path, made or existing", async () => {
    await copy(archive({ path: join(local, "tree") }), join(remote, "made", "anew"));
    expect(content("made/anew/tree/sub/b")).toBe("B");
    await copy(archive({ path: join(local, "tree") }), remote);
    expect(content("tree/a")).toBe("A");
  });

  test("with a slash only its content does", async () => {
    await copy(archive({ path: `${join(local, "tree")}/` }), remote);
    expect([content("a"), content("sub/b")]).toEqual(["A", "B"]);
  });

  test("replaces no file", async () => {
    writeFileSync(join(remote, "tree"), "a file");
    expect(await failure(copy(archive({ path: join(local, "tree") }), remote))).toBe(
      `remote path ${join(remote, "tree")} exists but is not a directory`,
    );
  });
});

describe("what the host refuses", () => {
  test("a parent that is a file", async () => {
    writeFileSync(join(remote, "file"), "");
    const path = join(remote, "file", "below", "x");
    expect(await failure(copy(asset({ text: "x" }), path))).toMatch(/^failed to .* (remote path|directories for) /);
  });

  test("a host without sftp", async () => {
    const without = await startSshHost([], [], { sftp: false });
    onTestFinished(without.stop);
    const upload = provider.create(COPY, { ...inputs(asset({ text: "x" }), "/x"), connection: to(without) });
    expect(await failure(upload)).toBe("ssh: subsystem request failed");
  });
});

describe("update", () => {
  const changed = async (news: Partial<Values>) => {
    const old = inputs(asset({ path: join(local, "file") }), join(remote, "target"));
    await provider.create(COPY, old);
    writeFileSync(join(remote, "target"), "edited by hand");
    const state = await provider.update(COPY, old, { ...old, ...news } as Values);
    expect(state).toEqual({ ...old, ...news });
    return content("target");
  };

  test("copies again when the hash changed", async () => {
    expect(await changed({ source: asset({ path: join(local, "file"), hash: "h2" }) })).toBe("content\n");
  });

  test("copies to another path and leaves the old file", async () => {
    expect(await changed({ remotePath: join(remote, "elsewhere") })).toBe("edited by hand");
    expect(content("elsewhere")).toBe("content\n");
  });

  test("does not copy, not even dial, when only the connection changed", async () => {
    expect(await changed({ connection: { ...connection, port: 1 } })).toBe("edited by hand");
  });

  test("of another file with the same hash copies nothing", async () => {
    writeFileSync(join(local, "other"), "other");
    expect(await changed({ source: asset({ path: join(local, "other") }) })).toBe("edited by hand");
  });
});

test("delete leaves the file", async () => {
  const { state } = await copy(asset({ text: "x" }), join(remote, "x"));
  await provider.delete(COPY, state);
  expect(content("x")).toBe("x");
});

test("preview copies nothing and needs no host", async () => {
  const source = asset({ path: join(local, "none") });
  const { id } = await provider.create(
    COPY,
    { connection: { ...connection, port: 1 }, source, remotePath: join(remote, "x") },
    true,
  );
  expect(id).toBe("");
  expect(existsSync(join(remote, "x"))).toBe(false);
});

describe("check", () => {
  const check = async (source: Value) => (await provider.check(COPY, inputs(source, "/x"))).failures;

  test.each([
    ["a file", asset({ path: "p" })],
    ["a text", asset({ text: "t" })],
    ["a path to a directory", archive({ path: "p" })],
  ])("takes %s", async (_, source) => {
    expect(await check(source)).toEqual([]);
  });

  test.each([
    [asset({ uri: "https://example.com/x" }), "asset", "asset must be a path-based file asset or a text asset"],
    [archive({ assets: {} }), "archive", "archive must be a path to a file or directory"],
    ["just a string", "asset", "either asset or archive must be set"],
  ])("refuses %j", async (source, property, reason) => {
    expect(await check(source)).toEqual([{ property, reason }]);
  });
});
