// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Postfix writes ${name}.
import { describe, expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { type Decision, decide, type Host } from "./decide.ts";
import { effective, mainCf, masterCf, stock, type Version } from "./postfix.ts";

const smtp = "smtp inet n - y - - smtpd\n";
const submission = "submission inet n - y - - smtpd\n";
const all: Version[] = ["3.5", "3.7", "3.10"];
const cipherlist =
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/** The options that one service has afterwards. */
function options({ master }: Decision, key = "submission/inet"): Record<string, string> | undefined {
  return masterCf(master).find((entry) => entry.key === key)?.options;
}

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
    expect(options(decision)).toEqual({
      smtpd_tls_protocols: "!SSLv2,!SSLv3,!TLSv1,!TLSv1.1",
      smtpd_tls_mandatory_protocols: ">=TLSv1.2",
    });
  });

  it("stands apart from what the incoming block says", () => {
    const policy = ["tls incoming >= TLSv1", "tls submission >= TLSv1.3"];
    const decision = run({ master: `${smtp}${submission}`, policy });
    expect(decision.main).toBe("");
    expect(options(decision)).toEqual({ smtpd_tls_protocols: ">=TLSv1.3", smtpd_tls_mandatory_protocols: ">=TLSv1.3" });
    expect(options(decision, "smtp/inet")).toEqual({});
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
    expect(options(decision)).toEqual({
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
      expect(options(decision, key)).toMatchObject({
        smtpd_tls_protocols: expected,
        smtpd_tls_mandatory_protocols: expected,
      });
    expect(run({ postfix, main: decision.main, master: decision.master, policy }).changes).toEqual([]);
  });
});

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

  it("modern leaves the cipher list, which TLS 1.3 does not use", () => {
    const decision = run({ master: submission, policy: ["ciphers submission modern", "tls submission >= TLSv1.3"] });
    expect(options(decision)).toEqual({
      smtpd_tls_protocols: ">=TLSv1.3",
      smtpd_tls_mandatory_protocols: ">=TLSv1.3",
      tls_preempt_cipherlist: "no",
      tls_eecdh_auto_curves: curves,
    });
  });

  it("turns finite-field groups off where Postfix knows them", () => {
    const own = (postfix: Version) =>
      options(run({ postfix, master: submission, policy: ["ciphers submission intermediate"] }));
    expect(own("3.7")).not.toHaveProperty("tls_ffdhe_auto_groups");
    expect(own("3.10")).toHaveProperty("tls_ffdhe_auto_groups", "");
  });

  it("leaves a list that is a part of the guideline's", () => {
    const some = cipherlist.split(":").slice(0, 2).join(":");
    const list = (value: string) =>
      options(
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
