import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addZone, lookup, update, zoneRecords } from "./bind.ts";
import type { Host } from "./host.ts";
import { Lab } from "./lab.ts";

let lab: Lab;
let host: Host;

beforeAll(async () => {
  lab = await Lab.open();
  host = await lab.boot({ kind: "bind" });
});
afterAll(() => lab.close());

describe("a host of kind bind", () => {
  it("answers for its zones over both families, and for all else that it does not exist", async () => {
    for (const address of [host.address, host.address6]) {
      const { stdout } = await host.exec(`dig +short @${address} ns1.lab.test A ns1.lab.test AAAA`);
      expect(stdout.split("\n").slice(0, 2)).toEqual([host.address, host.address6]);
    }
    expect(await host.must("dig @127.0.0.1 example.org MX")).toContain("status: NXDOMAIN");
    expect(await lookup(host, "5.2.0.192.in-addr.arpa", "PTR")).toEqual(["5.0/25.2.0.192.in-addr.arpa."]);
  });

  it("has one zone that is signed", async () => {
    expect(await host.must("dig +dnssec @127.0.0.1 signed.test SOA")).toContain("RRSIG");
    expect(await host.must("dig +dnssec @127.0.0.1 lab.test SOA")).not.toContain("RRSIG");
  });

  it("takes updates by the key of a zone, and by no other", async () => {
    await update(host, "lab.test", ["add mx1.lab.test. 300 A 10.77.9.9"]);
    expect(await lookup(host, "mx1.lab.test", "A")).toEqual(["10.77.9.9"]);
    await expect(update(host, "closed.test", ["add a.closed.test. 300 A 10.77.9.9"])).rejects.toThrow("REFUSED");
    await update(host, "closed.test", ["add a.closed.test. 300 A 10.77.9.9"], { key: "other" });
    expect(await zoneRecords(host, "closed.test")).toEqual([
      "a.closed.test. 300 A 10.77.9.9",
      "closed.test. 3600 NS ns1.lab.test.",
    ]);
  });

  it("takes more zones", async () => {
    await addZone(host, "more.test", { records: ["www A 10.77.9.9"], signed: true });
    await update(host, "more.test", ["add mx1.more.test. 300 A 10.77.9.9"]);
    expect(await lookup(host, "mx1.more.test", "A")).toEqual(["10.77.9.9"]);
  });
});
