// The life of a domain's records in the other servers that take updates: as in a BIND, each by its own rules of what an update means.
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { lookup, update, zoneRecords } from "../lab/bind.ts";
import { nameServers } from "../lab/nameServers.ts";
import { pointerOf, useDnsBench, zoneLine } from "./dnsBench.ts";

const bench = useDnsBench({
  kind: "name-servers",
  // Before an update is sent to a domain's zone, somebody else may be faster.
  change: (program) =>
    program
      .replace("\tnsupdate -v", "\traced_update -v")
      .replace("\nverb=", '\nraced_update() { case $zone in s*) . /root/race ;; esac; nsupdate "$@"; }\nverb='),
});

const reverse = ["77.10.in-addr.arpa", "7.7.d.f.ip6.arpa"];
let zones = 0;

describe.each(nameServers)("$name", ({ port, addZone }) => {
  let domain: string;
  const at = (name: string, type: string) => lookup(bench.host, name, type, port);
  const all = async () =>
    (await Promise.all([domain, ...reverse].map((zone) => zoneRecords(bench.host, zone, port)))).flat();
  const ns = () => `${domain}. 3600 NS ns1.lab.test.`;
  const foreign = (...lines: string[]) => update(bench.host, domain, lines, { port });

  beforeAll(async () => {
    for (const zone of reverse) await addZone(bench.host, zone);
  });
  beforeEach(async () => {
    await bench.host.must("rm -rf /var/lib/mailhost; : >/root/race");
    for (const zone of reverse) {
      const pointers = (await zoneRecords(bench.host, zone, port)).filter((record) => record.includes(" PTR "));
      await update(bench.host, zone, ["", ...pointers.map((record) => `del ${record.split(" ")[0]} PTR`)], { port });
    }
    zones += 1;
    domain = `s${zones}.test`;
    await addZone(bench.host, domain, ["www A 10.77.9.1", 'mx1 TXT "theirs"']);
  });

  /** Where its zones are, and what a mail host's names need. */
  function records({ last = 9, six = true, ttl = 3600 } = {}): string[] {
    const host = `mx1.${domain}.`;
    return [
      ...[domain, ...reverse].map((zone) => zoneLine(zone, { port })),
      `record ${domain}. ${ttl} MX 10 ${host}`,
      `record ${host} ${ttl} A 10.77.1.${last}`,
      `record ${pointerOf(`10.77.1.${last}`)} ${ttl} PTR ${host}`,
      ...(six
        ? [
            `record ${host} ${ttl} AAAA fd77:0:0:1::${last}`,
            `record ${pointerOf(`fd77:0:0:1::${last}`)} ${ttl} PTR ${host}`,
          ]
        : []),
    ];
  }

  test("records come, stay as they are, change, get another TTL, and go without a trace", async () => {
    const before = await all();
    const first = await bench.apply(domain, ...records());
    expect(first.zones.map(({ zone, added, removed }) => [zone, added, removed])).toEqual([
      ["7.7.d.f.ip6.arpa.", 1, 0],
      ["77.10.in-addr.arpa.", 1, 0],
      [`${domain}.`, 3, 0],
    ]);
    expect(await at(`mx1.${domain}`, "A")).toEqual(["10.77.1.9"]);
    for (const verb of ["apply", "plan", "audit"])
      expect(await bench.done(verb, bench.policy(domain, ...records()))).toMatchObject({
        changed: false,
        warnings: [],
      });
    await bench.apply(domain, ...records({ last: 8 }), "allow large-change");
    expect(await at(`mx1.${domain}`, "AAAA")).toEqual(["fd77:0:0:1::8"]);
    expect(await at(pointerOf("10.77.1.8"), "PTR")).toEqual([`mx1.${domain}.`]);
    expect(await at(pointerOf("10.77.1.9"), "PTR")).toEqual([]);
    await bench.apply(domain, ...records({ last: 8, ttl: 300 }));
    expect(await all()).toContain(`mx1.${domain}. 300 A 10.77.1.8`);
    await bench.apply(domain, ...records({ last: 8, ttl: 300, six: false }));
    expect(await at(`mx1.${domain}`, "AAAA")).toEqual([]);
    await bench.remove(domain, ...records({ last: 8, ttl: 300, six: false }));
    expect(await all()).toEqual(before);
    expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
  });

  test("what others published is refused and shown, and taken over with adopt", async () => {
    await foreign(`add ${domain}. 600 MX 10 old.example.com.`);
    const before = await all();
    expect(await bench.refused(domain, ...records())).toContain(
      `${domain}. MX is there already, published by others: 10 old.example.com.; set adopt`,
    );
    expect(await all()).toEqual(before);
    await bench.apply(domain, ...records(), "adopt yes");
    expect(await at(domain, "MX")).toEqual([`10 mx1.${domain}.`]);
    await bench.remove(domain, ...records(), "adopt yes");
    expect(await at(domain, "MX")).toEqual([]);
  });

  test("a wildcard's answers are no records of the name", async () => {
    await foreign(`add *.${domain} 60 A 10.77.9.9`);
    const before = await all();
    await bench.apply(domain, ...records());
    expect(await at(`mx1.${domain}`, "A")).toEqual(["10.77.1.9"]);
    await bench.remove(domain, ...records());
    expect(await all()).toEqual(before);
  });

  test("a name that was delegated is refused", async () => {
    await foreign(`add mail.${domain} 60 NS ns1.elsewhere.test.`);
    const host = `mx1.mail.${domain}.`;
    const lines = [
      zoneLine(domain, { port }),
      `record ${domain}. 3600 MX 10 ${host}`,
      `record ${host} 3600 A 10.77.1.9`,
    ];
    expect(await bench.refused(domain, ...lines)).toContain(`${host} A belongs to the zone mail.${domain}.`);
  });

  test("a name that is a CNAME is refused", async () => {
    await foreign(`del mx1.${domain}. TXT`, `add mx1.${domain}. 600 CNAME www.${domain}.`);
    expect(await bench.refused(domain, ...records(), "adopt yes")).toContain(`mx1.${domain}. is a CNAME to`);
  });

  test("what others changed since is told, left alone, put back by repair; what they added stays", async () => {
    await bench.apply(domain, ...records());
    await foreign(`del mx1.${domain}. A`, `add mx1.${domain}. 60 A 10.77.9.9`);
    expect((await bench.run("audit", bench.policy(domain, ...records()))).stderr).toContain(
      `mx1.${domain}. A: 10.77.9.9 -> 10.77.1.9; someone else changed it after`,
    );
    expect(await bench.refused(domain, ...records({ last: 7 }))).toContain("was changed by others since");
    await bench.apply(domain, ...records(), "repair 1");
    expect(await at(`mx1.${domain}`, "A")).toEqual(["10.77.1.9"]);
    await foreign(`add ${domain}. 3600 MX 20 theirs.example.com.`);
    await bench.remove(domain, ...records());
    expect(await zoneRecords(bench.host, domain, port)).toEqual(
      [
        `${domain}. 3600 MX 20 theirs.example.com.`,
        ns(),
        `mx1.${domain}. 3600 TXT "theirs"`,
        `www.${domain}. 3600 A 10.77.9.1`,
      ].sort(),
    );
  });

  test("somebody who is faster changes one set, and none of ours comes", async () => {
    const theirs = `server 127.0.0.1 ${port}\\nzone ${domain}\\nadd ${domain}. 60 MX 5 theirs.test.\\nsend\\n`;
    await bench.host.write("/root/race", `printf '${theirs}' | nsupdate -k /etc/bind/lab.key`);
    const { status, error } = await bench.run("apply", bench.policy(domain, ...records()));
    expect({ status, error }).toEqual({
      status: 3,
      error: expect.stringContaining("somebody else changed one of these records at the same moment (YXRRSET)"),
    });
    expect(await at(`mx1.${domain}`, "A")).toEqual([]);
    expect(await at(domain, "MX")).toEqual(["5 theirs.test."]);
  });

  // What a server calls a key that it does not take is its own.
  test.each([
    ["a key that may not", (zone: string) => zoneLine(zone, { key: "other", port }), /\((REFUSED|BADKEY)\)/],
    [
      "another secret",
      (zone: string) => zoneLine(zone, { port }).replace("/etc/bind/lab.key", "/root/bad.key"),
      /\((BADSIG|REFUSED)\)/,
    ],
    [
      "an unknown key",
      (zone: string) =>
        zoneLine(zone, { port }).replace("lab-key. file /etc/bind/lab.key", "none. file /root/none.key"),
      /\((BADKEY|REFUSED)\)/,
    ],
  ])("%s is named, and what needs its zone waits", async (_, line, words) => {
    await bench.host.must(
      "sed 's/lab-key/none/' /etc/bind/lab.key >/root/none.key; sed 's/bGFi/cGFi/' /etc/bind/lab.key >/root/bad.key",
    );
    const others = records().filter((one) => !one.startsWith("zone 7.7.d.f"));
    const { status, error } = await bench.run("apply", bench.policy(domain, line("7.7.d.f.ip6.arpa"), ...others));
    expect(status).toBe(3);
    expect(error).toMatch(words);
    expect(await at(domain, "MX")).toEqual([`10 mx1.${domain}.`]);
    expect(await at(`mx1.${domain}`, "AAAA")).toEqual([]);
    await bench.apply(domain, ...records());
    expect(await at(`mx1.${domain}`, "AAAA")).toEqual(["fd77:0:0:1::9"]);
    await bench.remove(domain, ...records());
  });
});
