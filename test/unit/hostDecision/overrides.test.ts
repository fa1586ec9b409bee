import { expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { decide, type Host } from "./decide.ts";

const smtp = "smtp inet n - y - - smtpd\n";
const submission = "submission inet n - y - - smtpd\n";

withEachAwk("overrides", (awk) => {
  const run = (host: Host) => decide({ awk, ...host });
  const main = "smtpd_tls_mandatory_protocols = >=TLSv1.2\nsmtpd_tls_protocols = >=TLSv1.2\n";

  it("B7: names each option that hides main.cf and is weaker, and leaves it", () => {
    const master = `${smtp}  -o smtpd_tls_protocols=!SSLv2,!SSLv3 -o smtpd_tls_mandatory_protocols=>=TLSv1.3\n${submission}  -o { smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3 }\n2525 inet n - y - - smtpd -o smtpd_tls_protocols=\n`;
    expect(run({ main, master, policy: ["tls incoming >= TLSv1.2"] })).toMatchObject({
      main,
      master,
      refusal: undefined,
      changes: [],
      overrides: [
        "smtp/inet:smtpd_tls_protocols = !SSLv2,!SSLv3",
        "submission/inet:smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3",
        "2525/inet:smtpd_tls_protocols = ",
      ],
      warnings: [
        "override: smtp/inet has -o smtpd_tls_protocols=!SSLv2,!SSLv3, which hides what main.cf says",
        "kept-stricter: smtp/inet smtpd_tls_mandatory_protocols = >=TLSv1.3 is stricter than TLSv1.2 and stays",
        "override: submission/inet has -o smtpd_tls_mandatory_protocols=!SSLv2, !SSLv3, which hides what main.cf says",
        "override: 2525/inet has -o smtpd_tls_protocols=, which hides what main.cf says",
      ],
    });
  });

  it("B7: mends them where the policy says so, and no others", () => {
    const master = `${smtp}  -o smtpd_tls_protocols=!SSLv2,!SSLv3 -o smtpd_tls_mandatory_protocols=>=TLSv1.3\n${submission}  -o { smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3 }\n  -osmtpd_tls_exclude_ciphers=aNULL -o smtpd_sasl_type=dovecot\n`;
    const policy = ["override fix", "tls incoming >= TLSv1.2", "exclude incoming RC4"];
    const decision = run({ main, master, policy });
    expect(decision.master).toBe(
      `${smtp}  -o smtpd_tls_protocols=>=TLSv1.2 -o smtpd_tls_mandatory_protocols=>=TLSv1.3\n${submission}  -o { smtpd_tls_mandatory_protocols = >=TLSv1.2 }\n  -osmtpd_tls_exclude_ciphers=aNULL,RC4 -o smtpd_sasl_type=dovecot\n`,
    );
    expect(decision.overrides).toEqual([]);
    expect(run({ main: decision.main, master: decision.master, policy }).changes).toEqual([]);
  });

  it("reports one that leaves no version at all, and refuses to mend it", () => {
    const master = `${smtp}  -o smtpd_tls_protocols=TLSv1\n`;
    const policy = ["tls incoming >= TLSv1.2"];
    expect(run({ main, master, policy })).toMatchObject({
      refusal: undefined,
      overrides: ["smtp/inet:smtpd_tls_protocols = TLSv1"],
    });
    expect(run({ main, master, policy: ["override fix", ...policy] }).refusal).toBe(
      'tls.incoming.minimumVersion is "TLSv1.2", but smtp/inet:smtpd_tls_protocols = TLSv1 leaves no version at or above it; use allowWeaker or mend smtp/inet:smtpd_tls_protocols',
    );
  });

  it("looks at the option that counts, and at what its names mean for that service", () => {
    const same = `${smtp}  -o smtpd_tls_protocols=TLSv1 -o smtpd_tls_protocols=>=TLSv1.2\n  -o smtpd_tls_mandatory_protocols=$mine -o mine=>=TLSv1.3\n`;
    expect(run({ main: `${main}mine = SSLv3\n`, master: same, policy: ["tls incoming >= TLSv1.2"] })).toMatchObject({
      overrides: [],
      master: same,
    });
  });

  it("knows the programs of each block", () => {
    const master = [
      "smtp inet n - n - 1 postscreen -o smtpd_tls_protocols=!SSLv3",
      "smtpd pass - - n - - smtpd -o smtpd_tls_protocols=!SSLv3",
      "tlsproxy unix - - n - 0 tlsproxy -o tlsproxy_tls_protocols=!SSLv3",
      "smtp unix - - n - - smtp -o smtp_tls_protocols=!SSLv3 -o smtpd_tls_protocols=!SSLv3",
      "lmtp unix - - n - - lmtp -o lmtp_tls_protocols=!SSLv3",
      "relay unix - - n - - smtp -o smtp_tls_mandatory_protocols=!SSLv3",
      "x unix - n n - - pipe -o smtp_tls_protocols=!SSLv3 flags=F argv=/x",
      "",
    ].join("\n");
    const named = (block: string) =>
      run({ main, master, policy: [`tls ${block} >= TLSv1.2`] }).overrides.map((text) => text.replace(" = !SSLv3", ""));
    expect(named("incoming")).toEqual([
      "smtp/inet:smtpd_tls_protocols",
      "smtpd/pass:smtpd_tls_protocols",
      "tlsproxy/unix:tlsproxy_tls_protocols",
    ]);
    expect(named("outgoing")).toEqual([
      "smtp/unix:smtp_tls_protocols",
      "lmtp/unix:lmtp_tls_protocols",
      "relay/unix:smtp_tls_mandatory_protocols",
    ]);
    expect(named("submission")).toEqual([]);
  });
});
