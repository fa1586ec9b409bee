// Ways to log in and to become root, each through the whole chain; a question for a password is never waited for.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostProgram } from "../host/program.ts";
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

describe("a login whose shell prints a text at each start", () => {
  const settings = "/etc/ssh/sshd_config";
  const subsystem = (line: string) =>
    site().host.must(`sed -i 's,^#*Subsystem.*,${line},' ${settings} && systemctl reload ssh`);
  const up = () => components.want({ args: { onDestroy: "restore" as const } }).stack.up();

  beforeAll(async () => {
    await site().host.must(
      `cp -p /root/.bashrc ${settings} /var/tmp && echo "echo 'Welcome to mx1'; printf hello" >>/root/.bashrc`,
    );
  });
  afterAll(async () => {
    await site().host.must("mv /var/tmp/.bashrc /root && mv /var/tmp/sshd_config /etc/ssh && systemctl reload ssh");
  });

  test.each([
    [
      "Subsystem sftp /usr/lib/openssh/sftp-server",
      "the shell of login root on HOST prints a text at each start, which sftp",
    ],
    ["#Subsystem sftp internal-sftp", "connection.host HOST takes no files by sftp, which the upload needs; add "],
  ])("and %s: told what to do, with nothing done", async (line, words) => {
    const { host } = site();
    await subsystem(line);
    const before = await ours(host);
    const failed = await up();
    expect(failed.status).not.toBe(0);
    expect(said(failed)).toContain(`error: ${host.address}: ${words.replace("HOST", host.address)}`);
    expect(await directory(host)).toBe(original);
    expect(await ours(host)).toEqual(before);
  });

  test("is understood where no file passes through it", async () => {
    await subsystem("Subsystem sftp internal-sftp");
    const first = await up();
    expect(first.status, said(first)).toBe(0);
    expect(said(first)).toContain("verified by handshakes");
    expect(said(await up())).toMatch(/unchanged/);
    await components.destroy();
    expect(await directory(site().host)).toBe(original);
  });
});

test("a login that has no home is told so, and needs none for an installed program", async () => {
  const { host } = site();
  const keys = "/etc/ssh/sshd_config.d/keys.conf";
  await host.must(
    `useradd --system --no-create-home --home-dir /nonexistent --shell /bin/sh homeless &&
      echo 'homeless ALL=(root) NOPASSWD: ALL' >/etc/sudoers.d/homeless &&
      install -D -m 644 /root/.ssh/authorized_keys /etc/ssh/keys/homeless &&
      echo 'AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u' >${keys} && systemctl reload ssh`,
  );
  const login = { user: "homeless", privilege: "sudo" as const };
  const failed = await components.want({ args: { connection: connection(login) } }).stack.up();
  expect(failed.status).not.toBe(0);
  expect(said(failed)).toContain(
    `error: ${host.address}: the upload to the home of login homeless on ${host.address} failed (permission denied); give that`,
  );
  await host.write("/usr/local/sbin/mailhost", await hostProgram(), "755");
  const asked = connection({ ...login, installedProgram: "/usr/local/sbin/mailhost" });
  const args = { connection: asked, onDestroy: "restore" as const };
  expect(said(await components.want({ args }).up())).toContain("verified by handshakes");
  await components.destroy();
  await host.must(
    `rm -r /usr/local/sbin/mailhost /etc/sudoers.d/homeless /etc/ssh/keys ${keys}; userdel homeless; systemctl reload ssh`,
  );
  expect(await directory(host)).toBe(original);
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
