// What a run hands on to the next in the state: no client's address and no account longer than it is of use.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { withEachAwk } from "../hostDecision/awk.ts";
import { Collector } from "./collector.ts";

const DAY = 86_400;
const REASON = "warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:../ssl/x.c:1686:";

let collector: Collector;
afterEach(() => collector.remove());

/** A line of now. */
const write = (text: string, pid: number, service = "postfix/smtps/smtpd"): void =>
  collector.write("mail.log", `${new Date(collector.now * 1000).toISOString()} mx1 ${service}[${pid}]: ${text}`);
const state = (): string => readFileSync(join(collector.dir, "state/evidence/state.tsv"), "utf8");
const kept = (kind: string): string[] =>
  state()
    .split("\n")
    .filter((line) => line.startsWith(`${kind}\t`));

withEachAwk("the state", (awk) => {
  it("knows a handshake that failed by its network, until its reason must have come", () => {
    collector = new Collector({ awk });
    for (let pid = 1; pid <= 50; pid += 1)
      write(`SSL_accept error from x[203.0.113.${100 + pid}]: lost connection`, pid);
    collector.now -= 300;
    collector.collect();
    expect(kept("refused")).toHaveLength(50);
    expect(state()).not.toMatch(/203\.0\.113\.1/);
    // The reason is the first line of the next run.
    write(REASON, 7);
    collector.collect(1);
    expect(kept("refused")).toHaveLength(49);
    expect(collector.rows().filter((row) => row.includes(" refused "))).toEqual([
      "2026-11-25 refused 465 postfix/smtps 4 203.0.113.0/24 unsupported protocol 1",
    ]);
    collector.now += 300;
    write("x", 1, "postfix/anvil");
    collector.collect();
    expect(kept("refused")).toEqual([]);
  });

  it("gives the reason to nobody who came to the same process before", () => {
    collector = new Collector({ awk });
    write("SSL_accept error from x[192.0.2.1]: lost connection", 7);
    write("connect from y[198.51.100.1]", 7);
    write(REASON, 7);
    write("SSL_accept error from x[192.0.2.2]: lost connection", 8, "postfix/smtpd");
    collector.now += 600;
    write(REASON, 8, "postfix/smtpd");
    expect(collector.collect().filter((row) => row.includes(" refused "))).toEqual([]);
  });

  it("has no session whose end was never logged for longer than a day", () => {
    collector = new Collector({ awk });
    write("connect from x[192.0.2.77]", 9);
    write("4Fx: client=x[192.0.2.77], sasl_method=PLAIN, sasl_username=bob@example.com", 9);
    collector.collect();
    expect(kept("session")).toHaveLength(1);
    collector.now += DAY / 2;
    write("x", 1, "postfix/anvil");
    collector.collect();
    expect(kept("session")).toHaveLength(1);
    collector.now += DAY / 2;
    write("x", 1, "postfix/anvil");
    collector.collect();
    expect(state()).not.toMatch(/192\.0\.2\.77|bob/);
  });

  it("of an older version gives its addresses up", () => {
    collector = new Collector({ awk });
    write("connect from x[192.0.2.77]", 9);
    collector.collect();
    collector.run(`printf 'refused\\tpostfix/smtpd[4]:\\t192.0.2.55\\n' >>"$evidence/state.tsv"`);
    write(REASON, 4, "postfix/smtpd");
    expect(collector.collect().filter((row) => row.includes(" refused "))).toEqual([]);
    expect(state()).not.toContain("192.0.2.55");
  });
});
