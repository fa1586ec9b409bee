// A whole domain, asked of name servers and a mail server of the test's own.
import type { Answer } from "dns-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mailDomain, type Odd, SERVFAIL, signedWhere, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

describe("TLSA records of another zone", () => {
  const hosts: [string, string[], string][] = [
    ["where both are signed", ["d.test", "signed.test"], "not known"],
    ["where the host's is not", ["signed.test"], "failed"],
    ["where the last is not", ["d.test"], "failed"],
    ["where one between is not", ["d.test", "signed.test", "-middle.test"], "failed"],
  ];
  it.each(hosts)("%s", async (_, signed, word) => {
    const middle = signed.includes("-middle.test") ? "_25.middle.test" : "_25.signed.test";
    const cname = (name: string, data: string): Answer => ({ type: "CNAME", name, ttl: 300, data });
    const records = ["1", "2"].map(
      (digit): Answer => ({
        type: "TLSA",
        name: "_25.signed.test",
        ttl: 300,
        data: { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.from(digit.repeat(64), "hex") },
      }),
    );
    world.dialogue = { greeting: "421 4.7.0 not now" };
    const names = mailDomain("d.test", cname("_25._tcp.mx1.d.test", middle), ...records);
    if (middle !== "_25.signed.test") names.records.push(cname(middle, "_25.signed.test"));
    for (const name of ["signed.test", "middle.test"]) {
      names.zones.push(name);
      names.records.push({ type: "NS", name, ttl: 300, data: "ns1.d.test" });
    }
    const { findings } = await world.check(
      "d.test",
      signedWhere(names, (zone) => signed.includes(zone)),
    );
    const found = findings.find(({ check }) => check === "TLSA");
    expect(found).toMatchObject({
      word,
      text: expect.stringMatching(word === "failed" ? /^the zone is not signed/ : /^no certificate could be seen$/),
    });
  });
});

describe("the time from which the next phase is safe", () => {
  it("counts from when the last answer came, not from when the call began", async () => {
    const names = mailDomain("d.test");
    const { seen: state } = await world.check("d.test", names);
    let asked = 0;
    const changed = names.records.map((record) =>
      record.type === "A" && record.name === "mx1.d.test" ? { ...record, data: "127.0.0.10" } : record,
    );
    // Each question takes a second.
    const odd = () => {
      asked += 1;
      return undefined;
    };
    const { waits } = await world.check(
      "d.test",
      { ...names, records: changed, odd },
      { state, clock: () => 2_000 + asked },
    );
    expect(waits.find(({ name }) => name === "mx1.d.test A")?.safeFrom).toBe(2_000 + asked + 300);
  });

  it("is not said while nobody tells the address of a name server, which may have something older", async () => {
    const names = mailDomain("d.test");
    const odd: Odd = ({ name, recursive }) => (recursive && name === "ns2.d.test" ? SERVFAIL : undefined);
    const { findings, safeFrom } = await world.check("d.test", { ...names, odd });
    expect(findings.find(({ check }) => check === "name servers")).toMatchObject({
      word: "not known",
      internetNl: "not known",
      text: expect.stringMatching(
        /^ns2.d.test A: the resolver says SERVFAIL of ns2.d.test; ns2.d.test AAAA: the .*; 1 of 1 addresses of 2 servers answer, serial 1$/,
      ),
    });
    expect(safeFrom).toBeNull();
    expect(findings.find(({ subject }) => subject === "mx1.d.test A")).toMatchObject({
      word: "not known",
      text: "not yet: nobody tells the address of ns2.d.test, which may have something older",
    });
  });

  it("does not wait for a name server that has no address, which fails", async () => {
    const { zones, records } = mailDomain("d.test");
    const names = { zones, records: records.filter(({ type, name }) => type !== "A" || name !== "ns2.d.test") };
    const { findings, waits } = await world.check("d.test", names);
    expect(findings.find(({ check }) => check === "name servers")).toMatchObject({
      word: "failed",
      text: expect.stringMatching(/^ns2.d.test has no address; 1 of 1 addresses of 2 servers answer/),
    });
    expect(waits.find(({ name }) => name === "mx1.d.test A")?.safeFrom).toBe(1_300);
  });
});
