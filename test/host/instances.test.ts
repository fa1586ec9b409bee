// Which Postfix: the one that runs, by the directory that it runs with, or the one that the policy names.
import { describe, expect, test } from "vitest";
import { whileHeld } from "../lab/holdExec.ts";
import { banner } from "../lab/smtp.ts";
import { acceptedVersions, versions } from "../lab/tls.ts";
import { PROGRAM, useBench } from "./bench.ts";
import { policy } from "./policies.ts";
import { instances } from "./reach.ts";
import { addSecondInstance } from "./secondInstance.ts";

const FLOOR = "tls incoming >= TLSv1.2";
const MODERN = ["TLSv1.2", "TLSv1.3"];

describe(instances.several, () => {
  const bench = useBench({}, (host) =>
    addSecondInstance(
      host,
      "$(postconf -n smtpd_tls_cert_file)",
      "$(postconf -n smtpd_tls_key_file)",
      "smtpd_tls_security_level=may",
    ),
  );

  test("are refused when none is named", async () => {
    expect(await bench.refused(policy(FLOOR))).toBe(
      "several Postfix instances run here: /etc/postfix /etc/postfix-in ; name one by configDirectory",
    );
  });

  test.each([
    ["/etc/postfix-in", 2525, 25],
    ["/etc/postfix", 25, 2525],
    ["/etc/postfix-in/", 2525, 25],
  ])("only %s is changed when it is named", async (directory, port, other) => {
    const lines = [`config ${directory}`, FLOOR];
    const { services } = await bench.apply(...lines);
    expect(services.map((service) => service.port)).toEqual([port]);
    expect(await acceptedVersions(bench.host, port)).toEqual(MODERN);
    expect(await acceptedVersions(bench.host, other)).toEqual(versions);
    expect((await bench.apply(...lines)).changed).toBe(false);
    await bench.remove(...lines);
    expect(await acceptedVersions(bench.host, port)).toEqual(versions);
    expect(await bench.isPristine()).toBe(true);
    await bench.host.must("diff -r /etc/postfix-in /root/pristine-in");
  });

  test("restarts the named one only", async () => {
    const master = await bench.master();
    const { activation } = await bench.apply("config /etc/postfix-in", "activate restart", FLOOR);
    expect(activation.kind).toBe("restart");
    expect(await bench.master()).toBe(master);
    expect(await acceptedVersions(bench.host, 2525)).toEqual(MODERN);
    await bench.remove("config /etc/postfix-in", FLOOR);
    expect(await acceptedVersions(bench.host, 2525)).toEqual(versions);
  });
});

