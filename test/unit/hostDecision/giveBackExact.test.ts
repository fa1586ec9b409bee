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
      readFileSync(new URL(`../../lab/kinds/lived-in/${name}`, import.meta.url), "utf8").replaceAll("@DB@", "hash");
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
});
