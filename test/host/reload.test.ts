// When a reload is done: not when it is asked for, nor when the log says so, but when master has let go of its old children.
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { whileHeld } from "../lab/holdExec.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { disturbed, find, installGate, trace } from "./gate.ts";
import { policy } from "./policies.ts";

const bench = useBench({});
const FLOOR = "tls incoming >= TLSv1.2";
const MODERN = ["TLSv1.2", "TLSv1.3"];

// As on a busy machine, with the line that a quicker one would have logged.
const LATE = `{ master=$(tr -d ' ' </var/spool/postfix/pid/master.pid)
kill -STOP "$master"; (sleep 1; date +%s >/run/went-on; kill -CONT "$master") &
logger -p mail.info -t postfix/master --id="$master" 'reload -- version 3'; } >/dev/null 2>&1 7>&-`;

test("a master that reloads a second late is waited for", async () => {
  await installGate(bench);
  const reload = find(await trace(bench, "apply", policy(FLOOR)), "postfix -c");
  await bench.remove(FLOOR);
  const { status, stdout, stderr } = await disturbed(bench, "apply", policy(FLOOR), reload, LATE);
  expect(status, stderr).toBe(0);
  expect(stderr).not.toContain("still answered");
  const { at } = JSON.parse(stdout).activation;
  expect(Date.parse(at) / 1000).toBeGreaterThanOrEqual(Number(await bench.host.read("/run/went-on")));
  expect(await acceptedVersions(bench.host)).toEqual(MODERN);
  await bench.remove(FLOOR);
  expect(await bench.isPristine()).toBe(true);
});

// A child before its exec has all that master had open, so that an old smtpd does not hear of the reload.
test("an old process that lives a moment longer is no reason to put a change back", async () => {
  await bench.restart();
  await acceptedVersions(bench.host);
  const showq = `${await bench.postconf("daemon_directory")}/showq`;
  const { activation, story } = await whileHeld(
    bench.host,
    showq,
    () => bench.host.exec("mailq"),
    (_, letGo) =>
      bench.done("apply", policy(FLOOR), {
        onOutput: (text) => {
          if (text.includes("reload done")) setTimeout(letGo, 1_100);
        },
      }),
  );
  const said = /reload done at (\S+);/.exec(story)?.[1] ?? "";
  // Effective from when it was seen to be.
  const at = activation.at ?? "";
  expect(Date.parse(at)).toBeGreaterThan(Date.parse(said));
  expect(story).toContain(`still answered for a moment; new connections have the new settings since ${at}`);
  expect(await acceptedVersions(bench.host)).toEqual(MODERN);
  await bench.remove(FLOOR);
});

// As in a sandbox where root may not look into every process.
test("where master's sockets are not shown, its own line counts", async () => {
  const ls = "/usr/sbin/ls";
  await bench.host.write(ls, '#!/bin/sh\ncase $2 in /proc/*/fd) exit 2 ;; esac\nexec /usr/bin/ls "$@"\n', "755");
  try {
    const { activation } = await bench.apply(FLOOR);
    expect(activation.kind).toBe("reload");
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
    await bench.remove(FLOOR);
  } finally {
    await bench.host.must(`rm ${ls}`);
  }
});

// As of Debian 12 a host has the journal alone, unless someone installs another.
test("a log that a rate limit cuts is not waited for", async () => {
  const limit = "/run/systemd/journald.conf.d/limit.conf";
  await bench.host.must(`systemctl stop syslog.socket rsyslog && rm /var/log/mail.log && mkdir -p ${dirname(limit)} &&
    printf '[Journal]\\nRateLimitIntervalSec=1h\\nRateLimitBurst=1\\n' >${limit} && systemctl restart systemd-journald`);
  try {
    const logged = (): Promise<string> => bench.host.must("journalctl -q -o cat | grep -c 'reload -- version'");
    for (let i = 0; i < 15; i++) await bench.host.must("postfix reload");
    const before = await logged();
    const { activation, story } = await bench.apply(FLOOR);
    expect(await logged()).toBe(before);
    expect(activation.kind).toBe("reload");
    expect(story).not.toContain("putting the old configuration back");
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
    await bench.remove(FLOOR);
  } finally {
    await bench.host.must(`rm -f ${limit} && systemctl restart systemd-journald rsyslog`);
  }
});
