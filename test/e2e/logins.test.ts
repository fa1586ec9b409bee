// Ways to log in and to become root, each through the whole chain; a question for a password is never waited for.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { until } from "../lab/run.ts";
import type { Components, Wanted } from "./components.ts";
import { said } from "./site.ts";
import { directory, ours } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
let components: Components;
let original: string;

beforeAll(async () => {
  components = await site().components();
  original = await directory(site().host);
});

const connection = (asked: object) => ({ privateKey: site().key(), ...asked });

describe("a login that is or becomes root", () => {
  test.each<[string, Partial<NonNullable<Wanted["args"]>["connection"]>]>([
    ["root", {}],
    ["deploy", { privilege: "sudo" }],
    ["dora", { privilege: "doas" }],
  ])("%s makes the change and takes it back", async (user, asked) => {
    const args = { connection: connection({ user, ...asked }), onDestroy: "restore" as const };
    expect(said(await components.want({ args }).up())).toContain("verified by handshakes");
    expect(await directory(site().host)).not.toBe(original);
    await components.destroy();
    expect(await directory(site().host)).toBe(original);
    expect(await ours(site().host)).toEqual([]);
  });
});

describe("a login that does not become root", () => {
  test.each<[string, string, string]>([
    ["locked", "sudo", "locked needs NOPASSWD in sudoers"],
    ["locked", "doas", "locked needs nopass in doas.conf"],
    ["plain", "none", "plain is not root; set privilege"],
  ])("%s by %s is told what to do, at once", async (user, privilege, line) => {
    const { host } = site();
    const started = Date.now();
    const up = await components.want({ args: { connection: connection({ user, privilege }) } }).stack.up();
    expect(up.status).not.toBe(0);
    expect(said(up)).toMatch(new RegExp(`^ +${host.address}: ${line}$`, "m"));
    expect(Date.now() - started).toBeLessThan(30_000);
    expect(await directory(host)).toBe(original);
    expect(await host.exec("ls -d /var/lib/mailhost")).toMatchObject({ stdout: "" });
  });
});

test("the keys of an agent, by its socket, and a login that has nothing of what the former one uploaded", async () => {
  const dir = mkdtempSync(join(tmpdir(), "mailhost-agent-"));
  const socket = join(dir, "socket");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  try {
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    await until("the agent", async () => {
      execFileSync("ssh-add", ["-q", site().host.keys.ed25519], { env, stdio: "ignore" });
      return true;
    });
    const args = { connection: { agentSocketPath: socket }, onDestroy: "restore" as const };
    expect(said(await components.want({ args }).up())).toContain("verified by handshakes");
    await components.destroy();
  } finally {
    agent.kill();
    rmSync(dir, { recursive: true });
  }
});
