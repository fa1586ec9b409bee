import { expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { decide, type Host } from "./decide.ts";
import { masterCf, optionsOf, stock, type Version } from "./postfix.ts";

const submission = "submission inet n - y - - smtpd\n";
const cipherlist =
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

withEachAwk("profiles", (awk) => {
  const run = (host: Host) => decide({ awk, ...host });
  const curves = "X25519,prime256v1,secp384r1";
  const intermediate = {
    tls_medium_cipherlist: cipherlist,
    tls_preempt_cipherlist: "no",
    tls_eecdh_auto_curves: curves,
  };

  it("intermediate is options of each service of the block", () => {
    const master = [
      "smtp inet n - n - 1 postscreen",
      "smtpd pass - - n - - smtpd",
      "tlsproxy unix - - n - 0 tlsproxy",
      "192.0.2.1:25 inet n - y - - smtpd",
      "2525 inet n - y - - smtpd",
      "127.0.0.1:10025 inet n - y - - smtpd",
      "smtps inet n - y - - smtpd",
      "smtp unix - - n - - smtp",
      "relay unix - - n - - smtp",
      "lmtp unix - - n - - lmtp",
      "",
    ].join("\n");
    const touched = (block: string) => {
      const decision = run({ master, policy: [`ciphers ${block} intermediate`] });
      return Object.fromEntries(
        masterCf(decision.master).flatMap(({ key, options: own }) => (Object.keys(own).length > 0 ? [[key, own]] : [])),
      );
    };
    const graded = (prefix: string) => ({
      ...intermediate,
      [`${prefix}_tls_ciphers`]: "medium",
      [`${prefix}_tls_mandatory_ciphers`]: "medium",
    });
    expect(touched("incoming")).toEqual({
      "smtpd/pass": graded("smtpd"),
      "tlsproxy/unix": graded("tlsproxy"),
      "192.0.2.1:25/inet": graded("smtpd"),
    });
    expect(touched("submission")).toEqual({ "smtps/inet": graded("smtpd") });
    expect(touched("outgoing")).toEqual({
      "smtp/unix": graded("smtp"),
      "relay/unix": graded("smtp"),
      "lmtp/unix": graded("lmtp"),
    });
  });

  it.each([
    ["outgoing", "lmtp unix - - n - - smtp", "smtp"],
    ["outgoing", "smtp unix - - n - - lmtp", "lmtp"],
    ["outgoing", "relay unix - - n - - lmtp -v", "lmtp"],
    ["outgoing", "tlsproxy unix - - n - - smtp", "smtp"],
    ["incoming", "lmtp pass - - n - - smtpd", "smtpd"],
    ["incoming", "smtpd unix - - n - 0 tlsproxy", "tlsproxy"],
  ])("%s: what %s reads is told by its command, not by its name", (block, entry, prefix) => {
    const { master } = run({ master: `${entry}\n`, policy: [`ciphers ${block} intermediate`] });
    const own = Object.keys(masterCf(master)[0]?.options ?? {}).filter((name) => /_tls_/.test(name));
    expect(own.toSorted()).toEqual([`${prefix}_tls_ciphers`, `${prefix}_tls_mandatory_ciphers`]);
  });

  it("modern leaves the cipher list, which TLS 1.3 does not use", () => {
    const decision = run({ master: submission, policy: ["ciphers submission modern", "tls submission >= TLSv1.3"] });
    expect(optionsOf(decision)).toEqual({
      smtpd_tls_protocols: ">=TLSv1.3",
      smtpd_tls_mandatory_protocols: ">=TLSv1.3",
      tls_preempt_cipherlist: "no",
      tls_eecdh_auto_curves: curves,
    });
  });

  it("turns finite-field groups off where Postfix knows them", () => {
    const own = (postfix: Version) =>
      optionsOf(run({ postfix, master: submission, policy: ["ciphers submission intermediate"] }));
    expect(own("3.7")).not.toHaveProperty("tls_ffdhe_auto_groups");
    expect(own("3.10")).toHaveProperty("tls_ffdhe_auto_groups", "");
  });

  it("leaves a list that is a part of the guideline's", () => {
    const some = cipherlist.split(":").slice(0, 2).join(":");
    const list = (value: string) =>
      optionsOf(
        run({
          main: `tls_medium_cipherlist = ${value}\n`,
          master: submission,
          policy: ["ciphers submission intermediate"],
        }),
      )?.tls_medium_cipherlist;
    expect(list(some)).toBeUndefined();
    expect(list(`${some}:AES128-SHA`)).toBe(cipherlist);
    expect(list("")).toBe(cipherlist);
  });

  it("leaves the post-quantum group where Postfix has it by itself, or the host asks for it", () => {
    const list = (profile: string, postfix: Version, value?: string) =>
      optionsOf(
        run({
          postfix,
          main: value === undefined ? "" : `tls_eecdh_auto_curves = ${value}\n`,
          master: submission,
          policy: [`ciphers submission ${profile}`],
        }),
      )?.tls_eecdh_auto_curves;
    const quantum = "?X25519MLKEM768:*X25519:prime256v1:secp384r1";
    for (const profile of ["intermediate", "modern"]) {
      expect(list(profile, "3.10")).toBe(curves);
      expect(list(profile, "3.11")).toBe(quantum);
      for (const value of ["X25519,X448", "X25519", "auto", ""]) expect(list(profile, "3.11", value)).toBe(quantum);
      for (const version of ["3.10", "3.11"] as const) {
        const other = version === "3.10" ? curves : quantum;
        for (const value of ["X25519MLKEM768", "X25519MLKEM768 X25519", "?*X25519MLKEM768 / *X25519:?prime256v1"])
          expect(list(profile, version, value)).toBeUndefined();
        for (const value of ["?X25519MLKEM768:DEFAULT", "X25519MLKEM768,X448"])
          expect(list(profile, version, value)).toBe(other);
      }
    }
  });

  it.each([
    ["incoming", "smtpd", "smtp inet n - y - - smtpd\n", "smtp/inet"],
    ["submission", "smtpd", submission, "submission/inet"],
    ["outgoing", "smtp", "smtp unix - - n - - smtp\n", "smtp/unix"],
    ["outgoing", "lmtp", "lmtp unix - - n - - lmtp\n", "lmtp/unix"],
    ["incoming", "tlsproxy", "tlsproxy unix - - n - 0 tlsproxy\n", "tlsproxy/unix"],
  ])(
    "%s leaves a grade of %s that means a part of the guideline's suites, each by itself",
    (block, prefix, master, key) => {
      const some = cipherlist.split(":").slice(0, 2).join(":");
      const said = (name: string) =>
        `kept-stricter: ${key} ${name} = high is stricter than intermediate, as tls_high_cipherlist is only a part of its suites, and stays`;
      const policy = [`ciphers ${block} intermediate`];
      const names = [`${prefix}_tls_ciphers`, `${prefix}_tls_mandatory_ciphers`];
      for (const [kept = "", other = ""] of [names, names.toReversed()]) {
        const main = `${other} = medium\n${kept} = High\ntls_high_cipherlist = ${some}\n`;
        const decision = run({ main, master, policy });
        expect(optionsOf(decision, key)).not.toHaveProperty(kept);
        expect(optionsOf(decision, key)).toHaveProperty(other, "medium");
        expect(decision.warnings).toEqual([said(kept).replace("= high", "= High")]);
        expect(run({ main, master, policy: ["allow weaker", ...policy] })).toMatchObject({ warnings: [] });
        expect(optionsOf(run({ main, master, policy: ["allow weaker", ...policy] }), key)).toHaveProperty(
          kept,
          "medium",
        );
        // The list of another grade, an empty one, one with more in it, and the guideline's own are not stricter.
        for (const list of ["", `${some}:AES128-SHA`, cipherlist]) {
          const lax = run({ main: main.replace(some, list), master, policy });
          expect(lax.warnings).toEqual([]);
          if (list !== cipherlist) expect(optionsOf(lax, key)).toHaveProperty(kept, "medium");
          else expect(optionsOf(lax, key)).not.toHaveProperty(kept);
        }
        expect(optionsOf(run({ main: main.replace("High", "medium"), master, policy }), key)).toHaveProperty(
          kept,
          "medium",
        );
      }
      const own = run({
        master: master.replace("\n", ` -o ${names[0]}=high -o tls_high_cipherlist=${some}\n`),
        policy,
      });
      expect(optionsOf(own, key)).toMatchObject({ [names[0] ?? ""]: "high", [names[1] ?? ""]: "medium" });
      expect(own.warnings).toEqual([said(names[0] ?? "")]);
    },
  );

  it("changes nothing the second time", () => {
    const policy = [
      "ciphers incoming intermediate",
      "ciphers submission modern",
      "ciphers outgoing intermediate",
      "tls incoming >= TLSv1.2",
      "tls submission >= TLSv1.3",
      "tls outgoing >= TLSv1.2",
      "exclude incoming MD5 RC4",
    ];
    const first = run({
      postfix: "3.10",
      main: stock("debian13.main.cf"),
      master: stock("debian13.master.cf").replace("#submission ", "submission "),
      policy,
    });
    expect(first.refusal).toBeUndefined();
    const again = run({ postfix: "3.10", main: first.main, master: first.master, policy });
    expect(again).toMatchObject({ main: first.main, master: first.master, changes: [] });
  });
});
