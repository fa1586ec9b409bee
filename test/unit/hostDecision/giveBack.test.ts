// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Postfix writes ${name}.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { LivingHost } from "./decide.ts";
import { stock } from "./postfix.ts";

const smtp = "smtp inet n - y - - smtpd\n";
const smtps = "smtps inet n - y - - smtpd\n";

withEachAwk("giving back", (awk) => {
  const living = (main: string, master = "") => new LivingHost({ awk, main, master });

  /** What it is about, the two files, the policies that were applied one after the other: the end is as the beginning. */
  const exact: readonly (readonly [about: string, main: string, master: string, ...policies: (readonly string[])[]])[] =
    [
      ["a changed parameter", "a=1\nb  =\t2\n", "", ["set a = x", "set b = y"]],
      ["an added parameter", "a = 1\n", "", ["set b = 2", "empty c"]],
      ["a parameter changed twice", "a = 1\n", "", ["set a = x"], ["set a = y", "set b = 2"], ["empty a", "set b = 3"]],
      ["a parameter that went at the end of the file", "b = 2\na = 1\n  2\n", "", ["unset a"]],
      [
        "a value of several lines, with what stands between them",
        "a = 1,\n\t# not 2\n\n  3\n# end\nb = 4\n",
        "",
        ["set a = x"],
      ],
      [
        "CRLF",
        "a = 1\r\n  2\r\nb = 3\r\n",
        "smtp inet n - y - - smtpd\r\n  -o a=1\r\n",
        ["set a = x", "option smtp/inet a = 2"],
      ],
      [
        "backslashes, tabs, quotes and non-ASCII",
        'a = \\1\\\\ & "x" \\n\\t\tö\n\tb\\\n',
        `${smtp}\t-o a=\\n&\\\\\tö\n`,
        ["set a = \\\\x&", "option smtp/inet a = \\"],
      ],
      [
        "an added option",
        "",
        `${smtp}# c\nm unix - n n - - pipe\n  flags=R argv=/m\n`,
        ["option smtp/inet a = 1", "option smtp/inet b = 2 3", "option m/unix a = 1"],
      ],
      [
        "a changed option, however it is written",
        "",
        `${smtp}  -oa=1 -o {b=2 3}\t-o c=4\n  -o\n   d=5\n`,
        ["option smtp/inet a = x", "option smtp/inet b = x", "option smtp/inet c = y z", "option smtp/inet d ="],
      ],
      ["a dropped option at the end of its entry", "", `${smtp}\t-o a=1\n\t-o b=2\n`, ["drop smtp/inet b"]],
      [
        "an enabled service",
        "",
        `${smtp}#submission inet n - y - - smtpd\n#  -o a=1\n#   prose\n#  -o b=2\n#\n`,
        ["service submission/inet enable"],
      ],
      [
        "an enabled service and its options",
        "",
        `${smtp}#submission inet n - y - - smtpd\n#  -o a=1\n#   prose\n#  -o b=2\n#\n`,
        [
          "service submission/inet enable",
          "option submission/inet a = x",
          "option submission/inet c = 3",
          "tls submission >= TLSv1.2",
        ],
      ],
      ["a disabled service", "", `${smtps}  -o a=1\n# c\n  -o { b =\n   2 }\n${smtp}`, ["service 465/inet disable"]],
      [
        "two disabled services of one name",
        "",
        `${smtps}  -o a=1\n${smtp}${smtps}  -o a=2\n`,
        ["service smtps/inet disable"],
      ],
      ["two disabled services that are alike", "", `${smtps}${smtp}${smtps}`, ["service smtps/inet disable"]],
      [
        "a service that got options and was disabled later",
        "",
        `${smtps}  -o a=1\n${smtp}`,
        ["tls submission >= TLSv1.3", "option smtps/inet a = 2"],
        ["service smtps/inet disable"],
      ],
      [
        "a service that was disabled and enabled again",
        "",
        `${smtps}  -o a=1\n   # c\n  -v\n${smtp}`,
        ["service smtps/inet disable"],
        ["service smtps/inet enable", "option smtps/inet b = 2"],
      ],
      [
        "a service that was enabled and disabled again",
        "",
        `#smtps inet n - y - - smtpd\n#  -o a=1\n${smtp}`,
        ["service smtps/inet enable", "tls submission >= TLSv1.3"],
        ["service smtps/inet disable"],
      ],
      [
        "an added service and its options",
        "",
        smtp,
        ["service 10025/inet entry n - n - 1 smtpd", "option 10025/inet a = 1"],
        ["service 10025/inet entry n - n - 2 smtpd", "option 10025/inet a = 2"],
      ],
      [
        "an added service that was disabled and added again",
        "",
        smtp,
        ["service 10025/inet entry n - n - 1 smtpd"],
        ["service 10025/inet disable"],
        ["service 10025/inet entry n - n - 3 smtpd"],
      ],
      [
        "changed fields",
        "",
        "smtp\tinet  n - y   - 1 postscreen\n# c\n  -o a=1\n",
        ["service smtp/inet entry n - n - - smtpd", "option smtp/inet a = 2"],
        ["service smtp/inet entry n - n - 5 smtpd"],
      ],
      [
        "all of TLS",
        stock("debian12.main.cf"),
        stock("debian12.master.cf"),
        [
          "service submission/inet enable",
          "tls incoming >= TLSv1.2",
          "tls submission >= TLSv1.3",
          "tls outgoing >= TLSv1.2",
          "ciphers incoming intermediate",
          "ciphers submission modern",
          "ciphers outgoing intermediate",
          "exclude incoming RC4",
          "exclude outgoing RC4",
          "exclude submission RC4",
        ],
      ],
    ];

  for (const [about, main, master, ...policies] of exact)
    it(`is exact: ${about}`, () => {
      const host = living(main, master);
      for (const policy of policies) {
        expect(host.apply(policy).changes).not.toEqual([]);
        expect(host.apply(policy).changes).toEqual([]);
      }
      const { warnings } = host.remove();
      expect(warnings.filter((text) => !text.startsWith("duplicate: services"))).toEqual([]);
      expect(host).toMatchObject({ main, master, ledger: "", owners: "" });
    });

  it("is exact: a host as companies run it", () => {
    const lived = (name: string) =>
      readFileSync(new URL(`../../lab/livedIn/${name}`, import.meta.url), "utf8").replaceAll("@DB@", "hash");
    const main = lived("main.cf");
    const master = lived("master.cf");
    const host = living(main, master);
    const { warnings, overrides } = host.apply([
      "tls incoming >= TLSv1.2",
      "tls submission >= TLSv1.2",
      "tls outgoing >= TLSv1",
      "ciphers submission intermediate",
      "exclude incoming MD5 RC4",
      "service 10025/inet disable",
      "service fax/unix enable",
      "set mydestination = localhost",
      "option submission/inet smtpd_recipient_restrictions = reject",
    ]);
    expect(overrides).toEqual([]);
    expect(warnings).toEqual([
      "duplicate: main.cf has smtp_tls_protocols more than once; the last one counts",
      "policy-maps: smtp_tls_policy_maps = hash:/etc/postfix/tls_policy is not evaluated; its entries may say otherwise for some destinations",
    ]);
    const comments = (text: string) => text.split("\n").filter((line) => /^[ \t]*#/.test(line));
    expect(comments(host.main)).toEqual(comments(main));
    host.remove();
    expect(host).toMatchObject({ main, master, ledger: "", owners: "" });
  });

  it("puts a parameter that was taken out at the end, as its place is not known", () => {
    const host = living("a = 1\n  # c\n  2\nb = 2\n");
    host.apply(["unset a"]);
    expect(host.main).toBe("  # c\nb = 2\n");
    host.remove();
    expect(host.main).toBe("  # c\nb = 2\na = 1\n  2\n");
  });

  it("does not take the end of the file for a blank line of the value", () => {
    const host = living("a = 1\n\n  2\nb = 2\n");
    host.apply(["unset a"]);
    host.remove();
    expect(host.main).toBe("\nb = 2\na = 1\n  2\n");
  });

  it("puts several lines of one parameter in the place of the one that counted", () => {
    const host = living("a = 1\nb = 2\na = 3\n");
    host.apply(["set a = x"]);
    host.remove();
    expect(host.main).toBe("b = 2\na = 1\na = 3\n");
  });

  it("puts a dropped option at the end of its entry", () => {
    const host = living("", `${smtp}  -o a=1\n  -o b=2\n`);
    host.apply(["drop smtp/inet a"]);
    host.remove();
    expect(host.master).toBe(`${smtp}  -o b=2\n  -o a=1\n`);
  });

  it("gives back what a line of the policy wanted once the line is gone, and nothing else", () => {
    const main = "a = 1\nb = 2\n";
    const master = `${smtp}#submission inet n - y - - smtpd\n#  -o a=1\n${smtps}`;
    const host = living(main, master);
    const lines = [
      "set a = x",
      "set b = y",
      "service submission/inet enable",
      "service smtps/inet disable",
      "tls submission >= TLSv1.2",
      "set c = 3",
    ];
    host.apply(lines);
    const { changes } = host.apply(["set b = y", "service smtps/inet disable"]);
    expect(changes).toEqual([
      "master.cf submission/inet:smtpd_tls_mandatory_protocols: >=TLSv1.2 -> (unset)",
      "master.cf submission/inet:smtpd_tls_protocols: >=TLSv1.2 -> (unset)",
      "master.cf submission/inet: ours -> as before",
      "main.cf c: 3 -> (unset)",
      "main.cf a: x -> 1",
    ]);
    expect(host.main).toBe("a = 1\nb = y\n");
    expect(host.master).toBe(master.replace(smtps, `#${smtps}`));
    host.remove();
    expect(host).toMatchObject({ main, master });
  });

  it("B1: leaves no option under another entry when a service goes but its TLS line stays", () => {
    const master = `${smtp}#submission inet n - y - - smtpd\n#  -o a=1\n`;
    const host = living("", master);
    host.apply(["service submission/inet enable", "tls submission >= TLSv1.2"]);
    const { warnings } = host.apply(["tls submission >= TLSv1.2"]);
    expect(host.master).toBe(master);
    expect(warnings).toEqual([
      "no-service: no service on port 587 or 465, so the submission lines have nothing to act on",
    ]);
  });

  it("keeps what is still wanted of a service that another name means", () => {
    const host = living("", `submissions inet n - y - - smtpd\n${smtp}`);
    host.apply(["service smtps/inet disable", "set a = 1"]);
    const { changes } = host.apply(["service 465/inet disable", "set a = 2"]);
    expect(changes).toEqual(["main.cf a: 1 -> 2"]);
    host.remove();
    expect(host.master).toBe(`submissions inet n - y - - smtpd\n${smtp}`);
  });

  it("leaves what someone else changed since, names it, and gives the rest back", () => {
    const host = living("a = 1\nb = 2\nc = 3\n", `${smtp}  -o a=1\n  -o b=2\n${smtps}  -o c=3\n`);
    host.apply([
      "set a = x",
      "set b = y",
      "set c = z",
      "option smtp/inet a = x",
      "option smtp/inet b = y",
      "option smtp/inet d = 4",
      "service smtps/inet disable",
    ]);
    host.main = host.main.replace("b = y", "b = admin").replace("c = z\n", "");
    host.master = host.master
      .replace("-o b=y", "-o b=admin")
      .replace("-o d=4", "-o e=5")
      .replace("#  -o c=3", "#  -o c=4");
    const { warnings } = host.remove();
    expect(host.main).toBe("a = 1\nb = admin\n");
    expect(host.master).toBe(`${smtp}  -o a=1\n  -o b=admin\n  -o e=5\n#${smtps}#  -o c=4\n`);
    const text = (what: string) => `kept-foreign: ${what} was changed by someone else since, and stays`;
    expect(warnings).toEqual(["smtp/inet:d", "smtp/inet:b", "smtps/inet", "c", "b"].map(text));
    expect(host).toMatchObject({ ledger: "", owners: "" });
  });

  it("leaves an entry that someone else added to", () => {
    const host = living("", `${smtp}#submission inet n - y - - smtpd\n`);
    host.apply(["service submission/inet enable", "option submission/inet a = 1"]);
    host.master += "  -o mine=2\n";
    expect(host.remove().warnings).toEqual([
      "kept-foreign: submission/inet was changed by someone else since, and stays",
    ]);
    expect(host.master).toBe(`${smtp}submission inet n - y - - smtpd\n  -o mine=2\n`);
  });

  it("does not mind another way to write what it wrote, or other lines around it", () => {
    const host = living("a = 1\n", `${smtp}  -o a=1\n`);
    host.apply(["set b = 2", "option smtp/inet a = 2", "option smtp/inet b = 3"]);
    host.main = `# mine\n${host.main}c = 4\n`;
    host.master = `# mine\n${host.master.replace("-o a=2", "-o { a = 2 }")}  -o c=4\n`;
    expect(host.remove().warnings).toEqual([]);
    expect(host.main).toBe("# mine\na = 1\nc = 4\n");
    expect(host.master).toBe(`# mine\n${smtp}  -o a=1\n  -o c=4\n`);
  });

  it("refuses to give back a second listener, whose port someone else has taken meanwhile", () => {
    const host = living("", smtps);
    host.apply(["service smtps/inet disable"]);
    host.master += "465 inet n - y - - smtpd\n";
    expect(host.preview([]).refusal).toBe(
      "services: smtps/inet (line 1) and 465/inet (line 2) both listen on port 465; keep one of them",
    );
  });

  it("says nothing of a secret that goes", () => {
    const host = living("p = before\n");
    host.apply(["secret p revision 1"], { secrets: "1\tp\tgeheim\n" });
    expect(host.main).toBe("p = geheim\n");
    expect(host.preview(["set p = open"]).changes).toEqual(["main.cf p: (secret) -> (secret)"]);
    expect(host.remove().changes).toEqual(["main.cf p: (secret) -> (secret)"]);
    expect(host.main).toBe("p = before\n");
  });
});

withEachAwk("two owners", (awk) => {
  const first = "org/mail/prod/mailhost:index:PostfixHardening/first";
  const second = "org/mail/prod/mailhost:index:PostfixHardening/second";
  const living = (main: string, master = "") => new LivingHost({ awk, main, master });
  const as = (owner: string) => ({ owner });

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
