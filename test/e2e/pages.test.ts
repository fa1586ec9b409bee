// Every command of the README and of docs/, typed in order by a reader, in a lab; those that others type, and the few that nobody does, are on lists.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Bench } from "../host/bench.ts";
import { LOGGING } from "../host/policies.ts";
import { checkout } from "../lab/places.ts";
import type { Result } from "../lab/run.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { addAuditor } from "./auditor.ts";
import { type Block, blocksOf, commandsOf, fenced, page } from "./blocks.ts";
import { Reader } from "./reader.ts";
import { said } from "./site.ts";
import { directory, ours } from "./traces.ts";
import { useSite } from "./useSite.ts";

/** Begins of commands that are typed by others, and by whom. */
const typedElsewhere: [string, string][] = [
  ["npm ci", "tools/prepare.sh, before any test"],
  ["npm run build", "the same"],
  ["npm pack", "the reader, outside the lab"],
  ["npm install ../mailhost/", "the same"],
  ["npx @postmaster/mailhost check", "test/host/check.test.ts"],
  ["file=$(grep -l '^domain", "test/e2e/mailDns.test.ts"],
];

/** Begins of commands that are not typed, and why. */
const notTyped: [string, string][] = [
  ["pulumi package add", "needs a newer language host than can be had"],
  ["pulumi up", "of docs/check.md: its test makes a change that is quicker"],
];
const listed = [...typedElsewhere, ...notTyped];

/** What `mailhost` may answer besides 0: that there is a difference, evidence that keeps a port, or a plan. */
const answers: Record<string, number[]> = { plan: [1], audit: [1], report: [3, 4], restore: [4] };

const site = useSite({ addresses: 4 });
const typed = new Set<string>();
let reader: Reader;
let original: string;

function allowed(command: string): number[] {
  const [, verb = ""] = /^npx @postmaster\/mailhost (\S+)/.exec(command) ?? [];
  return [0, ...(answers[verb] ?? [])];
}

const isTyped = (command: string): boolean => !listed.some(([begin]) => command.startsWith(begin));
const promised = (command: string): boolean => isTyped(command) || command === "pulumi up";

async function type(block: Block, where?: string): Promise<string> {
  let text = "";
  for (const command of commandsOf(block).filter(promised)) {
    const result: Result = block.onHost ? await site().host.exec(command) : await reader.run(command, where);
    expect(allowed(command), `${command}\n${said(result)}`).toContain(result.status);
    typed.add(`${block.page}: ${command}`);
    text += said(result);
  }
  return text;
}

/** All blocks of a page; gives what they said. */
async function read(name: string, where?: string): Promise<string> {
  let text = "";
  for (const block of blocksOf(name)) text += await type(block, where);
  return text;
}

beforeAll(async () => {
  const { host } = site();
  const [mx1 = "", mx2 = "", mx3 = "", jump = ""] = host.addresses;
  const names = { "mx1.example.com": mx1, "mx2.example.com": mx2, "mx3.example.com": mx3, "jump.example.com": jump };
  await host.must(`echo '${mx1} mx1.example.com' >>/etc/hosts`);
  original = await directory(host);
  reader = await Reader.open(site(), names);
  const [install = ""] = blocksOf("README.md")
    .flatMap(commandsOf)
    .filter((line) => line.startsWith("npm install"));
  await reader.outside(install);
});
afterAll(() => reader?.close());

test("the README closes old TLS on a host, and a second up changes nothing", async () => {
  reader.write("mail/Pulumi.yaml", fenced("README.md", "yaml"));
  reader.write("mail/index.ts", fenced("README.md", "ts"));
  const text = await read("README.md");
  expect(text).toContain("root@mx1.example.com: would change\n");
  expect(text).toContain("mx1.example.com: verified by handshakes with every listener");
  expect(await acceptedVersions(site().host)).toEqual(["TLSv1.2", "TLSv1.3"]);
  expect(await reader.run("pulumi preview --expect-no-changes")).toMatchObject({ status: 0 });
});

