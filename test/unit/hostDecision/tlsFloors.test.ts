// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Postfix writes ${name}.
import { describe, expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { decide, type Host } from "./decide.ts";
import { effective, mainCf, stock, type Version } from "./postfix.ts";

const all: Version[] = ["3.5", "3.7", "3.10"];

withEachAwk("incoming and outgoing", (awk) => {
  const run = (host: Host) => decide({ awk, ...host });

  /** What it is about, main.cf before, the policy, main.cf after, and the warnings. */
  type Case = readonly [about: string, before: string, policy: string, after: string, warnings: string[], on?: Version];
  const cases: readonly Case[] = [
    [
      "sets both lists",
      "",
      "tls incoming >= TLSv1.2",
      "smtpd_tls_mandatory_protocols = >=TLSv1.2\nsmtpd_tls_protocols = >=TLSv1.2\n",
      [],
    ],
    [
      "C10: writes exclusions where >= is unknown",
      "",
      "tls incoming >= TLSv1.2",
      "smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1\nsmtpd_tls_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1\n",
      [],
      "3.5",
    ],
    [
      "C10: 3.10 is later than 3.6",
      "",
      "tls incoming >= TLSv1.3",
      "smtpd_tls_mandatory_protocols = >=TLSv1.3\nsmtpd_tls_protocols = >=TLSv1.3\n",
      [],
      "3.10",
    ],
    ["has nothing to do where the default holds the floor", "", "tls incoming >= TLSv1", "", []],
    [
      "C3: sets the one of two that is missing",
      "smtpd_tls_mandatory_protocols = >=TLSv1.2\n",
      "tls incoming >= TLSv1.2",
      "smtpd_tls_mandatory_protocols = >=TLSv1.2\nsmtpd_tls_protocols = >=TLSv1.2\n",
      [],
    ],
    [
      "C1: mends a list with a #",
      "smtpd_tls_protocols = !SSLv2, !SSLv3 # old\nsmtpd_tls_mandatory_protocols = >=TLSv1.2\n",
      "tls incoming >= TLSv1.2",
      "smtpd_tls_protocols = >=TLSv1.2\nsmtpd_tls_mandatory_protocols = >=TLSv1.2\n",
      [],
    ],
    [
      "C10: mends a list of a later Postfix",
      "smtpd_tls_protocols = >=TLSv1.3\nsmtpd_tls_mandatory_protocols = !SSLv3, !TLSv1, !TLSv1.1\n",
      "tls incoming >= TLSv1.2",
      "smtpd_tls_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1\nsmtpd_tls_mandatory_protocols = !SSLv3, !TLSv1, !TLSv1.1\n",
      [],
      "3.5",
    ],
    [
      "leaves another way to write the same",
      "smtpd_tls_protocols = TLSv1.3 TLSv1.2\nsmtpd_tls_mandatory_protocols =\n  !SSLv2,\n  !SSLv3, !TLSv1:!tlsv1.1\n",
      "tls incoming >= TLSv1.2",
      "smtpd_tls_protocols = TLSv1.3 TLSv1.2\nsmtpd_tls_mandatory_protocols =\n  !SSLv2,\n  !SSLv3, !TLSv1:!tlsv1.1\n",
      [],
    ],
    [
      "never lowers",
      "smtpd_tls_protocols = >=TLSv1.3\nsmtpd_tls_mandatory_protocols = TLSv1.2\n",
      "tls incoming >= TLSv1.1",
      "smtpd_tls_protocols = >=TLSv1.3\nsmtpd_tls_mandatory_protocols = TLSv1.2\n",
      [
        "kept-stricter: smtpd_tls_mandatory_protocols = TLSv1.2 is stricter than TLSv1.1 and stays",
        "kept-stricter: smtpd_tls_protocols = >=TLSv1.3 is stricter than TLSv1.1 and stays",
      ],
    ],
    [
      "keeps what else a list shuts out",
      "smtpd_tls_protocols = !SSLv3 !TLSv1.3\nsmtpd_tls_mandatory_protocols = <=TLSv1.2\n",
      "tls incoming >= TLSv1.2",
      "smtpd_tls_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1, !TLSv1.3\nsmtpd_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1, !TLSv1.3\n",
      [],
    ],
    [
      "changes a list that another names, once",
      "smtpd_tls_protocols = $smtpd_tls_mandatory_protocols\nsmtpd_tls_mandatory_protocols = ${mine}\nmine = >=TLSv1\n",
      "tls incoming >= TLSv1.2",
      "smtpd_tls_protocols = $smtpd_tls_mandatory_protocols\nsmtpd_tls_mandatory_protocols = >=TLSv1.2\nmine = >=TLSv1\n",
      [],
    ],
    [
      "leaves a list by name that holds the floor",
      "smtpd_tls_protocols = $(mine)\nsmtpd_tls_mandatory_protocols = $mine\nmine = >=TLSv1.2\n",
      "tls incoming >= TLSv1.2",
      "smtpd_tls_protocols = $(mine)\nsmtpd_tls_mandatory_protocols = $mine\nmine = >=TLSv1.2\n",
      [],
    ],
    [
      "takes a name without a value for an empty list",
      "smtpd_tls_protocols = $nothing\nsmtpd_tls_mandatory_protocols = >=TLSv1.2\n",
      "tls incoming >= TLSv1.2",
      "smtpd_tls_protocols = >=TLSv1.2\nsmtpd_tls_mandatory_protocols = >=TLSv1.2\n",
      [],
    ],
    [
      "does not follow a name that means itself for ever",
      "smtpd_tls_protocols = $smtpd_tls_protocols\nsmtpd_tls_mandatory_protocols = >=TLSv1.2\n",
      "tls incoming >= TLSv1.2",
      "smtpd_tls_protocols = >=TLSv1.2\nsmtpd_tls_mandatory_protocols = >=TLSv1.2\n",
      [],
    ],
    [
      "sets the classic fix for what goes out, and LMTP",
      "smtp_tls_protocols = !SSLv2\nlmtp_tls_protocols =\n",
      "tls outgoing >= TLSv1",
      "smtp_tls_protocols = >=TLSv1\nlmtp_tls_protocols = >=TLSv1\n",
      [],
    ],
    [
      "sets four for what goes out",
      "",
      "tls outgoing >= TLSv1.2",
      "smtp_tls_mandatory_protocols = >=TLSv1.2\nsmtp_tls_protocols = >=TLSv1.2\nlmtp_tls_mandatory_protocols = >=TLSv1.2\nlmtp_tls_protocols = >=TLSv1.2\n",
      [],
    ],
    [
      "sets what tlsproxy has of its own",
      "tlsproxy_tls_protocols = >=TLSv1\nsmtpd_tls_protocols=>=TLSv1.2\nsmtpd_tls_mandatory_protocols=>=TLSv1.2\n",
      "tls incoming >= TLSv1.2",
      "tlsproxy_tls_protocols = >=TLSv1.2\nsmtpd_tls_protocols=>=TLSv1.2\nsmtpd_tls_mandatory_protocols=>=TLSv1.2\n",
      [],
    ],
    [
      "adds exclusions to those that are there",
      "smtpd_tls_exclude_ciphers = aNULL,\n\tMD5\n",
      "exclude incoming DES MD5 RC4",
      "smtpd_tls_exclude_ciphers = aNULL, MD5, DES, RC4\n",
      [],
    ],
    [
      "adds exclusions where there are none",
      "smtp_tls_exclude_ciphers =\n",
      "exclude outgoing MD5 RC4",
      "smtp_tls_exclude_ciphers = MD5, RC4\nlmtp_tls_exclude_ciphers = MD5, RC4\n",
      [],
    ],
    [
      "leaves exclusions in any syntax",
      "smtpd_tls_exclude_ciphers = RC4:MD5 aNULL\n",
      "exclude incoming MD5 RC4",
      "smtpd_tls_exclude_ciphers = RC4:MD5 aNULL\n",
      [],
    ],
  ];

  for (const [about, main, line, after, warnings, postfix] of cases)
    it(about, () => {
      const decision = run({ postfix, main, policy: [line] });
      expect(decision).toMatchObject({ refusal: undefined, main: after, overrides: [], warnings });
      expect(run({ postfix, main: after, policy: [line] })).toMatchObject({ main: after, changes: [] });
    });

  it("allow weaker lowers to exactly what the policy says", () => {
    const main =
      "smtpd_tls_protocols = >=TLSv1.3\nsmtpd_tls_mandatory_protocols = TLSv1.3\nsmtpd_tls_exclude_ciphers = RC4, aNULL\n";
    const policy = ["allow weaker", "tls incoming >= TLSv1.1", "exclude incoming MD5 RC4"];
    expect(run({ main, policy })).toMatchObject({
      main: "smtpd_tls_protocols = >=TLSv1.1\nsmtpd_tls_mandatory_protocols = >=TLSv1.1\nsmtpd_tls_exclude_ciphers = MD5, RC4\n",
      warnings: [],
    });
    // What is the same or less already is left as it is written.
    const same =
      "smtpd_tls_protocols = TLSv1.1, TLSv1.2, TLSv1.3\nsmtpd_tls_mandatory_protocols = >=TLSv1.1\nsmtpd_tls_exclude_ciphers = RC4 MD5\n";
    expect(run({ main: same, policy }).main).toBe(same);
  });

  it.each(all)("C3, C9: covers all four lists of mail in and out, on %s", (postfix) => {
    const { main } = run({
      postfix,
      policy: ["tls incoming >= TLSv1.2", "tls outgoing >= TLSv1.2"],
      main: "smtpd_tls_security_level = may\nsmtpd_tls_mandatory_protocols = !SSLv2\n",
    });
    const values = effective(postfix, main);
    const expected = postfix === "3.5" ? "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1" : ">=TLSv1.2";
    for (const side of ["smtpd", "smtp", "lmtp"])
      for (const kind of ["protocols", "mandatory_protocols"]) expect(values.get(`${side}_tls_${kind}`)).toBe(expected);
  });

  it("refuses a floor that no version is left for, and says what to do", () => {
    const main = "smtpd_tls_protocols = !TLSv1.3, !TLSv1.2\n";
    const policy = ["tls incoming >= TLSv1.2"];
    expect(run({ main, policy }).refusal).toBe(
      'tls.incoming.minimumVersion is "TLSv1.2", but smtpd_tls_protocols = !TLSv1.3, !TLSv1.2 leaves no version at or above it; use allowWeaker or mend smtpd_tls_protocols',
    );
    expect(run({ main, policy: ["allow weaker", ...policy] })).toMatchObject({
      refusal: undefined,
      main: "smtpd_tls_protocols = >=TLSv1.2\nsmtpd_tls_mandatory_protocols = >=TLSv1.2\n",
    });
  });

  it("says that policy maps were not evaluated", () => {
    const main = "smtp_tls_policy_maps = hash:/x\nlmtp_tls_policy_maps = $smtp_tls_policy_maps\nnone =\n";
    const text = (name: string, value: string) =>
      `policy-maps: ${name}_tls_policy_maps = ${value} is not evaluated; its entries may say otherwise for some destinations`;
    expect(run({ main, policy: ["tls outgoing >= TLSv1"] }).warnings).toEqual([
      text("smtp", "hash:/x"),
      text("lmtp", "$smtp_tls_policy_maps"),
    ]);
    expect(run({ main: "smtp_tls_policy_maps = $none\nnone =\n", policy: ["tls outgoing >= TLSv1"] }).warnings).toEqual(
      [],
    );
    expect(run({ main, policy: ["tls incoming >= TLSv1"] }).warnings).toEqual([]);
  });
});

describe("the stock files", () => {
  it.each(["debian11", "debian12", "debian13"])(
    "%s: a policy of all blocks adds to main.cf and changes nothing that it had",
    (debian) => {
      const main = stock(`${debian}.main.cf`);
      const after = decide({
        main,
        master: stock(`${debian}.master.cf`),
        policy: ["tls incoming >= TLSv1.2", "tls outgoing >= TLSv1.2", "exclude incoming RC4", "exclude outgoing RC4"],
      }).main;
      expect(after.startsWith(main)).toBe(true);
      expect(mainCf(after).size).toBe(mainCf(main).size + 6 + 3);
    },
  );
});
