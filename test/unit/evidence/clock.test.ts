// A host's clock that was ahead for one run, as before the first answer of a time server.
import { afterEach, expect, it } from "vitest";
import { Collector, session } from "./collector.ts";

const DAY = 86_400;

let collector: Collector;
afterEach(() => collector.remove());

const login = (account: string, at = collector.now): void =>
  collector.write("mail.log", ...session(new Date(at * 1000).toISOString(), 7, "x[192.0.2.1]", account));
const days = (): string[] => [...new Set(collector.rows().map((row) => row.slice(0, 10)))];

const coveredSince = (ofDays: number): number =>
  Number(
    collector
      .evidence(465, ofDays)
      .find((line) => line.startsWith("covered\t"))
      ?.split("\t")[1],
  );

/** A run of a moment ago, one with a clock that is ahead, and the clock put right. */
function jump(ahead: number): void {
  collector = new Collector();
  login("before", collector.now - 2 * DAY);
  login("before");
  collector.collect();
  collector.now += ahead;
  login("ahead");
  collector.collect();
  collector.now -= ahead;
}

it.each([2, 365, 800])("by %i days takes no evidence of before, and what comes later counts again", (ahead) => {
  jump(ahead * DAY);
  expect(days()).toContain("2026-11-23");
  login("after");
  collector.collect();
  for (let day = 1; day <= 4; day += 1) {
    collector.now += DAY;
    login("later");
    collector.collect();
  }
  const logins = collector.rows().filter((row) => row.includes(" login "));
  const accounts = logins.map((row) => row.split(" ")[6]).filter((account) => account !== "ahead");
  expect(accounts.sort()).toEqual(["after", "before", "before", "later", "later", "later", "later"]);
  // From the clock put right on, all is covered.
  expect(coveredSince(3)).toBeLessThanOrEqual(collector.now - 3 * DAY);
});

it("leaves the days in between uncovered, where the clock is right by then", () => {
  jump(365 * DAY);
  collector.now += 365 * DAY;
  login("much later", collector.now);
  collector.collect();
  // Nothing was collected for a year but in the run that took itself for one of this day.
  expect(coveredSince(30)).toBe(collector.now - 600);
});

it("forgets no day at the first run after a long time off, and those too old at the next", () => {
  collector = new Collector();
  login("before");
  collector.collect();
  collector.now += 800 * DAY;
  login("after");
  collector.collect();
  expect(days()).toEqual(["2026-11-25", "2029-02-02"]);
  collector.collect();
  expect(days()).toEqual(["2029-02-02"]);
});
