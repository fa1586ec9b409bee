// Evidence on a real host: Postfix's own lines of real logins, through rsyslog and the journal, rotated as Debian does it.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { until } from "../lab/run.ts";
import { ACCOUNT, banner, SmtpClient } from "../lab/smtp.ts";
import { handshake } from "../lab/tls.ts";
import { PROGRAM } from "./bench.ts";
import { hostProgram } from "./program.ts";

const PROBE = `policy   1
owner    org/mail/dev/mailhost:index:Smtps465Probe/mx
probe    tcp 465
log      debug SERVICE MONITORING: |
networks 24 48
retain   400
`;
const EVIDENCE = "/var/lib/mailhost/evidence";
const SECOND = { user: "second@lab.test", password: "sesame" };
// The rotation that Debian's logrotate makes of it: rename, then rsyslog's own script for a new file.
const ROTATE = `cd /var/log && for n in 2 1; do [ ! -e mail.log.$n ] || gzip -f mail.log.$n; [ ! -e mail.log.$n.gz ] || mv mail.log.$n.gz mail.log.$((n+1)).gz; done
  mv mail.log mail.log.1 && /usr/lib/rsyslog/rsyslog-rotate`;

let lab: Lab;
let host: Host;

beforeAll(async () => {
  lab = await Lab.open();
  host = await lab.boot({ kind: "lived-in" });
  await host.write(PROGRAM, await hostProgram(), "755");
  await host.must("postconf -e smtpd_tls_loglevel=1 && postfix reload");
});
afterAll(() => lab.close());

/** Without evidence; the logs stay as the tests before left them. */
beforeEach(async () => {
  await host.must(`rm -rf /var/lib/mailhost && mkdir -p /var/lib/mailhost/probes`);
  await host.write("/var/lib/mailhost/probes/465", PROBE);
});

const run = (verb: string, ...args: (string | number)[]) => host.must(`sh ${PROGRAM} ${verb} mx1 ${args.join(" ")}`);

async function rows(kind: string): Promise<string[]> {
  const text = await host.must(`cat ${EVIDENCE}/*-*-*.tsv 2>/dev/null || true`);
  const found = text.split("\n").filter((line) => line.startsWith(`${kind}\t`));
  return found.map((line) => line.split("\t").slice(1, 7).join(" "));
}

/** By account, over all days. */
async function logins(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const row of await rows("login")) {
    const [, , , , account = "", count] = row.split(" ");
    counts[account] = (counts[account] ?? 0) + Number(count);
  }
  return counts;
}

let sessions = 0;

/** One session on 465, to its last line in the log. */
async function session(login = ACCOUNT as { user: string; password: string }, mails = 1): Promise<void> {
  const client = await SmtpClient.connect(host, { port: 465, tls: "wrapper", login });
  for (let i = 0; i < mails; i += 1) {
    await client.command(`MAIL FROM:<${login.user}>`, 250);
    await client.command("RCPT TO:<user@lab.test>", 250);
    await client.command("RSET", 250);
  }
  await client.quit();
  sessions += 1;
}

/** Until the log that is read has the end of all sessions. */
const logged = (): Promise<true> =>
  until("the log", async () => {
    const lines = "journalctl -q -o short SYSLOG_IDENTIFIER=postfix/smtps/smtpd";
    const count = await host.must(
      `if [ -e /var/log/mail.log ]; then zcat -f /var/log/mail.log*; else ${lines}; fi | grep -c ': disconnect.* auth=1' || true`,
    );
    return Number(count) >= sessions || undefined;
  });

