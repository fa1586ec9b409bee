// Key material and secret values: nowhere in plain, whatever the program passed and however much is logged.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hostProgram } from "../host/program.ts";
import { witness } from "../lab/watch.ts";
import type { Components, Wanted } from "./components.ts";
import { mustWork } from "./components.ts";
import { said } from "./site.ts";
import { useSite } from "./useSite.ts";

// Its main.cf is 0640, and root's and Postfix's alone.
const site = useSite({ kind: "lived-in" });
const passphrase = "passphrase-Trombone-88";
const password = "password-Ocarina-77";
const secret = "secret-Theremin-66";
const keys = mkdtempSync(join(tmpdir(), "mailhost-e2e-keys-"));
let components: Components;

beforeAll(async () => {
  const { host } = site();
  // Something uses the parameter; postconf makes the file readable by all, as it was not before.
  await host.must("postconf -e 'smtp_helo_name = $lab_secret' && chown root:postfix /etc/postfix/main.cf");
  await host.must("chmod 640 /etc/postfix/main.cf && postfix reload");
  await host.must(`printf 'deploy:${password}\nroot:${password}\n' | chpasswd`);
  await host.must("echo PermitRootLogin yes >/etc/ssh/sshd_config.d/a.conf && systemctl restart ssh");
  // Another server, for a bastion with a key of its own.
  await host.must("ssh-keygen -qt ed25519 -N '' -f /etc/ssh/bastion && /usr/sbin/sshd -p 2200 -h /etc/ssh/bastion");
  components = await site().components();
});
afterAll(() => rmSync(keys, { recursive: true }));

/** A key that logs in everywhere, under a passphrase. */
async function lockedKey(type: "ed25519" | "rsa"): Promise<string> {
  const file = join(keys, type);
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", "", "-f", file]);
  const line = readFileSync(`${file}.pub`, "utf8");
  await site().host.must("tee -a /root/.ssh/authorized_keys >>/home/deploy/.ssh/authorized_keys", { stdin: line });
  return readFileSync(file, "utf8");
}

/** A key gives itself away by any line of its base64 but the first, which all keys of its kind have. */
function tellTale(key: string): string[] {
  return key
    .split("\n")
    .filter((line) => /^[A-Za-z0-9+/=]{16,}$/.test(line))
    .slice(1);
}

/** Where the program and Postfix may keep a secret setting: never open to everyone. */
const itsPlaces =
  /^(\/etc\/postfix\/main\.cf(\.mailhost)?|\/var\/lib\/mailhost\/[\w/.+]+) 6[04]0 root:(root|postfix) (open|closed)$/;

/** Previews and makes it, and looks everywhere for what must be nowhere. */
async function nowhere(args: Wanted["args"], needles: readonly string[]): Promise<void> {
  const { stack } = components;
  // From 3 on the SDK itself logs every answer of the engine as it is, secrets of whatever program included.
  const log = ["--logtostderr", "--logflow", "-v=2"];
  components.want({ args });
  const preview = mustWork(await stack.preview({ diff: true, args: log }));
  const often = ["/var/lib/mailhost", "/etc/postfix", "/tmp", "/root", "/home"];
  const [up, seen] = await witness(site().host, needles, often, () => stack.up({ diff: true, args: log }));
  mustWork(up);
  // The witness saw the program at work.
  expect(seen.commands).toEqual(expect.arrayContaining(["awk", "openssl"]));
  expect(seen.processes).toEqual([]);
  // A line of an RSA key may be of its public half, which the host knows.
  const elsewhere = [...seen.files, ...seen.left].filter((file) => !itsPlaces.test(file));
  expect(elsewhere.filter((file) => !file.includes("/.ssh/authorized_keys "))).toEqual([]);
  const places = {
    preview: said(preview),
    up: said(up),
    state: (await stack.export()).stdout,
    outputs: JSON.stringify(await stack.outputs()),
    journal: await site().host.must("journalctl -q --no-pager -a -o export"),
    receipts: await site().host.must("cat /var/lib/mailhost/receipts/*"),
  };
  expect(places.state).toContain("ciphertext");
  for (const [place, text] of Object.entries(places)) {
    for (const needle of needles) expect(text.includes(needle), `${needle} in ${place}`).toBe(false);
  }
}

