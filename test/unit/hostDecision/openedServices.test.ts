import { expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { LivingHost } from "./decide.ts";

const smtp = "smtp inet n - y - - smtpd\n";
const commented = "#submission inet n - y - - smtpd\n#  -o smtpd_sasl_auth_enable=yes\n";

withEachAwk("a service that one owner opened and others have options of", (awk) => {
  const owner = (name: string) => ({ owner: `org/mail/prod/mailhost:index:PostfixHardening/${name}` });
  const first = owner("first");
  const second = owner("second");
  const third = owner("third");
  const living = (master: string) => new LivingHost({ awk, master });
  const encrypt = "option submission/inet smtpd_tls_security_level = encrypt";
  const own = "option submission/inet smtpd_banner = second";

  it.each([
    ["enabled", `${smtp}${commented}`, "service submission/inet enable", own],
    ["added", smtp, "service submission/inet entry n - y - - smtpd", own],
    ["enabled, with a floor", `${smtp}${commented}`, "service submission/inet enable", "tls submission >= TLSv1.2"],
    [
      "enabled, with what was so already",
      `${smtp}${commented}`,
      "service submission/inet enable",
      "option submission/inet smtpd_sasl_auth_enable = yes",
    ],
  ])(
    "%s: stays whole while another has options of it, and goes back with the last of those",
    (_, master, open, held) => {
      const host = living(master);
      host.apply([open, encrypt], first);
      host.apply([held], second);
      const opened = host.master;
      expect(host.remove(first)).toMatchObject({ changes: [], warnings: [] });
      expect(host.master).toBe(opened);
      expect(host.apply([held], second).changes).toEqual([]);
      expect(host.master).toBe(opened);
      host.remove(second);
      expect(host).toMatchObject({ master, ledger: "", owners: "" });
    },
  );

  it("stays whole where its owner stays and no longer wants it", () => {
    const host = living(`${smtp}${commented}`);
    host.apply(["set a = 1", "service submission/inet enable", encrypt], first);
    host.apply([own], second);
    const opened = host.master;
    for (let run = 0; run < 2; run++) {
      expect(host.apply(["set a = 1"], first).changes).toEqual([]);
      expect(host.master).toBe(opened);
    }
    host.apply(["set b = 2"], second);
    expect(host.master).toBe(`${smtp}${commented}`);
    expect(host.apply(["set a = 1"], first)).toMatchObject({ changes: [], warnings: [] });
    host.remove(first);
    host.remove(second);
    expect(host).toMatchObject({ main: "", master: `${smtp}${commented}`, ledger: "", owners: "" });
  });

  it("goes on from one holder to the next", () => {
    const host = living(`${smtp}${commented}`);
    host.apply(["service submission/inet enable"], first);
    host.apply([own], second);
    host.remove(first);
    host.apply([encrypt], third);
    host.remove(second);
    expect(host.master).toContain("\nsubmission inet");
    expect(host.master).not.toContain("smtpd_banner");
    host.apply([encrypt], third);
    expect(host.master).toContain("\nsubmission inet");
    host.remove(third);
    expect(host).toMatchObject({ master: `${smtp}${commented}`, ledger: "", owners: "" });
  });

  it("is its owner's again when that one comes back", () => {
    const host = living(`${smtp}${commented}`);
    host.apply(["service submission/inet enable", encrypt], first);
    host.apply([own], second);
    host.remove(first);
    host.apply(["service submission/inet enable", encrypt], first);
    host.remove(second);
    expect(host.master).toContain("encrypt");
    expect(host.master).not.toContain("smtpd_banner");
    host.remove(first);
    expect(host).toMatchObject({ master: `${smtp}${commented}`, ledger: "", owners: "" });
  });

  it("is told apart from one that someone else edited without the options of others", () => {
    const host = living(`${smtp}${commented}`);
    host.apply(["service submission/inet enable"], first);
    host.apply([own], second);
    host.remove(first);
    host.master += "  -o mine=2\n";
    expect(host.remove(second).warnings).toEqual([
      "kept-foreign: submission/inet was changed by someone else since, and stays",
    ]);
    expect(host.master).toContain("submission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o mine=2\n");
  });

  it("goes with the options that its owner's own guarded floor has of it", () => {
    const host = living(`${smtp}${commented}`);
    const guarded = owner("first-guarded-submission");
    host.apply(["service submission/inet enable", "tls submission >= TLSv1"], first);
    host.apply(["tls submission >= TLSv1.2", "exclude submission RC4"], guarded);
    expect(host.apply(["tls submission >= TLSv1"], first).warnings).not.toContain("kept-foreign");
    expect(host.master).toBe(`${smtp}${commented}`);
    host.remove(guarded);
    host.remove(first);
    expect(host).toMatchObject({ master: `${smtp}${commented}`, ledger: "", owners: "" });
  });
});
