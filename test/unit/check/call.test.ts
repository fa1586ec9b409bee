import { describe, expect, it } from "vitest";
import { checkCall } from "../../../src/cli/check.ts";
import { UsageError } from "../../../src/cli/command.ts";

describe("the words of a call", () => {
  it.each<[string, object]>([
    [
      "example.com --resolver 192.0.2.53",
      {
        domains: ["example.com"],
        resolvers: ["192.0.2.53"],
        state: null,
        timeout: 5,
        json: false,
        allowSpecial: false,
      },
    ],
    [
      "Bücher.Example. x.example --resolver ::1 --resolver 192.0.2.1",
      { domains: ["xn--bcher-kva.example", "x.example"], resolvers: ["::1", "192.0.2.1"] },
    ],
    [
      "a.test a.test --resolver ::1 --json --state f --timeout 60 --allow-special-purpose",
      { domains: ["a.test"], json: true, state: "f", timeout: 60, allowSpecial: true },
    ],
  ])("%s", (words, expected) => {
    expect(checkCall(words.split(" "))).toMatchObject(expected);
  });

  it.each<[string[], RegExp]>([
    [[], /^DOMAIN is missing; name at least one domain$/],
    [["localhost"], /^DOMAIN is "localhost"; use a mail domain such as example.com$/],
    [["192.0.2.1"], /^DOMAIN is "192.0.2.1"/],
    [["a..test"], /^DOMAIN is /],
    [["user@example.com"], /^DOMAIN is /],
    [["a.test", "--resolver", "ns1.test"], /^--resolver is "ns1.test"; use the address of a resolver$/],
    [["a.test", "--resolver", "::1", "--timeout", "0"], /^--timeout is "0"; use a number from 1 to 60$/],
    [["a.test", "--fast"], /--fast/],
  ])("%j is refused", (words, error) => {
    expect(() => checkCall(words)).toThrow(UsageError);
    expect(() => checkCall(words)).toThrow(error);
  });
});
