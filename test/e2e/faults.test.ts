// Connections that fail or are slow: what is said, in which time, and that the next `up` works.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sleep } from "../lab/run.ts";
import type { Components, Wanted } from "./components.ts";
import { said } from "./site.ts";
import { slowLine } from "./slowLine.ts";
import { directory, ours } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
const otherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHywY7J2MbUcW2rgWlBo1K5BOyXHQRu3ydN4Z0gC1z2W";
let components: Components;
let original: string;
let directoryOfKeys: string;

beforeAll(async () => {
  components = await site().components();
  original = await directory(site().host);
  directoryOfKeys = mkdtempSync(join(tmpdir(), "mailhost-keys-"));
});
afterAll(() => rmSync(directoryOfKeys, { recursive: true }));

/** A new key that no host knows. */
function stranger(passphrase = ""): string {
  const file = join(directoryOfKeys, `key${passphrase}`);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", file]);
  return readFileSync(file, "utf8");
}

type Connection = Partial<NonNullable<Wanted["args"]>["connection"]>;

const wanted = (connection: Connection = {}, repair = 0): Wanted => ({
  args: {
    connection: { privateKey: site().key(), dialErrorLimit: 2, perDialTimeout: 1, ...connection },
    onDestroy: "restore" as const,
    repair,
  },
});

async function works(connection: Connection = {}, repair = 0): Promise<void> {
  expect(said(await components.want(wanted(connection, repair)).up())).toMatch(/verified|nothing to change/);
}

test("each fault is said with the host's name and the argument, in a bounded time, and touches nothing", async () => {
  const { host } = site();
  const { address, hostKey } = host;
  await host.must(
    "nft 'add table inet lab; add chain inet lab in { type filter hook input priority 0; }; add rule inet lab in tcp dport 27 drop'",
  );
  const nowhere = address.replace(/\.2$/, ".250");
  const bastion = { host: address, hostKey, privateKey: site().key(), dialErrorLimit: 0 };
  const faults: [Connection, string][] = [
    [
      { hostKey: otherKey },
      `${address}: connection.hostKey is not the key that ${address} shows, so nothing was sent there; `,
    ],
    [{ privateKey: stranger() }, `${address}: connection is refused as login root, tried by publickey; `],
    [{ port: 26 }, `${address}: connection.port 26 of ${address} refuses connections: `],
    [{ port: 27 }, `${address}: connection.port 27 of ${address} does not answer, 1 s an attempt: `],
    [
      { host: nowhere, perDialTimeout: 10, dialErrorLimit: 0 },
      `${nowhere}: connection.host ${nowhere} is not reached (no route to host): `,
    ],
    [{ privateKey: stranger("sesame") }, `${address}: connection.privateKey has a passphrase; give privateKeyPassword`],
    [{ agentSocketPath: "/nowhere" }, `${address}: connection.agentSocketPath is no agent that answers; `],
    [
      { host: "127.0.0.1", bastion: { ...bastion, hostKey: otherKey } },
      `127.0.0.1: connection.bastion.hostKey is not the key that ${address} shows`,
    ],
    [
      { host: "127.0.0.1", bastion, hostKey: otherKey },
      "127.0.0.1: connection.hostKey or its login is refused behind the bastion",
    ],
  ];
  const named = faults.map(([connection], index) => ({ ...wanted(connection), name: `mx${index}` }));
  const started = Date.now();
  const up = await components.want(...named).stack.up({ args: ["--continue-on-error"] });
  expect(up.status).not.toBe(0);
  expect(Date.now() - started).toBeLessThan(60_000);
  const lines = said(up)
    .split("\n")
    .map((line) => line.trim());
  for (const [index, [, words]] of faults.entries()) {
    const at = lines.findIndex((line) => line.startsWith(`mailhost:index:PostfixHardening (mx${index}):`));
    expect(lines[at + 1]?.slice(0, words.length + 7)).toBe(`error: ${words}`);
  }
  expect(await directory(host)).toBe(original);
  expect(await ours(host)).toEqual([]);
});

test("a host key that changed is refused before anything is sent, and the new one works once the host answers", async () => {
  const { host } = site();
  await works();
  await host.must(
    "cp /etc/ssh/ssh_host_ed25519_key /root/former; rm /etc/ssh/ssh_host_ed25519_key*; ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key",
  );
  const up = await components.want(wanted({}, 1)).stack.up();
  expect(said(up)).toContain(`error: ${host.address}: connection.hostKey is not the key`);
  const [type, key] = (await host.read("/etc/ssh/ssh_host_ed25519_key.pub")).split(" ");
  // It is just booting, too.
  await host.must("systemctl stop ssh");
  const next = works({ hostKey: `${type} ${key}`, dialErrorLimit: 20 }, 1);
  await sleep(5_000);
  await host.must("systemctl start ssh");
  await next;
  await components.destroy();
  await host.must("mv /root/former /etc/ssh/ssh_host_ed25519_key");
  expect(await directory(host)).toBe(original);
  expect(await ours(host)).toEqual([]);
});

test("a slow and lossy line is enough", async () => {
  const { host } = site();
  const line = await slowLine(host);
  const started = Date.now();
  try {
    await works({ host: "127.0.0.1", port: line.port, perDialTimeout: 15 });
    await components.destroy();
  } finally {
    await line.end();
  }
  expect(Date.now() - started).toBeGreaterThan(5_000);
  expect(Date.now() - started).toBeLessThan(120_000);
  expect(await directory(host)).toBe(original);
  expect(await ours(host)).toEqual([]);
});
