// Postfix's own lines that a daemon's rate limit swallowed: who came then, nobody knows.
import { afterEach, expect, it } from "vitest";
import { Collector, packet, session } from "./collector.ts";

const DAY = 86_400;

let collector: Collector;
afterEach(() => collector.remove());

const stamp = (time: number): string => new Date(time * 1000).toISOString();

/** Some days on which only a scanner comes, and a line of a daemon at these hours. */
function days(hours: readonly number[], text: string): string {
  collector = new Collector({ limited: true });
  for (let day = 4; day >= 0; day -= 1) {
    const midnight = collector.now - 12 * 3600 - day * DAY;
    for (let hour = 0; hour < 12; hour += 1) {
      collector.write("mail.log", ...session(stamp(midnight + hour * 3600), hour + 1, "x[198.51.100.1]"));
      if (hours.includes(hour)) collector.write("mail.log", `${stamp(midnight + hour * 3600 + 30)} mx1 ${text}`);
    }
    collector.write("kern.log", packet(stamp(midnight), "198.51.100.1"));
  }
  collector.collect();
  return collector.verdict(465, 3);
}

const JOURNAL = "systemd-journald[99]: Suppressed 120000 messages from postfix@-.service";

it("again and again leave no evidence, whoever swallowed them", () => {
  expect(days([1, 5, 9], JOURNAL)).toMatch(
    /^not enough evidence: the log of port 465 covers 0 of 3 days; before, lines are missing \(log\)/,
  );
  collector.remove();
  expect(days([1, 5, 9], "rsyslogd: imjournal: 500 messages lost due to rate-limiting")).toMatch(
    /^not enough evidence: the log of port 465 covers 0 of 3 days/,
  );
});

it("for a moment are a short gap, which the verdict mentions", () => {
  expect(days([4], JOURNAL)).toMatch(/^retire: .*; \d+ lines of Postfix's log were lost to a daemon's rate limit/);
});

it("of others, or of the kernel, are none", () => {
  expect(days([1, 5, 9], JOURNAL.replace("postfix@-", "nginx"))).toMatch(/^retire: [^;]*; connections [^;]*$/);
  collector.remove();
  expect(days([1, 5, 9], "systemd-journald[99]: Missed 7 kernel messages")).toMatch(
    /^retire: [^;]*; connections [^;]*$/,
  );
});
