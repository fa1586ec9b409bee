// Who still uses old TLS versions is collected on demand, and a floor is raised only if nobody does any more.
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../lab/run.ts";
import { acceptedVersions, handshake, versions } from "../lab/tls.ts";
import { PROGRAM, useBench } from "./bench.ts";
import { DAY, iso, now, writeDays } from "./dayFiles.ts";
import { LOGGING, OWNER, policy } from "./policies.ts";
import { ProbeBench } from "./probeBench.ts";

const GUARDED = `owner ${OWNER}-guarded-incoming`;
const COVER = "cover\t-\t-\t-\t-\ttls-in\t1";
const MODERN = "tls\t25\tpostfix\t4\t198.51.100.0/24\tin TLSv1.3 TLS_AES_256_GCM_SHA384\t9";
const OLD = "tls\t25\tpostfix\t4\t192.0.2.0/24\tin TLSv1.1 ECDHE-RSA-AES256-SHA\t2";

const bench = useBench({});
const guarded = (...lines: string[]): string =>
  policy(GUARDED, "guard unused incoming 90", "tls incoming >= TLSv1.2", ...lines);

afterEach(async () => {
  await bench.run("remove", policy(GUARDED));
  await bench.run("remove", policy());
  await bench.host.must("rm -rf /var/lib/mailhost");
});

/** Whatever makes the collector run by itself. */
async function timer(): Promise<string> {
  const look =
    "systemctl is-active mailhost-evidence.timer; ls /etc/systemd/system /var/lib/mailhost/bin 2>/dev/null | grep -e mailhost-evidence -e collector";
  return (await bench.host.exec(look)).stdout.trim();
}
const RUNS = "active\nmailhost-evidence.service\nmailhost-evidence.timer\ncollector.sh";
const GONE = "inactive";