test("counts real logins, mails and versions once, whoever else comes, and however often it runs", async () => {
  await session(ACCOUNT, 2);
  await session(SECOND, 0);
  await expect(session({ ...ACCOUNT, password: "wrong" })).rejects.toThrow("535");
  expect(await banner(host, 465, 300)).toBe("");
  expect(await handshake(host, { port: 465, mode: "wrapper", version: "TLSv1.1" })).toMatchObject({
    outcome: "accepted",
  });
  await logged();
  await run("collect");
  await session(ACCOUNT, 1);
  await logged();
  await run("collect");
  await run("collect");
  expect(await logins()).toEqual({ [ACCOUNT.user]: 2, "-": 1 });
  const network = `${host.clientAddress.replace(/\.\d+$/, ".0")}/24`;
  expect(await rows("mail")).toEqual([`465 postfix/smtps 4 ${network} - 3`]);
  expect(await rows("connect")).toEqual([`465 postfix/smtps 4 ${network} - 6`]);
  expect((await rows("tls")).filter((row) => row.includes("in TLSv1.1"))).toHaveLength(1);
  expect(await host.must(`stat -c '%a %U:%G %n' ${EVIDENCE} ${EVIDENCE}/*`)).toMatch(
    /^750 root:adm \S+\n640 root:adm \S+\.tsv\n600 root:root \S+lock\n640 root:adm \S+state\.tsv\n$/,
  );
  const evidence = await run("evidence", 465, 30);
  expect(evidence).toMatch(/^now\tlistener\tpostfix$/m);
  expect(evidence).toMatch(/^now\tsyslog_name\tdistinct$/m);
  expect(evidence).toMatch(/^verdict\tkeep\tport 465 is used: .*user@lab\.test \(10\.77\.\d+\.0\/24, last /m);
  expect(evidence).toMatch(/^floor\tsubmission\tTLSv1\.2\tkeep\t.*on port 465 \(TLSv1\.1/m);
});

test("goes on through rotation, kills and the change from files to the journal", async () => {
  await run("collect");
  const before = (await logins())[ACCOUNT.user] ?? 0;
  let made = 0;
  let over = false;
  const flow = (async () => {
    while (!over) {
      await session();
      made += 1;
    }
  })();
  try {
    for (let round = 0; round < 8; round += 1) {
      // The whole group, as a power cut would.
      await host.exec(`setsid sh -c 'sh ${PROGRAM} collect mx1' & sleep 0.0${round + 1}; kill -9 -- -$!; wait`);
      if (round === 2 || round === 5) await host.must(ROTATE);
    }
  } finally {
    over = true;
    await flow;
  }
  await logged();
  await run("collect");
  expect((await logins())[ACCOUNT.user]).toBe(before + made);

  // The files go; the journal has all, and what the files had does not count again.
  await host.must("systemctl stop syslog.socket rsyslog; rm -f /var/log/mail.log* /var/log/syslog* /var/log/kern.log*");
  await host.must("sleep 1.1");
  await session(ACCOUNT, 1);
  await logged();
  await run("collect");
  expect(await run("evidence")).toMatch(/^now\tsource-mail\tjournal$/m);
  expect((await logins())[ACCOUNT.user]).toBe(before + made + 1);

  // A cursor whose entries were vacuumed.
  await session(ACCOUNT, 1);
  await logged();
  await run("collect");
  await host.must("journalctl -q --rotate && journalctl -q --vacuum-time=1s");
  await session(ACCOUNT, 1);
  await host.must("sleep 0.3");
  await run("collect");
  await run("collect");
  expect((await logins())[ACCOUNT.user]).toBe(before + made + 3);
  // The journal no longer reaches back to the last run, so that second is not claimed.
  expect((await rows("gap")).filter((row) => !/^- - - - (log|kernel) \d$/.test(row))).toEqual([]);
  await host.must("systemctl start syslog.socket rsyslog");
});

test.each([
  [
    "iptables INPUT",
    'iptables -A INPUT -p tcp --dport 465 --syn -m comment --comment "mailhost 465 count"; ip6tables -A INPUT -p tcp --dport 465 --syn -m comment --comment "mailhost 465 count"',
    "iptables -F INPUT; ip6tables -F INPUT",
  ],
  [
    "nft",
    'nft -f - <<\'END\'\ntable inet mailhost_465 {\nchain input { type filter hook prerouting priority -310\nmeta nfproto ipv4 tcp dport 465 tcp flags syn / fin,syn,rst,ack counter comment "mailhost 465 count"\nmeta nfproto ipv6 tcp dport 465 counter comment "mailhost 465 count"\n}\n}\nEND',
    "nft delete table inet mailhost_465",
  ],
])("reads the counters of %s, and says that the kernel logs nothing here", async (place, install, remove) => {
  await host.write("/var/lib/mailhost/probes/465.place", `${place}\n`);
  await host.write("/var/lib/mailhost/probes/465.since", "2026-11-01T00:00:00Z\n");
  await host.must(install);
  await run("collect");
  await banner(host, 465, 100);
  await banner(host, 465, 100);
  await run("collect");
  const evidence = await run("evidence");
  await host.must(remove);
  expect(await rows("counted")).toEqual(["465 - 4 - - 2"]);
  for (const row of [
    ["rule4", "present"],
    ["rule6", "present"],
    ["place", place],
    ["since", "2026-11-01T00:00:00Z"],
    ["state", "unverified"],
  ])
    expect(evidence).toContain(`now\t${row.join("\t")}\n`);
  expect(evidence).toContain("net.netfilter.nf_log_all_netns");
  expect(await run("evidence")).toContain("now\trule4\tabsent\n");
});

test("judges months of old logs: the real lines, their time moved", async () => {
  await session(SECOND, 1);
  await banner(host, 465, 100);
  const days = Array.from({ length: 100 }, (_, i) => 200 - 2 * i);
  // A login 200 days ago, and every second day a scanner.
  await host.must(`cd /var/log && lines="journalctl -q -o short-iso-precise SYSLOG_IDENTIFIER=postfix/smtps/smtpd"
    until $lines | tail -n 1 | grep -q 'disconnect.*commands=0/0'; do sleep 0.1; done
    $lines | tail -n 12 >/tmp/login; awk '/: connect from/ { text = "" } { text = text $0 "\\n" } END { printf "%s", text }' /tmp/login >/tmp/scan
    rm -f mail.log* && /usr/lib/rsyslog/rsyslog-rotate
    for days in ${days.join(" ")}; do
      day=$(date -u -d "-$days days" +%Y-%m-%d)
      [ $days != 200 ] || sed "s/^[0-9-]*/$day/" /tmp/login
      sed "s/^[0-9-]*/$day/" /tmp/scan
    done >mail.log.1; gzip mail.log.1`);
  await banner(host, 465, 100);
  await until(
    "mail.log",
    async () => (await host.exec("grep -q 'disconnect' /var/log/mail.log")).status === 0 || undefined,
  );
  // An odd number, for a line of exactly so many days ago is in them or not by the second.
  expect(await run("evidence", 465, 179)).toMatch(
    /^verdict\tretire\tnobody logged in or sent mail on port 465 in the last 179 days, .*; connections without a login: 90$/m,
  );
  expect(await run("evidence", 465, 210)).toMatch(/^verdict\tkeep\t.*second@lab\.test/m);
});

test("knows a service by the name that Postfix makes of parameters", async () => {
  const name = (value: string) => `postconf -P 'smtps/inet/syslog_name=${value}' && postfix reload`;
  await host.must(name(`\${multi_instance_name?{$multi_instance_name}:{postfix}}/$service_name`));
  await session(SECOND, 1);
  await until(
    "mail.log",
    async () => (await host.exec(`grep -q 'sasl_username=${SECOND.user}' /var/log/mail.log`)).status === 0 || undefined,
  );
  await run("collect");
  const evidence = await run("evidence", 465, 30);
  await host.must(name("postfix/smtps"));
  expect(evidence).toMatch(/^now\tsyslog_name\tdistinct$/m);
  expect((await logins())[SECOND.user]).toBeGreaterThan(0);
});
