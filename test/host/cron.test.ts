// A host without systemd: cron runs the collector, and where it does not, an audit and a guard say so.
import { afterEach, expect, test } from "vitest";
import { until } from "../lab/run.ts";
import { useBench } from "./bench.ts";
import { LOGGING, OWNER, policy } from "./policies.ts";

const CRON_FILE = "/etc/cron.d/mailhost-evidence";
const STATE = "/var/lib/mailhost/evidence/state.tsv";
const GUARDED = policy(`owner ${OWNER}-guarded`, "guard unused incoming 90", "tls incoming >= TLSv1.2");

const bench = useBench({ kind: "logs", init: "plain" });

afterEach(async () => {
  await bench.host.must(STOP);
  await bench.done("remove", policy(...LOGGING));
  expect((await bench.host.exec(`ls ${CRON_FILE}`)).status).toBe(2);
  await bench.host.must("rm -rf /var/lib/mailhost");
});

/** As at a boot, at which cron runs what is due then; its file names the parent, which ends, before it names the daemon. */
const startCron = (): Promise<string> =>
  bench.host.must(
    `rm -f /run/crond.reboot /run/crond.pid; cron; until grep -qx cron "/proc/$(cat /run/crond.pid)/comm"; do sleep 0.1; done`,
  );

// Each job's parent is a process of cron too, and outlives the daemon.
const STOP = `if [ -s /run/crond.pid ]; then
  pid=$(cat /run/crond.pid)
  kill "$pid"
  while grep -qx cron /proc/[0-9]*/comm; do sleep 0.1; done
  rm -f /run/crond.pid
fi`;

async function drift(): Promise<{ status: number; warning: string | undefined }> {
  const { status, stdout } = await bench.run("audit", policy(...LOGGING));
  return { status, warning: JSON.parse(stdout).warnings[0]?.text };
}

test("Debian's cron runs the collector from our file when it starts", async () => {
  await bench.apply(...LOGGING);
  await bench.host.must(`rm -f ${STATE}`);
  await startCron();
  await until("the collector's run", async () => (await bench.host.exec(`test -s ${STATE}`)).status === 0 || undefined);
  expect(await bench.host.read(CRON_FILE)).toMatch(/^\*\/5 \* \* \* \* root \/bin\/sh \S+ collect$/m);
  expect(await drift()).toEqual({ status: 0, warning: undefined });
});

test.each([
  ["that does not run", STOP, /^cron is not running, so .*; start cron there$/],
  ["whose file was removed", `rm ${CRON_FILE}`, /^\S+mailhost-evidence is missing, so .*; raise repair$/],
  ["whose file was edited", `sed -i s/5/55/ ${CRON_FILE}`, /^\S+mailhost-evidence is edited, so .*; raise repair$/],
])("a cron %s is drift with its remedy, and a reason for a guard", async (_, harm, warning) => {
  await bench.apply(...LOGGING);
  await startCron();
  await bench.host.must(harm);
  expect(await drift()).toEqual({ status: 4, warning: expect.stringMatching(warning) });
  expect(await bench.refused(GUARDED)).toMatch(/, so nothing collects evidence: /);
  await bench.apply(...LOGGING);
  await bench.host.must(STOP);
  await startCron();
  expect(await drift()).toEqual({ status: 0, warning: undefined });
});
