import { expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { LivingHost } from "./decide.ts";

const smtp = "smtp inet n - y - - smtpd\n";
const smtps = "smtps inet n - y - - smtpd\n";

withEachAwk("two owners", (awk) => {
  const first = "org/mail/prod/mailhost:index:PostfixHardening/first";
  const second = "org/mail/prod/mailhost:index:PostfixHardening/second";
  const living = (main: string, master = "") => new LivingHost({ awk, main, master });
  const as = (owner: string) => ({ owner });

  it("lets a component open again what its own guarded change closed, and no other component", () => {
    const guarded = as(`${first}-guarded-smtps/inet`);
    const close = ["service smtps/inet disable", "destroy restore"];
    for (const open of ["service smtps/inet enable", "service 465/inet enable"]) {
      const host = living("a = 1\n", smtps);
      host.apply(["set a = x"], as(first));
      host.apply(close, guarded);
      expect(host.master).not.toBe(smtps);
      expect(host.preview([open], as(second)).refusal).toContain(`belongs to ${first}-guarded-smtps/inet`);
      // A run that says nothing of it leaves it closed.
      host.apply(["set a = y"], as(first));
      expect(host.master).not.toBe(smtps);
      host.apply([open], as(first));
      expect(host.master).toBe(smtps);
      host.remove(guarded);
      expect(host.master).toBe(smtps);
      expect(host.preview(close, as(second)).refusal).toContain(`belongs to ${first}, which`);
    }
  });

  it("says nothing of a stricter floor that is its own guarded one", () => {
    const host = living("smtpd_tls_protocols = !SSLv2\n", "");
    host.apply(["tls incoming >= TLSv1"], as(first));
    host.apply(["tls incoming >= TLSv1.2"], as(`${first}-guarded-incoming`));
    const again = host.apply(["tls incoming >= TLSv1", "set b = 1"], as(first));
    expect(again.warnings.filter((line) => line.startsWith("kept-stricter"))).toEqual([]);
    expect(host.main).toContain("smtpd_tls_protocols = >=TLSv1.2");
  });

  it("share what they want alike, and the last one gives it back", () => {
    const host = living("a = 1\n", smtps);
    const policy = ["set a = x", "service smtps/inet disable"];
    host.apply(policy, as(first));
    expect(host.apply(policy, as(second)).changes).toEqual([]);
    expect(host.remove(as(first)).changes).toEqual([]);
    expect(host.main).toBe("a = x\n");
    host.remove(as(second));
    expect(host).toMatchObject({ main: "a = 1\n", master: smtps, owners: "" });
  });

  it.each([
    ["set a = y", "a"],
    ["empty a", "a"],
    ["unset a", "a"],
    ["service 465/inet enable", "smtps/inet"],
    ["option smtp/inet b = 3", "smtp/inet b"],
    ["drop smtp/inet b", "smtp/inet b"],
    ["service smtp/inet entry n - n - 2 smtpd", "smtp/inet fields"],
  ])("%s is refused to the second, naming the first", (line, what) => {
    const host = living("a = 1\n", `${smtp}${smtps}`);
    host.apply(
      ["set a = x", "option smtp/inet b = 2", "service smtps/inet disable", "service smtp/inet entry n - n - 1 smtpd"],
      as(first),
    );
    expect(host.preview([line], as(second)).refusal).toBe(
      `${what} belongs to ${first}, which wants it otherwise; change it there`,
    );
    // Once the first is gone, it may.
    host.remove(as(first));
    expect(host.preview([line], as(second)).refusal).toBeUndefined();
  });

  it.each([
    ["set a = 1", "set a = 2", "a"],
    ["unset b", "empty b", "b"],
    ["service smtps/inet enable", "service 465/inet disable", "smtps/inet"],
    ["service 2525/inet disable", "service 127.0.0.1:2525/inet entry n - n - - smtpd", "127.0.0.1:2525/inet"],
    ["service submission/inet disable", "service 587/inet entry n - n - - smtpd", "587/inet"],
    ["drop smtp/inet b", "option smtp/inet b = 1", "smtp/inet b"],
  ])("%s, which was so already, is not undone by %s of the second", (line, other, what) => {
    const host = living("a = 1\n", `${smtp}${smtps}`);
    expect(host.apply([line], as(first))).toMatchObject({ changes: [], ledger: "" });
    const { owners } = host;
    expect(host.apply([line], as(first)).owners).toBe(owners);
    expect(host.preview([line], as(second)).refusal).toBeUndefined();
    expect(host.preview([other], as(second)).refusal).toBe(
      `${what} belongs to ${first}, which wants it otherwise; change it there`,
    );
    host.remove(as(first));
    expect(host).toMatchObject({ main: "a = 1\n", master: `${smtp}${smtps}`, owners: "" });
    expect(host.preview([other], as(second)).refusal).toBeUndefined();
  });

  it("hold the stricter floor of two and all exclusions, in either order", () => {
    const strict = ["tls incoming >= TLSv1.3", "tls submission >= TLSv1.3", "exclude incoming MD5"];
    const lax = ["tls incoming >= TLSv1.2", "tls submission >= TLSv1.2", "exclude incoming RC4"];
    for (const [one, other] of [
      [strict, lax],
      [lax, strict],
    ] as const) {
      const host = living("smtpd_tls_protocols = !SSLv3\n", smtps);
      host.apply(one, as(first));
      host.apply(other, as(second));
      for (const file of [host.main, host.master]) {
        expect(file).toContain("tls_protocols");
        expect(file.match(/protocols ?= ?(.*)/g)?.every((text) => text.endsWith(">=TLSv1.3"))).toBe(true);
      }
      expect(host.main).toMatch(/^smtpd_tls_exclude_ciphers = (MD5, RC4|RC4, MD5)$/m);
      host.remove(as(first));
      expect(host.main).toContain("smtpd_tls_protocols = >=TLSv1.3\n");
      host.remove(as(second));
      expect(host).toMatchObject({ main: "smtpd_tls_protocols = !SSLv3\n", master: smtps });
    }
  });

  it("hold the first's floor and exclusions even where the second allows weaker", () => {
    const host = living("", smtps);
    host.apply(["tls incoming >= TLSv1.3", "tls submission >= TLSv1.3", "exclude incoming MD5 RC4"], as(first));
    const before = { main: host.main, master: host.master };
    expect(
      host.apply(
        ["allow weaker", "tls incoming >= TLSv1.2", "tls submission >= TLSv1.2", "exclude incoming RC4"],
        as(second),
      ).changes,
    ).toEqual([]);
    expect(host).toMatchObject(before);
  });

  it("may not overrule each other's cipher options", () => {
    const host = living("", smtps);
    host.apply(["option smtps/inet tls_preempt_cipherlist = yes"], as(first));
    expect(host.preview(["ciphers submission intermediate"], as(second)).refusal).toBe(
      `smtps/inet tls_preempt_cipherlist belongs to ${first}, which wants it otherwise; change it there`,
    );
  });
});
