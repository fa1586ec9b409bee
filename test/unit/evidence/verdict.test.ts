// The one judge: what it says of rows, as they are in day files.
import { afterAll, expect, it } from "vitest";
import { type Awk, runAwk, source, withEachAwk } from "../hostDecision/awk.ts";

const NOW = Date.parse("2026-11-25T12:00:00Z") / 1000;
const DAY = 86_400;

const dayOf = (time: number): string => new Date(time * 1000).toISOString().slice(0, 10);

/** A row of a time `ago` days before now. */
function row(
  ago: number,
  kind: string,
  network: string,
  what: string,
  { count = 1, port = "465", seconds = 0 } = {},
): string {
  const time = NOW - ago * DAY;
  return [dayOf(time), kind, port, "postfix/smtps", 4, network, what, count, time, time + seconds].join("\t");
}

/** Covered days from `ago` days before now until `until`, as the collector writes them. */
function covered(ago: number, { until = 0, port = "465", what = "mail" } = {}): string[] {
  const rows: string[] = [];
  const end = NOW - until * DAY;
  for (let from = NOW - ago * DAY; from <= end; ) {
    const next = (Math.floor(from / DAY) + 1) * DAY;
    const to = Math.min(next - 1, end);
    rows.push([dayOf(from), "cover", port, "-", "-", "-", what, to - from, from, to].join("\t"));
    from = next;
  }
  return rows;
}

const now = (values: Record<string, string>): string[] =>
  Object.entries(values).map(([name, value]) => `now\t${name}\t${value}`);
const scan = row(3, "syn", "198.51.100.0/24", "-", { count: 40 });

function judge(awk: Awk, rows: readonly string[], question: Record<string, string | number> = { port: 465 }) {
  const variables = Object.entries({ now: NOW, days: 180, ...question }).flatMap(([name, value]) => [
    "-v",
    `${name}=${value}`,
  ]);
  const { stdout, stderr, status } = runAwk(
    awk,
    [...variables, "-f", source("stamps.awk"), "-f", source("verdict.awk")],
    `${rows.join("\n")}\n`,
  );
  if (status !== 0 || stderr !== "") throw new Error(`${status} ${stderr}`);
  const found = (name: string) =>
    stdout
      .split("\n")
      .filter((line) => line.startsWith(`${name}\t`))
      .map((line) => line.slice(name.length + 1));
  const [word = "", sentence = ""] = found("verdict")[0]?.split("\t") ?? [];
  return {
    word,
    sentence,
    passes: found("passes")[0],
    users: found("user"),
    holes: found("hole"),
    covered: found("covered")[0],
  };
}

const words = new Set<string>();
afterAll(() => expect([...words].sort()).toEqual(["keep", "not enough evidence", "raise", "retire"]));

