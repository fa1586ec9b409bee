import { describe, expect, it } from "vitest";
import { distinct, mxValues, tlsaName, tlsaValue } from "../../../src/dns/records.ts";
import { exchangeOf, publishesIpv6, refuseIdleWave } from "../../../src/dns/waves.ts";

const hash = "ab".repeat(32);

describe("a TLSA record", () => {
  it("has one form", () => {
    expect(tlsaValue("tlsa[0]", ` 3  1 1 ${hash.toUpperCase().slice(0, 32)} ${hash.slice(32)}`)).toBe(`3 1 1 ${hash}`);
    expect(tlsaValue("tlsa[0]", `2 1 2 ${hash}${hash}`)).toBe(`2 1 2 ${hash}${hash}`);
    expect(tlsaName("mx1.example.com")).toBe("_25._tcp.mx1.example.com");
  });

  it.each([
    ["3 1 1 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", /has the hash of nothing/],
    [
      "3 1 2 CF83E1357EEFB8BDF1542850D66D8007D620E4050B5715DC83F4A921D36CE9CE47D0D13C5D85F2B0FF8318D2877EEC2F63B931BD47417A81A538327AF927DA3E",
      /has the hash of nothing/,
    ],
    [`3 1 1 ${hash.slice(1)}`, /has a hash of 63 digits; matching type 1 has 64/],
    [`3 1 2 ${hash}`, /has a hash of 64 digits; matching type 2 has 128/],
    [`3 0 1 ${hash}`, /use "3 1 1 HASH" or "2 1 1 HASH"/],
    [`1 1 1 ${hash}`, /use "3 1 1 HASH"/],
    ["3 1 1", /use "3 1 1 HASH"/],
    [`3 1 1 ${"zz".repeat(32)}`, /use "3 1 1 HASH"/],
  ])("%s is refused", (given, why) => {
    expect(() => tlsaValue("tlsa[0]", given)).toThrow(why);
  });
});

describe("a set", () => {
  it("has one order, and each value once", () => {
    expect(
      mxValues([
        { preference: 20, name: "b.example.com" },
        { preference: 10, name: "z.example.com" },
      ]),
    ).toEqual(["10 z.example.com.", "20 b.example.com."]);
    expect(distinct("ipv4", ["192.0.2.2", "192.0.2.1"])).toEqual(["192.0.2.1", "192.0.2.2"]);
    expect(() => distinct("ipv4", ["192.0.2.1", "192.0.2.1"])).toThrow(
      'ipv4[1] is "192.0.2.1"; it stands there already',
    );
  });
});

describe("a wave", () => {
  const own = { name: "mx.small.example", preference: 10, hasIpv6: true, external: false, dualStackName: undefined };
  const shared = {
    name: "mx.provider.example",
    preference: 10,
    hasIpv6: false,
    external: true,
    dualStackName: "mx6.provider.example",
  };
  const wave = (published: number) => ({ wave: 2, published });

  it("opens the name of its own, or moves the record to the second name", () => {
    expect([0, 1, 2, 3].map((published) => publishesIpv6(own, wave(published)))).toEqual([false, false, true, true]);
    expect([1, 2].map((published) => exchangeOf(shared, wave(published)))).toEqual([shared.name, shared.dualStackName]);
    expect(exchangeOf(own, wave(2))).toBe(own.name);
  });

  it("does not hold what is no MX host, nor a domain without a wave", () => {
    expect(publishesIpv6({ ...own, preference: undefined }, wave(0))).toBe(true);
    expect(publishesIpv6(own, undefined)).toBe(true);
  });

  it("on a shared name is refused with the way that there is", () => {
    const bare = { ...shared, dualStackName: undefined };
    expect(() => refuseIdleWave([bare], wave(0))).toThrow(
      "ipv6.wave cannot be on mx.provider.example, which other domains share; publish a second name",
    );
    expect(() => refuseIdleWave([{ ...own, hasIpv6: false }], wave(0))).toThrow("ipv6.wave has nothing to publish");
    expect(() => refuseIdleWave([bare, own], wave(0))).not.toThrow();
  });
});
