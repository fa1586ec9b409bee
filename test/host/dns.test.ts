// Records published by DNS update in a real BIND: ours, and nothing of anybody else's.
import { afterEach, describe, expect, test } from "vitest";
import { lookup, update, zoneRecords } from "../lab/bind.ts";
import { pointerOf, useDnsBench, zoneLine } from "./dnsBench.ts";

const bench = useDnsBench();
afterEach(async () => {
  await bench.host.must("rm -rf /var/lib/mailhost");
  for (const zone of ["77.10.in-addr.arpa", "7.7.d.f.ip6.arpa"]) {
    const ours = (await zoneRecords(bench.host, zone)).filter((record) => record.includes(" PTR "));
    if (ours.length > 0)
      await update(
        bench.host,
        zone,
        ours.map((record) => `del ${record.split(" ")[0]} PTR`),
      );
  }
});

/** A mail host of a domain as MailDns writes it. */
function mx(domain: string, { six = true, last = 9, name = "mx1" } = {}): string[] {
  const host = `${name}.${domain}.`;
  return [
    `record ${domain}. 3600 MX 10 ${host}`,
    `record ${host} 3600 A 10.77.1.${last}`,
    `record ${pointerOf(`10.77.1.${last}`)} 3600 PTR ${host}`,
    `record ${pointerOf(`fd77:0:0:1::${last}`)} 3600 PTR ${host}`,
    ...(six ? [`record ${host} 3600 AAAA fd77:0:0:1::${last}`] : []),
  ];
}

const ns = (domain: string) => `${domain}. 3600 NS ns1.lab.test.`;

describe("records published", () => {
  test("are all there, once, in every zone, and a second run changes nothing (A and AAAA of one name)", async () => {
    const domain = await bench.domain();
    const first = await bench.apply(domain, ...mx(domain));
    expect(first.zones.map(({ zone, added, removed }) => [zone, added, removed])).toEqual([
      ["7.7.d.f.ip6.arpa.", 1, 0],
      ["77.10.in-addr.arpa.", 1, 0],
      [`${domain}.`, 3, 0],
    ]);
    const there = await zoneRecords(bench.host, domain);
    expect(there).toEqual([
      `${domain}. 3600 MX 10 mx1.${domain}.`,
      ns(domain),
      `mx1.${domain}. 3600 A 10.77.1.9`,
      `mx1.${domain}. 3600 AAAA fd77:0:0:1::9`,
    ]);
    const serial = await lookup(bench.host, domain, "SOA");
    for (const verb of ["apply", "plan", "audit"]) {
      const again = await bench.done(verb, bench.policy(domain, ...mx(domain)));
      expect({ changed: again.changed, zones: again.zones, warnings: again.warnings }).toEqual({
        changed: false,
        zones: [],
        warnings: [],
      });
    }
    expect(await lookup(bench.host, domain, "SOA")).toEqual(serial);
    expect(first.zones.at(-1)?.serial).toBe(Number(serial[0]?.split(" ")[2]));
  });

  test("leave no trace when they are removed, and those of others stay byte for byte", async () => {
    const domain = await bench.domain({
      records: ["www A 10.77.9.1", 'mx1 TXT "Someone\'s own"', '@ TXT "v=spf1 -all"', "old 60 MX 5 Old.Example.COM."],
    });
    const before = await zoneRecords(bench.host, domain);
    await bench.apply(domain, ...mx(domain));
    await bench.remove(domain, ...mx(domain));
    expect(await zoneRecords(bench.host, domain)).toEqual(before);
    expect((await zoneRecords(bench.host, "7.7.d.f.ip6.arpa")).filter((line) => line.includes("PTR"))).toEqual([]);
    expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
  });

  test("grow with PTR first and MX's zone last, and shrink the other way round", async () => {
    const domain = await bench.domain();
    const order = (story: string) => [...story.matchAll(/^mx1: (\S+) updated at/gm)].map(([, zone]) => zone);
    const grown = await bench.apply(domain, ...mx(domain), ...mx(domain, { last: 8, name: "mx2" }).slice(1));
    expect(order(grown.story)).toEqual(["7.7.d.f.ip6.arpa.", "77.10.in-addr.arpa.", `${domain}.`]);
    const shrunk = await bench.apply(domain, ...mx(domain), "allow large-change");
    expect(order(shrunk.story)).toEqual([`${domain}.`, "7.7.d.f.ip6.arpa.", "77.10.in-addr.arpa."]);
    // An address that moves: the new reverse name, then the address, then the old reverse name goes.
    const moved = await bench.apply(domain, ...mx(domain, { last: 7 }));
    expect(order(moved.story)).toEqual([
      "7.7.d.f.ip6.arpa.",
      "77.10.in-addr.arpa.",
      `${domain}.`,
      "7.7.d.f.ip6.arpa.",
      "77.10.in-addr.arpa.",
    ]);
  });

  test("go into a classless reverse zone (RFC 2317), where the parent's alias leads", async () => {
    const domain = await bench.domain();
    const zone = zoneLine("0/25.2.0.192.in-addr.arpa");
    await bench.apply(
      domain,
      zone,
      `record mx1.${domain}. 3600 A 192.0.2.5`,
      `record 5.0/25.2.0.192.in-addr.arpa. 3600 PTR mx1.${domain}.`,
    );
    const [alias = ""] = await lookup(bench.host, "5.2.0.192.in-addr.arpa", "PTR");
    expect(await lookup(bench.host, alias, "PTR")).toEqual([`mx1.${domain}.`]);
    await bench.remove(domain, zone);
    expect(await lookup(bench.host, alias, "PTR")).toEqual([]);
  });
});

