import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { domainName, isWithin, zoneName } from "../../../src/dns/names.ts";

const name = (value: unknown) => domainName("name", value);

describe("a name", () => {
  it.each([
    ["MX1.Example.COM", "mx1.example.com"],
    ["mx1.example.com.", "mx1.example.com"],
    ["mx.bücher.example", "mx.xn--bcher-kva.example"],
    ["MX.BÜCHER.example.", "mx.xn--bcher-kva.example"],
    ["mx.例え.テスト", "mx.xn--r8jz45g.xn--zckzah"],
  ])("%s is %s", (given, one) => {
    expect(name(given)).toBe(one);
    expect(name(one)).toBe(one);
  });

  it.each([
    "",
    ".",
    "localhost",
    "192.0.2.1",
    "2001:db8::1",
    "a..example.com",
    "-mx.example.com",
    "mx_1.example.com",
    "mx 1.example.com",
    "mx1.example.com..",
    "$(id).example.com",
    `${"a".repeat(64)}.example.com`,
    `${"abcdefg.".repeat(32)}example.com`,
    7,
  ])("refuses %j", (given) => {
    expect(() => name(given)).toThrow(/^name is /);
  });

  it("never has a form that another run would change", () => {
    fc.assert(
      fc.property(fc.domain(), (given) => {
        const one = name(given);
        expect(name(`${given.toUpperCase()}.`)).toBe(one);
        expect(name(one)).toBe(one);
      }),
    );
  });
});

describe("a zone's name", () => {
  it("may be a classless one", () => {
    expect(zoneName("zone", "0/25.2.0.192.IN-ADDR.ARPA.")).toBe("0/25.2.0.192.in-addr.arpa");
  });

  it("holds itself and what is below it, and nothing that only ends alike", () => {
    expect(isWithin("example.com", "example.com")).toBe(true);
    expect(isWithin("mx.example.com", "example.com")).toBe(true);
    expect(isWithin("badexample.com", "example.com")).toBe(false);
  });
});
