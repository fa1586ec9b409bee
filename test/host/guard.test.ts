// A service is closed only if evidence allows it: the probe's own day files, moved in time by the test.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";
import { banner } from "../lab/smtp.ts";
import { Bench } from "./bench.ts";
import { DAY, iso, now, writeDays } from "./dayFiles.ts";
import { policy } from "./policies.ts";
import { ProbeBench } from "./probeBench.ts";

const close = ["service smtps/inet disable", "destroy restore"];

let lab: Lab;
let bench: Bench;
let probe: ProbeBench;

beforeAll(async () => {
  lab = await Lab.open();
  const host = await lab.boot({ kind: "lived-in" });
  bench = new Bench(host);
  probe = new ProbeBench(host);
  await bench.prepare();
  await host.must("postconf -P smtps/inet/syslog_name=postfix/smtps && postfix reload");
});
afterAll(() => lab.close());

/** Evidence of that many days without a gap, with these rows besides. */
async function evidence(days: number, ...rows: [daysAgo: number, row: string][]): Promise<void> {
  await bench.host.must("systemctl stop mailhost-evidence.timer; rm -f /var/lib/mailhost/evidence/*.tsv");
  await probe.collect();
  const every = ["cover\t465\tpostfix/smtps\t-\t-\tmail\t1", "syn\t465\t-\t4\t198.51.100.0/24\t-\t3"];
  await writeDays(bench.host, days, every, rows);
}

const guarded = (...lines: string[]): string => policy("guard quiet 465 180", ...close, ...lines);
const login = "login\t465\tpostfix/smtps\t4\t192.0.2.0/24\tbob@example.com\t7";

describe("closing port 465", () => {
  test("is refused without a probe, which the error asks for", async () => {
    expect(await bench.refused(guarded())).toBe(
      "port 465 stays as it is: no probe watches port 465; add an Smtps465Probe",
    );
  });

  test("is refused where the evidence covers less", async () => {
    await probe.apply();
    await evidence(30);
    expect(await bench.refused(guarded())).toMatch(
      /^port 465 stays as it is: the log of port 465 covers (29|30) of 180 days.*, enough from \d{4}-\d\d-\d\d on/,
    );
  });

  test("is refused while somebody logs in, and names who, from where and from when on it would pass", async () => {
    await evidence(200, [20, login]);
    const error = await bench.refused(guarded());
    expect(error).toContain(`bob@example.com (192.0.2.0/24, last ${iso(now - 20 * DAY)})`);
    expect(error).toContain(`it would pass from ${iso(now + 161 * DAY)} on`);
  });

  test("is held where the policy says so: a success that changes nothing and says what waits", async () => {
    const before = await bench.fingerprint();
    const { changed, changes, warnings } = await bench.done("apply", guarded("refused hold"));
    expect({ changed, changes }).toEqual({ changed: false, changes: [] });
    expect(warnings.find(({ code }) => code === "held")?.text).toContain("bob@example.com");
    expect(await bench.fingerprint()).toBe(before);
  });

  test("is done despite the evidence where the policy gives a reason, which the story repeats", async () => {
    const { story } = await bench.done("apply", guarded("despite bob was told"));
    expect(story).toContain("which the policy overrides (bob was told): port 465 is used");
    await expect(banner(bench.host, 465)).rejects.toThrow("ECONNREFUSED");
    await bench.done("remove", guarded("despite bob was told"));
  });

  test("passes once nobody came for long enough, and closes 465 alone; coming back is one line", async () => {
    await evidence(200, [190, login]);
    const { story } = await bench.done("apply", guarded());
    expect(story).toContain("the evidence allows it: nobody logged in or sent mail on port 465 in the last 180 days");
    await expect(banner(bench.host, 465)).rejects.toThrow("ECONNREFUSED");
    for (const port of [25, 587]) expect(await banner(bench.host, port)).toMatch(/^220/);
    // Judged only at the step that changes something.
    await evidence(200, [0, login]);
    expect((await bench.done("apply", guarded())).story).toContain("nothing to change");
    await bench.done("apply", policy("service smtps/inet enable"));
    expect((await bench.host.must("ss -Hltn | grep -c :465")).trim()).not.toBe("0");
  });
});
