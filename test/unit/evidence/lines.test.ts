// What is made of log lines: stamps, addresses, sessions, and lines that only look like evidence.
import { afterEach, describe, expect, it } from "vitest";
import { withEachAwk } from "../hostDecision/awk.ts";
import { Collector, type CollectorOptions, packet, session } from "./collector.ts";

let collector: Collector;
const start = (options: CollectorOptions = {}): Collector => {
  collector = new Collector(options);
  return collector;
};
afterEach(() => collector.remove());

const T = "2026-11-25T11:00:00.123456+00:00";
const smtps = (text: string, pid = 7) => `${T} mx1 postfix/smtps/smtpd[${pid}]: ${text}`;

withEachAwk("log lines", (awk) => {
  it("tell users from scanners, and count a session once however much it sends", () => {
    const { write } = start({ awk });
    expect(write).toBeDefined();
    collector.write("mail.log", ...session(T, 1, "scan.example.net[198.51.100.9]"));
    collector.write("mail.log", ...session(T, 2, "x.example.com[192.0.2.77]", "bob@example.com", 3));
    // Logged in, sent nothing.
    collector.write("mail.log", ...session(T, 3, "unknown[2001:db8:1:2::3]", "nobody", 0));
    collector.write(
      "kern.log",
      packet(T, "198.51.100.9", 4001, "[   12.345678] "),
      packet(T, "2001:0db8:0001:0002:0000:0000:0000:0003"),
    );
    expect(collector.collect()).toEqual([
      "2026-11-25 connect 465 postfix/smtps 4 192.0.2.0/24 - 1",
      "2026-11-25 connect 465 postfix/smtps 4 198.51.100.0/24 - 1",
      "2026-11-25 connect 465 postfix/smtps 6 2001:db8:1::/48 - 1",
      "2026-11-25 cover - - - - tls-in 0",
      "2026-11-25 cover 465 postfix/smtps - - mail 0",
      "2026-11-25 login 465 postfix/smtps 4 192.0.2.0/24 bob@example.com 1",
      "2026-11-25 login 465 postfix/smtps 6 2001:db8:1::/48 - 1",
      "2026-11-25 mail 465 postfix/smtps 4 192.0.2.0/24 - 3",
      "2026-11-25 syn 465 - 4 198.51.100.0/24 - 1",
      "2026-11-25 syn 465 - 6 2001:db8:1::/48 - 1",
    ]);
    expect(collector.leftovers).toEqual([]);
  });

  it("are not fooled by what clients say", () => {
    start({ awk });
    const quoted = "client=x[192.0.2.7], sasl_method=PLAIN, sasl_username=evil";
    collector.write(
      "mail.log",
      smtps("connect from y[198.51.100.1]"),
      smtps(
        `NOQUEUE: reject: RCPT from y[198.51.100.1]: 554 5.7.1 denied; from=<a@b> to=<c@d> proto=ESMTP helo=<${quoted}>`,
      ),
      smtps(`warning: y[198.51.100.1]: SASL PLAIN authentication failed: reason, sasl_username=evil`),
      smtps(`warning: non-SMTP command from y[198.51.100.1]: 4FxA: ${quoted}`),
      smtps(`lost connection after AUTH from y[198.51.100.1]`),
      smtps("disconnect from y[198.51.100.1] ehlo=1 auth=0/3 commands=1/4"),
      `${T} mx1 postfix/smtpd[8]: 4FxB: ${quoted}`,
      `${T} mx1 postfix/cleanup[9]: 4FxC: warning: header Subject: postfix/smtps/smtpd[1]: 4FxA: ${quoted} from x[1.2.3.4]`,
      `${T} mx1 named[9]: postfix/smtps/smtpd[1]: 4FxA: ${quoted}`,
      `${T} mx1 postfix/smtps/smtpd[1]`,
      `postfix/smtps/smtpd[1]: 4FxA: ${quoted}`,
    );
    collector.write(
      "kern.log",
      `${T} mx1 named[9]: ${packet(T, "192.0.2.9").slice(T.length + 13)}`,
      `${T} mx1 kernel: other: SERVICE MONITORING: IN=eth0 SRC=192.0.2.9 DPT=465`,
      packet(T, "192.0.2.9").replace("DPT=465", "DPT=587"),
    );
    expect(collector.collect().filter((row) => !row.includes(" cover "))).toEqual([
      "2026-11-25 connect 465 postfix/smtps 4 198.51.100.0/24 - 1",
    ]);
  });

  it("keep odd account names as one word each, of bounded length", () => {
    start({ awk });
    const log = (name: string, pid: number) =>
      smtps(`4FxA: client=x[192.0.2.7], sasl_method=LOGIN, sasl_username=${name}`, pid);
    collector.write(
      "mail.log",
      log("a b, c", 1),
      log("tab\there", 2),
      log("-", 3),
      log("é".repeat(80), 4),
      log("\\n&", 5),
    );
    collector.write(
      "mail.log",
      log("bob, sasl_sender=x, sasl_username=eve", 6),
      log("carol, orig_client=h[1.2.3.4]", 8),
    );
    const accounts = collector.collect().filter((row) => row.includes(" login "));
    expect(accounts.map((row) => row.replace(/^.*\/24 | 1$/g, ""))).toEqual(
      ["?-", "\\n&", "a b, c", "bob", "carol", "tab?here", "é".repeat(50)].sort(),
    );
  });

  it("are those of the port of a service by its name, and of TLS by service, version and cipher", () => {
    start({ awk });
    const tls = "TLS connection established";
    collector.write(
      "mail.log",
      `${T} mx1 postfix/smtpd[1]: Anonymous ${tls} from a[192.0.2.1]: TLSv1 with cipher AES128-SHA (128/128 bits)`,
      `${T} mx1 postfix/submission/smtpd[2]: Trusted ${tls} from b[192.0.2.9]:4444: TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)`,
      `${T} mx1 postfix/smtp[3]: Verified ${tls} to mx.example.org[2001:db8::25]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519`,
      `${T} mx1 postfix/smtpd[4]: SSL_accept error from c[198.51.100.4]: -1`,
      `${T} mx1 postfix/smtpd[5]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:../ssl/x.c:1686:`,
      `${T} mx1 postfix/smtpd[4]: warning: TLS library problem: error:14209102:SSL routines:tls_early_post_process_client_hello:unsupported protocol:../ssl/x.c:1686:`,
    );
    expect(collector.collect().filter((row) => !row.includes(" cover "))).toEqual([
      "2026-11-25 refused 25 postfix 4 198.51.100.0/24 unsupported protocol 1",
      "2026-11-25 tls 25 postfix 4 192.0.2.0/24 in TLSv1 AES128-SHA 1",
      "2026-11-25 tls 25 postfix 6 2001:db8::/48 out TLSv1.3 TLS_AES_256_GCM_SHA384 1",
      "2026-11-25 tls 587 postfix/submission 4 192.0.2.0/24 in TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 1",
    ]);
  });

  it("have stamps with any offset, and days are UTC days", () => {
    start({ awk });
    collector.write("mail.log", ...session("2026-11-25T00:30:00.5+01:00", 1, "x[192.0.2.1]", "a"));
    collector.write("mail.log", ...session("2026-11-24T20:30:00-0430", 2, "x[192.0.2.1]", "b"));
    collector.write("mail.log", ...session("2026-11-25T02:30:00Z", 3, "x[192.0.2.1]", "c"));
    expect(collector.collect().filter((row) => row.includes(" login "))).toEqual([
      "2026-11-24 login 465 postfix/smtps 4 192.0.2.0/24 a 1",
      "2026-11-25 login 465 postfix/smtps 4 192.0.2.0/24 b 1",
      "2026-11-25 login 465 postfix/smtps 4 192.0.2.0/24 c 1",
    ]);
  });

  it("without a year are of the last twelve months, in the host's own zone", () => {
    start({ awk, zone: "Europe/Vienna" });
    collector.now = Date.parse("2026-01-10T12:00:00Z") / 1000;
    collector.write("mail.log", ...session("Oct 24 23:30:00", 1, "x[192.0.2.1]", "summer"));
    collector.write("mail.log", ...session("Oct 26 00:30:00", 2, "x[192.0.2.1]", "winter"));
    collector.write("mail.log", ...session("Dec 31 23:59:59", 3, "x[192.0.2.1]", "old"));
    collector.write("mail.log", ...session("Jan  1 01:00:00", 4, "x[192.0.2.1]", "new"));
    collector.touch("mail.log", "2026-01-10T11:00:00Z");
    collector.collect();
    const times = collector.whole().filter((row) => row.includes("\tlogin\t"));
    expect(
      times.map((row) => `${row.split("\t")[6]} ${new Date(Number(row.split("\t")[8]) * 1000).toISOString()}`),
    ).toEqual(
      [
        "summer 2025-10-24T21:30:00.000Z",
        "winter 2025-10-25T22:30:00.000Z",
        "new 2026-01-01T00:00:00.000Z",
        "old 2025-12-31T22:59:59.000Z",
      ].sort((a, b) => (a.slice(-24) < b.slice(-24) ? -1 : 1)),
    );
  });

  it("take no handshake of the host with itself for a client's, for our own runs try every version", () => {
    start({ awk });
    const tls = "TLS connection established";
    collector.write(
      "mail.log",
      `${T} mx1 postfix/smtpd[1]: Anonymous ${tls} from localhost[127.0.0.1]: TLSv1 with cipher AES128-SHA (128/128 bits)`,
      `${T} mx1 postfix/smtpd[1]: Anonymous ${tls} from localhost[::1]: TLSv1.1 with cipher AES128-SHA (128/128 bits)`,
      `${T} mx1 postfix/smtpd[1]: Anonymous ${tls} from x[127.0.0.2]: TLSv1.1 with cipher AES128-SHA (128/128 bits)`,
      `${T} mx1 postfix/smtpd[2]: SSL_accept error from localhost[127.0.0.1]: -1`,
      `${T} mx1 postfix/smtpd[2]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:../ssl/x.c:1686:`,
    );
    expect(collector.collect().filter((row) => / (tls|refused) /.test(row))).toEqual([
      "2026-11-25 refused 25 postfix 4 ignored unsupported protocol 1",
      "2026-11-25 tls 25 postfix 4 127.0.0.0/24 in TLSv1.1 AES128-SHA 1",
      "2026-11-25 tls 25 postfix 4 ignored in TLSv1 AES128-SHA 1",
      "2026-11-25 tls 25 postfix 6 ignored in TLSv1.1 AES128-SHA 1",
    ]);
  });

  it("count handshakes that are like one before, each at its own time, and nothing that only quotes one", () => {
    start({ awk });
    const tls = "TLS connection established from x[192.0.2.1]: TLSv1.2 with cipher AES128-SHA (128/128 bits)";
    const at = (time: string, pid: number, text = `Anonymous ${tls}`) =>
      `2026-11-2${time}+00:00 mx1 postfix/smtpd[${pid}]: ${text}`;
    collector.write(
      "mail.log",
      at("4T23:59:58.1", 1),
      at("4T23:59:58.2", 2),
      at("4T23:59:59.3", 1, `Trusted ${tls}`),
      at("5T00:00:01.4", 3),
      at("5T00:00:01.5", 4),
      at("5T00:00:01.6", 4, `message repeated 3 times: [ Anonymous ${tls}]`),
      // A line that came late, and one of a time to come.
      at("5T00:00:00.7", 5),
      at("5T13:00:00.8", 6),
      at("5T13:00:00.9", 6),
      at("5T11:00:00.9", 7, `warning: helo Anonymous ${tls}`),
    );
    collector.collect();
    const found = collector.whole().filter((row) => row.includes("\ttls\t"));
    const stamp = (seconds?: string) => new Date(Number(seconds) * 1_000).toISOString().slice(5, 19);
    expect(found.map((row) => row.split("\t").slice(-3)).map(([n, a, b]) => `${n} ${stamp(a)} ${stamp(b)}`)).toEqual([
      "3 11-24T23:59:58 11-24T23:59:59",
      "8 11-25T00:00:01 11-25T12:05:00",
    ]);
  });

  it("name the gap where a daemon dropped Postfix's lines, not another's, and leave own monitors out", () => {
    start({ awk, limited: true });
    collector.write(
      "mail.log",
      `${T} mx1 rsyslogd: imjournal: 119806 messages lost due to rate-limiting`,
      `${T} mx1 systemd-journald[99]: Suppressed 42 messages from postfix@-.service`,
      `${T} mx1 systemd-journald[99]: Suppressed 7000 messages from cron.service`,
      `${T} mx1 rsyslogd: imklog: 8000 messages lost due to rate-limiting`,
      ...session(T, 1, "monitor[203.0.113.7]", "probe"),
      ...session(T, 2, "user[203.0.113.8]", "real"),
    );
    collector.write("kern.log", packet(T, "203.0.113.7"), `${T} mx1 systemd-journald[99]: Missed 7 kernel messages`);
    expect(collector.collect().filter((row) => !row.includes(" cover "))).toEqual([
      "2026-11-25 connect 465 postfix/smtps 4 203.0.113.0/24 - 1",
      "2026-11-25 connect 465 postfix/smtps 4 ignored - 1",
      "2026-11-25 gap - - - - limited 119848",
      "2026-11-25 gap - - - - log 0",
      "2026-11-25 login 465 postfix/smtps 4 203.0.113.0/24 real 1",
      "2026-11-25 login 465 postfix/smtps 4 ignored probe 1",
      "2026-11-25 mail 465 postfix/smtps 4 203.0.113.0/24 - 1",
      "2026-11-25 mail 465 postfix/smtps 4 ignored - 1",
      "2026-11-25 syn 465 - 4 ignored - 1",
    ]);
  });

  it("fill no more than a thousand rows a day, and no flood of scanners hides a login", () => {
    start({ awk });
    const lines: string[] = [];
    for (let i = 0; i < 3_000; i += 1) {
      const client = `x[${1 + (i % 200)}.${i % 250}.${i % 7}.9]`;
      lines.push(...session(T, i, client));
      lines.push(
        `${T} mx1 postfix/smtpd[1]: Anonymous TLS connection established from ${client}: TLSv1.3 with cipher C${i % 90} (256/256 bits)`,
      );
      lines.push(`${T} mx1 postfix/smtpd[4]: SSL_accept error from ${client}: -1`);
      lines.push(
        `${T} mx1 postfix/smtpd[4]: warning: TLS library problem: error:0A000102:SSL routines::reason ${i % 80}:../ssl/x.c:1686:`,
      );
      if (i % 2 === 0) lines.push(...session(T, i, client, `user${i}`));
    }
    lines.push(...session(T, 9, "late[9.9.9.9]", "user0"));
    collector.write("mail.log", ...lines);
    const rows = collector.collect();
    expect(rows.length).toBeLessThanOrEqual(1_003);
    expect(collector.total("login")).toBe(1_501);
    expect(collector.total("connect")).toBe(4_501);
    expect(collector.total("tls")).toBe(3_000);
    expect(collector.total("refused")).toBe(3_000);
    expect(rows.filter((row) => / login .* other user/.test(row)).length).toBeGreaterThan(50);
    // Adding to a full day keeps the bound, and the sums.
    collector.write("mail.log", ...lines);
    expect(collector.collect().length).toBeLessThanOrEqual(1_003);
    expect(collector.total("login")).toBe(3_002);
  });
});

describe("the clock", () => {
  it("may jump: lines from the future count as now, lines from the past as of the last", () => {
    start();
    collector.write("mail.log", ...session("2026-11-25T11:00:00Z", 1, "x[192.0.2.1]", "a"));
    collector.collect();
    collector.write("mail.log", ...session("2031-01-01T00:00:00Z", 2, "x[192.0.2.1]", "future"));
    collector.write("mail.log", ...session("1970-01-01T00:05:00Z", 3, "x[192.0.2.1]", "past"));
    expect(collector.collect().filter((row) => row.includes(" login "))).toEqual([
      "2026-11-25 login 465 postfix/smtps 4 192.0.2.0/24 a 1",
      "2026-11-25 login 465 postfix/smtps 4 192.0.2.0/24 future 1",
      "2026-11-25 login 465 postfix/smtps 4 192.0.2.0/24 past 1",
    ]);
  });
});
