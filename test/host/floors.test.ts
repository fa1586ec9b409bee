// What a lived-in host's own overrides, postscreen and Mozilla's levels make of a policy, as a client sees it.
import { describe, expect, test } from "vitest";
import type { Host } from "../lab/host.ts";
import type { Suite } from "../lab/roots.ts";
import { sslyze } from "../lab/sslyze.ts";
import { acceptedVersions, handshake, versions } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { CLASSIC, policy } from "./policies.ts";

const MODERN = ["TLSv1.2", "TLSv1.3"];
/** Nobody signed the certificates of these hosts; that is all that Mozilla's level may find. */
const notOfTheChain = (complaint: string): boolean => !/^certificate|^maximum_certificate_lifespan/.test(complaint);
type Level = "modern" | "intermediate";

/** What a scan of the port finds against a level. */
async function complaintsOf(host: Host, port: number, mozilla: Level): Promise<string[]> {
  return (await sslyze(host, { port, mozilla })).complaints.filter(notOfTheChain);
}

const RECEIPT = "cat /var/lib/mailhost/receipts/*.json";

describe.each<Suite>(["bullseye", "bookworm", "trixie"])("lived-in %s", (suite) => {
  const bench = useBench({ suite, kind: "lived-in" });

  // At once, for a scan of a second kind of port is idle most of the time.
  const complaints = (mozilla: Level): Promise<string[][]> =>
    Promise.all([25, 587, 465].map((port) => complaintsOf(bench.host, port, mozilla)));

  test("intermediate passes Mozilla's level on 25, 587 and 465", async () => {
    await bench.apply(...CLASSIC, "ciphers incoming intermediate", "ciphers submission intermediate");
    expect(await complaints("intermediate")).toEqual([[], [], []]);
    expect(await acceptedVersions(bench.host, 25)).toEqual(MODERN);
  });

  test("modern is TLS 1.3 alone", async () => {
    await bench.apply("tls submission >= TLSv1.3", "ciphers submission modern");
    for (const port of [587, 465]) expect(await acceptedVersions(bench.host, port)).toEqual(["TLSv1.3"]);
    // Port 25 has a floor of its own.
    expect(await acceptedVersions(bench.host, 25)).toEqual(versions);
    await bench.apply(
      ...["incoming", "submission"].flatMap((block) => [`tls ${block} >= TLSv1.3`, `ciphers ${block} modern`]),
    );
    expect(await complaints("modern")).toEqual([[], [], []]);
  });

  test("reports policy maps, and duplicates of what it decides", async () => {
    await bench.apply(...CLASSIC);
    const { warnings } = JSON.parse(await bench.host.must(RECEIPT)) as { warnings: { code: string; text: string }[] };
    expect(warnings.find(({ code }) => code === "policy-maps")?.text).toMatch(/tls_policy is not evaluated/);
    expect(warnings.filter(({ code }) => code === "duplicate").map(({ text }) => text)).toEqual([
      "/etc/postfix/main.cf has smtp_tls_protocols more than once; the last one counts",
    ]);
  });
});

