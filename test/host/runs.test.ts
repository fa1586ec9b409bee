// Runs that meet: another run, the package manager, a crash, a lost connection.
import { describe, expect, test } from "vitest";
import { type Result, run, until } from "../lab/run.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { PROGRAM, useBench } from "./bench.ts";
import { policy } from "./policies.ts";
import { hostProgram } from "./program.ts";

const FLOOR = "tls incoming >= TLSv1.2";
const MODERN = ["TLSv1.2", "TLSv1.3"];

describe("bookworm", () => {
  const bench = useBench({});
  const floor = async (): Promise<string | undefined> => (await acceptedVersions(bench.host))[0];

  /** A postconf that never ends: the program waits for it with its pre-flight done and nothing changed yet. */
  async function heldBeforeCommit<T>(during: () => Promise<T>): Promise<T> {
    await bench.host.must("setsid flock /etc/postfix/main.cf.tmp sleep 300 >/dev/null 2>&1 & echo $! >/run/holder");
    try {
      return await during();
    } finally {
      await bench.host.exec(
        "pkill -s $(cat /run/holder) sleep; until flock /etc/postfix/main.cf.tmp true; do sleep 0.02; done; rm -f /etc/postfix/main.cf.tmp",
      );
    }
  }

  /** A run under way that has said so much. */
  async function runThatSays(text: string): Promise<{ ended: Promise<Result> }> {
    let story = "";
    const onOutput = (more: string): void => {
      story += more;
    };
    const ended = bench.host.exec(`sh ${PROGRAM} apply mx1`, { stdin: policy(FLOOR), onOutput });
    await until(text, async () => story.includes(text) || undefined);
    return { ended };
  }

  const atTheLock = (): Promise<true> =>
    until(
      "the program at the lock",
      async () => (await bench.host.exec("grep -q -- '-> FLOCK' /proc/locks")).status === 0 || undefined,
    );

  test("the second of two waits for the first, and finds its work done", async () => {
    const second = await heldBeforeCommit(async () => {
      const first = bench.apply(FLOOR);
      await atTheLock();
      const { ended: waiting } = await runThatSays("mx1: waiting for another run on this host");
      return { first, waiting };
    });
    expect((await second.first).changed).toBe(true);
    const { status, stderr } = await second.waiting;
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^mx1: waiting for another run on this host \(org\/proj\/dev\/\S+, process \d+, since \S+Z\)\n/,
    );
    expect(stderr).toContain("mx1: nothing to change");
  });

  test("the second of two gives up after a minute, naming the first, and changes nothing", async () => {
    await bench.host.must(
      "mkdir -p /var/lib/mailhost; echo 'org/proj/dev/x, process 1, since then' >/var/lib/mailhost/lock; setsid flock /var/lib/mailhost/lock sleep 120 >/dev/null 2>&1 & echo $! >/run/holder",
    );
    try {
      const began = Date.now();
      expect(await bench.refused(policy(FLOOR))).toBe(
        "another run holds /var/lib/mailhost/lock: org/proj/dev/x, process 1, since then",
      );
      expect(Date.now() - began).toBeLessThan(75_000);
    } finally {
      await bench.host.must("pkill -s $(cat /run/holder) sleep; rm -rf /var/lib/mailhost");
    }
  });

  test("the last of many waits for longer than that, as long as one after another ends", async () => {
    const impatient = "/usr/local/sbin/mailhost-impatient";
    await bench.host.write(impatient, (await hostProgram()).replace("flock -w 60 7", "flock -w 2 7"), "755");
    const runs = "for n in 1 2 3 4 5 6 7; do echo run $n >/var/lib/mailhost/lock; sleep 1; done";
    await bench.host.must(
      `mkdir -p /var/lib/mailhost; echo run 0 >/var/lib/mailhost/lock; setsid flock /var/lib/mailhost/lock sh -c '${runs}' >/dev/null 2>&1 &`,
    );
    const { status, stderr } = await bench.run("apply", policy(FLOOR), { program: impatient });
    expect(stderr).toContain("mx1: waiting for another run on this host (run ");
    expect(status, stderr).toBe(0);
  });

  test.each(["/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock"])(
    "waits for a package manager that holds %s",
    async (lock) => {
      // A record lock, as dpkg takes it.
      const take = `use Fcntl; open(F, ">>", "${lock}") or die; $l = pack("s s x4 q q l x4", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die $!; sleep 300`;
      await bench.host.must(`setsid perl -e '${take}' >/dev/null 2>&1 & echo $! >/run/dpkg`);
      await until(
        "the lock",
        async () => (await bench.host.exec("grep -q POSIX /proc/locks")).status === 0 || undefined,
      );
      const { ended } = await runThatSays("mx1: waiting for the package manager\n");
      expect(await bench.isPristine()).toBe(true);
      await bench.host.must("kill $(cat /run/dpkg)");
      expect((await ended).status).toBe(0);
      expect(await floor()).toBe("TLSv1.2");
    },
  );

  /** A run that is killed at the first moment when `sign` holds. */
  async function killed(sign: string): Promise<void> {
    const wait = `until ${sign}; do :; done; kill -KILL $(cat /run/victim); wait $(cat /run/victim)`;
    await bench.host.exec(`sh ${PROGRAM} apply mx1 </run/policy >/run/out 2>&1 & echo $! >/run/victim; ${wait}`);
    await bench.host.must("! kill -0 $(cat /run/victim) 2>/dev/null");
  }

  test.each([
    ["in its pre-flight", "[ -e /var/lib/mailhost/stage/log ]"],
    ["when its journal is written", "[ -d /var/lib/mailhost/journal ]"],
    ["when the file is new", "grep -q TLSv1.2 /etc/postfix/main.cf"],
  ])("killed %s: the next run puts back what it finds, and goes on", async (_, sign) => {
    await bench.host.write("/run/policy", policy(FLOOR, "set mail_name = killed"));
    await killed(sign);
    const next = await bench.apply(FLOOR);
    if (sign.includes("TLSv1.2"))
      expect(next.story).toContain("mx1: an earlier run did not end; putting /etc/postfix back as it was before it\n");
    expect(next.story).toContain("change main.cf smtpd_tls_protocols: (unset) -> >=TLSv1.2");
    expect(await floor()).toBe("TLSv1.2");
    expect(await bench.postconf("mail_name")).toBe("Postfix");
    await bench.remove(FLOOR);
    expect(await bench.isPristine()).toBe(true);
    expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
  });

  test("killed when the file is new: removing puts it back, and an edit made since stays", async () => {
    await bench.host.write("/run/policy", policy(FLOOR, "option smtp/inet smtpd_timeout = 200s"));
    await killed("grep -q smtpd_timeout=200s /etc/postfix/master.cf && grep -q TLSv1.2 /etc/postfix/main.cf");
    await bench.host.must("echo '# theirs' >>/etc/postfix/master.cf");
    const { story } = await bench.remove(FLOOR);
    expect(story).toContain("mx1: /etc/postfix/master.cf was changed by someone else since and stays\n");
    expect(await bench.host.read("/etc/postfix/master.cf")).toContain("# theirs");
    expect((await bench.host.exec("cmp /etc/postfix/main.cf /root/pristine/main.cf")).status).toBe(0);
    expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
  });

  test("ended before its commit, it leaves nothing", async () => {
    await bench.host.write("/run/policy", policy(FLOOR));
    await bench.host.exec(
      `sh ${PROGRAM} apply mx1 </run/policy >/run/out 2>&1 & echo $! >/run/victim; until [ -e /var/lib/mailhost/stage/log ]; do sleep 0.02; done; kill -TERM $(cat /run/victim); wait $(cat /run/victim)`,
    );
    expect(await bench.isPristine()).toBe(true);
    expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
  });

  test("a connection lost after the commit stops nothing, and the next run tells the rest", async () => {
    const argv = bench.host.sshArgv();
    const inside = [...bench.host.lab.inside(argv), `sh ${PROGRAM} apply mx1`];
    await heldBeforeCommit(async () => {
      void run(["timeout", "-s", "KILL", "8", ...inside], { stdin: policy(FLOOR) });
      await atTheLock();
      // From its commit on the program hears no hang-up; here sshd dies under it at that moment.
      await bench.host.must("pkill -KILL -f '[s]shd: root@notty'");
    });
    await until(
      "the end of the run",
      async () => (await bench.host.exec("pgrep -f '[/]sbin/mailhost apply'")).status === 1 || undefined,
    );
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
    const { changed, activation } = await bench.apply(FLOOR);
    expect(changed).toBe(false);
    expect(activation).toMatchObject({ kind: "reload", at: expect.stringMatching(/Z$/) });
  });
});

describe("without systemd and without any log", () => {
  const bench = useBench({ init: "plain" }, async (host) => {
    await host.must("pkill rsyslogd; rm -f /var/log/mail*");
  });

  test("the floor holds, and its second is known", async () => {
    const { warnings, activation } = await bench.apply(FLOOR);
    expect(warnings).toEqual([]);
    expect(activation).toMatchObject({ kind: "reload", at: expect.stringMatching(/Z$/) });
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
    await bench.remove(FLOOR);
    expect(await bench.isPristine()).toBe(true);
  });

  test("a fault is undone all the same", async () => {
    const error = await bench.refused(
      policy("set smtpd_recipient_restrictions = permit", "set smtpd_relay_restrictions = permit"),
    );
    expect(error).toBe("smtp/inet does not answer on port 25; the old configuration is back and answers as before");
  });

  test("pre-flight knows why, for the stage has a log of its own", async () => {
    expect(await bench.refused(policy("set smtpd_helo_required = perhaps"))).toMatch(
      /fatal: bad boolean configuration/,
    );
  });
});