const mainCf = () => site().host.read("/etc/postfix/main.cf");
const mode = () => site().host.must("stat -c '%a %U:%G' /etc/postfix/main.cf");

test("a plain ed25519 key and a secret setting", async () => {
  const key = site().key("ed25519");
  const needles = [...tellTale(key), secret];
  await nowhere({ connection: { privateKey: key }, secretSettings: { lab_secret: secret } }, needles);
  expect(await mainCf()).toContain(`\nlab_secret = ${secret}\n`);
  expect(await mode()).toBe("640 root:postfix\n");
  expect(await site().host.must("find /var/lib/mailhost/secrets -printf '%m '")).toBe("700 600 ");
});

test("a key with a passphrase by a bastion with a password, and another secret by its revision", async () => {
  const { host } = site();
  const privateKey = await lockedKey("rsa");
  const hostKey = (await host.read("/etc/ssh/bastion.pub")).trim();
  const bastion = { host: host.address, port: 2200, user: "deploy", password, hostKey };
  const connection = { host: "127.0.0.1", privateKey, privateKeyPassword: passphrase, bastion };
  const another = `${secret}-2`;
  const args = { connection, secretSettings: { lab_secret: another }, secretRevision: 2 };
  await nowhere(args, [...tellTale(privateKey), passphrase, password, secret]);
  expect(await mainCf()).toContain(`\nlab_secret = ${another}\n`);
});

test("another value needs another revision", async () => {
  const up = await components
    .want({
      args: { connection: { privateKey: site().key() }, secretSettings: { lab_secret: "third" }, secretRevision: 2 },
    })
    .stack.up();
  expect(up.status).not.toBe(0);
  expect(said(up)).toContain(
    "secretSettings: lab_secret revision 2 has another value than before; raise secretRevision",
  );
});

test("a password alone, and a secret setting that goes", async () => {
  await nowhere({ connection: { password }, onDestroy: "restore" }, [password, secret]);
  await components.destroy();
  expect(await mainCf()).not.toContain("lab_secret =");
  expect(await site().host.must("ls -A /var/lib")).not.toContain("mailhost");
});

test("a secret setting goes along to another login, and to another machine not before the move is refused", async () => {
  const { host, lab } = site();
  const other = await lab.boot();
  const installedProgram = "/usr/local/sbin/mailhost";
  for (const machine of [host, other]) await machine.write(installedProgram, await hostProgram(), "755");
  const asked = (connection: NonNullable<Wanted["args"]>["connection"]) => {
    const login = { privateKey: site().key(), installedProgram, ...connection };
    return components.want({
      args: { connection: login, secretSettings: { lab_secret: secret }, onDestroy: "restore" },
    });
  };
  await asked({}).up();
  const privateKey = readFileSync(other.keys.ed25519, "utf8");
  const moved = await asked({ host: other.address, hostKey: other.hostKey, privateKey }).stack.up();
  expect(moved.status).not.toBe(0);
  expect(said(moved)).toContain(`${other.address}: connection.host was "${host.address}", with another host key`);
  expect(await other.must("ls -A /var/lib")).not.toContain("mailhost");
  expect(said(await asked({ user: "deploy", privilege: "sudo" }).up())).toContain(`${host.address}: secrets received`);
  await components.destroy();
  await host.must(`rm ${installedProgram}`);
});

test("a bastion that shows another key is not used", async () => {
  const { host } = site();
  const bastion = { host: host.address, port: 2200, password, hostKey: host.hostKey, dialErrorLimit: 0 };
  const up = await components
    .want({ args: { connection: { host: "127.0.0.1", privateKey: site().key(), bastion } } })
    .stack.up();
  expect(up.status).not.toBe(0);
  expect(said(up)).toContain("proxy: after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch");
});

test("a secret setting is refused while everyone may read main.cf", async () => {
  await site().host.must("chmod 644 /etc/postfix/main.cf");
  const up = await components
    .want({ args: { connection: { privateKey: site().key() }, secretSettings: { lab_secret: secret } } })
    .stack.up();
  expect(up.status).not.toBe(0);
  expect(said(up)).toMatch(/error: secretSettings.*main\.cf.*644/);
  expect(said(up)).not.toContain(secret);
});