describe("lived-in bookworm", () => {
  const bench = useBench({ kind: "lived-in" });
  const override = `sed -i '/^smtpd  *pass/a\\  -o smtpd_tls_protocols=!SSLv2,!SSLv3' /etc/postfix/master.cf && postfix reload`;

  test("an override that defeats the floor is named, and mended where the policy says so", async () => {
    await bench.host.must(override);
    const named = ["smtpd/pass smtpd_tls_protocols", "submission/inet smtpd_tls_mandatory_protocols"];
    const { overrides, warnings } = await bench.apply("tls incoming >= TLSv1.2");
    expect(overrides.map(({ service, option }) => `${service} ${option}`)).toEqual(named);
    expect(warnings.map(({ code, text }) => `${code}: ${text}`)).toContain(
      "override: smtpd/pass has -o smtpd_tls_protocols=!SSLv2,!SSLv3, which hides what main.cf says",
    );
    // Behind postscreen it is the option that counts, and the receipt does not say otherwise.
    expect(await acceptedVersions(bench.host)).toEqual(versions);
    const again = await bench.apply("tls incoming >= TLSv1.2");
    expect(again).toMatchObject({ changed: false, overrides });
    const { overrides: left } = await bench.apply("override fix", "tls incoming >= TLSv1.2");
    expect(left).toEqual([]);
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
    await bench.remove("override fix", "tls incoming >= TLSv1.2");
    expect(await acceptedVersions(bench.host)).toEqual(versions);
  });

  test("old versions that go with their ciphers are no damage, and those of other services still count", async () => {
    await bench.host.must(
      "postconf -P submission/inet/smtpd_tls_protocols='!SSLv2,!SSLv3' submission/inet/smtpd_tls_security_level=may && postfix reload",
    );
    expect(await acceptedVersions(bench.host, 587)).toEqual(versions);
    const grade = ["set smtpd_tls_ciphers = high", "set tls_high_cipherlist = ECDHE-RSA-AES128-GCM-SHA256"];
    await bench.apply(...grade);
    for (const port of [25, 587]) expect(await acceptedVersions(bench.host, port)).toEqual(MODERN);
    await bench.remove(...grade);
    const listed = [
      "option submission/inet smtpd_tls_ciphers = high",
      "option submission/inet tls_high_cipherlist = ECDHE-RSA-AES128-GCM-SHA256",
    ];
    await bench.apply(...listed);
    expect(await acceptedVersions(bench.host, 587)).toEqual(MODERN);
    expect(await acceptedVersions(bench.host, 25)).toEqual(versions);
    await bench.remove(...listed);
  });

  test("postscreen holds the floor against a client that it does not know", async () => {
    expect(await bench.host.must("postconf -h mynetworks")).not.toContain("10.77");
    await bench.apply("tls incoming >= TLSv1.2", "exclude incoming AES128-SHA");
    // Whatever postscreen remembers of this client goes, so that it speaks itself.
    await bench.host.must(
      "rm -f /var/lib/postfix/postscreen_cache.*; sed -i '/^postscreen_greet_wait/a postscreen_pipelining_enable = yes' /etc/postfix/main.cf; postfix reload",
    );
    const log = await bench.host.must("stat -c %s /var/log/mail.log");
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
    expect((await handshake(bench.host, { version: "TLSv1.2", cipher: "AES128-SHA" })).outcome).toBe("refused");
    expect(await bench.host.must(`tail -c +${log.trim()} /var/log/mail.log`)).toMatch(/tlsproxy/);
  });

  test("an excluded suite is refused, and the host's own exclusions stay", async () => {
    const aes = { port: 587, version: "TLSv1.2", cipher: "AES128-SHA" } as const;
    expect((await handshake(bench.host, aes)).outcome).toBe("accepted");
    await bench.apply("exclude submission AES128-SHA", "exclude incoming AES128-SHA");
    expect((await handshake(bench.host, aes)).outcome).toBe("refused");
    expect((await handshake(bench.host, { ...aes, cipher: "AES256-SHA" })).outcome).toBe("accepted");
    expect(await bench.postconf("smtpd_tls_exclude_ciphers")).toBe("aNULL, MD5, DES, AES128-SHA");
  });

  test("plan says what apply would do, and writes nothing", async () => {
    const files = (): Promise<string> =>
      bench.host.must("find /etc/postfix -printf '%p %i %T@ %C@\\n' | sort; ls -A /var/lib/mailhost || true");
    const before = await files();
    const plan = await bench.run("plan", policy(...CLASSIC));
    expect(plan.status).toBe(0);
    expect(await files()).toBe(before);
    const { story } = await bench.apply(...CLASSIC);
    expect(plan.stderr.match(/(?<=would change ).*/g)).toEqual(story.match(/(?<=: change ).*/g));
  });
});

describe("bookworm", () => {
  const bench = useBench({});

  test("anonymous suites are accepted until they are excluded", async () => {
    const anonymous = { version: "TLSv1.2", cipher: "aNULL" } as const;
    expect((await handshake(bench.host, anonymous)).outcome).toBe("accepted");
    await bench.apply("exclude incoming aNULL");
    expect((await handshake(bench.host, anonymous)).outcome).toBe("refused");
    expect((await handshake(bench.host, { version: "TLSv1.2" })).outcome).toBe("accepted");
  });

  test("a profile goes in beside an override that is left", async () => {
    await bench.host.must("postconf -P smtp/inet/smtpd_tls_protocols='!SSLv2,!SSLv3' && postfix reload");
    const { overrides } = await bench.apply("tls incoming >= TLSv1.2", "ciphers incoming intermediate");
    expect(overrides).toMatchObject([{ service: "smtp/inet", option: "smtpd_tls_protocols" }]);
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
    await bench.remove("tls incoming >= TLSv1.2", "ciphers incoming intermediate");
  });

  test("a profile does not loosen a grade that means one suite of it", async () => {
    const suite = (cipher: string) => handshake(bench.host, { version: "TLSv1.2", cipher });
    await bench.host.must(
      "postconf -e smtpd_tls_ciphers=high tls_high_cipherlist=ECDHE-RSA-AES256-GCM-SHA384 && postfix reload",
    );
    const { warnings } = await bench.apply("tls incoming >= TLSv1.2", "ciphers incoming intermediate");
    expect(warnings.map(({ code, text }) => `${code}: ${text}`)).toContain(
      "kept-stricter: smtp/inet smtpd_tls_ciphers = high is stricter than intermediate, as tls_high_cipherlist is only a part of its suites, and stays",
    );
    expect((await suite("ECDHE-RSA-AES256-GCM-SHA384")).outcome).toBe("accepted");
    expect((await suite("ECDHE-RSA-AES128-GCM-SHA256")).outcome).toBe("refused");
    await bench.apply("allow weaker", "tls incoming >= TLSv1.2", "ciphers incoming intermediate");
    expect((await suite("ECDHE-RSA-AES128-GCM-SHA256")).outcome).toBe("accepted");
  });

  test.each<[Level, ...string[]]>([
    ["intermediate", ...CLASSIC],
    ["modern", "tls incoming >= TLSv1.3"],
  ])("incoming passes Mozilla's %s level on 25", async (level, ...lines) => {
    await bench.apply(...lines, `ciphers incoming ${level}`);
    expect(await complaintsOf(bench.host, 25, level)).toEqual([]);
  });
});
