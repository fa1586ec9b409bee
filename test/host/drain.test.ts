// Drain: sessions on old settings end by themselves, or are ended where they are idle, and no mail notices.
import { afterEach, describe, expect, test } from "vitest";
import { Load, type LoadReport, type Stay } from "../lab/load.ts";
import { until } from "../lab/run.ts";
import { ACCOUNT, delivered, SmtpClient } from "../lab/smtp.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { PROGRAM, useBench } from "./bench.ts";
import { policy } from "./policies.ts";

const SS = "/usr/bin/ss";
// For one sender the answer to the final dot comes late, as from a slow filter.
const LATE = "smtpd_end_of_data_restrictions = check_sender_access inline:{{late@client.test = sleep 50}}";
const FLOOR = "tls incoming >= TLSv1.2";

/** Clients of sessions that ended before the load did, and those that a story says were ended. */
const cut = (stays: readonly Stay[]): string[] => stays.filter(({ ended }) => ended).map(({ client }) => client);
const told = (story: string): string[] =>
  [...story.matchAll(/ended the idle session of (\S+) with/g)].map(([, client]) => client as string);

function expectUnharmed({ refused, failed, unanswered }: LoadReport): void {
  expect({ refused, failed, unanswered }).toEqual({ refused: 0, failed: [], unanswered: [] });
}

describe("bookworm under load", () => {
  const bench = useBench({}, (host) => host.must(`echo '${LATE}' >>/etc/postfix/main.cf && postfix reload`).then());

  let load: Load | undefined;
  afterEach(() => load?.destroy());

  /** A session of the host with itself: a monitor, or a filter. */
  const local = (): Promise<string> =>
    bench.host.must(
      "setsid sh -c 'sleep 300 | busybox nc 127.0.0.1 25 >/run/local' >/dev/null 2>&1 & until grep -q 220 /run/local 2>/dev/null; do sleep 0.1; done",
    );

  /** A run that waits for sessions gets this signal; what it said until then, and after. */
  const atTheWait = (signal: "KILL" | "TERM"): Promise<string> =>
    bench.host.must(
      `rm -f /run/out; sh ${PROGRAM} apply mx1 </run/policy >/run/receipt 2>/run/out & until grep -qs 'they have 60' /run/out; do sleep 0.1; done; kill -${signal} $!; wait $!; cat /run/out`,
    );

  test("killed while it waits, the change stays, and the next run finds nothing to mend", async () => {
    const session = await SmtpClient.connect(bench.host);
    await bench.host.write("/run/policy", policy(FLOOR, "activate drain 60"));
    await atTheWait("KILL");
    const next = await bench.apply(FLOOR, "activate drain 60");
    expect(next).toMatchObject({ changed: false, activation: { kind: "drain", remaining: 1, ended: 0 } });
    expect(await bench.host.must("ls /var/lib/mailhost")).not.toContain("drain.");
    expect((await acceptedVersions(bench.host))[0]).toBe("TLSv1.2");
    session.destroy();
  });

  test("asked to end, it stops waiting, says what remains and ends none", async () => {
    const session = await SmtpClient.connect(bench.host);
    await bench.host.write("/run/policy", policy(FLOOR, "activate drain 60"));
    expect(await atTheWait("TERM")).toMatch(
      /mx1: server sessions on old settings: 1, until \S+Z at most if their clients say nothing more\n$/,
    );
    await session.command("NOOP", 250);
    await session.quit();
  });

  test("without ss it waits and reports; a reload counts as well", async () => {
    const session = await SmtpClient.connect(bench.host);
    const { activation } = await bench.apply(FLOOR);
    expect(activation).toMatchObject({ kind: "reload", remaining: 1, ended: 0 });
    await bench.host.must(`mv ${SS} ${SS}.real`);
    try {
      const { warnings, story, ...rest } = await bench.apply(FLOOR, "set mail_name = x", "activate drain 1");
      expect(rest.activation).toMatchObject({ kind: "drain", remaining: 1, ended: 0 });
      expect(warnings.map(({ code }) => code)).toEqual(["not-ended"]);
    } finally {
      await bench.host.must(`mv ${SS}.real ${SS}`);
    }
    const { activation: atOnce } = await bench.apply(FLOOR, "set mail_name = y", "activate drain 0");
    expect(atOnce).toMatchObject({ kind: "drain", remaining: 1, ended: 0 });
    await session.quit();
    const { activation: after, story } = await bench.apply(FLOOR, "activate drain 30");
    expect(after).toMatchObject({ kind: "drain", remaining: 0, until: undefined });
    expect(story).toMatch(/mx1: no server session on old settings since \S+Z\n/);
  });

  test("no connection refused, no mail failed or doubled, and only idle sessions ended", async () => {
    load = await Load.start(bench.host, {
      rate: 100,
      most: 30,
      stays: { idle: 6, chatty: 2, slow: 3, stalled: 2, dotted: 2 },
    });
    const six = await bench.host.lab.connect(bench.host.address6, 25);
    const sixEnded = new Promise<void>((resolve) =>
      six
        .once("close", () => resolve())
        .once("error", () => {})
        .resume(),
    );
    await local();

    // A kernel that can end no connection: wait, and report.
    await bench.host.must(
      `mv ${SS} ${SS}.real && printf '#!/bin/sh\\ncase $1 in -K*) exit 0 ;; esac\\nexec ${SS}.real "$@"\\n' >${SS} && chmod 755 ${SS}`,
    );
    let story = "";
    const draining = bench.host.exec(`sh ${PROGRAM} apply mx1`, {
      stdin: policy(FLOOR, "activate drain 31"),
      onOutput: (text) => {
        story += text;
      },
    });
    await until("the wait", async () => story.includes("they have 31 seconds") || undefined);
    // Nothing is held that others need.
    const started = Date.now();
    await bench.done("audit", policy(FLOOR, "activate drain 31"));
    expect(Date.now() - started).toBeLessThan(5_000);
    const first = await draining;
    expect(first.status).toBe(0);
    // Short transactions that the reload met under way are counted first, and end by themselves.
    const begun = /mx1: server sessions on old settings: (\d+); they have 31 seconds to end by themselves\n/.exec(
      first.stderr,
    );
    expect(Number(begun?.[1])).toBeGreaterThanOrEqual(17);
    const receipt = JSON.parse(first.stdout);
    expect(receipt.activation).toMatchObject({ kind: "drain", remaining: 17, ended: 0 });
    expect(receipt.warnings).toEqual([
      {
        code: "not-ended",
        text: "idle sessions on old settings could not be ended: this kernel has no CONFIG_INET_DIAG_DESTROY",
      },
    ]);
    const again = await bench.apply(FLOOR, "activate drain 31");
    expect(again).toMatchObject({ changed: false, activation: receipt.activation });

    // The same sessions, now that it can: they are two generations old.
    await bench.host.must(`mv ${SS}.real ${SS}`);
    // The seconds are for short transactions that this reload met under way.
    const second = await bench.apply(FLOOR, "set smtpd_banner = mx1", "activate drain 5");
    expect(second.activation).toMatchObject({ kind: "drain", ended: 7 });
    // Eight, and the two between their dot and its answer, unless that came meanwhile.
    expect(second.activation.remaining).toBeOneOf([8, 10]);
    expect(Date.parse(second.activation.until ?? "") - Date.now()).toBeGreaterThan(280_000);
    expect(second.warnings).toEqual([]);
    await sixEnded;

    const report = await load.stop();
    expectUnharmed(report);
    expect(cut(report.stays).sort()).toEqual(
      told(second.story)
        .filter((client) => !client.startsWith("["))
        .sort(),
    );
    expect(report.stays.filter(({ ended }) => ended).map(({ kind }) => kind)).toEqual(Array(6).fill("idle"));
    expect(told(second.story)).toHaveLength(7);
    const delivered = await load.delivered();
    expect(report.accepted.filter((id) => delivered.get(id) !== 1)).toEqual([]);
    expect(delivered.size).toBe(report.accepted.length);
    expect(await bench.host.must("journalctl -q -t postfix/master | grep -c -e throttling -e 'killed by' || :")).toBe(
      "0\n",
    );
    await bench.host.exec("pkill -f 'nc 127.0.0.1 25'");
  });
});

