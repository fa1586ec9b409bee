import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chart } from "../../../src/cli/report/chart.ts";
import { csv } from "../../../src/cli/report/csv.ts";
import { cell } from "../../../src/cli/report/escape.ts";
import { html } from "../../../src/cli/report/html.ts";
import { json } from "../../../src/cli/report/json.ts";
import type { Outcome } from "../../../src/cli/report/outcome.ts";
import { svg } from "../../../src/cli/report/svg.ts";
import { table } from "../../../src/cli/report/table.ts";
import { answer, coveredDays, quiet, reported, row, used, user } from "./evidence.ts";

const outcomes: Outcome[] = [
  {
    ...reported("mx1.example.com", used),
    knock: { target: "mx1.example.com port 465", made: 3, counted: 3, logged: 0, problem: null },
  },
  reported("mx2", quiet),
  { host: "mx3", problem: "ssh: connect to host mx3 port 22: Connection refused" },
];

it("is a table of all hosts, and a chart, in the terminal", () => {
  expect(table(outcomes)).toMatchInlineSnapshot(`
    "HOST             PORT  VERDICT  COVERED SINCE  LOGINS  ACCOUNTS  LAST LOGIN  CONNECTIONS
    mx1.example.com  465   keep     2026-11-11     6       2         2026-11-17  91
    mx2              465   retire   2026-09-26     0       0         none        3

    mx1.example.com port 465: keep
      why       port 465 is used: alice@example.com; RFC 8314 prefers port 465
      covered   2026-11-11 00:00 UTC to 2026-11-25 12:00 UTC without a gap: 14 days of 60
      gap       2026-11-05 12:00 UTC to 2026-11-05 13:00 UTC: the rule was gone
      gap       2026-11-10 00:00 UTC to 2026-11-11 00:00 UTC: no log covers it
      gap       12 connections counted and not logged (a rate limit, or a kernel that drops the lines); logins are not among them
      gap       34 lines of Postfix's log lost to a rate limit of journald or rsyslog; logins may be among them
      passes    from 2027-05-16 on, if nothing more comes
      listener  postfix
      probe     verified: iptables INPUT since 2026-09-01T00:00:00Z; IPv4 present, IPv6 unneeded
      others    40 connections from 1 network that never logged in; 7 connections of own monitors
      knock     3 connections from here to mx1.example.com port 465; the counter saw all, the log saw none

      ACCOUNT            LOGINS  FIRST       LAST        FROM
      alice@example.com  5       2026-10-06  2026-11-17  192.0.2.0/24
      bob@example.com    1       2026-10-26  2026-10-26  2001:db8::/48

      month    logins a day, at most 4          connections a day, at most 90
      2026-09                           ?????                            ?????
      2026-10  .....█...................▂.....  ...............................
      2026-11  .........?......▂........        .........?......▁....█...
               . nobody came   ? no log of that day   blank: not asked for

      TLS floor TLSv1.2 of incoming: raise: all 12 handshakes had TLSv1.2 or better

    mx2 port 465: retire
      why       nobody logged in
      covered   2026-09-26 12:00 UTC to 2026-11-25 12:00 UTC without a gap: 60 days of 60
      listener  postfix
      probe     verified: iptables INPUT since 2026-09-01T00:00:00Z; IPv4 present, IPv6 unneeded
      others    3 connections from 1 network that never logged in

      month    logins a day, at most 0          connections a day, at most 3
      2026-09                           .....                            .....
      2026-10  ...............................  ...............................
      2026-11  .........................        ......................█..
               . nobody came   ? no log of that day   blank: not asked for

    mx3: not asked: ssh: connect to host mx3 port 22: Connection refused"
  `);
});

it("is lines for a spreadsheet", () => {
  expect(csv(outcomes).replaceAll("\r\n", "\n")).toMatchInlineSnapshot(`
    "host,port,verdict,covered from,covered to,account,networks,logins,first,last,why
    mx1.example.com,465,keep,2026-11-11,2026-11-25,alice@example.com,192.0.2.0/24,5,2026-10-06,2026-11-17,"port 465 is used: alice@example.com; RFC 8314 prefers port 465"
    mx1.example.com,465,keep,2026-11-11,2026-11-25,bob@example.com,2001:db8::/48,1,2026-10-26,2026-10-26,"port 465 is used: alice@example.com; RFC 8314 prefers port 465"
    mx2,465,retire,2026-09-26,2026-11-25,,,,,,nobody logged in
    mx3,,not asked,,,,,,,,ssh: connect to host mx3 port 22: Connection refused
    "
  `);
});

