// A collector that can't be put in place: what was changed before it stands, with its receipt, and the next run tries again.
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { parseReceipt } from "../../src/receipt.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { type Outcome, useBench } from "./bench.ts";
import { disturbed, installGate } from "./gate.ts";
import { LOGGING, policy } from "./policies.ts";

const UNITS = "/etc/systemd/system";
const MODERN = ["TLSv1.2", "TLSv1.3"];
const LINES = [...LOGGING, "tls incoming >= TLSv1.2", "activate drain 1"];
const STANDS = "the change stands, but nothing collects evidence: ";
const bench = useBench({});
const timer = async () => (await bench.host.exec("systemctl is-active mailhost-evidence.timer")).stdout.trim();
const running = (outcome: Outcome) => {
  const { changed, activation } = parseReceipt("mx1", outcome.stdout);
  return { changed, kind: activation.kind };
};

beforeAll(() => installGate(bench));
afterEach(() =>
  bench.host.must(`rm -rf ${UNITS}/mailhost-evidence.* ${UNITS}/timers.target.wants/mailhost-evidence.timer`),
);

/** Not even root writes there meanwhile. */
async function readOnly<T>(directory: string, work: () => Promise<T>): Promise<T> {
  await bench.host.must(
    `mkdir -p ${directory} && mount --bind ${directory} ${directory} && mount -o remount,ro,bind ${directory}`,
  );
  try {
    return await work();
  } finally {
    await bench.host.must(`umount ${directory}`);
  }
}

describe.each([
  ["whose units can't be written", UNITS, `can't write ${UNITS}/mailhost-evidence.service`],
  ["whose timer can't be enabled", `${UNITS}/timers.target.wants`, "systemd does not start mailhost-evidence.timer: "],
])("a collector %s", (_, directory, reason) => {
  test("leaves the change, its receipt and its drain whole", async () => {
    await readOnly(directory, async () => {
      const first = await bench.run("apply", policy(...LINES));
      expect(first.status, first.stderr).toBe(3);
      expect(first.last).toContain(`mx1: error: ${STANDS}${reason}`);
      expect(first.last).toMatch(/; run again$/);
      expect(running(first)).toEqual({ changed: true, kind: "drain" });
      expect(first.stderr).toMatch(/no server session on old settings since .*\n.*error: /);
      expect(await acceptedVersions(bench.host)).toEqual(MODERN);
      // Nothing is changed any more, and it is tried again.
      expect(await bench.refused(policy(...LINES))).toContain(`nothing collects evidence: ${reason}`);
    });
    const { changed, activation } = await bench.apply(...LINES);
    expect({ changed, kind: activation.kind }).toEqual({ changed: false, kind: "drain" });
    expect(await timer()).toBe("active");
    await bench.remove(...LINES);
    expect(await bench.isPristine()).toBe(true);
  });
});

test("a change that stands while what is to be remembered of it can't be written", async () => {
  const lines = ["tls incoming >= TLSv1.2"];
  const step = { at: 1, text: 'mkdir -p "$state/ledger"' };
  const outcome = await disturbed(bench, "apply", policy(...lines), step, ": >/var/lib/mailhost/ledger");
  expect(outcome.status, outcome.stderr).toBe(3);
  expect(outcome.last).toBe(
    "mx1: error: the change stands, but /var/lib/mailhost can't be written to; what is to be remembered is in /var/lib/mailhost/journal. Run again",
  );
  expect(await acceptedVersions(bench.host)).toEqual(MODERN);
  await bench.host.must("rm /var/lib/mailhost/ledger");
  const { changed, story } = await bench.apply(...lines);
  expect(changed).toBe(false);
  expect(story).toContain("an earlier run did not end; remembering what it did");
  await bench.remove(...lines);
  expect(await bench.isPristine()).toBe(true);
});
