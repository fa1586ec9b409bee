import { describe, expect, it } from "vitest";
import { EvidenceError, parseEvidence } from "../../../src/evidence/parse.ts";
import { summarize } from "../../../src/evidence/summary.ts";
import { answer, NOW, quiet, reported, row, used, user } from "./evidence.ts";

describe("a host's answer", () => {
  it.each([
    ["a word of another program", [...quiet, "Last login: yesterday"]],
    ["a row cut short", ["2026-11-25\tlogin\t465\tpostfix/smtps\t4\t192.0.2.0/24\talice\t1\t1", ...quiet]],
    ["a row too long", [`${row(1, "login", "192.0.2.0/24", "a")}\tmore`, ...quiet]],
    ["a kind that nobody knows", [row(1, "guess", "-", "-"), ...quiet]],
    ["a count that is none", [row(1, "mail", "-", "-").replace("\t1\t", "\t-1\t"), ...quiet]],
    ["a verdict of its own", answer([], { word: "maybe" })],
    ["a day that is none", answer([], { passes: "soon" })],
    ["an empty line", ["", ...quiet]],
  ])("is refused with %s", (_, lines) => {
    expect(() => parseEvidence(lines)).toThrow(EvidenceError);
    expect(() => parseEvidence(lines)).toThrow(/^line \d+ of the host's answer is not evidence: "/);
  });

  it("is refused without a verdict: it ended too early", () => {
    expect(() => parseEvidence(quiet.slice(0, -1))).toThrow(/has no verdict/);
  });
});

describe("a summary", () => {
  it("has each account with first and last login, and mail of a known network is no user of its own", () => {
    expect(reported("mx", used).summary.users).toMatchObject([
      { account: "alice@example.com", networks: ["192.0.2.0/24"], sessions: 5 },
      { account: "bob@example.com", networks: ["2001:db8::/48"], sessions: 1 },
    ]);
    const roaming = [
      user("a", "192.0.2.0/24", 1, 9, 9),
      user("a", "198.51.100.0/24", 2, 5, 1),
      user("-", "203.0.113.0/24", 0, 3, 3),
    ];
    expect(reported("mx", answer(roaming)).summary.users).toEqual([
      {
        account: "a",
        networks: ["192.0.2.0/24", "198.51.100.0/24"],
        sessions: 3,
        first: NOW - 9 * 86_400,
        last: NOW - 86_400,
      },
      { account: null, networks: ["203.0.113.0/24"], sessions: 0, first: NOW - 3 * 86_400, last: NOW - 3 * 86_400 },
    ]);
  });

  it("tells strangers from users and from own monitors", () => {
    expect(reported("mx", used).summary).toMatchObject({ strangers: { connections: 40, networks: 1 }, monitors: 7 });
  });

  it("has a day for each that was asked for, and leaves other ports out", () => {
    const other = row(1, "login", "192.0.2.0/24", "a").replace("\t465\t", "\t587\t");
    const { history } = summarize(parseEvidence(answer([other])), { port: 465, days: 30 });
    expect([history.length, history[0]?.day, history.at(-1)?.day]).toEqual([31, "2026-10-26", "2026-11-25"]);
    expect(history.every(({ logins }) => logins === 0)).toBe(true);
  });

  it("names a gap once where the reason is known, and all of it where it is known of a part only", () => {
    const [start, end] = [NOW - 10 * 86_400, NOW - 8 * 86_400];
    const missing = `hole\t${start}\t${end}\tmissing`;
    const gaps = (reason: string) => reported("mx", answer([missing, reason])).summary.gaps.map(({ what }) => what);
    expect(gaps(`hole\t${start + 60}\t${end - 60}\tlog`)).toEqual(["log"]);
    expect(gaps(`hole\t${start + 60}\t${end - 7200}\tlog`)).toEqual(["missing", "log"]);
  });

  it("joins a gap of the rule over midnight", () => {
    const rows = [row(2, "gap", "-", "rule", 43_199, 43_199), row(1.5, "gap", "-", "rule", 100, 100)];
    expect(reported("mx", answer(rows)).summary.gaps).toEqual([
      { first: NOW - 172_800, last: NOW - 129_500, what: "rule" },
    ]);
  });
});
