// A Postfix that someone else holds in the foreground: a supervisor, or a container whose first process it is.
import { expect, test } from "vitest";
import { acceptedVersions, versions } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { policy } from "./policies.ts";
import { keepers } from "./reach.ts";

const FLOOR = "tls incoming >= TLSv1.2";
const MODERN = ["TLSv1.2", "TLSv1.3"];
const bench = useBench({ init: "plain" });

/** The process that runs the script whose child master is. */
async function keeper(): Promise<string> {
  const parent = (process: string): string => `ps -o ppid= ${process}`;
  return (await bench.host.must(parent(`$(${parent("$(cat /var/spool/postfix/pid/master.pid)")})`))).trim();
}

// The supervisor starts it again after a restart.
test(keepers.supervisor, async () => {
  await bench.host.must(
    `postfix stop; setsid sh -c 'while :; do postfix start-fg; sleep 2; done' >/dev/null 2>&1 </dev/null & echo $! >/run/supervisor`,
  );
  const supervisor = (await bench.host.read("/run/supervisor")).trim();
  try {
    await bench.host.waitForSmtp();
    expect(await keeper()).toBe(supervisor);
    expect((await bench.apply(FLOOR)).activation.kind).toBe("reload");
    const { activation } = await bench.apply("activate restart", FLOOR, "set mail_name = Mail");
    expect(activation.kind).toBe("restart");
    expect(await keeper()).toBe(supervisor);
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
    // An address that this host does not have ends master, and the old files go back.
    const fatal = policy(FLOOR, "service 192.0.2.99:2525/inet entry n - n - - smtpd");
    expect(await bench.refused(fatal)).toContain("the old configuration is back and answers as before");
    expect(await keeper()).toBe(supervisor);
    await bench.remove(FLOOR);
  } finally {
    await bench.host.exec(`kill ${supervisor}; postfix stop; postfix start`);
  }
});

// It is reloaded, and what takes a restart is refused.
test(keepers.container, async () => {
  await bench.host.must(
    "postfix stop; setsid unshare --pid --fork --mount-proc --kill-child postfix start-fg >/dev/null 2>&1 </dev/null & echo $! >/run/container",
  );
  const container = (await bench.host.read("/run/container")).trim();
  const inside = { prefix: `nsenter --target $(pgrep -P ${container}) --pid --mount` };
  try {
    await bench.host.waitForSmtp();
    await bench.done("apply", policy(FLOOR), inside);
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
    const error = await bench.refused(policy(FLOOR, "set inet_protocols = ipv4"), inside);
    expect(error).toBe(
      "settings.inet_protocols takes a restart, and Postfix is the first process of its container, which would end with it; make that change in its image",
    );
    // What throttles port 25 is found after the change alone. It comes back without a restart, a minute later.
    const fatal = ["set smtpd_recipient_restrictions = permit", "set smtpd_relay_restrictions = permit"];
    const { status, last } = await bench.run("apply", policy(FLOOR, ...fatal), inside);
    expect({ status, last }).toMatchObject({ status: 3, last: expect.stringContaining("which a restart would end") });
    expect(await bench.host.read("/etc/postfix/main.cf")).not.toContain("= permit\n");
    await bench.host.waitForSmtp();
    await bench.done("remove", policy(FLOOR), inside);
    expect(await acceptedVersions(bench.host)).toEqual(versions);
  } finally {
    await bench.host.exec(`kill ${container}; sleep 1; postfix start`);
  }
});
