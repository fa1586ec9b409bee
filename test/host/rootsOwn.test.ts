// Who may apply a policy must not become root by it: what Postfix runs, loads or reads as root stays root's.
import { beforeAll, describe, expect, test } from "vitest";
import { useBench } from "./bench.ts";
import { OWNER, policy } from "./policies.ts";

const bench = useBench({});
const THEIRS = "/home/deploy/bin";

beforeAll(async () => {
  // A Postfix whose programs leave a trace of who runs them.
  await bench.host.must(`mkdir -p ${THEIRS} /srv/open && cp -a /usr/lib/postfix/sbin/. ${THEIRS}/ && rm ${THEIRS}/smtpd &&
    printf '#!/bin/sh\\nid -un >>/tmp/pwned.smtpd\\nexec /usr/lib/postfix/sbin/smtpd "$@"\\n' >${THEIRS}/smtpd && chmod 755 ${THEIRS}/smtpd &&
    chown -R deploy: ${THEIRS} && mkdir -p /srv/open/bin && cp -a /usr/lib/postfix/sbin/. /srv/open/bin/ && chmod 0777 /srv/open &&
    ln -s ${THEIRS} /srv/link && mkdir -p /opt/lab && cp -a /usr/lib/postfix/sbin /opt/lab/sbin && cp -a /etc/postfix /opt/lab/etc`);
});

const ROOTS =
  "what is there runs as root, so it and every directory above must be there, root's, and writable by nobody else";
const at = (name: string) => `settings.${name}: ${ROOTS}`;

test.each<[string, string[], string]>([
  ["daemons", [`set daemon_directory = ${THEIRS}`], at("daemon_directory")],
  ["daemons where all may write", ["set daemon_directory = /srv/open/bin"], at("daemon_directory")],
  ["daemons behind a link", ["set daemon_directory = /srv/link"], at("daemon_directory")],
  [
    "daemons by another name",
    ["set lab_home = /home/deploy", "set daemon_directory = $lab_home/bin"],
    at("daemon_directory"),
  ],
  [
    "programs that are no daemons",
    ["set daemon_directory = /usr/bin"],
    "settings.daemon_directory: there is no Postfix, as it holds no master",
  ],
  ["commands", [`set command_directory = ${THEIRS}`], at("command_directory")],
  ["libraries", [`set shlib_directory = ${THEIRS}`], at("shlib_directory")],
  ["lists of libraries", [`set meta_directory = ${THEIRS}`], at("meta_directory")],
  ["another instance", [`set multi_instance_directories = /opt/lab/etc, ${THEIRS}`], at("multi_instance_directories")],
  [
    "a debugger",
    ["set debugger_command = touch /tmp/pwned"],
    "settings.debugger_command: Postfix would run that as root, so it is for root alone to set, by hand",
  ],
  [
    "a wrapper",
    ["set multi_instance_wrapper = /bin/sh -c id"],
    "settings.multi_instance_wrapper: Postfix runs that as root; root's own postmulti is accepted",
  ],
  [
    "a variable",
    [`set import_environment = TZ LD_PRELOAD=${THEIRS}/x.so`],
    "settings.import_environment: variables that say what a program loads are for root alone to set, by hand",
  ],
  [
    "an option",
    [`option smtp/inet shlib_directory = ${THEIRS}`],
    "services: smtp/inet:shlib_directory is for main.cf alone; it says what Postfix runs as root",
  ],
])("%s of somebody else are refused, and not run", async (_, lines, error) => {
  for (const verb of ["plan", "apply"]) expect(await bench.refused(policy(...lines), { verb })).toBe(error);
});

test("a secret one is refused without its value", async () => {
  const secret = `owner ${OWNER}\nrevision 1 daemon_directory = ${THEIRS}\n`;
  await bench.host.must("chown root:postfix /etc/postfix/main.cf && chmod 0640 /etc/postfix/main.cf");
  expect(await bench.run("secrets", secret)).toMatchObject({ status: 0 });
  expect(await bench.refused(policy("secret daemon_directory revision 1"))).toBe(at("daemon_directory"));
});

test("a service whose command is any program is refused", async () => {
  const { status, last } = await bench.run(
    "apply",
    policy("service lab/unix entry n n n - 1 ../../../../bin/sh -c id"),
  );
  expect({ status, last }).toEqual({
    status: 2,
    last: 'mx1: error: policy line 3: "lab/unix entry n n n - 1 ../../../../bin/sh -c id" has a slash in its command, which must be a daemon of Postfix',
  });
});

test("what is root's own is taken, and given back", async () => {
  const lines = [
    "set daemon_directory = /opt/lab/sbin",
    "set command_directory = /usr/sbin",
    "set meta_directory = /opt/lab/etc",
    "set shlib_directory = /usr/lib/postfix",
    "set multi_instance_wrapper = $command_directory/postmulti -p --",
    "set import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C KRB5_KTNAME=/etc/smtp.keytab",
  ];
  expect(await bench.apply(...lines)).toMatchObject({ changed: true });
  expect(await bench.postconf("daemon_directory")).toBe("/opt/lab/sbin");
  await bench.remove(...lines);
  expect(await bench.isPristine()).toBe(true);
});

describe("a configuration directory", () => {
  const refusal = (directory: string) =>
    `configDirectory is "${directory}"; it, its main.cf and master.cf and every directory above must be root's, and writable by nobody else`;

  test.each(["/home/deploy/etc", "/srv/open/etc", "/srv/link-etc"])(
    "%s is refused before it is read",
    async (directory) => {
      await bench.host.must(`rm -rf /home/deploy/etc /srv/open/etc && mkdir -p /home/deploy/etc /srv/open/etc && ln -sfn /home/deploy/etc /srv/link-etc &&
      for to in /home/deploy/etc /srv/open/etc; do ln -s /etc/shadow $to/main.cf; cp /etc/postfix/master.cf $to/; done`);
      for (const verb of ["audit", "plan", "apply"])
        expect(await bench.refused(policy(`config ${directory}`, "set mail_name = x"), { verb })).toBe(
          refusal(directory),
        );
    },
  );

  test("of a process that only is called master is none", async () => {
    const directory = "/home/deploy/etc";
    await bench.host.must(`rm -rf ${directory} && cp -a /etc/postfix ${directory} && mkdir -p /home/deploy/spool/pid && cp /bin/sleep /home/deploy/master &&
      postconf -c ${directory} -e daemon_directory=${THEIRS} && chown -R deploy: /home/deploy/etc /home/deploy/spool /home/deploy/master &&
      systemd-run --quiet --unit=lab-master --uid=deploy --working-directory=/home/deploy/spool --setenv=MAIL_CONFIG=${directory} /home/deploy/master 300 &&
      until pgrep -u deploy -x master >/dev/null; do sleep 0.1; done; pgrep -u deploy -x master >/home/deploy/spool/pid/master.pid`);
    try {
      expect(await bench.refused(policy(`config ${directory}`, "set mail_name = x"))).toBe(refusal(directory));
      await bench.apply("set mail_name = x");
      await bench.remove("set mail_name = x");
      expect(await bench.isPristine()).toBe(true);
    } finally {
      await bench.host.must("systemctl stop lab-master");
    }
  });

  test("in /opt that is root's is none that is refused", async () => {
    expect(await bench.refused(policy("config /opt/lab/etc", "set mail_name = x"))).toBe(
      "Postfix does not run with /opt/lab/etc; start it first, so that a change can be checked",
    );
  });
});
