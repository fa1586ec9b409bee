// The program that root installed, a login that may run just that, and a key that only audits: all as docs/least-privilege.md says.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { Privilege } from "../../src/connectionArgs.ts";
import { installedCall } from "../../src/hostProgram.ts";
import { checkout, say } from "../lab/places.ts";
import { type Result, until } from "../lab/run.ts";
import type { Components, Wanted } from "./components.ts";
import { said } from "./site.ts";
import { directory, ours, traces } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
const page = readFileSync(join(checkout, "docs", "least-privilege.md"), "utf8");
const program = "/usr/local/sbin/mailhost";
let components: Components;
let original: string;
let policy: string;

/** The blocks of one language on the page, with this host's name. */
function blocks(language: string): string[] {
  const found = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm"))];
  return found.map(([, text]) => String(text).replaceAll("mx1.example.com", site().host.address));
}

const wanted = (connection: object = {}): Wanted => ({
  args: {
    connection: {
      user: "mailhost",
      privateKey: site().key(),
      privilege: "sudo",
      installedProgram: program,
      ...connection,
    },
    onDestroy: "restore",
  },
});

/** As a client of the host: what the key of that login may do. */
function as(user: string, words: readonly string[], stdin = ""): Promise<Result> {
  const { host } = site();
  return host.outside([...host.sshArgv().slice(0, -1), `${user}@${host.address}`, ...words], { stdin });
}

beforeAll(async () => {
  const { host } = site();
  components = await site().components();
  original = await directory(host);
  const key = readFileSync(`${host.keys.ed25519}.pub`, "utf8").trim();
  const [install] = blocks("sh");
  const command = /'([^']+)' </.exec(install ?? "")?.[1] ?? "";
  const built = readFileSync(join(checkout, "dist", "host", "mailhost.sh"), "utf8");
  expect((await host.ssh(command, { stdin: built })).status).toBe(0);
  await host.write("/etc/sudoers.d/mailhost", blocks("sudoers").join(""), "440");
  await host.must("useradd -m -s /bin/bash mailhost; useradd -m -s /bin/bash auditor; visudo -c");
  for (const [index, user] of ["mailhost", "auditor"].entries()) {
    const line = blocks("authorized_keys")[index]?.replace(/ssh-ed25519 AAAA… \S+/, key) ?? "";
    await host.must(`mkdir /home/${user}/.ssh`);
    await host.write(`/home/${user}/.ssh/authorized_keys`, line);
  }
});

describe("the login that may run one program", () => {
  test("takes over from one that uploaded it, and uploads nothing", async () => {
    const { host } = site();
    await components.want({ args: { onDestroy: "restore" } }).up();
    await host.must("test -d /var/lib/mailhost/bin");
    expect(said(await components.want(wanted()).up())).toContain("nothing to change");
    const kept = (await components.resources()).filter(({ urn }) => urn.includes("mailhost:index:PostfixHardening"));
    expect(kept.map(({ type }) => type)).toEqual(["mailhost:index:PostfixHardening", "command:remote:Command"]);
    say(`state of one component with an installed program: ${Buffer.byteLength(JSON.stringify(kept))} bytes`);
    expect(await host.must("ls /var/lib/mailhost; cd /home/mailhost; find . -name '*mailhost*'")).toBe(
      "ledger\nlock\nreceipts\n",
    );
    policy = String(kept[1]?.inputs?.stdin);
  });

  test("may do nothing else as root", async () => {
    const { host } = site();
    const { address } = host;
    const tries = [
      "id",
      `${program} plan ${address}`,
      `${program} apply other`,
      `${program} apply ${address} more`,
      `sh ${program} apply ${address}`,
    ];
    for (const words of tries) {
      expect(await as("mailhost", [`sudo -n ${words}`])).toMatchObject({ status: 1, stdout: "" });
    }
    expect((await as("mailhost", [`echo >${program}`])).status).not.toBe(0);
    expect((await as("mailhost", ["-W", "127.0.0.1:25"])).status).not.toBe(0);
  });

  test("is told what is missing: the program, its version, the right", async () => {
    const { host } = site();
    const { address } = host;
    const refused = async (connection: object = {}) => {
      const up = await components.want({ args: { ...wanted(connection).args, repair: 1 } }).stack.up();
      expect(up.status).not.toBe(0);
      return said(up);
    };
    await host.must(
      `cp -p ${program} /root/kept; sed -i 's/"policy   1"/"policy   9"/; s/reads policy 1/reads policy 9/' ${program}`,
    );
    expect(await refused()).toContain(
      'this program reads policy 9, not "policy   1"; use the one that belongs to what wrote the policy',
    );
    await host.must(`rm ${program}`);
    expect(await refused()).toContain(`${address}: no program at ${program}; root must install it first`);
    await host.must(`mv /root/kept ${program}`);
    expect(await refused({ user: "plain" })).toContain(
      `${address}: plain needs NOPASSWD in sudoers for ${program} apply ${address}`,
    );
    await components.want(wanted()).up();
  });

  test("may as well use doas", async () => {
    const { host } = site();
    await host.must("cat >>/etc/doas.conf", { stdin: blocks("doas").join("") });
    const call = (verb: "apply" | "remove", privilege: Privilege) =>
      installedCall(program, privilege, verb, host.address);
    const done = await as("mailhost", [call("apply", Privilege.Doas)], policy);
    expect(done).toMatchObject({ status: 0 });
    expect(JSON.parse(done.stdout)).toMatchObject({ protocol: 1, changed: false });
    expect((await as("mailhost", ["doas -n id"])).status).toBe(1);
  });
});

