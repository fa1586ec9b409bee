// Incoming mail by address family, day and domain, from Postfix's own lines.
import { afterEach, expect, it } from "vitest";
import { withEachAwk } from "../hostDecision/awk.ts";
import { Collector, type CollectorOptions, SERVICES } from "./collector.ts";

let collector: Collector;
const start = (options: CollectorOptions = {}): Collector => {
  collector = new Collector(options);
  return collector;
};
afterEach(() => collector.remove());

const T = "2026-11-25T11:00:00.123456+00:00";
const line = (program: string, text: string, time = T) => `${time} mx1 postfix/${program}[7]: ${text}`;

/** The rows of incoming mail, "DAY KIND FAMILY WHAT COUNT". */
function flow(seconds = 300): string[] {
  collector.now += seconds;
  const rows = collector
    .run("flow 30")
    .split("\n")
    .map((row) => row.split("\t"));
  return rows
    .filter((row) => row.length === 10 && row[1] !== "cover")
    .map(([day, kind, , , family, , what, count]) => [day, kind, family, what, count].join(" "));
}

const mail = (id: string, client: string, recipient: string, time = T) => [
  line("smtpd", `connect from ${client}`, time),
  line("smtpd", `${id}: client=${client}`, time),
  line("cleanup", `${id}: message-id=<x@y>`, time),
  line(
    "lmtp",
    `${id}: to=<${recipient}>, relay=mx1[private/dovecot-lmtp], delay=0.3, dsn=2.0.0, status=sent (250 2.0.0)`,
    time,
  ),
  line("qmgr", `${id}: removed`, time),
  line("smtpd", `disconnect from ${client} ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5`, time),
];
const reject = (client: string, code: string, recipient: string) =>
  line(
    "smtpd",
    `NOQUEUE: reject: RCPT from ${client}: ${code} <${recipient}>: no; from=<a@b.test> to=<${recipient}> proto=ESMTP helo=<x>`,
  );

