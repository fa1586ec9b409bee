// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Postfix writes ${name}.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keywords, type Line, renderPolicy } from "../../../src/policy/render.ts";
import { entryLine, optionLine, serviceName, stateLines } from "../../../src/policy/services.ts";
import { secretLines, settingLine, unsetLines } from "../../../src/policy/settings.ts";
import { normalizeTls, TlsProfile, TlsVersion, tlsLines } from "../../../src/policy/tls.ts";
import { source, withEachAwk } from "./awk.ts";
import { policyWords } from "./decide.ts";

withEachAwk("what src/policy renders is read as it was meant", (awk) => {
  const name = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,12}$/);
  const value = fc
    .string({ unit: "grapheme", maxLength: 30 })
    .filter((text) => !/[\p{Cc}\p{Surrogate}#{}]|^\s|\s$/u.test(text));
  const key = fc.constantFrom(
    "smtp/inet",
    "[::1]:465/inet",
    "127.0.0.1:10025/inet",
    "smtp/unix",
    "postlog/unix-dgram",
    "x/fifo",
    "smtpd/pass",
  );
  const facts = fc.record({
    settings: fc.uniqueArray(fc.tuple(name, value), { selector: ([text]) => text, maxLength: 5 }),
    options: fc.uniqueArray(fc.tuple(key, name, value), {
      selector: ([service, text]) => `${service} ${text}`,
      maxLength: 5,
    }),
  });

  it("settings and options of any value", () => {
    fc.assert(
      fc.property(facts, ({ settings, options }) => {
        const lines = [
          ...settings.map(([parameter, text]) => settingLine(parameter, text)),
          ...options.map(([service, parameter, text]) => optionLine(serviceName(service), parameter, text)),
        ];
        const meant = [
          ...settings.map(([parameter, text]) => (text === "" ? `empty\t${parameter}` : `set\t${parameter}\t${text}`)),
          ...options.map(([service, parameter, text]) => `option\t${service}\t${parameter}\t${text}`),
        ];
        expect(readBack(lines).sort()).toEqual(meant.sort());
      }),
      { numRuns: 40 },
    );
  });

  /** The words of a policy of these lines, without those that every policy has. */
  function readBack(lines: readonly Line[]): string[] {
    const always: Line[] = [
      { keyword: "owner", rest: "o/p/s/t/n" },
      { keyword: "activate", rest: "reload" },
      { keyword: "destroy", rest: "keep" },
    ];
    return policyWords(renderPolicy([...always, ...lines]), awk)
      .split("\n")
      .slice(1, -3);
  }

  it("TLS blocks", () => {
    const versions = Object.values(TlsVersion);
    const profiles = Object.values(TlsProfile);
    for (const minimumVersion of versions)
      for (const profile of [undefined, ...profiles]) {
        const blocks = normalizeTls({
          submission: { minimumVersion, profile, excludeCiphers: ["RC4", "AES128-SHA", "DES-CBC3-SHA"] },
        });
        const floor = blocks[0]?.floor;
        expect(readBack(tlsLines(blocks))).toEqual([
          `tls\tsubmission\t${floor}`,
          ...(profile === undefined ? [] : [`ciphers\tsubmission\t${profile}`]),
          "exclude\tsubmission\tAES128-SHA DES-CBC3-SHA RC4",
        ]);
      }
    expect(readBack(tlsLines(normalizeTls(undefined))).map((line) => line.split("\t")[0])).toEqual([
      "tls",
      "tls",
      "tls",
      "exclude",
      "exclude",
      "exclude",
    ]);
  });

  it("services, and what is taken out", () => {
    const entry = {
      private: false,
      chroot: true,
      wakeup: "60?",
      processLimit: 5,
      command: "pipe flags=R  argv=/bin/m ${user}",
    };
    expect(
      readBack([
        ...stateLines(serviceName("smtps/inet"), false, undefined, 0),
        ...stateLines(serviceName("submission/inet"), true, undefined, 0),
        entryLine(serviceName("m/unix"), entry),
        entryLine(serviceName("10025/inet"), { command: "smtpd" }),
        ...unsetLines(["b", "a"]),
        ...secretLines(["p"], 4),
        { keyword: "drop", rest: "smtp/inet x" },
      ]),
    ).toEqual([
      "secret\tp\t4",
      "unset\ta",
      "unset\tb",
      "service\t10025/inet\tentry\tn - - - - smtpd",
      "service\tm/unix\tentry\tn - y 60? 5 pipe flags=R  argv=/bin/m ${user}",
      "service\tsmtps/inet\tdisable",
      "service\tsubmission/inet\tenable",
      "drop\tsmtp/inet\tx",
    ]);
  });
});

describe("docs/policy.md, the renderer and the reader", () => {
  it("know the same keywords in the same order", () => {
    const docs = readFileSync(new URL("../../../docs/policy.md", import.meta.url), "utf8");
    const grammar = docs.slice(docs.indexOf("## Grammar"), docs.indexOf("## Verbs"));
    const told = [...grammar.matchAll(/^\| `(\w+)` \|/gm)].map(([, keyword]) => keyword);
    const reader = readFileSync(source("policy.awk"), "utf8");
    const known = /split\("(policy [a-z ]+)", order/.exec(reader)?.[1]?.split(" ");
    expect([...new Set(told)]).toEqual([...keywords]);
    expect(known).toEqual([...keywords]);
  });
});