describe("the key that only audits", () => {
  const lowered = () => policy.replace("destroy  restore", "destroy  keep");
  const changing = () => policy.replaceAll(">= TLSv1.2", ">= TLSv1.3");

  test("says whether the policy holds", async () => {
    expect(await as("auditor", [], policy)).toMatchObject({ status: 0 });
    expect(await as("auditor", [], changing())).toMatchObject({ status: 4 });
  });

  // 4 is the audit's own answer, 255 that of an ssh which was refused.
  test.each<[string, readonly string[], number]>([
    ["apply", [`sudo -n ${program} apply HOST`], 4],
    ["remove", [`sudo -n ${program} remove HOST`], 4],
    ["a command", ["touch /tmp/mine; touch ~/mine"], 4],
    ["a shell", ["-tt"], 255],
    ["a subsystem", ["-s", "sftp"], 4],
    ["a connection through the host", ["-W", "127.0.0.1:25"], 255],
    ["a port of the host", ["-o", "ExitOnForwardFailure=yes", "-R", "2525:127.0.0.1:25"], 255],
  ])("gets nothing more by asking for %s", async (_, words, status) => {
    const asked = words.map((word) => word.replace("HOST", site().host.address));
    await unchanged(async () => {
      const result = await as("auditor", asked, changing());
      expect(result).toMatchObject({ status });
      expect(result.stdout).toMatch(status === 4 ? /^\{"protocol":1,.*\}\n$/ : /^$/);
    });
  });

  test("gets nothing more by a policy or the environment", async () => {
    await unchanged(async () => {
      await as("auditor", [], lowered());
      await as("auditor", [], "policy   1\n$(touch /tmp/mine)\n`touch /tmp/mine`\n");
      await as("auditor", ["-o", "SetEnv=LC_ALL=x LANG=() { touch /tmp/mine; }"], changing());
    });
  });
});

test("a copy with the key that only audits waits for an answer that never comes, and keeps nobody waiting", async () => {
  const { host } = site();
  const options = host.sshArgv().slice(1, -1);
  await unchanged(async () => {
    const copy = host.outside([
      "timeout",
      "5",
      "scp",
      ...options,
      "/etc/hostname",
      `auditor@${host.address}:/tmp/mine`,
    ]);
    await until("its audit", async () => (await audits()) || undefined);
    const apply = installedCall(program, Privilege.Sudo, "apply", host.address);
    const done = await as("mailhost", [apply], policy);
    expect(done).toMatchObject({ status: 0, stderr: `${host.address}: nothing to change\n` });
    expect((await copy).status).not.toBe(0);
  });
});

const audits = async () => (await site().host.exec("pgrep -u root -f '^/bin/sh .*[m]ailhost audit'")).status === 0;
/** Sessions of that login, and what runs on for one that went away. */
const sessions = async () => (await site().host.exec("pgrep -U auditor")).status === 0;

/** Nothing but logs and the lock may be newer than the attempt; Postfix goes on as it was. */
async function unchanged(attempt: () => Promise<unknown>): Promise<void> {
  const { host } = site();
  const look = async () => [
    await traces(host),
    await directory(host),
    await directory(host, "/var/lib/mailhost/ledger"),
  ];
  const before = await look();
  await host.must("touch /root/marker; sleep 0.02");
  await attempt();
  // Who goes away early leaves the audit to itself, which has a directory of its own while it runs.
  await until("the end of it all", async () => !((await sessions()) || (await audits())) || undefined);
  const places = "/etc /home /root /tmp /usr/local /var/lib/mailhost /var/tmp";
  const newer = await host.must(`find ${places} -newer /root/marker`);
  const expected = /^\/var\/lib\/mailhost(\/lock)?$/;
  expect(
    newer
      .split("\n")
      .filter((path) => !expected.test(path))
      .join(" "),
  ).toBe("");
  expect(await look()).toEqual(before);
}

test("the last removal gives everything back", async () => {
  await components.destroy();
  expect(await directory(site().host)).toBe(original);
  expect(await ours(site().host)).toEqual(["/home/mailhost"]);
});