describe("what is there already", () => {
  test("is refused and shown, and nothing is changed anywhere", async () => {
    const domain = await bench.domain({ records: ["@ MX 10 old.example.com."] });
    const before = await zoneRecords(bench.host, domain);
    expect(await bench.refused(domain, ...mx(domain))).toBe(
      `${domain}. MX is there already, published by others: 10 old.example.com.; set adopt to take it over, or remove it there; nothing was changed`,
    );
    expect(await zoneRecords(bench.host, domain)).toEqual(before);
    expect(await zoneRecords(bench.host, "7.7.d.f.ip6.arpa")).toHaveLength(1);
  });

  test("is taken over with adopt, and goes when ours goes", async () => {
    const domain = await bench.domain({ records: ["@ 600 MX 10 old.example.com.", "mx1 A 10.77.1.9"] });
    await bench.apply(domain, ...mx(domain), "adopt yes");
    expect(await lookup(bench.host, domain, "MX")).toEqual([`10 mx1.${domain}.`]);
    await bench.remove(domain, ...mx(domain), "adopt yes");
    expect(await zoneRecords(bench.host, domain)).toEqual([ns(domain)]);
  });

  test("is never taken from another component, not even with adopt", async () => {
    const domain = await bench.domain();
    await bench.apply(domain, ...mx(domain));
    const owner = "owner org/proj/dev/mailhost:index:MailDns/other";
    expect(await bench.refused(domain, owner, ...mx(domain), "adopt yes")).toContain(
      `is published for org/proj/dev/mailhost:index:MailDns/${domain}; a name has one owner`,
    );
    const former = `former org/proj/dev/mailhost:index:MailDns/${domain}`;
    const { changed } = await bench.apply(domain, owner, former, ...mx(domain));
    expect(changed).toBe(false);
    await bench.remove(domain, owner, former, ...mx(domain));
    expect(await zoneRecords(bench.host, domain)).toEqual([ns(domain)]);
  });

  test("is refused where it is a CNAME, which BIND would pass over without a word", async () => {
    const domain = await bench.domain({ records: ["mx1 CNAME www"] });
    expect(await bench.refused(domain, ...mx(domain), "adopt yes")).toMatch(
      new RegExp(`^mx1\\.${domain}\\. is a CNAME to www\\.${domain}\\. and can have no other record`),
    );
  });
});

