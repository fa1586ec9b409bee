// From when the first run takes a name or a level of the log as in force: nobody was seen by it before.
import { afterEach, describe, expect, it } from "vitest";
import { Collector, packet, session } from "./collector.ts";

const DAY = 86_400;

let collector: Collector;
afterEach(() => collector.remove());

const stamp = (daysAgo: number): string => new Date((collector.now - daysAgo * DAY) * 1000).toISOString();
const write = (daysAgo: number, text: string): void => collector.write("mail.log", `${stamp(daysAgo)} mx1 ${text}`);

describe("a name in the log", () => {
  it("is in force from when its file came there, or its first line, whatever time the file kept", () => {
    collector = new Collector({ realChanges: true });
    collector.now = Math.floor(Date.now() / 1000);
    for (let day = 12; day >= 0; day -= 1) {
      const printer = session(stamp(day), 7, "p[192.0.2.9]", "printer");
      const scanner = session(stamp(day), 8, "x[198.51.100.1]");
      const lines = day > 1 ? printer.map((line) => line.replace("postfix/smtps", "postfix")) : scanner;
      write(day, "postfix/anvil[1]: statistics: max connection rate 1/60s");
      collector.write("mail.log", ...lines);
      collector.write("kern.log", packet(stamp(day), day > 1 ? "192.0.2.9" : "198.51.100.1"));
    }
    collector.collect();
    expect(collector.verdict(465, 10)).toMatch(/^not enough evidence: the log of port 465 covers 1 of 10 days/);
    expect(collector.rows().some((row) => / gap 465 .* unattributed /.test(row))).toBe(true);
  });
});

describe("the level of the log", () => {
  const tls = (daysAgo: number, name: string, more = "") =>
    write(
      daysAgo,
      `${name}/smtpd[1]: Anonymous TLS connection established from x[192.0.2.1]${more}: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)`,
    );

  it.each(["main.cf", "master.cf"])("is in force from when %s was changed, whichever service logged before", (file) => {
    collector = new Collector();
    collector.in(`touch -d @${collector.now - 3600} ../etc/${file}`);
    for (let day = 12; day >= 1; day -= 1) tls(day, "postfix/submission");
    tls(0, "postfix/submission");
    tls(0, "postfix");
    collector.collect();
    for (const block of ["incoming", "submission"])
      expect(collector.floor(block, 10)).toMatch(
        /^not enough evidence: the log of TLS handshakes of (incoming|submission) covers 0 of 10 days, enough from 2026-12-06 on$/,
      );
  });

  it("is in force for as long as the files say where they were not changed", () => {
    collector = new Collector();
    for (let day = 12; day >= 0; day -= 1) tls(day, "postfix");
    collector.collect();
    expect(collector.floor("incoming", 10)).toMatch(/^raise: /);
  });
});
