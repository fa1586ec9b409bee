import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/cli/command.ts";
import { flowText, type Mark, markOf } from "../../../src/cli/report/flow.ts";
import { reportCall } from "../../../src/cli/report.ts";
import { summarizeFlow } from "../../../src/evidence/flow.ts";
import { EvidenceError, parseFlow } from "../../../src/evidence/parse.ts";
import { checkout } from "../../lab/places.ts";

const time = Date.parse("2026-11-28T12:00:00Z") / 1_000;
const row = (day: string, kind: string, family: string, what: string, count: number) =>
  [day, kind, kind === "cover" ? "-" : "25", "-", family, "-", what, count, time, time].join("\t");
const lines = [
  row("2026-11-25", "connect", "4", "-", 100),
  row("2026-11-26", "cover", "-", "flow", 86_400),
  row("2026-11-26", "connect", "4", "-", 10),
  row("2026-11-26", "accepted", "4", "example.com", 8),
  row("2026-11-27", "cover", "-", "flow", 86_400),
  row("2026-11-27", "connect", "6", "-", 6),
  row("2026-11-27", "accepted", "4", "example.com", 3),
  row("2026-11-27", "accepted", "6", "example.com", 1),
  row("2026-11-27", "deferred", "6", "example.org", 2),
  row("2026-11-27", "rejected", "6", "example.com", 1),
  row("2026-11-27", "rejected", "4", "-", 7),
  `now\ttime\t${time}`,
  "now\tsource-mail\tfiles",
];
const flow = summarizeFlow(parseFlow(lines), 3);
const marks: Mark[] = [markOf("wave", "2026-11-27"), markOf("safe", "2026-11-28")];
const shown = (format: string) =>
  flowText(
    [
      { host: "mx1", flow },
      { host: "mx2", problem: "gone" },
    ],
    { format, marks },
  );

describe("incoming mail in a report", () => {
  it("is a line a day with the wave beside it, and a line a domain", () => {
    expect(shown("table").split("\n")).toEqual([
      "mx1: mail that came in on port 25 over IPv4 and IPv6 in 3 days",
      "  DAY         CONN 4  CONN 6  IN 4  IN 6  IN 6 %  4XX 4  4XX 6  5XX 4  5XX 6",
      "  2026-11-26  10      0       8     0     0 %     0      0      0      0",
      "  2026-11-27  0       6       3     1     25 %    0      2      7      1      <- wave published",
      "  2026-11-28  ?       ?       ?     ?     ?       ?      ?      ?      ?      <- old answers have run out",
      "  CONN connections, IN accepted mail, 4XX refused for now, 5XX refused; ? no log of that day, * part of it",
      "  since 2026-11-27: 25 % of the mail over IPv6, 0 % before; refused 50 % over IPv6, 70 % over IPv4",
      "",
      "  DOMAIN        IN 4  IN 6  IN 6 %  4XX 4  4XX 6  5XX 4  5XX 6  FIRST OVER IPv6",
      "  example.com   11    1     8 %     0      0      0      1      2026-11-27",
      "  (none named)  0     0     -       0      0      7      0      -",
      "  example.org   0     0     -       0      2      0      0      -",
      "",
      "mx2: not asked: gone",
    ]);
  });

  it("has every member of its JSON on the page", () => {
    const page = readFileSync(join(checkout, "docs", "mail-over-ipv6.md"), "utf8");
    const members = [...shown("json").matchAll(/"(\w+)":/g)].map(([, name = ""]) => name);
    const words = [...page.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = ""]) => code.split(/\W+/));
    expect(members).toContain("firstIpv6");
    expect(members.filter((name) => !words.includes(name))).toEqual([]);
  });

  it("is for programs, too", () => {
    expect(JSON.parse(shown("json"))).toMatchObject({
      format: 1,
      marks: [{ kind: "wave", day: "2026-11-27" }, { kind: "safe" }],
      hosts: [
        {
          host: "mx1",
          error: null,
          time: "2026-11-28T12:00:00Z",
          source: "files",
          history: [{}, { connections: { ipv4: 0, ipv6: 6 } }, {}],
          domains: [{ domain: "example.com" }, { domain: null }, {}],
        },
        { host: "mx2", error: "gone" },
      ],
    });
    expect(shown("csv").split("\r\n").slice(0, 2)).toEqual([
      "host,domain,accepted_ipv4,accepted_ipv6,deferred_ipv4,deferred_ipv6,rejected_ipv4,rejected_ipv6,first_over_ipv6,why",
      "mx1,example.com,11,1,0,0,0,1,2026-11-27,",
    ]);
    expect(shown("csv").split("\r\n").at(-1)).toBe("mx2,,,,,,,,,gone");
    const still = { ...flow, domains: [] };
    expect(flowText([{ host: "mx3", flow: still }], { format: "csv", marks: [] })).toMatch(
      /\r\nmx3,,,,,,,,,no mail in these days$/,
    );
  });

  it("has a domain as text, whatever a client called it, and is refused where it is no answer", () => {
    const odd = summarizeFlow(
      parseFlow([row("2026-11-28", "rejected", "4", "\u001b[31mx", 1), `now\ttime\t${time}`]),
      1,
    );
    expect(flowText([{ host: "mx1", flow: odd }], { format: "table", marks: [] })).not.toContain("\u001b");
    for (const wrong of [[], ["now\ttime\tx"], [...lines, "verdict\tkeep\tx"], [`${lines[0]}\tmore`]])
      expect(() => parseFlow(wrong)).toThrow(EvidenceError);
  });
});

describe("a call with --ipv6", () => {
  it("takes days to look at", () => {
    expect(reportCall("mx1 --ipv6 --wave 2026-11-20 --wave 2026-11-24 --safe 2026-11-21".split(" "))).toMatchObject({
      days: 30,
      ipv6: {
        marks: [
          { kind: "wave", day: "2026-11-20" },
          { kind: "wave", day: "2026-11-24" },
          { kind: "safe", day: "2026-11-21" },
        ],
      },
    });
    expect(reportCall(["mx1"])).toMatchObject({ days: 180, ipv6: null });
  });

  it.each([
    ["mx1 --ipv6 --port 25", /^--ipv6 goes without --port$/],
    ["mx1 --ipv6 --svg", /without --svg/],
    ["mx1 --wave 2026-11-20", /^--wave and --safe are for --ipv6$/],
    ["mx1 --ipv6 --wave 2026-02-30", /^--wave is "2026-02-30"; use a day such as 2026-11-20$/],
    ["mx1 --ipv6 --safe today", /^--safe is "today"/],
  ])("%s is refused", (words, error) => {
    expect(() => reportCall(words.split(" "))).toThrow(UsageError);
    expect(() => reportCall(words.split(" "))).toThrow(error);
  });
});