withEachAwk("the verdict on a port", (awk) => {
  const ask = (rows: readonly string[], question?: Record<string, string | number>) => {
    const result = judge(awk, rows, question);
    words.add(result.word);
    return result;
  };

  it("is retire where only scanners came in a time that was covered", () => {
    const { word, sentence, passes } = ask([
      ...covered(200),
      scan,
      row(2, "connect", "198.51.100.0/24", "-", { count: 7 }),
    ]);
    expect(word).toBe("retire");
    expect(sentence).toBe(
      "nobody logged in or sent mail on port 465 in the last 180 days, all of which the log covers; connections without a login: 7",
    );
    expect(passes).toBe("2026-11-25");
  });

  it("is keep where somebody logged in, and says who and until when", () => {
    const rows = [
      ...covered(200),
      scan,
      row(30, "login", "192.0.2.0/24", "bob@example.com"),
      row(30, "mail", "192.0.2.0/24", "-"),
      row(10, "login", "2001:db8:1::/48", "-"),
    ];
    const { word, sentence, passes, users } = ask(rows);
    expect(word).toBe("keep");
    expect(sentence).toBe(
      "port 465 is used: in the last 180 days there came 2001:db8:1::/48 (last 2026-11-15), bob@example.com (192.0.2.0/24, last 2026-10-26); " +
        "RFC 8314 prefers port 465, with TLS from the first byte, for mail submission",
    );
    expect(passes).toBe("2027-05-15");
    expect(users[0]).toMatch(/^bob@example\.com\t192\.0\.2\.0\/24\t465\t1\t\d+\t\d+$/);
    // Another port's users are not this one's; nor are those from before the time that was asked about, or own monitors.
    expect(ask(rows, { port: 587 }).word).toBe("not enough evidence");
    expect(ask(rows, { port: 465, days: 9 }).word).toBe("retire");
    expect(ask([...covered(200), scan, row(1, "login", "ignored", "probe")]).word).toBe("retire");
    const gap = { port: "-", seconds: 7200 };
    expect(
      ask([...covered(200), row(9.1, "gap", "-", "log", gap), row(9.0168, "gap", "-", "log", gap)]).holes,
    ).toHaveLength(1);
  });

  it("is keep where mail came without a login, and although the log has gaps", () => {
    expect(ask([...covered(1), scan, row(1, "mail", "127.0.0.0/24", "-")]).sentence).toMatch(
      /there came 127\.0\.0\.0\/24 \(last/,
    );
  });

  it.each([
    [
      "the log covers less",
      [...covered(28), scan],
      "the log of port 465 covers 28 of 180 days, enough from 2027-04-27 on",
      "2027-04-27",
    ],
    ["nothing was read", [scan], "no log of port 465 was read yet", "-"],
    [
      "the log fell silent",
      [...covered(200, { until: 5 }), scan],
      "Postfix's log of port 465 ends on 2026-11-20; see whether it is written elsewhere now",
      "-",
    ],
    [
      "lines are missing",
      [...covered(200), scan, row(50, "gap", "-", "collector", { port: "-", seconds: 7200 })],
      "the log of port 465 covers 49 of 180 days; before, lines are missing (collector), enough from 2027-04-05 on",
      "2027-04-05",
    ],
    [
      "lines were not its own",
      [...covered(200), scan, row(50, "gap", "-", "unattributed", { seconds: 7200 })],
      "the log of port 465 covers 49 of 180 days; before, its lines can't be told from another service's, enough from 2027-04-05 on",
      "2027-04-05",
    ],
    [
      "a day file is gone",
      [...covered(200).filter((line) => !line.startsWith("2026-11-01")), scan],
      "the log of port 465 covers 23 of 180 days, enough from 2027-05-01 on",
      "2027-05-01",
    ],
    [
      "not even a scanner came",
      covered(200),
      "vantage unverified: in 180 days not even a scanner reached port 465, so something before this host may filter it; try report --knock from outside",
      "2026-11-25",
    ],
    [
      "another program listens",
      [...covered(200), scan, ...now({ listener: "dovecot" })],
      "on port 465 answers dovecot, whose logins are not in Postfix's log",
      "2026-11-25",
    ],
    [
      "the name is shared",
      [scan, ...now({ syslog_name: "shared" })],
      "the service on port 465 logs under the same name as another; give it a syslog_name of its own",
      "-",
    ],
  ])("is not enough evidence where %s", (_, rows, sentence, passes) => {
    expect(ask(rows)).toMatchObject({ word: "not enough evidence", sentence, passes });
  });

  it("is not disturbed by short gaps, nor by a rate limit, which it mentions", () => {
    const rows = [
      ...covered(200),
      scan,
      row(50, "gap", "-", "log", { port: "-", seconds: 1800, count: 1800 }),
      row(40, "gap", "-", "limited", { count: 4000 }),
      row(40, "gap", "-", "limited", { count: 9, port: "587" }),
    ];
    expect(ask(rows)).toMatchObject({
      word: "retire",
      sentence: expect.stringMatching(/none; 4000 connections were counted and not logged$/),
    });
  });

  it("mentions Postfix's own lines that a daemon swallowed apart, for logins may be among them", () => {
    const rows = [...covered(200), scan, row(40, "gap", "-", "limited", { count: 1, port: "-" })];
    expect(ask(rows).sentence).toMatch(
      /none; 1 line of Postfix's log was lost to a daemon's rate limit, and a login may be in it$/,
    );
    expect(ask([...rows, row(39, "gap", "-", "limited", { count: 41, port: "-" })]).sentence).toMatch(
      /none; 42 lines of Postfix's log were lost to a daemon's rate limit, and logins may be among them$/,
    );
  });
});

withEachAwk("the verdict on a floor", (awk) => {
  const ask = (rows: readonly string[], question: Record<string, string>) => {
    const result = judge(awk, rows, question);
    words.add(result.word);
    return `${result.word}: ${result.sentence}`;
  };
  const rows = [
    ...covered(200, { port: "-", what: "tls-in" }),
    row(9, "tls", "192.0.2.0/24", "in TLSv1.1 AES128-SHA", { port: "25", count: 2 }),
    row(8, "tls", "192.0.2.0/24", "in TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384", { count: 30 }),
    row(7, "tls", "203.0.113.0/24", "out TLSv1.3 TLS_AES_256_GCM_SHA384", { port: "25" }),
    row(2, "refused", "192.0.2.0/24", "unsupported protocol", { port: "587", count: 3 }),
  ];

  it("names who would be cut off, by block", () => {
    expect(ask(rows, { floor: "TLSv1.2", block: "incoming" })).toBe(
      "keep: TLSv1.2 as the floor of incoming would cut off 192.0.2.0/24 on port 25 (TLSv1.1, last 2026-11-16)",
    );
    expect(ask(rows, { floor: "TLSv1.2", block: "submission" })).toBe(
      "raise: all 30 handshakes of submission in the last 180 days had TLSv1.2 or better; 3 with an older version were refused",
    );
    expect(ask(rows, { floor: "TLSv1.3", block: "submission" })).toMatch(
      /^keep: .* 192\.0\.2\.0\/24 on port 465 \(TLSv1\.2/,
    );
    expect(ask(rows, { floor: "TLSv1.2", block: "outgoing" })).toBe(
      "not enough evidence: no log of TLS handshakes of outgoing was read yet",
    );
    expect(ask(covered(200, { port: "-", what: "tls-in" }), { floor: "TLSv1.2", block: "incoming" })).toBe(
      "not enough evidence: no TLS handshake of incoming was seen in 180 days",
    );
    expect(
      ask([...covered(20, { port: "-", what: "tls-in" }), ...rows.slice(-3)], {
        floor: "TLSv1.2",
        block: "submission",
      }),
    ).toMatch(/^not enough evidence: the log of TLS handshakes of submission covers 20 of 180 days/);
  });
});
