// Components beside and after one another: two on one host, a rename, dependencies, a host that is not known yet.
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TlsVersion } from "../../src/index.ts";
import type { Components } from "./components.ts";
import { mustWork } from "./components.ts";
import { policyLines } from "./preview.ts";
import { said } from "./site.ts";
import { directory, ours, traces } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
const tls = { outgoing: {} };
const broken = "3DES, DES, EXPORT, IDEA, MD5, RC2, RC4, SEED, eNULL";
let original: string;
let components: Components;

beforeAll(async () => {
  original = await directory(site().host);
});
beforeEach(async () => {
  components = await site().components();
});

/** The end of every story here: all goes, and the host is as it was at first. */
async function allGoes(): Promise<void> {
  await components.destroy();
  expect(await directory(site().host)).toBe(original);
  expect(await ours(site().host)).toEqual([]);
}

const value = async (name: string) => (await site().host.must(`postconf -hn ${name} 2>/dev/null`)).trim();

describe("two components on one host", () => {
  const helo = { name: "helo", args: { tls, settings: { smtpd_helo_required: "yes" }, onDestroy: "restore" as const } };
  const banner = { name: "banner", args: { tls, settings: { mail_name: "Mail" }, onDestroy: "restore" as const } };

  test("hold different settings, at once, and each gives back its own", async () => {
    await components.want(helo, banner).up();
    expect([await value("smtpd_helo_required"), await value("mail_name")]).toEqual(["yes", "Mail"]);
    await components.want(banner).up();
    expect([await value("smtpd_helo_required"), await value("mail_name")]).toEqual(["", "Mail"]);
    await allGoes();
  });

  const first = {
    name: "first",
    args: {
      tls: { incoming: { minimumVersion: TlsVersion.Tls12 } },
      settings: { smtpd_helo_required: "yes", mail_name: "Mail" },
      onDestroy: "restore" as const,
    },
  };
  const second = {
    name: "second",
    args: {
      tls: { incoming: { minimumVersion: TlsVersion.Tls12, excludeCiphers: ["RC4"] } },
      settings: { smtpd_helo_required: "yes", smtpd_banner: "$myhostname ESMTP lab" },
      onDestroy: "restore" as const,
    },
  };
  const own = async () => [await value("mail_name"), (await value("smtpd_banner")).includes("lab")];

  test.each([
    { stays: first, kept: ["Mail", false] },
    { stays: second, kept: ["", true] },
  ])("that overlap: when the other goes first, what $stays.name wants stays, and then all goes back", async (order) => {
    await components.want(first, { ...second, after: "first" }).up();
    expect(await own()).toEqual(["Mail", true]);
    await components.want(order.stays).up();
    expect(await own()).toEqual(order.kept);
    expect(await value("smtpd_helo_required")).toBe("yes");
    expect(await value("smtpd_tls_protocols")).toBe(">=TLSv1.2");
    mustWork(await components.stack.preview({ args: ["--expect-no-changes"] }));
    await allGoes();
  });

  test("may not disagree, and the second is told of the first", async () => {
    const other = { name: "other", after: "helo", args: { tls, settings: { smtpd_helo_required: "no" } } };
    const up = await components.want(helo, other).stack.up();
    expect(up.status).not.toBe(0);
    expect(said(up)).toMatch(/10\.77\.1\.2: error: smtpd_helo_required belongs to .*\/helo, which wants it otherwise/);
    expect(await value("smtpd_helo_required")).toBe("yes");
    await components.want(helo).up();
    await allGoes();
  });
});

test("a rename with an alias replaces nothing, leaves the host alone, and takes the ledger along", async () => {
  const args = { tls, settings: { smtpd_helo_required: "yes" }, onDestroy: "restore" as const };
  await components.want({ name: "old", args }).up();
  const before = [await traces(site().host), await directory(site().host)];
  components.want({ name: "new", formerName: "old", args });
  const preview = said(mustWork(await components.stack.preview({ diff: true })));
  expect(preview).toMatch(/^ +~ 2 to update\n +2 unchanged$/m);
  const up = said(await components.up());
  expect(up).toMatch(/^ +~ 2 updated\n +2 unchanged$/m);
  expect(up).toContain("nothing to change");
  // Once it has its new name everywhere, the alias may go.
  await components.want({ name: "new", args }).up();
  expect([await traces(site().host), await directory(site().host)]).toEqual(before);
  const owners = await site().host.must("cat /var/lib/mailhost/ledger/*/owners");
  expect(owners).toMatch(/PostfixHardening\/new\b/);
  expect(owners).not.toMatch(/PostfixHardening\/old\b/);
  await allGoes();
});