describe("ours that others changed", () => {
  test("is refused and shown, left alone where nothing changes, and overwritten once repair is raised", async () => {
    const domain = await bench.domain();
    await bench.apply(domain, ...mx(domain));
    await update(bench.host, domain, [`del mx1.${domain}. A`, `add mx1.${domain}. 60 A 10.77.9.9`]);
    const { warnings, changed } = await bench.apply(domain, ...mx(domain));
    expect({ changed, codes: warnings.map(({ code }) => code) }).toEqual({ changed: false, codes: ["edited"] });
    expect((await bench.run("audit", bench.policy(domain, ...mx(domain)))).status).toBe(4);
    const moved = mx(domain, { last: 7 });
    expect(await bench.refused(domain, ...moved)).toBe(
      `mx1.${domain}. A was changed by others since: published 10.77.1.9, now 10.77.9.9; raise repair to overwrite that; nothing was changed`,
    );
    expect(await lookup(bench.host, `mx1.${domain}`, "A")).toEqual(["10.77.9.9"]);
    await bench.apply(domain, ...moved, "repair 1");
    expect(await lookup(bench.host, `mx1.${domain}`, "A")).toEqual(["10.77.1.7"]);
  });

  test("keeps what they added when ours is removed", async () => {
    const domain = await bench.domain();
    await bench.apply(domain, ...mx(domain));
    await update(bench.host, domain, [`add ${domain}. 3600 MX 20 theirs.example.com.`]);
    const { warnings } = await bench.remove(domain, ...mx(domain));
    expect(warnings.map(({ code }) => code)).toEqual(["kept-foreign"]);
    expect(await zoneRecords(bench.host, domain)).toEqual([`${domain}. 3600 MX 20 theirs.example.com.`, ns(domain)]);
  });
});

describe("what must not happen by mistake", () => {
  test("the last MX, the last address and more than a third of the addresses stay unless that is allowed", async () => {
    const domain = await bench.domain();
    const three = [1, 2, 3, 4].map((at) => `record mx${at}.${domain}. 3600 A 10.77.1.${at}`);
    const mail = `record ${domain}. 3600 MX 10 mx1.${domain}.`;
    await bench.apply(domain, mail, ...three);
    expect(await bench.refused(domain, ...three)).toContain(
      `${domain}. MX would go, and with it the mail of ${domain}.`,
    );
    expect(await bench.refused(domain, mail, ...three.slice(0, 2))).toContain("2 of 4 addresses");
    expect(await bench.refused(domain, mail)).toContain(`the last address of ${domain}. would go`);
    await bench.apply(domain, mail, ...three.slice(0, 3));
    await bench.apply(domain, mail, "allow large-change");
    expect(await zoneRecords(bench.host, domain)).toEqual([`${domain}. 3600 MX 10 mx1.${domain}.`, ns(domain)]);
  });

  test("a wave may go back: an AAAA set that goes while the name keeps its A set is no loss", async () => {
    const domain = await bench.domain();
    await bench.apply(domain, ...mx(domain));
    await bench.apply(domain, ...mx(domain, { six: false }));
    expect(await lookup(bench.host, `mx1.${domain}`, "AAAA")).toEqual([]);
    expect(await lookup(bench.host, pointerOf("fd77:0:0:1::9"), "PTR")).toEqual([`mx1.${domain}.`]);
  });

  test("TLSA in a zone that is not signed", async () => {
    const tlsa = (domain: string) => [`record _25._tcp.mx1.${domain}. 3600 TLSA 3 1 1 ${"ab".repeat(32)}`];
    const plain = await bench.domain();
    expect(await bench.refused(plain, ...mx(plain), ...tlsa(plain))).toContain("is not signed (no DNSKEY)");
    const signed = await bench.domain({ signed: true });
    await bench.apply(signed, ...mx(signed), ...tlsa(signed));
    const again = await bench.apply(signed, ...mx(signed), ...tlsa(signed));
    expect(again.changed).toBe(false);
    expect(await bench.host.must(`dig +dnssec @127.0.0.1 _25._tcp.mx1.${signed} TLSA`)).toContain("RRSIG");
  });
});

