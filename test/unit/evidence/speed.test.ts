// A big log: everything of it is counted, in little memory and not much slower than a grep of it. `bench/evidence.ts` has the figures of 1 GB.
import { afterEach, expect, it } from "vitest";
import { writeBigLog } from "./bigLog.ts";
import { Collector } from "./collector.ts";
import { costOf } from "./cost.ts";

const collector = new Collector();
afterEach(() => collector.remove());

it("counts 30 MB in less than 50 MB of memory, and not far slower than grep", () => {
  const syslog = collector.path("mail.log");
  const { tls, scans, logins } = writeBigLog(syslog, { size: 30e6, end: collector.now - 3_600, handshakes: true });
  const cost = costOf(["sh", collector.scriptFile("collect_now")], collector.env);
  const greps = Array.from({ length: 3 }, () => costOf(["grep", "-c", "SERVICE MONITORING: ", syslog], collector.env));
  const grep = Math.min(...greps.map(({ processor }) => processor));
  expect([collector.total("tls"), collector.total("login"), collector.total("connect")]).toEqual([
    tls,
    logins,
    scans + logins,
  ]);
  expect(cost.peak).toBeLessThan(50_000);
  // Its start costs the same whatever the size; processor time, for this machine may be busy.
  expect(cost.processor).toBeLessThan(1_500 + 20 * grep);
});