withEachAwk("incoming mail", (awk) => {
  it("is counted by family and domain: connections, accepted, refused for now and for good", () => {
    start({ awk });
    collector.write(
      "mail.log",
      ...mail("4FA", "a[192.0.2.9]", "u@Example.com"),
      ...mail("4FB", "b[2001:db8::9]", "u@example.com"),
      ...mail("4FC", "c[2001:db8::9]:4711", "u@example.org"),
      reject("unknown[2001:db8::8]", "450 4.2.0", "u@example.com"),
      reject("unknown[2001:db8::8]", "554 5.7.1", "u@example.com"),
      reject("unknown[198.51.100.4]:99", "550 5.1.1", "nobody@example.org"),
      line(
        "cleanup",
        "4FD: milter-reject: END-OF-MESSAGE from d[192.0.2.7]: 5.7.1 Spam; from=<x@y.test> to=<u@example.com> proto=ESMTP helo=<d>",
      ),
      line(
        "smtpd",
        "NOQUEUE: reject: RCPT from e[192.0.2.8]: 454 4.7.1 <x@far.test>: Relay access denied; from=<a@b.test> to=<x@far.test> proto=ESMTP helo=<e>",
      ),
      line(
        "smtpd",
        "NOQUEUE: reject: CONNECT from e[192.0.2.8]: 554 5.7.1 <e[192.0.2.8]>: Client host rejected; proto=SMTP",
      ),
    );
    expect(flow()).toEqual([
      "2026-11-25 accepted 4 example.com 1",
      "2026-11-25 accepted 6 example.com 1",
      "2026-11-25 accepted 6 example.org 1",
      "2026-11-25 connect 4 - 1",
      "2026-11-25 connect 6 - 2",
      "2026-11-25 deferred 4 - 1",
      "2026-11-25 deferred 6 example.com 1",
      "2026-11-25 rejected 4 - 1",
      "2026-11-25 rejected 4 example.com 1",
      "2026-11-25 rejected 4 example.org 1",
      "2026-11-25 rejected 6 example.com 1",
    ]);
  });

  it("counts once for each of its domains, under the address that it was sent to, however often it is tried", () => {
    start({ awk });
    const to = (text: string) => line("lmtp", `4FA: ${text}, relay=none, delay=9, status=deferred (no)`);
    collector.write(
      "mail.log",
      line("smtpd", "4FA: client=a[192.0.2.9]"),
      to("to=<a@store.test>, orig_to=<a@example.com>"),
      to("to=<b@store.test>, orig_to=<b@example.com>"),
      to("to=<c@example.org>"),
      to("to=<a@store.test>, orig_to=<a@example.com>"),
    );
    const once = ["2026-11-25 accepted 4 example.com 1", "2026-11-25 accepted 4 example.org 1"];
    expect(flow()).toEqual(once);
    // Tried again after the collector's next run.
    collector.write("mail.log", to("to=<c@example.org>"));
    expect(flow()).toEqual(once);
  });

  it("is that of others: no submission, no filter's own, nothing of this host; a filter that takes it first names the client", () => {
    start({ awk });
    const queued = (text: string, id = "4FA") => [
      line("smtpd", `${id}: client=${text}`),
      line("lmtp", `${id}: to=<u@example.com>, relay=x, status=sent (ok)`),
    ];
    collector.write(
      "mail.log",
      ...queued("a[192.0.2.9], sasl_method=PLAIN, sasl_username=u"),
      line("submission/smtpd", "connect from a[192.0.2.9]"),
      ...queued("localhost[127.0.0.1], orig_queue_id=4FX, orig_client=a[192.0.2.9]", "4FB"),
      ...queued("localhost[::1]", "4FC"),
      line("smtpd", "connect from localhost[127.0.0.5]"),
      ...queued("localhost[127.0.0.1], orig_queue_id=NOQUEUE, orig_client=a[2001:db8::9]", "4FD"),
      line("smtp", "4FE: to=<u@elsewhere.test>, relay=y, status=sent (ok)"),
    );
    expect(flow()).toEqual(["2026-11-25 accepted 6 example.com 1"]);
  });

  it("is joined over two runs, and over midnight", () => {
    start({ awk });
    const late = "2026-11-24T23:59:59Z";
    const [connect = "", client = "", , delivery = ""] = mail("4FA", "a[2001:db8::9]", "u@example.com", late);
    collector.write("mail.log", connect, client);
    collector.now = Date.parse(late) / 1000;
    expect(flow(1)).toEqual(["2026-11-24 connect 6 - 1"]);
    collector.write("mail.log", delivery.replace(late, "2026-11-25T00:00:03Z"));
    expect(flow()).toEqual(["2026-11-24 connect 6 - 1", "2026-11-25 accepted 6 example.com 1"]);
  });

  it("comes by postscreen where that stands before smtpd", () => {
    start({ awk, services: `${SERVICES.replace("smtpd", "postscreen")}smtpd pass - - y - - smtpd\n` });
    collector.write(
      "mail.log",
      line("postscreen", "CONNECT from [2001:db8::9]:4711 to [2001:db8::1]:25"),
      line("postscreen", "PASS NEW [2001:db8::9]:4711"),
      line("smtpd", "connect from a[2001:db8::9]"),
      line("postscreen", "CONNECT from [192.0.2.9]:4711 to [192.0.2.1]:25"),
      line(
        "postscreen",
        "NOQUEUE: reject: RCPT from [192.0.2.9]:4711: 550 5.7.1 Service unavailable; client [192.0.2.9] blocked using zen.test; from=<a@b.test>, to=<u@example.com>, proto=ESMTP, helo=<x>",
      ),
    );
    expect(flow()).toEqual([
      "2026-11-25 connect 4 - 1",
      "2026-11-25 connect 6 - 1",
      "2026-11-25 rejected 4 example.com 1",
    ]);
  });

  it("fills no more than a bounded number of rows, whatever domains are tried", () => {
    start({ awk });
    collector.write(
      "mail.log",
      ...Array.from({ length: 2_000 }, (_, n) => reject("x[192.0.2.9]", "554 5.7.1", `u@d${n}.test`)),
      reject("x[192.0.2.9]", "554 5.7.1", `"a b"@[192.0.2.1]`),
      reject("x[192.0.2.9]", "554 5.7.1", `a@é.test`),
    );
    const rows = flow();
    expect(rows.length).toBeLessThanOrEqual(402);
    expect(rows.reduce((sum, row) => sum + Number(row.split(" ").at(-1)), 0)).toBe(2_002);
  });
});

it("is read from the beginning of the logs at the first question, and kept by the collector from then on", () => {
  start();
  collector.write("mail.log", ...mail("4FA", "a[192.0.2.9]", "u@example.com"));
  expect(collector.collect().filter((row) => row.includes("accepted"))).toEqual([]);
  expect(flow()).toContain("2026-11-25 accepted 4 example.com 1");
  collector.write("mail.log", ...mail("4FB", "a[192.0.2.9]", "u@example.com"));
  collector.run("keep_rules() { :; }; collect");
  collector.in("rm mail.log");
  expect(flow()).toContain("2026-11-25 accepted 4 example.com 2");
});