test("a stack that is renamed goes on as the former owner once that is named, and not before", async () => {
  const services = { "smtp/inet": { options: { smtpd_timeout: "200s" } } };
  const args = { tls, services, secretSettings: { mail_name: "hidden" }, onDestroy: "restore" as const };
  await site().host.must("chmod 640 /etc/postfix/main.cf");
  await components.want({ args }).up();
  const before = await traces(site().host);
  await components.stack.rename("prod");
  const former = "organization/components/dev/mailhost:index:PostfixHardening/mx";
  const refusal = `${site().host.address}: formerly is without "${former}", as this component was called at its last update; add it, and what was changed on the host stays its own`;
  for (const run of [await components.stack.preview(), await components.stack.up()]) {
    expect(run.status).not.toBe(0);
    expect(said(run)).toContain(refusal);
  }
  expect(await traces(site().host)).toEqual(before);
  expect(said(await components.want({ args: { ...args, formerly: [former] } }).up())).toContain("nothing to change");
  await components.want({ args }).up();
  expect(await site().host.must("cat /var/lib/mailhost/ledger/*/owners")).not.toContain("/dev/");
  await components.destroy();
  await site().host.must("chmod 644 /etc/postfix/main.cf");
  await allGoes();
});

test("a replacement that is forced removes first, and makes it so again; what was there at first is not forgotten", async () => {
  await components.want({ args: { tls, onDestroy: "restore" } }).up();
  const hardened = await directory(site().host);
  const made = (await components.resources()).map(({ urn }) => urn).filter((urn) => /mx-(policy|program)$/.test(urn));
  const up = said(await components.up({ args: made.flatMap((urn) => ["--replace", urn]) }));
  expect(up.indexOf("give back main.cf")).toBeGreaterThan(0);
  expect(up.indexOf("change main.cf")).toBeGreaterThan(up.indexOf("give back main.cf"));
  expect(await directory(site().host)).toBe(hardened);
  // Its policy alone finds that the program went with the last restore, and says how to bring it back.
  const alone = made.filter((urn) => urn.endsWith("policy")).flatMap((urn) => ["--replace", urn]);
  const refused = await components.stack.up({ args: alone });
  expect(refused.status).not.toBe(0);
  expect(said(refused)).toContain(`${site().host.address}: no program; raise repair`);
  await components.want({ args: { tls, onDestroy: "restore", repair: 1 } }).up();
  expect(await directory(site().host)).toBe(hardened);
  await allGoes();
});

test("a protected component is not destroyed, and one that depends on another runs after it", async () => {
  const first = { name: "first", protect: true, args: { tls, onDestroy: "restore" as const } };
  const second = { name: "second", after: "first", args: { tls: { incoming: {} }, onDestroy: "restore" as const } };
  const up = said(await components.want(first, second).up());
  expect(up.indexOf("first-policy created")).toBeGreaterThan(0);
  expect(up.indexOf("second-program creating")).toBeGreaterThan(up.indexOf("first-policy created"));
  const destroy = await components.stack.destroy();
  expect(destroy.status).not.toBe(0);
  expect(said(destroy)).toMatch(/protected/);
  expect([await value("smtp_tls_exclude_ciphers"), await value("smtpd_tls_exclude_ciphers")]).toEqual([broken, ""]);
  await components.want({ ...first, protect: false }, second).up();
  await allGoes();
});

test("a host that another resource makes is unknown in preview, and reached in up", async () => {
  const program = site().program("discovered");
  const { host } = site();
  const stack = await site().stackOf(program);
  await stack.config("address", host.address);
  await stack.config("hostKey", host.hostKey);
  await stack.config("privateKey", site().key(), { secret: true });
  const preview = said(mustWork(await stack.preview({ diff: true })));
  expect(policyLines(preview)).toContain("set      smtpd_helo_required = yes");
  expect(preview).toMatch(/^ +\+ 5 to create$/m);
  const up = said(mustWork(await stack.up()));
  expect(await stack.outputs()).toEqual({ endpoint: `root@${host.address}:22` });
  expect(up).toContain(`${host.address}: verified`);
  mustWork(await stack.preview({ args: ["--expect-no-changes"] }));
  mustWork(await stack.destroy());
  expect(await directory(host)).toBe(original);
});
