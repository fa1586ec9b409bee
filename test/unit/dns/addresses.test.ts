import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isInNetwork, networkOf, networkOfZone, publishedAddress, reverseName } from "../../../src/dns/addresses.ts";
import { pointerName, reverseZoneOf } from "../../../src/dns/records.ts";

const published = (value: unknown, family: "ipv4" | "ipv6", special = false) =>
  publishedAddress("address", value, family, special);

describe("an address", () => {
  it.each([
    ["2001:DB8:0:0::0010", "2001:db8::10"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ])("%s is %s (RFC 5952)", (given, one) => {
    expect(published(given, "ipv6", true)).toBe(one);
  });

  it.each([
    ["ipv4", "10.0.0.1", /the range private; use a public address, or set allowSpecialPurposeAddresses/],
    ["ipv4", "192.0.2.1", /a reserved or documentation address/],
    ["ipv4", "100.64.0.1", /carrier grade nat/],
    ["ipv4", "127.0.0.1", /loopback; use a unicast address/],
    ["ipv4", "010.0.0.1", /use an IPv4 address/],
    ["ipv4", "3232235777", /use an IPv4 address/],
    ["ipv4", "2600::1", /use an IPv4 address/],
    ["ipv6", "203.0.114.1", /use an IPv6 address/],
    ["ipv6", "2001:db8::1", /a reserved or documentation address/],
    ["ipv6", "fd00::1", /unique local/],
    ["ipv6", "fe80::1", /link local/],
    ["ipv6", "fe80::1%eth0", /use an IPv6 address/],
    ["ipv6", "::ffff:203.0.114.1", /an IPv4 address written as IPv6; use a unicast/],
    ["ipv6", "ff02::1", /multicast/],
    ["ipv6", "[2600::1]", /use an IPv6 address/],
    ["ipv6", "201:db8::1", /outside of 2000::\/3, where no address is given out; use a public address, or set/],
    ["ipv6", "4000::1", /outside of 2000::\/3/],
    ["ipv6", "::cb00:7101", /outside of 2000::\/3/],
  ] as const)("%s %s is refused", (family, given, why) => {
    expect(() => published(given, family)).toThrow(why);
  });

  it("that nobody can reach is refused even where special ones are meant", () => {
    for (const given of ["::", "::1", "fe80::1", "ff02::1", "::ffff:10.0.0.1"]) {
      expect(() => published(given, "ipv6", true), given).toThrow(/address is/);
    }
    expect(published("192.0.2.1", "ipv4", true)).toBe("192.0.2.1");
  });

  it("has one form, whatever form was given", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 14, maxLength: 14 }), (bytes) => {
        const hex = ["20", "01", ...Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))].join("");
        const long = hex.match(/.{4}/g)?.join(":") ?? "";
        const one = published(long.toUpperCase(), "ipv6", true);
        expect(published(one, "ipv6", true)).toBe(one);
        expect(reverseName(long)).toBe(`${[...hex].reverse().join(".")}.ip6.arpa`);
      }),
    );
  });
});

describe("a reverse name", () => {
  const zone = (name: string, network: string | undefined = networkOfZone(name)) => ({
    zone: name,
    network: network ?? "",
  });

  it("is made of octets or nibbles", () => {
    expect(reverseName("192.0.2.10")).toBe("10.2.0.192.in-addr.arpa");
    expect(reverseName("2001:db8::1")).toBe("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  });

  it("stands in the zone of the smallest network, by the network's own rule where it is classless (RFC 2317)", () => {
    const wide = zone("2.0.192.in-addr.arpa");
    const narrow = zone("128/26.2.0.192.in-addr.arpa", "192.0.2.128/26");
    expect(reverseZoneOf("192.0.2.130", [wide, narrow])).toBe(narrow);
    expect(reverseZoneOf("192.0.2.10", [wide, narrow])).toBe(wide);
    expect(reverseZoneOf("192.0.3.10", [wide, narrow])).toBeUndefined();
    expect(pointerName("192.0.2.130", narrow)).toBe("130.128/26.2.0.192.in-addr.arpa.");
    expect(pointerName("192.0.2.10", wide)).toBe("10.2.0.192.in-addr.arpa.");
  });

  it.each([
    ["2.0.192.in-addr.arpa", "192.0.2.0/24"],
    ["10.in-addr.arpa", "10.0.0.0/8"],
    ["8.b.d.0.1.0.0.2.ip6.arpa", "2001:db8::/32"],
    ["0.8.b.d.0.1.0.0.2.ip6.arpa", "2001:db8::/36"],
    ["0/25.2.0.192.in-addr.arpa", undefined],
    ["300.2.0.192.in-addr.arpa", undefined],
  ])("zone %s holds those of %s", (name, network) => {
    expect(networkOfZone(name)).toBe(network);
  });

  it("knows its network whatever the bits are", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, length) => {
        const bits = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
        const base = length === 0 ? 0 : bits - (bits % 2 ** (32 - length));
        const text = [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join(".");
        expect(networkOf("network", `${text}/${length}`)).toBe(`${text}/${length}`);
        expect(isInNetwork(address, `${text}/${length}`)).toBe(true);
        if (text !== address)
          expect(() => networkOf("network", `${address}/${length}`)).toThrow(/bits beyond its length/);
      }),
    );
  });
});
