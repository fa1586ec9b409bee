// Runs that have nothing to do: whatever made them happen, they write nothing and reload nothing.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { otherKey } from "../unit/keys.ts";
import type { Components, Wanted } from "./components.ts";
import { mustWork } from "./components.ts";
import { changedLines } from "./preview.ts";
import { said } from "./site.ts";
import { directory, logins, ours, traces } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
const settings = { smtpd_helo_required: "yes" };
let components: Components;
let original: string;
let copy: string;
let effectiveAt: unknown;

beforeAll(async () => {
  const { host } = site();
  components = await site().components();
  copy = components.program.ownPackage();
  original = await directory(host);
  // Another port of the same sshd.
  await host.must("printf 'Port 22\\nPort 2222\\n' >/etc/ssh/sshd_config.d/port.conf && systemctl restart ssh");
  await components.want({ args: { settings } }).up();
  effectiveAt = (await mx()).effectiveAt;
});

async function mx(): Promise<Record<string, unknown>> {
  return (await components.stack.outputs()).mx as Record<string, unknown>;
}

/** An `up` that went to the host, found nothing to do there, and says the same as the one before it. */
async function nothingHappens(): Promise<string> {
  const { host } = site();
  const before = [await traces(host), await directory(host)];
  const been = await logins(host);
  const up = said(await components.up());
  expect(up).toContain("nothing to change");
  expect(await logins(host)).toBeGreaterThan(been);
  expect([await traces(host), await directory(host)]).toEqual(before);
  expect(await mx()).toMatchObject({ changes: [], effectiveAt });
  return up;
}

test("a newer program runs once more, and its preview is small", async () => {
  const program = join(copy, "dist/host/mailhost.sh");
  const text = readFileSync(program, "utf8");
  writeFileSync(program, text.replace("mailhost's host program", "mailhost's newer host program"));
  expect(readFileSync(program, "utf8")).not.toBe(text);
  const preview = said(mustWork(await components.stack.preview({ diff: true })));
  expect(changedLines(preview)).toEqual([]);
  // Two resources, and of them the name, the hash and the two calls of the program; then the outputs and the sum.
  const marked = preview.split("\n").filter((line) => /^ +[-+~] /.test(line));
  const names = ["command", "remotePath", "source", "source", "command", "create", "delete", "mx", "2"];
  expect(marked.map((line) => line.trim().split(/[ :]+/)[1])).toEqual(names);
  expect(preview).not.toContain("#!/bin/sh");
  await nothingHappens();
  const programs = await ours(site().host);
  expect(programs.filter((path) => path.includes("/bin/"))).toHaveLength(1);
  expect(programs.filter((path) => !path.startsWith("/var/lib/mailhost"))).toEqual([]);
});

test.each<[string, () => Wanted["args"]]>([
  ["another limit", () => ({ connection: { privateKey: site().key(), dialErrorLimit: 3 } })],
  ["another key", () => ({ connection: { privateKey: site().key("rsa") } })],
  ["another port", () => ({ connection: { privateKey: site().key(), port: 2222 } })],
  [
    "another address of the same machine",
    () => ({ connection: { privateKey: site().key(), host: site().host.address6 } }),
  ],
  ["another login", () => ({ connection: { privateKey: site().key(), user: "deploy", privilege: "sudo" } })],
])("%s of the connection runs once more", async (_, args) => {
  components.want({ args: { settings, ...args() } });
  const preview = said(mustWork(await components.stack.preview({ diff: true })));
  expect(changedLines(preview)).toEqual([]);
  await nothingHappens();
});

test("a state that lost all that was done, as when an engine that writes it once is killed, finds it done", async () => {
  const kept: { deployment: { resources?: unknown[] } } = JSON.parse((await components.stack.export()).stdout);
  const lost = { ...kept, deployment: { ...kept.deployment, resources: [] } };
  mustWork(await components.stack.pulumi(["stack", "import", "--stack", components.stack.name], JSON.stringify(lost)));
  await nothingHappens();
});

