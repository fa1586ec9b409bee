// Lines that are known to be of a port by the kernel's line alone: where that can't be, nobody says that nobody came.
import { afterEach, describe, expect, it } from "vitest";
import { Collector, OPTIONS, packet, SERVICES } from "./collector.ts";

const DAY = 86_400;
const DAYS = 2;

let collector: Collector;
const start = (): Collector => {
  collector = new Collector({
    services: SERVICES.replace(" -o syslog_name=postfix/smtps", ""),
    options: OPTIONS.replace(/^smtps.*syslog_name.*\n/m, ""),
    clientPorts: true,
  });
  collector.in("touch kern.log");
  return collector;
};
afterEach(() => collector.remove());

const stamp = (time: number): string => new Date(time * 1000).toISOString();

function visit(time: number, port: number, { account = "printer", address = "192.0.2.9" } = {}): void {
  const client = `x[${address}]:${port}`;
  const at = (text: string) => `${stamp(time)} mx1 postfix/smtpd[7]: ${text}`;
  collector.write(
    "mail.log",
    at(`connect from ${client}`),
    ...(account === "" ? [] : [at(`4FxA: client=${client}, sasl_method=PLAIN, sasl_username=${account}`)]),
    at(`disconnect from ${client} ehlo=1 quit=1 commands=2`),
  );
}

/** Some days of a printer that comes once a day, as the kernel tells of it; its visit is between two runs of five minutes. */
function printerComes(kernel: (time: number, day: number) => void): void {
  visit(collector.now, 25, { account: "" });
  collector.counters = "465\t4\t0\n";
  collector.collect();
  for (let day = 1; day <= DAYS + 1; day += 1) {
    collector.collect(DAY - 600);
    visit(collector.now + 60, 5000 + day);
    kernel(collector.now + 60, day);
    collector.collect();
    collector.collect();
  }
}

describe("a port whose lines are known by the kernel's", () => {
  it("is judged where they are", () => {
    start();
    printerComes((time, day) => {
      collector.write("kern.log", packet(stamp(time), "192.0.2.9", 5000 + day));
      collector.counters = `465\t4\t${day}\n`;
    });
    expect(collector.verdict(465, DAYS)).toMatch(/^keep: .* printer \(192\.0\.2\.0\/24, /);
  });

  it("is quiet where they are and only scanners come", () => {
    start();
    collector.counters = "465\t4\t0\n";
    visit(collector.now, 25, { account: "" });
    collector.collect();
    for (let day = 1; day <= DAYS + 1; day += 1) {
      collector.collect(DAY - 300);
      collector.write("kern.log", packet(stamp(collector.now + 60), "198.51.100.1", 4000 + day));
      visit(collector.now + 61, 4000 + day, { account: "", address: "198.51.100.1" });
      collector.counters = `465\t4\t${day}\n`;
      collector.collect();
    }
    expect(collector.verdict(465, DAYS)).toMatch(/^retire: .* connections without a login: [23]$/);
  });

  it("is not covered where the kernel logs nothing, as in a container, however short each visit is", () => {
    start();
    printerComes((_, day) => {
      collector.counters = `465\t4\t${day}\n`;
    });
    expect(collector.verdict(465, DAYS)).toMatch(
      /^not enough evidence: the log of port 465 covers 0 of 2 days; before, its lines can't be told from another service's/,
    );
  });

  it("is not covered while the rule is gone", () => {
    start();
    collector.write("kern.log", packet(stamp(collector.now - 60), "198.51.100.1", 4001));
    printerComes(() => {
      collector.counters = "";
    });
    expect(collector.verdict(465, DAYS)).toMatch(
      /^not enough evidence: the log of port 465 covers 0 of 2 days; before, its lines can't be told from another service's/,
    );
    expect(collector.rows().filter((row) => row.includes(" unattributed "))).toHaveLength(DAYS + 2);
  });

  it("is not known to be quiet where no line of Postfix ever was the one of a packet, as behind the PROXY protocol", () => {
    start();
    printerComes((time, day) => {
      collector.write("kern.log", packet(stamp(time), "10.0.0.2", 4000 + day));
      collector.counters = `465\t4\t${day}\n`;
    });
    expect(collector.verdict(465, DAYS)).toMatch(
      /^not enough evidence: of [23] connections to port 465 none is in Postfix's log by its client's port, so a login would not be found either; give the service a syslog_name of its own$/,
    );
  });
});

describe("a port of a name of its own", () => {
  it("has a gap of the rule while that is gone, which spoils nothing", () => {
    collector = new Collector();
    const smtps = (time: number) =>
      collector.write("mail.log", `${stamp(time)} mx1 postfix/smtps/smtpd[7]: connect from x[198.51.100.1]`);
    collector.counters = "465\t4\t1\n";
    smtps(collector.now - 2 * DAY);
    smtps(collector.now);
    collector.collect();
    collector.counters = "";
    collector.collect();
    smtps(collector.now + 200);
    collector.collect();
    collector.counters = "465\t4\t0\n";
    collector.collect();
    expect(collector.rows().filter((row) => row.includes(" gap "))).toEqual(["2026-11-25 gap 465 - - - rule 600"]);
    expect(collector.verdict(465, 1)).toMatch(/^retire: /);
  });
});
