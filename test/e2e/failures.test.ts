// What goes wrong in the middle leaves the host as it was, and the next `up` mends it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../lab/run.ts";
import { acceptedVersions, versions } from "../lab/tls.ts";
import { atReload } from "./atReload.ts";
import type { Components } from "./components.ts";
import { mustWork } from "./components.ts";
import { interrupt, kill } from "./interrupt.ts";
import { said } from "./site.ts";
import { directory, ours, traces } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
const modern = ["TLSv1.2", "TLSv1.3"];
const restore = { onDestroy: "restore" } as const;
let original: string;
let components: Components;

beforeAll(async () => {
  original = await directory(site().host);
});

async function state(): Promise<unknown> {
  return [await traces(site().host), await directory(site().host)];
}

/** Ends every ssh session of a host. */
const CUT = "pkill -KILL -f '^sshd: root'";

describe("a failed up", () => {
  beforeEach(async () => {
    components = await site().components();
  });

  test("that pre-flight refuses changes nothing, first or later, and the next one works", async () => {
    const before = await state();
    const bad = { ...restore, settings: { smtpd_tls_cert_file: "/etc/ssl/none.pem" } };
    const first = await components.want({ args: bad }).stack.up();
    expect(first.status).not.toBe(0);
    expect(said(first)).toMatch(/error: pre-flight: smtp\/inet would .*; nothing was changed$/m);
    expect(await state()).toEqual(before);
    await components.want({ args: restore }).up();
    const hardened = await state();
    const later = await components.want({ args: bad }).stack.up();
    expect(later.status).not.toBe(0);
    expect(await state()).toEqual(hardened);
    expect(await acceptedVersions(site().host)).toEqual(modern);
    // Back to a policy that holds already: what is uploaded for it has nobody to use it, and goes with a removal an hour later.
    await components.want({ args: restore }).up();
    await site().host.must("find /root -name '.mailhost-*' -exec touch -d '61 minutes ago' {} +");
    await components.destroy();
    expect(await directory(site().host)).toBe(original);
    expect(await ours(site().host)).toEqual([]);
  });

  test("whose connection is lost before the commit changes nothing", async () => {
    const before = await state();
    const staged = `until [ -e /var/lib/mailhost/stage/queue ]; do sleep 0.02; done; ${CUT}`;
    const [up] = await Promise.all([
      components.want({ args: restore }).stack.up(),
      site().host.must(staged, { timeoutMs: 60_000 }),
    ]);
    expect(up.status).not.toBe(0);
    expect(said(up)).toMatch(/error: \S+: the connection was lost while the host worked; /);
    expect(await state()).toEqual(before);
    expect(await acceptedVersions(site().host)).toEqual(versions);
    expect(said(await components.up())).toContain("verified");
    await components.destroy();
    expect(await directory(site().host)).toBe(original);
    expect(await ours(site().host)).toEqual([]);
  });

  test("whose connection is lost after the commit ends on the host, and the next one tells of it", async () => {
    const { host } = site();
    await atReload(host, CUT);
    const up = await components.want({ args: restore }).stack.up();
    expect(up.status).not.toBe(0);
    expect(said(up)).toMatch(/error: \S+: the connection was lost while the host worked; /);
    await until(
      "the end of the transaction",
      async () => (await host.exec("ls /var/lib/mailhost/journal")).status > 0 || undefined,
    );
    const log = await host.must("journalctl -q --no-pager -n 40 SYSLOG_FACILITY=2");
    expect(await acceptedVersions(host), log).toEqual(modern);
    const before = await traces(host);
    expect(said(await components.up())).toContain("nothing to change");
    expect(await traces(host)).toEqual(before);
    expect(await components.stack.outputs()).toMatchObject({ mx: { protocols: [{ port: 25, protocols: modern }] } });
    await components.destroy();
    expect(await directory(host)).toBe(original);
    expect(await ours(host)).toEqual([]);
  });

  test.each(["/var/lib/mailhost/stage/queue", "/var/lib/mailhost/journal", "/var/lib/mailhost/journal/done"])(
    "whose engine is killed when %s is there leaves a host that the next one finishes",
    async (path) => {
      const { host } = site();
      components.want({ args: restore });
      const up = components.stack.up();
      await host.must(`until [ -e ${path} ]; do :; done`, { timeoutMs: 120_000 });
      kill(components.stack);
      expect((await up).status).not.toBe(0);
      // The engine's own lock of the stack.
      await components.stack.pulumi(["cancel", "--yes", "--stack", components.stack.name]);
      expect(said(await components.up())).toMatch(/verified|nothing to change/);
      expect(await acceptedVersions(host)).toEqual(modern);
      await components.destroy();
      expect(await directory(host)).toBe(original);
      expect(await ours(host)).toEqual([]);
    },
  );

  test("whose host loses power after the commit is undone, and then done again", async () => {
    const { host } = site();
    components.want({ args: restore });
    await atReload(host, ": >/run/committed; sleep 600");
    const up = components.stack.up();
    await host.must("until [ -e /run/committed ]; do sleep 0.1; done", { timeoutMs: 60_000 });
    expect(await directory(host)).not.toBe(original);
    await host.cutPower();
    // Nobody answers any more; a user waits no longer than this.
    await interrupt(components.stack);
    expect((await up).status).not.toBe(0);
    await host.boot();
    await components.stack.pulumi(["cancel", "--yes", "--stack", components.stack.name]);
    expect(said(await components.up())).toContain("verified");
    expect(await acceptedVersions(host)).toEqual(modern);
    await components.destroy();
    expect(await directory(host)).toBe(original);
    expect(await ours(host)).toEqual([]);
  });
});

describe("a host that is gone", () => {
  const connection = () => ({ privateKey: site().key(), dialErrorLimit: 0, perDialTimeout: 1 });
  const wanted = (name: string) => ({ name, args: { ...restore, connection: connection() } });

  beforeAll(async () => {
    components = await site().components();
    await components.want(wanted("one"), wanted("two")).up();
    await site().host.cutPower();
  });
  afterAll(() => site().host.boot());

  test("can't be destroyed, and says so", async () => {
    const destroy = await components.stack.destroy();
    expect(destroy.status).not.toBe(0);
    expect(said(destroy)).toContain(`dial tcp ${site().host.address}:22`);
  });

  test("previews all the same", async () => {
    mustWork(await components.stack.preview({ args: ["--expect-no-changes"] }));
  });

  test("is forgotten by `pulumi state delete --target-dependents`", async () => {
    const urns = (await components.resources()).map(({ urn }) => urn);
    const urn = urns.find((candidate) => candidate.endsWith("mailhost:index:PostfixHardening::one")) ?? "";
    mustWork(await components.stack.pulumi(["state", "delete", "--yes", "--target-dependents", "--stack", "dev", urn]));
    const left = (await components.resources()).map(({ urn }) => urn);
    expect(urns.filter((candidate) => !left.includes(candidate))).toHaveLength(3);
  });

  test("is let go by `retainOnDelete`", async () => {
    await components.want({ ...wanted("two"), retainOnDelete: true }).up();
    await components.destroy();
    expect(await components.resources()).toEqual([]);
  });
});
