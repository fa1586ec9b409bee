// The main job as a user does it: the example at the root, from the first preview to the last destroy.
import { beforeAll, describe, expect, test } from "vitest";
import type { Stack } from "../lab/stack.ts";
import { acceptedVersions, versions } from "../lab/tls.ts";
import { mustWork } from "./components.ts";
import { mailArrives, mailArrivesDuring, way } from "./mails.ts";
import { changedLines, policyLines } from "./preview.ts";
import { said } from "./site.ts";
import { connections, directory, ours, traces } from "./traces.ts";
import { useSite } from "./useSite.ts";

const broken = "3DES DES EXPORT IDEA MD5 RC2 RC4 SEED eNULL";
const policy = [
  "policy   1",
  "owner    organization/mailhost-single-host/dev/mailhost:index:PostfixHardening/mail",
  "tls      incoming >= TLSv1.2",
  "tls      outgoing >= TLSv1",
  "tls      submission >= TLSv1.2",
  `exclude  incoming ${broken}`,
  `exclude  outgoing ${broken}`,
  `exclude  submission ${broken}`,
  "activate reload",
  "destroy  keep",
];
const portsOf = { stock: [25], "lived-in": [25, 587, 465] };
const modern = ["TLSv1.2", "TLSv1.3"];

describe.each(["stock", "lived-in"] as const)("%s Debian 12", (kind) => {
  const site = useSite({ kind });
  const ports = portsOf[kind];
  let stack: Stack;
  let original: string;
  let up: string;
  beforeAll(async () => {
    stack = await site().example();
    original = await directory(site().host);
  });

  /** What each port accepts, tried from outside. */
  async function accepted(): Promise<Record<number, string[]>> {
    const entries = await Promise.all(
      ports.map(async (port) => [port, await acceptedVersions(site().host, port)] as const),
    );
    return Object.fromEntries(entries);
  }
  const each = (wanted: readonly string[]) => Object.fromEntries(ports.map((port) => [port, wanted]));

  test("the first preview says the policy in plain words and connects nowhere", async () => {
    const before = await connections(site().host);
    const preview = mustWork(await stack.preview({ diff: true }));
    expect(policyLines(said(preview))).toEqual(policy);
    expect(await connections(site().host)).toBe(before);
  });

  test("up closes obsolete TLS while mail goes on", async () => {
    const { host } = site();
    expect(await accepted()).toEqual(each(versions));
    await mailArrives(host, ports);
    const sent = await mailArrivesDuring(host, way(25), async () => {
      up = said(mustWork(await stack.up()));
    });
    expect(sent).toBeGreaterThan(5);
    expect(await accepted()).toEqual(each(modern));
    await mailArrives(host, ports);
  });

  test("what up says and gives out is what was done", async () => {
    const { host } = site();
    const outputs = await stack.outputs();
    expect(outputs).toMatchObject({ postfixVersion: expect.stringMatching(/^3\.7\.\d+$/), overridesLeft: [] });
    const reload = await host.must(
      "journalctl -q -t postfix/master -o short-unix --no-pager | grep reload | tail -n 1",
    );
    const seconds = Date.parse(String(outputs.effectiveAt)) / 1_000;
    expect(seconds - Number(reload.split(".")[0])).toBeOneOf([0, 1]);
    expect(outputs.protocols).toEqual(
      expect.arrayContaining(ports.map((port) => expect.objectContaining({ port, protocols: modern }))),
    );
    const before = kind === "stock" ? "(unset)" : "!SSLv2,!SSLv3";
    expect(up).toContain(`${host.address}: change main.cf smtpd_tls_protocols: ${before} -> >=TLSv1.2`);
    if (kind === "stock") {
      expect(outputs.changes).toContainEqual({ file: "main.cf", name: "smtpd_tls_protocols", to: ">=TLSv1.2" });
    }
    const codes = (outputs.warnings as { code: string }[]).map(({ code }) => code);
    // A receipt has room for what matters most, and says that there was more.
    if (kind === "stock") expect(codes).toEqual(["no-service"]);
    else expect(codes).toEqual(expect.arrayContaining(["policy-maps", "omitted"]));
    for (const code of codes) expect(up).toContain(`(${code})`);
  });

  test("a second preview is empty, and a second up does nothing", async () => {
    const { host } = site();
    const before = [await traces(host), await connections(host)];
    mustWork(await stack.preview({ args: ["--expect-no-changes"] }));
    expect(said(mustWork(await stack.up()))).toMatch(/^ +4 unchanged$/m);
    expect([await traces(host), await connections(host)]).toEqual(before);
  });

  test("a changed setting is one changed line, and changes that alone", async () => {
    const { host } = site();
    await stack.config("outgoing", "TLSv1.2");
    const before = await connections(host);
    const preview = mustWork(await stack.preview({ diff: true }));
    expect(changedLines(said(preview))).toEqual(["- tls      outgoing >= TLSv1", "+ tls      outgoing >= TLSv1.2"]);
    expect(policyLines(preview.stderr)).toEqual([]);
    expect(await connections(host)).toBe(before);
    up = said(mustWork(await stack.up()));
    expect(up).toMatch(/^ +~ 2 updated\n +2 unchanged$/m);
    const changed = [...up.matchAll(/: change (\S+ \S+):/g)].map(([, name]) => name);
    expect(new Set(changed)).toEqual(
      new Set(["smtp", "lmtp"].flatMap((s) => [`main.cf ${s}_tls_protocols`, `main.cf ${s}_tls_mandatory_protocols`])),
    );
    await mailArrives(host, ports);
  });

  test("destroy leaves the host hardened by default, and what was there before in the ledger", async () => {
    const { host } = site();
    const before = [await traces(host), await directory(host)];
    expect(said(mustWork(await stack.destroy()))).toContain(
      "left as it is; what was there before stays in /var/lib/mailhost/ledger",
    );
    expect([await traces(host), await directory(host)]).toEqual(before);
    expect(await accepted()).toEqual(each(modern));
    expect(await host.must("cat /var/lib/mailhost/ledger/*/main.cf")).toContain("smtpd_banner");
  });

  test("destroy with restore gives everything back, byte for byte, and nothing of ours stays", async () => {
    const { host } = site();
    await stack.config("onDestroy", "restore");
    mustWork(await stack.up());
    expect(await accepted()).toEqual(each(modern));
    const sent = await mailArrivesDuring(host, way(25), async () => mustWork(await stack.destroy()));
    expect(sent).toBeGreaterThan(5);
    expect(await directory(host)).toBe(original);
    expect(await ours(host)).toEqual([]);
    expect(await accepted()).toEqual(each(versions));
    await mailArrives(host, ports);
  });
});
