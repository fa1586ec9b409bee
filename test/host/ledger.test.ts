// Who asked for what: several components on one host, new names, floors that only rise.
import { describe, expect, test } from "vitest";
import { banner } from "../lab/smtp.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { OWNER, policy } from "./policies.ts";

const OTHER = "owner org/proj/dev/mailhost:index:PostfixHardening/other";
const at = (version: string): string => `tls incoming >= ${version}`;

describe("bookworm", () => {
  const bench = useBench({});
  const floor = async (): Promise<string | undefined> => (await acceptedVersions(bench.host))[0];

  test("two owners share what they want alike, and the last one gives it back", async () => {
    const lines = [at("TLSv1.2"), "set mail_name = shared"];
    await bench.apply(...lines, "set smtpd_banner = first");
    expect(await bench.apply(OTHER, ...lines, "set smtpd_timeout = 200s")).toMatchObject({ changed: true });
    await bench.remove(...lines);
    expect(await floor()).toBe("TLSv1.2");
    expect(await banner(bench.host)).toMatch(/^220 mx1/);
    expect(await bench.postconf("mail_name")).toBe("shared");
    await bench.remove(OTHER, ...lines);
    expect(await floor()).toBe("TLSv1");
    expect(await bench.isPristine()).toBe(true);
    expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
  });

  test("refuses what another owner wants otherwise, naming it", async () => {
    await bench.apply("set smtpd_banner = first");
    expect(await bench.refused(policy(OTHER, "set smtpd_banner = second"))).toBe(
      `smtpd_banner belongs to ${OWNER}, which wants it otherwise; change it there`,
    );
    expect(await banner(bench.host)).toBe("220 first");
  });

  const written = (): Promise<string> =>
    bench.host.must(
      `find /etc/postfix /var/lib/mailhost -type f ! -path '*/lock' -printf '%p %i %s %m %U:%G %T@ %C@\\n' | sort`,
    );

  test("what was so already belongs to who wants it, too", async () => {
    await bench.host.must("postconf -e 'smtpd_banner = first' && postfix reload");
    const [before, files] = [await bench.fingerprint(), await bench.host.must("stat /etc/postfix/main.cf")];
    expect(await bench.apply("set smtpd_banner = first")).toMatchObject({ changed: false, changes: [] });
    expect(await bench.host.must("stat /etc/postfix/main.cf")).toBe(files);
    const noted = await written();
    expect(await bench.apply("set smtpd_banner = first")).toMatchObject({ changed: false });
    expect(await written()).toBe(noted);
    expect(await bench.refused(policy(OTHER, "set smtpd_banner = second"))).toBe(
      `smtpd_banner belongs to ${OWNER}, which wants it otherwise; change it there`,
    );
    // It was never changed, so there is nothing to give back, and then it is free.
    expect(await bench.remove("set smtpd_banner = first")).toMatchObject({ changed: false });
    expect(await bench.fingerprint()).toBe(before);
    expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
    await bench.apply(OTHER, "set smtpd_banner = second");
    expect(await banner(bench.host)).toBe("220 second");
    await bench.remove(OTHER, "set smtpd_banner = second");
    expect(await bench.fingerprint()).toBe(before);
  });

  test("who only found it so keeps it when the one who changed it goes, and gives it back at the end", async () => {
    await bench.apply("set mail_name = shared", "set smtpd_banner = first");
    await bench.apply(OTHER, "set mail_name = shared");
    const { story } = await bench.remove("set mail_name = shared", "set smtpd_banner = first");
    expect(story).toContain(`mx1: main.cf mail_name stays: ${OTHER.slice("owner ".length)} wants it too\n`);
    expect(story).not.toContain("smtpd_banner stays");
    expect(await bench.postconf("mail_name")).toBe("shared");
    expect(await bench.refused(policy("set mail_name = mine"))).toMatch(/^mail_name belongs to .*\/other,/);
    await bench.remove(OTHER, "set mail_name = shared");
    expect(await bench.isPristine()).toBe(true);
    expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
  });

  test("a service that one owner opened stays whole while another has options of it", async () => {
    const closed = (): Promise<void> => expect(banner(bench.host, 587)).rejects.toThrow("ECONNREFUSED");
    const opening = [
      "service submission/inet enable",
      "option submission/inet smtpd_sasl_auth_enable = no",
      "option submission/inet smtpd_client_restrictions =",
    ];
    const held = [OTHER, "option submission/inet smtpd_banner = held", at("TLSv1.2")];
    await bench.apply(...opening);
    await bench.apply(...held);
    const before = await bench.fingerprint();
    const { story } = await bench.remove(...opening);
    expect(story).toContain(
      `mx1: master.cf submission/inet stays as it is: ${OTHER.slice("owner ".length)} has options of it\n`,
    );
    expect(await bench.fingerprint()).toBe(before);
    expect(await banner(bench.host, 587)).toBe("220 held");
    // Who holds it still can be applied, and closes it at the end.
    expect(await bench.apply(...held)).toMatchObject({ changed: false, warnings: [] });
    await bench.remove(...held);
    await closed();
    expect(await bench.isPristine()).toBe(true);
    expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
  });

  test("what someone else changed since is named once, and theirs from then on", async () => {
    await bench.apply("set mail_name = ours", "set smtpd_banner = ours");
    await bench.host.must("postconf -e 'smtpd_banner = theirs' && postfix reload");
    const { changed, warnings } = await bench.apply("set mail_name = ours");
    expect({ changed, warnings }).toEqual({
      changed: false,
      warnings: [{ code: "kept-foreign", text: "smtpd_banner was changed by someone else since, and stays" }],
    });
    expect(await bench.apply("set mail_name = ours")).toMatchObject({ changed: false, warnings: [] });
    await bench.remove("set mail_name = ours");
    expect(await bench.postconf("smtpd_banner")).toBe("theirs");
    expect(await bench.postconf("mail_name")).toBe("Postfix");
    expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
  });

  test("holds the stricter floor of two owners", async () => {
    await bench.apply(at("TLSv1.2"));
    await bench.apply(OTHER, at("TLSv1.3"));
    expect(await floor()).toBe("TLSv1.3");
    const { warnings } = await bench.apply(at("TLSv1.2"));
    expect(warnings.map(({ code }) => code)).toContain("kept-stricter");
    expect(await floor()).toBe("TLSv1.3");
  });

  test("a renamed component goes on where it was", async () => {
    const { activation } = await bench.apply(at("TLSv1.2"));
    const renamed = "owner org/proj/dev/mailhost:index:PostfixHardening/new";
    expect(await bench.apply(renamed, `former ${OWNER}`, at("TLSv1.2"))).toMatchObject({ changed: false, activation });
    await bench.remove(renamed, `former ${OWNER}`, at("TLSv1.2"));
    expect(await bench.isPristine()).toBe(true);
    expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
  });

  test("keep leaves the server hardened, and the ledger for whoever wants it back", async () => {
    await bench.apply("destroy keep", at("TLSv1.2"));
    const hardened = await bench.fingerprint();
    const kept = await bench.remove("destroy keep", at("TLSv1.2"));
    expect(kept).toMatchObject({ changed: false, activation: { kind: "none" } });
    expect(await bench.fingerprint()).toBe(hardened);
    expect(await bench.host.must("ls /var/lib/mailhost")).toBe("ledger\nlock\n");
    // A later component takes the host as it is, and can still give everything back.
    await bench.apply(at("TLSv1.2"));
    await bench.remove(at("TLSv1.2"));
    expect(await bench.isPristine()).toBe(true);
  });

  test("never lowers a floor without a deliberate word", async () => {
    await bench.host.must("printf 'smtpd_tls_protocols = >=TLSv1.3\\n' >>/etc/postfix/main.cf && postfix reload");
    const { warnings } = await bench.apply(at("TLSv1"));
    expect(warnings.map(({ code, text }) => `${code}: ${text}`)).toContain(
      "kept-stricter: smtpd_tls_protocols = >=TLSv1.3 is stricter than TLSv1 and stays",
    );
    expect(await floor()).toBe("TLSv1.3");
    await bench.apply("allow weaker", at("TLSv1"));
    expect(await floor()).toBe("TLSv1");
    await bench.remove("allow weaker", at("TLSv1"));
    expect(await floor()).toBe("TLSv1.3");
  });

  test("a line that is gone from the policy goes back, the others stay", async () => {
    await bench.apply(
      at("TLSv1.2"),
      "set smtpd_banner = mine",
      "empty smtpd_reject_footer",
      "unset compatibility_level",
    );
    expect(await banner(bench.host)).toBe("220 mine");
    await bench.apply(at("TLSv1.2"));
    expect(await banner(bench.host)).toMatch(/^220 mx1/);
    expect(await floor()).toBe("TLSv1.2");
    expect(await bench.host.must("postconf -n compatibility_level smtpd_reject_footer")).toBe(
      "compatibility_level = 3.6\n",
    );
    // With keep, what was once set stays set.
    await bench.apply("destroy keep", at("TLSv1.2"), "set smtpd_banner = mine");
    await bench.apply("destroy keep", at("TLSv1.2"));
    expect(await banner(bench.host)).toBe("220 mine");
  });
});