describe("the TTL", () => {
  test("is lowered alone, then values change without a warning; a change under a long one warns", async () => {
    const domain = await bench.domain();
    const at = (ttl: number, last: number) => [`record mx1.${domain}. ${ttl} A 10.77.1.${last}`];
    await bench.apply(domain, ...at(86_400, 1));
    expect(await bench.refused(domain, "phase lowered", ...at(300, 2))).toContain("in the phase lowered");
    expect((await bench.apply(domain, "phase lowered", ...at(300, 1))).warnings).toEqual([]);
    expect(await zoneRecords(bench.host, domain)).toContain(`mx1.${domain}. 300 A 10.77.1.1`);
    expect((await bench.apply(domain, "phase changed", ...at(300, 2))).warnings).toEqual([]);
    await bench.apply(domain, ...at(86_400, 2));
    const { warnings } = await bench.apply(domain, ...at(86_400, 3));
    expect(warnings).toEqual([
      {
        code: "old-answers",
        text: `mx1.${domain}. A: answers with 10.77.1.2 live for up to 86400 s more; lower the TTL before a change (ttlPhase)`,
      },
    ]);
  });
});

describe("a reverse zone that refuses", () => {
  const closed = (zone: string) => zoneLine(zone, { key: "other" });

  test.each([
    ["its key may not change the zone", (zone: string) => closed(zone), "(REFUSED)"],
    [
      "it does not know the key",
      (zone: string) => `zone ${zone}. server 127.0.0.1 port 53 key none. file /root/none.key`,
      "(BADKEY)",
    ],
    [
      "the secret is another",
      (zone: string) => `zone ${zone}. server 127.0.0.1 port 53 key lab-key. file /root/bad.key`,
      "(BADSIG)",
    ],
    [
      "nobody answers",
      (zone: string) => `zone ${zone}. server 127.0.0.1 port 54 key lab-key. file /etc/bind/lab.key`,
      "no answer",
    ],
    [
      "there is no key file",
      (zone: string) => `zone ${zone}. server 127.0.0.1 port 53 key lab-key. file /nowhere`,
      "no key file",
    ],
  ])("where %s, A and MX stand, AAAA waits, and the next run does the rest", async (_, line, words) => {
    await bench.host.must(
      "sed 's/lab-key/none/' /etc/bind/lab.key >/root/none.key; sed 's/bGFi/cGFi/' /etc/bind/lab.key >/root/bad.key",
    );
    const domain = await bench.domain();
    const { status, error, stderr } = await bench.run(
      "apply",
      bench.policy(domain, line("7.7.d.f.ip6.arpa"), ...mx(domain)),
    );
    expect(status, stderr).toBe(3);
    expect(error).toContain("7.7.d.f.ip6.arpa.: 127.0.0.1 port 5");
    expect(error).toContain(words);
    expect(stderr).toContain(`mx1.${domain}. AAAA waits for 7.7.d.f.ip6.arpa.`);
    expect(await lookup(bench.host, domain, "MX")).toEqual([`10 mx1.${domain}.`]);
    expect(await lookup(bench.host, `mx1.${domain}`, "A")).toEqual(["10.77.1.9"]);
    expect(await lookup(bench.host, `mx1.${domain}`, "AAAA")).toEqual([]);
    expect(await lookup(bench.host, pointerOf("10.77.1.9"), "PTR")).toEqual([`mx1.${domain}.`]);
    await bench.apply(domain, ...mx(domain));
    expect(await lookup(bench.host, `mx1.${domain}`, "AAAA")).toEqual(["fd77:0:0:1::9"]);
  });

  test("of an MX host with IPv6 only holds back the MX record too; the domain's own zone stops all", async () => {
    const domain = await bench.domain();
    const six = mx(domain).filter((line) => !line.includes(" A "));
    expect((await bench.run("apply", bench.policy(domain, closed("7.7.d.f.ip6.arpa"), ...six))).status).toBe(3);
    expect(await zoneRecords(bench.host, domain)).toEqual([ns(domain)]);
    const shut = await bench.domain({ key: "other" });
    const { status, error } = await bench.run("apply", bench.policy(shut, ...mx(shut, { last: 8 })));
    expect({ status, error }).toEqual({
      status: 3,
      error: `${shut}.: 127.0.0.1 port 53, key lab-key.: it refuses this host and this key changes of the zone (REFUSED); what does not need this zone stands, the next run does the rest`,
    });
  });
});