describe("TLS evidence", () => {
  test("is logged, collected by a timer of its own, and outlives the last probe", async () => {
    const probe = new ProbeBench(bench.host);
    await bench.apply(...LOGGING);
    expect(await bench.postconf("smtpd_tls_loglevel")).toBe("1");
    expect(await timer()).toBe(RUNS);
    await probe.stopTimer();
    await handshake(bench.host, { version: "TLSv1.1" });
    await probe.collect();
    expect(await bench.host.must("cat /var/lib/mailhost/evidence/*-*-*.tsv")).toMatch(/^tls\t25\t.*\tin TLSv1\.1 /m);
    await probe.apply();
    await probe.done("remove");
    expect(await timer()).toBe(RUNS);
    await bench.done("remove", policy(...LOGGING));
    expect(await timer()).toBe(GONE);
    expect(await bench.isPristine()).toBe(true);
    expect((await bench.host.must("ls /var/lib/mailhost")).trim()).toBe("evidence\nlock");
  });

  test("stays while another owner wants it, also under a new name, and ends with a policy that does not ask any more", async () => {
    const other = "owner org/proj/dev/mailhost:index:PostfixHardening/other";
    await bench.apply(...LOGGING);
    await bench.apply(other, ...LOGGING);
    await bench.apply();
    expect(await timer()).toBe(RUNS);
    const renamed = [`${other}s`, other.replace("owner", "former")];
    await bench.apply(...renamed, ...LOGGING);
    expect(await bench.host.must("ls /var/lib/mailhost/tls-evidence | wc -l")).toBe("1\n");
    await bench.apply(...renamed);
    expect(await timer()).toBe(GONE);
    await bench.done("remove", policy(...renamed));
  });

  test.each([
    [
      "stopped",
      "systemctl stop mailhost-evidence.timer",
      "mailhost-evidence.timer is inactive, so nothing collects evidence; raise repair, or run systemctl enable --now mailhost-evidence.timer there",
    ],
    [
      "not there after a boot",
      "systemctl disable mailhost-evidence.timer",
      /^mailhost-evidence\.timer is disabled, so/,
    ],
    [
      "removed",
      "systemctl disable --now mailhost-evidence.timer; rm /etc/systemd/system/mailhost-evidence.*",
      /^\S+mailhost-evidence\.service is missing, so .*; raise repair$/,
    ],
    [
      "edited",
      "sed -i s/5min/5weeks/ /etc/systemd/system/mailhost-evidence.timer",
      /^\S+mailhost-evidence\.timer is edited, so/,
    ],
    ["without its program", "rm /var/lib/mailhost/bin/collector.sh", /^\S+\/collector\.sh is missing, so/],
  ])(
    "whose collector someone left %s is drift with its remedy, a reason for a guard, and put right by the next run",
    async (_, harm, warning) => {
      await bench.apply(...LOGGING);
      expect((await bench.run("audit", policy(...LOGGING))).status).toBe(0);
      await bench.host.must(harm);
      const { status, stdout, stderr } = await bench.run("audit", policy(...LOGGING));
      expect(status, stderr).toBe(4);
      const receipt = JSON.parse(stdout);
      expect(receipt.changes).toMatchObject([{ file: "evidence", owners: [OWNER], edited: true }]);
      expect(receipt.warnings.map(({ code }: { code: string }) => code)).toEqual(["collector"]);
      expect(receipt.warnings[0].text).toMatch(warning);
      expect(stderr).toMatch(/^mx1: differs evidence \S+: .* -> .*; someone else changed it; held by org/m);
      expect(await bench.refused(guarded())).toMatch(/, so nothing collects evidence: raise repair/);
      await bench.apply(...LOGGING);
      expect((await bench.run("audit", policy(...LOGGING))).status).toBe(0);
    },
  );

  test("whose collector fails is drift that names where its reason stands, until it runs again", async () => {
    const collector = "/var/lib/mailhost/bin/collector.sh";
    await bench.apply(...LOGGING);
    await bench.host.must(
      `systemctl start mailhost-evidence.service; echo 'exit 3' >${collector}; ! systemctl start mailhost-evidence.service`,
    );
    const { status, stdout } = await bench.run("audit", policy(...LOGGING));
    expect(status).toBe(4);
    expect(JSON.parse(stdout).warnings[0].text).toBe(
      "mailhost-evidence.service is failed, so nothing collects evidence; see journalctl -u mailhost-evidence.service there",
    );
    expect(await bench.refused(guarded())).toMatch(/is failed, so nothing collects evidence: see journalctl/);
    await bench.apply(...LOGGING);
    await bench.host.must("systemctl start mailhost-evidence.service");
    expect((await bench.run("audit", policy(...LOGGING))).status).toBe(0);
  });

  test("goes with a restore of the whole host", async () => {
    await bench.apply(...LOGGING);
    await bench.host.must(`sh ${PROGRAM} restore mx1`);
    expect(await timer()).toBe(GONE);
    expect(await bench.isPristine()).toBe(true);
    expect((await bench.host.exec("ls /var/lib/mailhost")).stdout.trim()).toMatch(/^(evidence\nlock)?$/);
  });
});