describe("bookworm", () => {
  const bench = useBench({});

  /** Without the command for one run, as if it had never been installed. */
  async function without(file: string, run: () => Promise<void>): Promise<void> {
    await bench.host.must(`mv ${file} ${file}.away`);
    try {
      await run();
    } finally {
      await bench.host.must(`mv ${file}.away ${file}`);
    }
  }

  test(instances.elsewhere, async () => {
    await bench.host.must(
      "postfix stop && cp -a /etc/postfix /srv/mail && until postfix -c /srv/mail start; do sleep 0.3; done",
    );
    try {
      await bench.host.waitForSmtp();
      await bench.apply(FLOOR);
      expect(await acceptedVersions(bench.host)).toEqual(MODERN);
      expect(await bench.isPristine()).toBe(true);
      expect(await bench.host.read("/srv/mail/main.cf")).toContain("smtpd_tls_protocols");
      expect((await bench.apply(FLOOR)).changed).toBe(false);
      await bench.remove(FLOOR);
      await bench.host.must("diff -r /srv/mail /root/pristine");
    } finally {
      await bench.host.must("postfix -c /srv/mail stop; rm -rf /srv/mail");
      await bench.restart();
    }
  });

  // Between fork and exec a child of master has its name, its file and its environment.
  test.each(["as the only one", "named"])("%s, while master makes a new process", async (how) => {
    // With no showq that waits for a next mailq.
    await bench.restart();
    const lines = how === "named" ? ["config /etc/postfix", FLOOR] : [FLOOR];
    const showq = `${await bench.postconf("daemon_directory")}/showq`;
    const { activation, story } = await whileHeld(
      bench.host,
      showq,
      () => bench.host.exec("mailq"),
      async (child, letGo) => {
        expect((await bench.host.read(`/proc/${child}/comm`)).trim()).toBe("master");
        return bench.done("apply", policy(...lines), {
          // Held for longer it would hold what tells the old smtpd of a reload, too.
          onOutput: (text) => {
            if (text.includes("pre-flight")) letGo();
          },
        });
      },
    );
    expect(activation.kind).toBe("reload");
    expect(story).not.toContain("by someone else");
    await bench.remove(...lines);
    expect(await bench.isPristine()).toBe(true);
  });

  test("a process of another user that looks like one counts for nothing", async () => {
    const pretend = `$0 = "master"; chdir "/tmp/pretend"; open my $pid, ">", "pid/master.pid"; print $pid "$$\\n"; close $pid;
      syscall(157, 4, $ENV{DUMPABLE}); sleep 60`;
    await bench.host.must("install -d -m 777 /tmp/pretend /tmp/pretend/pid && cp -r /etc/postfix /tmp/pretend/conf");
    await bench.host.write("/tmp/pretend/master.pl", pretend);
    // Of a process that is not dumpable the kernel gives /proc/PID to root (proc(5)).
    for (const dumpable of [1, 0]) {
      await bench.host.must(
        `systemd-run --quiet --unit=pretend --uid=nobody --setenv=DUMPABLE=${dumpable} --setenv=MAIL_CONFIG=/tmp/pretend/conf perl /tmp/pretend/master.pl`,
      );
      try {
        await bench.host.must(
          "until grep -qx master /proc/$(cat /tmp/pretend/pid/master.pid)/comm; do sleep 0.1; done",
        );
        expect((await bench.apply(FLOOR)).activation.kind).toBe("reload");
        await bench.remove(FLOOR);
      } finally {
        await bench.host.must("systemctl stop pretend; rm -f /tmp/pretend/pid/master.pid");
      }
    }
    await bench.host.must("rm -r /tmp/pretend");
    expect(await bench.isPristine()).toBe(true);
  });

  test("one that is stopped is not changed", async () => {
    await bench.host.must("postfix stop");
    try {
      const { status, last } = await bench.run("apply", policy(FLOOR));
      expect(status).toBe(1);
      expect(last).toBe(
        "mx1: error: Postfix does not run with /etc/postfix; start it first, so that a change can be checked",
      );
      expect(await bench.isPristine()).toBe(true);
      await expect(banner(bench.host)).rejects.toThrow("ECONNREFUSED");
    } finally {
      await bench.restart();
    }
  });

  test("a directory without main.cf", async () => {
    expect(await bench.refused(policy("config /srv", FLOOR))).toBe(
      'configDirectory is "/srv"; it must hold main.cf and master.cf',
    );
  });

  test("no Postfix at all", () =>
    without("/usr/sbin/postconf", async () => {
      expect(await bench.refused(policy(FLOOR))).toMatch(/^no Postfix here: there is no postconf in /);
    }));

  test("a tool that is missing", () =>
    without("/usr/bin/openssl", async () => {
      expect(await bench.refused(policy(FLOOR))).toBe("openssl is missing here; install it first");
    }));

  test("a user who is not root", async () => {
    expect(await bench.refused(policy(FLOOR), { user: "deploy" })).toBe(
      "this runs as user deploy, not as root; log in as root, or set privilege to Sudo or Doas",
    );
    await bench.done("apply", policy(FLOOR), { user: "deploy", prefix: "sudo -n" });
    await bench.done("remove", policy(FLOOR), { user: "dora", prefix: "doas -n" });
    expect(await bench.isPristine()).toBe(true);
  });

  test.each([
    [
      "a verb that is none",
      `sh ${PROGRAM} destroy mx1`,
      policy(FLOOR),
      /the verb is "destroy"; use one of apply, plan/,
    ],
    ["no policy", `sh ${PROGRAM} apply mx1`, "", /the policy is empty/],
    [
      "half a policy",
      `sh ${PROGRAM} apply mx1`,
      policy(FLOOR).slice(0, 80),
      /mx1: error: (policy line|a policy has one)/,
    ],
    [
      "a policy of another version",
      `sh ${PROGRAM} apply mx1`,
      policy(FLOOR).replace("policy   1", "policy   2"),
      /reads policy 1/,
    ],
  ])("%s is status 2, and nothing is touched", async (_, command, stdin, error) => {
    const { status, stdout, stderr } = await bench.host.exec(command, { stdin });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(error);
    expect(await bench.isPristine()).toBe(true);
    expect((await bench.host.exec("test -e /var/lib/mailhost/ledger")).status).toBe(1);
  });
});
