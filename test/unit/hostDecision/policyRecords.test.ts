import { expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { policyWords } from "./decide.ts";

withEachAwk("the reader of policies with records", (awk) => {
  const records = (...lines: string[]) =>
    ["policy   1", "owner    o", "domain   a.test.", "phase    settled", "lowered  300", ...lines, ""].join("\n");
  const zone = "zone     a.test. server ::1 port 53 without key";

  it("reads the records of a domain", () => {
    const lines = [
      "zone     0/25.2.0.192.in-addr.arpa. server ns.a.test port 5353 key k_1.x. hmac-sha512",
      "zone     a.test. server 127.0.0.1 port 53 key k. file /etc/bind/k.key",
      "zone     b.test. server ::1 port 53 without key",
      "later    a.test. MX",
      "record   1.0/25.2.0.192.in-addr.arpa. 300 PTR mx1.a.test.",
      "record   _25._tcp.mx1.a.test. 300 TLSA 3 1 1 ab",
      "record   a.test. 300 MX 0 .",
      "record   mx1.a.test. 300 A 192.0.2.1",
      "record   mx1.a.test. 300 AAAA 2001:db8::1",
    ];
    expect(
      policyWords(records(...lines), awk)
        .split("\n")
        .slice(4, -1),
    ).toEqual([
      "zone\t0/25.2.0.192.in-addr.arpa.\tns.a.test\t5353\tk_1.x.\thmac-sha512\t-",
      "zone\ta.test.\t127.0.0.1\t53\tk.\tfile\t/etc/bind/k.key",
      "zone\tb.test.\t::1\t53\t-\t-\t-",
      "later\ta.test.\tMX",
      "record\t1.0/25.2.0.192.in-addr.arpa.\t300\tPTR\tmx1.a.test.",
      "record\t_25._tcp.mx1.a.test.\t300\tTLSA\t3 1 1 ab",
      "record\ta.test.\t300\tMX\t0 .",
      "record\tmx1.a.test.\t300\tA\t192.0.2.1",
      "record\tmx1.a.test.\t300\tAAAA\t2001:db8::1",
    ]);
  });

  it.each([
    ["record   a.test. 300 A 192.0.2.1; send", "is no record"],
    ["record   a.test. 300 A 192.0.2", "is no record"],
    ["record   a.test 300 A 192.0.2.1", "is no record"],
    ["record   A.test. 300 A 192.0.2.1", "is no record"],
    ["record   a.test. 300 TXT x", "is no record"],
    ["record   a.test. 300 MX 10 mx1.a.test", "is no record"],
    ["record   a.test. 5m A 192.0.2.1", "is no record"],
    ["record   a.test. 300 A 192.0.2.1\nrecord   a.test. 60 A 192.0.2.2", "has another TTL"],
    ["zone     b.test. server ::1 port 53", "is no zone"],
    ["zone     b.test. server ::1 port 53 key k hmac-sha256", "is no zone"],
    ["zone     b.test. server ::1 port 53 key k. hmac-md5", "is no zone"],
    ["zone     b.test. server ::1 port 53 key k. file k.key", "is no zone"],
    ["zone     b.test. server a;b port 53 without key", "is no zone"],
    ["tlsa     3 1 1 ab", "is out of order"],
  ])("refuses %j among records", (line, problem) => {
    expect(() => policyWords(records(zone, line), awk)).toThrow(problem);
  });

  it("wants what records need, and nothing of another kind", () => {
    expect(() => policyWords(records(zone).replace("lowered  300\n", ""), awk)).toThrow("one lowered line");
    expect(() => policyWords(records(zone, "set      a = b"), awk)).toThrow("a domain has no set line");
  });

  it("reads a gate", () => {
    const text =
      "policy   1\nowner    o\ngate     mx1.a.test. 2001:db8::1\nask      ::1\nwave     2\ntlsa     3 1 1 ab\n";
    expect(policyWords(text, awk)).toBe(
      "owner\to\ngate\tmx1.a.test.\t2001:db8::1\nask\t::1\nwave\t2\ntlsa\t3 1 1 ab\n",
    );
    expect(() => policyWords(text.replace("2001:db8::1", "x"), awk)).toThrow("is no name with an address");
  });
});