test("another machine is refused, in a preview already", async () => {
  const connection = { privateKey: site().key(), host: "192.0.2.1", hostKey: otherKey };
  const refused = await components.want({ args: { settings, connection } }).stack.preview();
  expect(refused.status).not.toBe(0);
  expect(said(refused)).toMatch(
    /192\.0\.2\.1: connection\.host was "[0-9a-f.:]+", with another host key; .* use a new component/,
  );
});

test("repair runs once more, is one line, and mends what was edited and what was removed", async () => {
  const { host } = site();
  await components.want({ args: { settings } }).up();
  const hardened = await directory(host);
  await host.must("rm -r /var/lib/mailhost/bin && postconf -e 'smtpd_tls_protocols = !SSLv2' && postfix reload");
  expect(said(await components.up())).toMatch(/^ +4 unchanged$/m);
  components.want({ args: { settings, repair: 1 } });
  const preview = said(mustWork(await components.stack.preview({ diff: true })));
  expect(changedLines(preview)).toEqual(["+ repair   1"]);
  const up = said(await components.up());
  expect(up).toContain("change main.cf smtpd_tls_protocols: !SSLv2 -> >=TLSv1.2");
  expect(await directory(host)).toBe(hardened);
  expect(await mx()).toMatchObject({ changes: [{ name: "smtpd_tls_protocols", from: "!SSLv2", to: ">=TLSv1.2" }] });
});

test("a program that is gone, or was changed, is uploaded again by the next up that needs it", async () => {
  const { host } = site();
  await components.want({ args: { settings, repair: 1 } }).up();
  const programs = "/var/lib/mailhost/bin";
  for (const [harm, value] of [
    [`rm -r ${programs}`, "no"],
    [`for program in ${programs}/.mailhost-*; do echo 'touch /root/evil' >$program; done`, "yes"],
  ]) {
    await host.must(String(harm));
    const changed = { ...settings, smtpd_helo_required: String(value) };
    expect(said(await components.want({ args: { settings: changed, repair: 1 } }).up())).toContain(
      "smtpd_helo_required",
    );
    expect(await host.must(`cat ${programs}/.mailhost-* | head -1; ls /root/evil 2>&1 || :`)).toMatch(
      /^#!\/bin\/sh\nls: cannot access/,
    );
  }
});

test("a program that goes while a change is refused is named, with the command that uploads it again", async () => {
  const { host } = site();
  const refused = { ...settings, smtpd_helo_required: "maybe" };
  const fails = async () => {
    const up = await components.want({ args: { settings: refused, repair: 1 } }).stack.up();
    expect(up.status).not.toBe(0);
    return said(up);
  };
  expect(await fails()).toContain("smtpd_helo_required");
  await host.must("rm -r /var/lib/mailhost/bin");
  const [, urn = ""] =
    /: the program that was uploaded is not there .*pulumi up --replace '([^']+)'/.exec(await fails()) ?? [];
  expect(urn).toMatch(/CopyToRemote::mx-program$/);
  const up = await components.stack.up({ args: ["--replace", urn] });
  expect(said(up)).not.toContain("the program that was uploaded is not there");
  await components.want({ args: { settings, repair: 1 } }).up();
});

test("a forced replacement removes first, so that the component stays the owner of what it wants", async () => {
  await components.want({ args: { settings, repair: 1 } }).up();
  const policy = (await components.resources()).find(({ urn }) => urn.endsWith("::mx-policy"));
  const up = said(await components.up({ args: ["--replace", String(policy?.urn)] }));
  expect(up).toContain("nothing to change");
  expect((await site().host.must("postconf -hn smtpd_helo_required")).trim()).toBe("yes");
  expect(await site().host.must("cat /var/lib/mailhost/ledger/*/owners")).toMatch(/PostfixHardening\/mx\b/);
});

test("after all of it, restore still gives back what was there at first", async () => {
  await components.want({ args: { settings, repair: 1, onDestroy: "restore" } }).up();
  await components.destroy();
  expect(await directory(site().host)).toBe(original);
  expect(await ours(site().host)).toEqual([]);
});