it("is JSON that says the same", () => {
  const { format, hosts } = JSON.parse(json(outcomes));
  expect(format).toBe(1);
  expect(hosts[0]).toMatchObject({
    host: "mx1.example.com",
    error: null,
    verdict: { word: "keep" },
    covered: { first: "2026-11-11T00:00:00Z", last: "2026-11-25T12:00:00Z" },
    users: [
      { account: "alice@example.com", sessions: 5, last: "2026-11-17T12:00:00Z" },
      { account: "bob@example.com", sessions: 1 },
    ],
    lost: 12,
    lostLines: 34,
    knock: { counted: 3, logged: 0 },
  });
  expect(hosts[0].history).toContainEqual({ day: "2026-11-17", covered: 43200, connections: 1, logins: 1, mails: 2 });
  expect(hosts[2]).toEqual({ host: "mx3", error: "ssh: connect to host mx3 port 22: Connection refused" });
});

it("is a page that needs nothing else, and a picture", () => {
  const page = html(outcomes);
  expect(page).not.toMatch(/<script|https?:|url\(|@import|\bon[a-z]+=/);
  expect(page).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
  expect(page).toContain("@media (prefers-color-scheme: dark)");
  expect(page).toContain("<td>alice@example.com</td><td>5</td><td>2026-10-06</td><td>2026-11-17</td>");
  expect(page).toContain("mx3: not asked: ssh: connect to host mx3 port 22: Connection refused");
  const picture = svg(outcomes);
  expect(picture.match(/<rect class="logins"/g)).toHaveLength(3);
  expect(picture).toContain("<title>2026-11-10: no log</title>");
  expect(picture).not.toContain("<title>2026-11-09: no log</title>");
});

describe("what others may have written", () => {
  const hostile = fc.string({
    unit: fc.constantFrom(
      "<",
      ">",
      "&",
      '"',
      "'",
      "=",
      "a",
      ",",
      ";",
      "]",
      "-",
      "\u202e",
      "\u0001",
      "\ufffe",
      "é",
      "\u001b",
    ),
    maxLength: 30,
  });
  /** The text with all tags of ours taken out, and the tags. */
  const tags = (text: string): string[] => text.match(/<[^>]*>/g) ?? [];

  const hosts = (name: string, account: string) => [
    reported(
      name,
      answer([...coveredDays(3), row(1, "login", "192.0.2.0/24", "x"), user(account, "192.0.2.0/24", 1, 1, 1)], {
        sentence: account,
      }),
      3,
    ),
    { host: name, problem: account },
  ];

  it.each([
    ["the page", html],
    ["the picture", svg],
  ])("never becomes markup of %s", (_, render) => {
    const attributes = (text: string) => tags(text.replaceAll(/aria-label="[^"<>]*"/g, ""));
    const ours = attributes(render(hosts("h", "a")));
    fc.assert(
      fc.property(hostile, hostile, (name, account) => {
        fc.pre(account !== "-");
        const text = render(hosts(name, account));
        expect(attributes(text)).toEqual(ours);
        expect(text.replaceAll(/&(amp|lt|gt|quot|#39);/g, "")).not.toContain("&");
        expect(text).not.toMatch(/(?!\n)[\p{Cc}\ufffe\uffff\u202a-\u202e]/u);
      }),
      { numRuns: 60 },
    );
  });

  it("never becomes a formula or another cell", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const written = cell(text);
        const read = written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written;
        expect(read.replace(/^'(?=\s*[=+@|%-])/, "")).toBe(text.replace(/^'(?=\s*[=+@|%-])/, ""));
        expect(read).not.toMatch(/^\s*[=+@|%-]/);
        if (!written.startsWith('"')) expect(written).not.toMatch(/[",;\n]/);
      }),
    );
    expect(cell('=HYPERLINK("http://x")')).toBe(`"'=HYPERLINK(""http://x"")"`);
    expect(cell("\t=1")).toBe(`"'\t=1"`);
  });
});

it("shows one connection beside thousands, and no log other than no visitor", () => {
  const rows = [row(4, "counted", "-", "-", 5000), row(3, "counted", "-", "-", 1), row(1, "cover", "-", "mail", 100)];
  const { summary } = reported("mx", answer(rows), 4);
  expect(chart(summary)[1]).toBe(`2026-11  ${" ".repeat(20)}..?.?${" ".repeat(6)}  ${" ".repeat(20)}█▁?.?`);
});
