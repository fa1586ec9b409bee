// A rotated file that is being compressed: for a while it is there twice, plain and as what is packed of it so far.
import { afterEach, expect, it } from "vitest";
import { Collector, session } from "./collector.ts";

let collector: Collector;
afterEach(() => collector.remove());

/** A login of so many minutes after eight. */
const login = (minute: number): string[] =>
  session(new Date(Date.parse("2026-11-25T08:00:00Z") + minute * 60_000).toISOString(), minute, "x[192.0.2.1]", "bob");

const half = "head -c $(($(stat -c %s whole.gz) / 2)) whole.gz";

it.each([
  ["has hardly begun", ": >mail.log.1.gz"],
  ["is halfway", `gzip -c mail.log.1 >whole.gz; ${half} >mail.log.1.gz; rm whole.gz`],
  ["has just ended", "gzip -k mail.log.1; touch mail.log.1.gz"],
  ["has ended and took the time of the plain one", "gzip -k mail.log.1"],
])("is read once where it was read before and compression %s", (_, compress) => {
  collector = new Collector();
  for (let minute = 1; minute <= 30; minute += 1) collector.write("mail.log", ...login(minute));
  collector.collect();
  collector.write("mail.log", ...login(31));
  collector.in(`mv mail.log mail.log.1; ${compress}`);
  collector.write("mail.log", ...login(32));
  collector.collect();
  expect([collector.total("login"), collector.total("gap")]).toEqual([32, 0]);
  collector.in("rm mail.log.1.gz; gzip mail.log.1");
  collector.write("mail.log", ...login(33));
  collector.collect();
  expect([collector.total("login"), collector.total("gap")]).toEqual([33, 0]);
});

it.each([
  [
    "where it was read to its end before",
    (write: (minute: number) => void) => {
      write(1);
      collector.collect();
      collector.in("mv mail.log mail.log.1; gzip -k mail.log.1; touch mail.log.1.gz");
      write(2);
    },
    2,
  ],
  [
    "where the place of the last run is gone",
    (write: (minute: number) => void) => {
      write(1);
      collector.collect();
      collector.in("rm mail.log");
      write(250);
      collector.in("mv mail.log mail.log.1; gzip -k mail.log.1; touch mail.log.1.gz");
      write(251);
    },
    3,
  ],
])("is read once %s", (_, rotate, logins) => {
  collector = new Collector();
  rotate((minute) => collector.write("mail.log", ...login(minute)));
  collector.collect();
  expect(collector.total("login")).toBe(logins);
});

it("that is packed and gone before it was read is read in its packed form", () => {
  collector = new Collector();
  collector.write("mail.log", ...login(1));
  collector.collect();
  collector.write("mail.log", ...login(2));
  collector.in("mv mail.log mail.log.1");
  collector.write("mail.log", ...login(3));
  const log = collector.path("mail.log.1");
  collector.run(
    `next_rows() { reading=$((reading + 1)); mkdir "$work/rows/$reading"; [ ! -f ${log} ] || gzip ${log}; }; collect_now`,
  );
  expect([collector.total("login"), collector.total("gap")]).toEqual([3, 0]);
});