describe("a guarded floor", () => {
  test("is refused where nothing collects, where no version is logged, and where too little is covered", async () => {
    expect(await bench.refused(guarded())).toBe(
      "the floor of incoming stays as it is: nothing on this host collects evidence; set tlsEvidence: true",
    );
    await bench.apply("evidence tls");
    expect(await bench.refused(guarded())).toBe(
      "the floor of incoming stays as it is: Postfix logs no TLS version (smtpd_tls_loglevel is 0); set tlsEvidence: true",
    );
    await bench.apply(...LOGGING);
    await writeDays(bench.host, 30, [COVER, MODERN]);
    expect(await bench.refused(guarded())).toMatch(/covers (29|30) of 90 days.*, enough from \d{4}-\d\d-\d\d on/);
  });

  test("waits for the last old client by name and day, then is raised and verified", async () => {
    await bench.apply(...LOGGING);
    await bench.host.must(`systemctl stop mailhost-evidence.timer; sh ${PROGRAM} collect mx1`);
    await writeDays(bench.host, 100, [COVER, MODERN], [[20, OLD]]);
    const error = await bench.refused(guarded());
    expect(error).toContain(
      `TLSv1.2 as the floor of incoming would cut off 192.0.2.0/24 on port 25 (TLSv1.1, last ${iso(now - 20 * DAY)})`,
    );
    expect(error).toContain(`it would pass from ${iso(now + 71 * DAY)} on`);
    const held = await bench.done("apply", guarded("refused hold"));
    expect(held.warnings.find(({ code }) => code === "held")?.text).toMatch(/^the floor of incoming stays as it is: /);
    expect(await acceptedVersions(bench.host)).toEqual(versions);
    // This test's own handshakes of a moment ago are no part of what was so for months.
    await bench.host.must(`sh ${PROGRAM} collect mx1`);
    await writeDays(bench.host, 100, [COVER, MODERN], [[95, OLD]]);
    const { story } = await bench.done("apply", guarded());
    expect(story).toMatch(
      /the evidence allows it: all \d+ handshakes of incoming in the last 90 days had TLSv1.2 or better/,
    );
    expect(await acceptedVersions(bench.host)).toEqual(["TLSv1.2", "TLSv1.3"]);
    // Judged only at the step that changes something.
    await writeDays(bench.host, 100, [COVER, MODERN], [[0, OLD]]);
    expect((await bench.done("apply", guarded())).story).toContain("nothing to change");
  });

  test.each(["TLSv1", "TLSv1.1"] as const)(
    "of submission heeds a real client of that port (%s), and is raised once only newer ones come",
    async (version) => {
      await bench.host.must(
        "postconf -M 'submission/inet=submission inet n - y - - smtpd -o syslog_name=postfix/submission' && postfix reload",
      );
      const raise = policy(GUARDED, "guard unused submission 90", "tls submission >= TLSv1.2");
      await bench.apply(...LOGGING);
      await bench.host.must(`systemctl stop mailhost-evidence.timer; sh ${PROGRAM} collect mx1`);
      await writeDays(bench.host, 100, [COVER, MODERN.replace("\t25\t", "\t587\t")]);
      // One of port 25 is none of submission's.
      for (const port of [587, 25]) expect((await handshake(bench.host, { port, version })).outcome).toBe("accepted");
      const network = bench.host.clientAddress.replace(/\d+$/, "0/24");
      expect(await bench.refused(raise)).toContain(
        `TLSv1.2 as the floor of submission would cut off ${network} on port 587 (${version}, last ${iso(now)})`,
      );
      await writeDays(bench.host, 100, [COVER, MODERN.replace("\t25\t", "\t587\t")], [[1, OLD]]);
      expect((await bench.done("apply", raise)).story).toContain(
        "handshakes of submission in the last 90 days had TLSv1.2",
      );
      expect((await handshake(bench.host, { port: 587, version })).outcome).toBe("refused");
      expect((await handshake(bench.host, { port: 25, version })).outcome).toBe("accepted");
    },
  );

  test("of outgoing mail heeds a real delivery to an old server, and is raised once none is left", async () => {
    const raise = policy(GUARDED, "guard unused outgoing 90", "tls outgoing >= TLSv1.2");
    const { address } = bench.host;
    // The next hop is a second listener of this host, with TLS 1.1 alone.
    const old = ["myhostname=old.lab.test", "smtpd_tls_security_level=may", "smtpd_tls_protocols=TLSv1.1"];
    await bench.host.must(`printf '2525 inet n - n - - smtpd ${old.map((option) => `-o ${option}`).join(" ")}\\n' >>/etc/postfix/master.cf
      postconf -e 'smtp_tls_security_level = may' 'smtp_tls_protocols = >=TLSv1' 'tls_medium_cipherlist = ALL:@SECLEVEL=0' 'relayhost = [${address}]:2525' && postfix reload`);
    await bench.host.waitForSmtp(2525);
    await bench.apply(...LOGGING);
    await bench.host.must(`systemctl stop mailhost-evidence.timer; sh ${PROGRAM} collect mx1`);
    const cover = COVER.replace("tls-in", "tls-out");
    const modern = "tls\t25\tpostfix\t4\t198.51.100.0/24\tout TLSv1.3 TLS_AES_256_GCM_SHA384\t9";
    await writeDays(bench.host, 100, [cover, modern]);
    await bench.host.must("echo hello | sendmail -f root@lab.test someone@elsewhere.test");
    await until("the delivery", async () => {
      const log = await bench.host.exec("journalctl -q -t postfix/smtp | grep 'TLS connection established to'");
      return log.status === 0 || undefined;
    });
    expect(await bench.refused(raise)).toMatch(
      /TLSv1\.2 as the floor of outgoing would cut off 10\.77\.\d+\.0\/24 on port 2525 \(TLSv1\.1, last /,
    );
    await writeDays(bench.host, 100, [cover, modern]);
    expect((await bench.done("apply", raise)).story).toContain(
      "handshakes of outgoing in the last 90 days had TLSv1.2",
    );
    expect(await bench.postconf("smtp_tls_protocols")).toMatch(/>=TLSv1\.2|!TLSv1\.1/);
  });

  test("of outgoing mail heeds LMTP too, and is refused where that logs nothing", async () => {
    const raise = policy(GUARDED, "guard unused outgoing 90", "tls outgoing >= TLSv1.2");
    const { address } = bench.host;
    // TLS from the first byte, for an smtpd knows no LHLO: the handshake is all that counts.
    const old = ["smtpd_tls_wrappermode=yes", "smtpd_tls_protocols=TLSv1.1", "smtpd_tls_mandatory_protocols=TLSv1.1"];
    await bench.host.must(`printf '2525 inet n - n - - smtpd ${old.map((option) => `-o ${option}`).join(" ")}\n' >>/etc/postfix/master.cf
      postconf -e 'lmtp_tls_security_level = encrypt' 'lmtp_tls_wrappermode = yes' 'lmtp_tls_mandatory_protocols = >=TLSv1' 'tls_medium_cipherlist = ALL:@SECLEVEL=0' 'transport_maps = inline:{elsewhere.test=lmtp:inet:[${address}]:2525}' && postfix reload`);
    await bench.host.waitForSmtp(25);
    await bench.apply(...LOGGING.filter((line) => !line.includes("lmtp")));
    expect(await bench.refused(raise)).toBe(
      "the floor of outgoing stays as it is: Postfix logs no TLS version (smtp_tls_loglevel or lmtp_tls_loglevel is 0); set tlsEvidence: true",
    );
    await bench.apply(...LOGGING);
    await bench.host.must(`systemctl stop mailhost-evidence.timer; sh ${PROGRAM} collect mx1`);
    const cover = COVER.replace("tls-in", "tls-out");
    await writeDays(bench.host, 100, [
      cover,
      "tls\t25\tpostfix\t4\t198.51.100.0/24\tout TLSv1.3 TLS_AES_256_GCM_SHA384\t9",
    ]);
    await bench.host.must("echo hello | sendmail -f root@lab.test someone@elsewhere.test");
    await until("the delivery", async () => {
      const log = await bench.host.exec("journalctl -q -t postfix/lmtp | grep 'TLS connection established to'");
      return log.status === 0 || undefined;
    });
    expect(await bench.refused(raise)).toMatch(
      /TLSv1\.2 as the floor of outgoing would cut off 10\.77\.\d+\.0\/24 on port 2525 \(TLSv1\.1, last /,
    );
    await bench.host.must("postsuper -d ALL");
  });

  test("is raised despite the evidence where the policy gives a reason", async () => {
    await bench.apply(...LOGGING);
    const { story } = await bench.done("apply", guarded("despite they were told"));
    expect(story).toContain("which the policy overrides (they were told)");
    expect(await acceptedVersions(bench.host)).toEqual(["TLSv1.2", "TLSv1.3"]);
  });
});

test("an instance of which nothing is collected has neither evidence nor a guard that passes", async () => {
  await bench.host.must(
    "postfix stop && cp -a /etc/postfix /srv/mail && until postfix -c /srv/mail start; do sleep 0.3; done",
  );
  try {
    await bench.host.waitForSmtp();
    const config = "config /srv/mail";
    expect(await bench.refused(policy(config, ...LOGGING))).toBe(
      "tlsEvidence: evidence is collected of the Postfix in /etc/postfix alone, not of the one in /srv/mail; leave it out here",
    );
    expect(await bench.refused(guarded(config))).toBe(
      "the floor of incoming stays as it is: evidence is collected of the Postfix in /etc/postfix alone, and this is the one in /srv/mail",
    );
    expect(await timer()).toBe(GONE);
  } finally {
    await bench.host.must("postfix -c /srv/mail stop; rm -rf /srv/mail; until postfix start; do sleep 0.3; done");
  }
});
