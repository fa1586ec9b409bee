import { expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { decide, type Host } from "./decide.ts";
import { optionsOf, stock } from "./postfix.ts";

const smtp = "smtp inet n - y - - smtpd\n";
const submission = "submission inet n - y - - smtpd\n";
const all = ["3.5", "3.7", "3.10"] as const;

withEachAwk("submission", (awk) => {
  const run = (host: Host) => decide({ awk, ...host });
  const main = "smtpd_tls_protocols = !SSLv2, !SSLv3\nsmtpd_tls_mandatory_protocols = >=TLSv1.3\n";
  const floor = ["tls submission >= TLSv1.2"];

  it("gives every service on 587 and 465 options of its own and leaves main.cf", () => {
    const master = `${smtp}${submission}  -o smtpd_tls_security_level=encrypt\n[::1]:urd inet n - y - - smtpd\n465 inet n - n - 1 postscreen\n2525 inet n - y - - smtpd\n`;
    const decision = run({ main, master, policy: [...floor, "exclude submission MD5 RC4"] });
    const own =
      "  -o smtpd_tls_protocols=>=TLSv1.2\n  -o smtpd_tls_mandatory_protocols=>=TLSv1.3\n  -o smtpd_tls_exclude_ciphers=MD5,RC4\n";
    expect(decision.main).toBe(main);
    expect(decision.master).toBe(
      `${smtp}${submission}  -o smtpd_tls_security_level=encrypt\n${own}[::1]:urd inet n - y - - smtpd\n${own}465 inet n - n - 1 postscreen\n${own}2525 inet n - y - - smtpd\n`,
    );
  });

  it("raises and merges the options that a service has, in their places", () => {
    const master = `${submission}  -o { smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3 }\n  -o smtpd_tls_exclude_ciphers=aNULL\n  -o smtpd_tls_protocols=TLSv1.3\n`;
    const decision = run({ main, master, policy: [...floor, "exclude submission RC4"] });
    expect(decision.master).toBe(
      `${submission}  -o { smtpd_tls_mandatory_protocols = >=TLSv1.2 }\n  -o smtpd_tls_exclude_ciphers=aNULL,RC4\n  -o smtpd_tls_protocols=TLSv1.3\n`,
    );
    expect(decision.warnings).toEqual([
      "kept-stricter: submission/inet smtpd_tls_protocols = TLSv1.3 is stricter than TLSv1.2 and stays",
    ]);
  });

  it("writes no name of main.cf into an option, because main.cf may change", () => {
    const decision = run({
      main: "smtpd_tls_protocols = $mine\nmine = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1\nsmtpd_tls_mandatory_protocols = >=TLSv1.2\n",
      master: submission,
      policy: floor,
    });
    expect(optionsOf(decision)).toEqual({
      smtpd_tls_protocols: "!SSLv2,!SSLv3,!TLSv1,!TLSv1.1",
      smtpd_tls_mandatory_protocols: ">=TLSv1.2",
    });
  });

  it("stands apart from what the incoming block says", () => {
    const policy = ["tls incoming >= TLSv1", "tls submission >= TLSv1.3"];
    const decision = run({ master: `${smtp}${submission}`, policy });
    expect(decision.main).toBe("");
    expect(optionsOf(decision)).toEqual({
      smtpd_tls_protocols: ">=TLSv1.3",
      smtpd_tls_mandatory_protocols: ">=TLSv1.3",
    });
    expect(optionsOf(decision, "smtp/inet")).toEqual({});
  });

  it("says so where no service is on 587 or 465", () => {
    expect(run({ master: `${smtp}#submission inet n - y - - smtpd\n`, policy: floor })).toMatchObject({
      changes: [],
      warnings: ["no-service: no service on port 587 or 465, so the submission lines have nothing to act on"],
    });
  });

  it("covers a service that the same policy enables, and the options of one that it gets", () => {
    const policy = [
      "service submission/inet enable",
      "option submission/inet smtpd_tls_security_level = encrypt",
      ...floor,
    ];
    const decision = run({
      main,
      master: `${smtp}#submission inet n - y - - smtpd\n#  -o smtpd_tls_mandatory_protocols=!SSLv3\n`,
      policy,
    });
    expect(optionsOf(decision)).toEqual({
      smtpd_tls_mandatory_protocols: ">=TLSv1.2",
      smtpd_tls_security_level: "encrypt",
      smtpd_tls_protocols: ">=TLSv1.2",
    });
  });

  it.each(all)("is right on %s's own master.cf with both services enabled", (postfix) => {
    const debian = { "3.5": "debian11", "3.7": "debian12", "3.10": "debian13" }[postfix];
    const policy = ["service submission/inet enable", "service submissions/inet enable", ...floor];
    const decision = run({ postfix, main: stock(`${debian}.main.cf`), master: stock(`${debian}.master.cf`), policy });
    expect(decision.refusal).toBeUndefined();
    const expected = postfix === "3.5" ? "!SSLv2,!SSLv3,!TLSv1,!TLSv1.1" : ">=TLSv1.2";
    for (const key of ["submission/inet", postfix === "3.5" ? "smtps/inet" : "submissions/inet"])
      expect(optionsOf(decision, key)).toMatchObject({
        smtpd_tls_protocols: expected,
        smtpd_tls_mandatory_protocols: expected,
      });
    expect(run({ postfix, main: decision.main, master: decision.master, policy }).changes).toEqual([]);
  });
});