describe("bookworm, lived-in", () => {
  const bench = useBench({ kind: "lived-in" });

  test("idle sessions behind postscreen, of submission and of smtps end; the filter's own and a mail under way do not", async () => {
    const { host } = bench;
    const submission = { port: 587, tls: "starttls", login: ACCOUNT } as const;
    const idle = await Promise.all([
      SmtpClient.connect(host),
      SmtpClient.connect(host, submission),
      SmtpClient.connect(host, { port: 465, tls: "wrapper", login: ACCOUNT }),
    ]);
    await host.must(
      "setsid sh -c 'sleep 300 | busybox nc 127.0.0.1 10025 >/run/filter' >/dev/null 2>&1 & until grep -q 220 /run/filter 2>/dev/null; do sleep 0.1; done",
    );
    const busy = await SmtpClient.connect(host, submission);
    await busy.command(`MAIL FROM:<${ACCOUNT.user}>`, 250);
    await busy.command("RCPT TO:<user@lab.test>", 250);
    await busy.command("DATA", 354);
    busy.write("From: <user@lab.test>\r\nX-Lab-Id: underway\r\n\r\nfirst half\r\n");

    const { activation, story, warnings } = await bench.apply(FLOOR, "activate drain 31");
    expect(activation, story).toMatchObject({ kind: "drain", ended: 3, remaining: 2 });
    expect(warnings.map(({ code }) => code)).not.toContain("not-ended");
    const ports = [...story.matchAll(/ended the idle session of \S+ with \S+:(\d+),/g)].map(([, port]) => Number(port));
    expect(ports.sort((a, b) => a - b)).toEqual([25, 465, 587]);
    await Promise.all(idle.map((session) => expect(session.command("NOOP", 250)).rejects.toThrow()));

    busy.write("second half\r\n.\r\n");
    await busy.expect(250, "end of data");
    await busy.quit();
    const mails = await until("the mail", async () => {
      const found = await delivered(host, "underway");
      return found.length > 0 ? found : undefined;
    });
    expect(mails).toHaveLength(1);
    expect(await host.must("journalctl -q -t postfix/master | grep -c -e throttling -e 'killed by' || :")).toBe("0\n");
    await host.exec("pkill -f 'nc 127.0.0.1 10025'");
  });
});