test("its outputs are those that the page on old TLS looks at", async () => {
  expect(await read("docs/close-old-tls.md")).toMatch(/nothing to change[\s\S]*"protocols":\["TLSv1.2","TLSv1.3"\]/);
});

test("a host key seen from here is the one on the console", async () => {
  const fingerprints = (await read("docs/connection.md")).match(/SHA256:\S+/g) ?? [];
  expect(fingerprints).toHaveLength(2);
  expect(new Set(fingerprints).size).toBe(1);
});

test("root, sudo and doas become root", async () => {
  const { host } = site();
  await host.write("/etc/sudoers.d/page", fenced("docs/root.md", "sudoers"), "440");
  await host.must("cat >>/etc/doas.conf", { stdin: fenced("docs/root.md", "doas") });
  expect((await read("docs/root.md")).match(/^root$/gm)).toHaveLength(3);
});

test("a bastion is gone through", async () => {
  const text = await read("docs/bastion.md");
  expect(text).toContain(`jump.example.com ${site().host.hostKey}`);
  expect(text).toContain(`mx1.example.com ${site().host.hostKey}`);
  expect(text).toContain("root@mx1.example.com: nothing to change");
});

test("reports say what is not known yet", async () => {
  expect(await read("docs/report.md")).toContain("root@mx2.example.com");
  expect(await read("docs/mail-over-ipv6.md")).toContain("mx1.example.com: mail that came in");
});

test("the evidence is printed, with a verdict", async () => {
  const bench = new Bench(site().host);
  await bench.prepare();
  await bench.apply(...LOGGING);
  expect(await read("docs/evidence.md")).toMatch(/^verdict\tnot enough evidence\t/m);
  await bench.remove(...LOGGING);
  expect(await bench.isPristine()).toBe(true);
});

test("a key that audits, and drift", async () => {
  await addAuditor(site().host, "mx1.example.com");
  await read("docs/least-privilege.md");
  expect(await read("docs/drift.md")).toContain("root@mx1.example.com: as wanted: ");
});

test("many hosts from one file, and back", async () => {
  reader.directory("fleet");
  const { hostKey } = site().host;
  reader.write("fleet/hosts.json", fenced("docs/many-hosts.md", "json").replaceAll("ssh-ed25519 AAAA…", hostKey));
  const text = await read("docs/many-hosts.md", "fleet");
  expect(text.match(/: as wanted: /g)).toHaveLength(2);
  expect(await reader.run("pulumi destroy", "fleet")).toMatchObject({ status: 0 });
});

test("all of it is undone: later, and by hand", async () => {
  const [forget, restore, ...byHand] = blocksOf("docs/undo.md");
  for (const block of [forget, restore]) if (block !== undefined) await type(block);
  expect(await directory(site().host)).toBe(original);
  // The reports asked for it.
  expect(await site().host.must("ls /var/lib/mailhost")).toBe("evidence\nlock\n");
  expect(await reader.run("pulumi up")).toMatchObject({ status: 0 });
  expect(await directory(site().host)).not.toBe(original);
  expect(byHand).toHaveLength(2);
  for (const block of byHand) await type(block);
  expect(await directory(site().host)).toBe(original);
  expect(await ours(site().host)).toEqual([]);
});

describe("the pages", () => {
  const names = ["README.md", ...readdirSync(join(checkout, "docs")).map((name) => `docs/${name}`)];
  const commands = names.flatMap((name) =>
    blocksOf(name).flatMap((block) => commandsOf(block).map((command) => ({ name, command }))),
  );

  test("have no other command than those that were typed, and the list", () => {
    expect(commands.length).toBeGreaterThan(30);
    const left = commands.filter(({ name, command }) => isTyped(command) && !typed.has(`${name}: ${command}`));
    expect(left).toEqual([]);
  });

  test("have all that is on the list, which is short", () => {
    const gone = listed.filter(([begin]) => !commands.some(({ command }) => command.startsWith(begin)));
    expect(gone).toEqual([]);
    expect(notTyped.length).toBeLessThan(3);
    expect(page("README.md").split("\n").length).toBeLessThan(250);
  });
});
