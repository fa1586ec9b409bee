// What a restore owes a host with a probe, whose rules would come back as long as its collector runs.
import { afterEach, beforeAll, expect, test } from "vitest";
import { useBench } from "./bench.ts";
import { policy } from "./policies.ts";
import { ProbeBench } from "./probeBench.ts";

const OWNER = "org/proj/dev/mailhost:index:Smtps465Probe/mx";
const OTHER = ["owner org/proj/dev/mailhost:index:Smtps465Probe/other", "probe tcp 587", "backend nft"];

const bench = useBench({ kind: "firewalls" });
let probes: ProbeBench;
let empty: string;

beforeAll(async () => {
  probes = new ProbeBench(bench.host);
  empty = await probes.dump();
});
afterEach(() => bench.run("restore", ""));

/** Everything of ours but the evidence, and the locks of both. */
const left = (): Promise<string> =>
  bench.host.must(
    "find /var/lib/mailhost /etc/systemd/system/mailhost* /etc/cron.d/mailhost* -type f ! -path '*/evidence/*' ! -name lock 2>/dev/null; true",
  );

test("the plan names each probe, and a restore takes rules, probes and collector along", async () => {
  await bench.done("apply", policy("set mail_name = Mail"));
  await probes.apply();
  await probes.apply(...OTHER);
  await probes.collect();
  const before = await left();
  const plan = await bench.run("restore-plan", "");
  expect(plan).toMatchObject({ status: 4, stderr: "" });
  expect(plan.stdout.split("\n")).toEqual(
    expect.arrayContaining([
      `mx1: would remove the probe of port 465 from iptables INPUT; ${OWNER} wants it, and puts it there again with its next run`,
      expect.stringMatching(/^mx1: would remove the probe of port 587 from nft; \S+Probe\/other wants it, and/),
    ]),
  );
  expect(await left()).toBe(before);
  expect(await probes.dump()).not.toBe(empty);

  const { status, stderr } = await bench.run("restore", "");
  expect(status, stderr).toBe(0);
  expect(stderr).toContain("mx1: the probe of port 465 is gone from iptables INPUT\n");
  expect(stderr).toContain("mx1: the probe of port 587 is gone from nft\n");
  expect(await probes.dump()).toBe(empty);
  expect(await left()).toBe("");
  expect(await bench.isPristine()).toBe(true);
  expect(await bench.run("restore-plan", "")).toMatchObject({ status: 0 });
});

test("a host with nothing but a probe is no host with nothing to give back", async () => {
  await probes.apply(...OTHER);
  const plan = await bench.run("restore-plan", "");
  expect(plan.status).toBe(4);
  expect(plan.stdout).toMatch(/^mx1: would remove the probe of port 587 from nft; .*\n$/);
  expect(await bench.run("restore", "")).toMatchObject({
    status: 0,
    stdout: "",
    stderr: "mx1: the probe of port 587 is gone from nft\n",
  });
  expect(await probes.dump()).toBe(empty);
  expect(await left()).toBe("");
});

test("rules that a run put in place before it died go, too", async () => {
  await probes.apply(...OTHER);
  await bench.host.must("rm /var/lib/mailhost/probes/587");
  expect((await bench.run("restore-plan", "")).stdout).toBe("mx1: would remove the probe of port 587 from nft\n");
  expect((await bench.run("restore", "")).status).toBe(0);
  expect(await probes.dump()).toBe(empty);
  expect(await left()).toBe("");
});
