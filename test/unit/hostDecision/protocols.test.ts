import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { decide } from "./decide.ts";
import type { Version } from "./postfix.ts";
import { accepted, bits, list, versions } from "./protocols.ts";

const all: Version[] = ["3.5", "3.7", "3.10"];

/** What smtpd of Debian 11, 12 and 13 said of a list: whether it is one, and for good ones what it leaves. */
const seen: readonly (readonly [list: string, on35: string, later: string])[] = [
  ["", "11111", "11111"],
  ["!SSLv2, !SSLv3", "01111", "01111"],
  ["!SSLv2,!SSLv3,!TLSv1,!TLSv1.1", "00011", "00011"],
  ["!sslv2:!tlsv1.3", "11110", "11110"],
  ["TLSv1.2", "00010", "00010"],
  ["tlsv1.2:TLSv1.3", "00011", "00011"],
  ["SSLv2", "00000", "00000"],
  ["TLSv1 !TLSv1", "00000", "00000"],
  [">=TLSv1.2", "bad", "00011"],
  [">=tlsv1.2", "bad", "00011"],
  ["<=TLSv1.2", "bad", "11110"],
  ["<=0304,>=0301", "bad", "01111"],
  [">=TLSv1 !TLSv1.1", "bad", "01011"],
  [">=TLSv1.1 TLSv1 TLSv1.2", "bad", "00010"],
  [">=0303", "bad", "00011"],
  [">=0x0303", "bad", "00011"],
  [">=303", "bad", "00011"],
  [">= TLSv1.2", "bad", "00010"],
  [">=none", "bad", "11111"],
  [">=1", "bad", "11111"],
  [">=FFFF", "bad", "11111"],
  [">=SSLv3", "bad", "11111"],
  ["!SSLv2, !SSLv3 # old", "bad", "bad"],
  ["TLSv9", "bad", "bad"],
  ["!TLSv1.4", "bad", "bad"],
  ["TLSv1.0", "bad", "bad"],
  [">=TLSv1.0", "bad", "bad"],
  [">=SSLv2", "bad", "bad"],
  ["<=SSLv2", "bad", "bad"],
  ["0303", "bad", "bad"],
  ["!0303", "bad", "bad"],
  ["! SSLv3", "bad", "bad"],
  ["!!SSLv3", "bad", "bad"],
  [">TLSv1", "bad", "bad"],
  [">=!TLSv1", "bad", "bad"],
  [">=TLSv1.2;", "bad", "bad"],
  [">=0x", "bad", "bad"],
  ["none", "bad", "bad"],
];

describe("the model of protocol lists", () => {
  it.each(seen)("agrees with smtpd on %j", (text, on35, later) => {
    expect(all.map((postfix) => bits(accepted(text, postfix)))).toEqual([on35, later, later]);
  });
});

withEachAwk("protocol lists", (awk) => {
  /** The versions that services allow, each with its own list. */
  function read(lists: readonly string[], postfix: Version): string[] {
    const master = lists.map(
      (text, at) => `${at + 1000} inet n - y - - smtpd\n  -o { smtpd_tls_protocols = ${text} }\n`,
    );
    return decide({ awk, postfix, master: master.join("") }).services.map((line) => line.split("\t")[7] ?? "");
  }

  it.each(all)("are read as smtpd %s reads them", (postfix) => {
    expect(
      read(
        seen.map(([text]) => text),
        postfix,
      ),
    ).toEqual(seen.map(([, on35, later]) => (postfix === "3.5" ? on35 : later)));
  });

  it("are read as the model reads them", () => {
    fc.assert(
      fc.property(fc.array(list, { minLength: 40, maxLength: 60 }), fc.constantFrom(...all), (lists, postfix) => {
        expect(read(lists, postfix)).toEqual(lists.map((text) => bits(accepted(text, postfix))));
      }),
      { numRuns: 15 },
    );
  });

  it("are raised to the floor and never lowered, by the fewest changes", () => {
    const floors = versions.slice(1);
    fc.assert(
      fc.property(
        fc.array(list, { minLength: 30, maxLength: 40 }),
        fc.constantFrom(...all),
        fc.constantFrom(...floors),
        (lists, postfix, floor) => {
          const least = versions.slice(versions.indexOf(floor));
          const possible = lists.filter(
            (text) => accepted(text, postfix)?.some((version) => least.includes(version as never)) ?? true,
          );
          const master = possible.map(
            (text, at) => `${at + 1000} inet n - y - - smtpd\n  -o { smtpd_tls_protocols = ${text} }\n`,
          );
          const policy = ["override fix", `tls incoming >= ${floor}`];
          const main = "smtpd_tls_mandatory_protocols = !SSLv2\n";
          const decision = decide({ awk, postfix, main, master: master.join(""), policy });
          expect(decision.refusal).toBeUndefined();
          const after = decision.services.map((line) => line.split("\t")[7] ?? "");
          const wanted = possible.map((text) =>
            (accepted(text, postfix) ?? versions).filter((version) => least.includes(version as never)),
          );
          expect(after).toEqual(wanted.map(bits));
          // A list that holds the floor is left as it is written.
          const lines = decision.master.split("\n");
          for (const [at, text] of possible.entries()) {
            if (bits(accepted(text, postfix)) === bits(wanted[at]))
              expect(lines[at * 2 + 1]).toBe(`  -o { smtpd_tls_protocols = ${text} }`);
          }
        },
      ),
      { numRuns: 12 },
    );
  });
});
