import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes, keywords, type Line, renderPolicy } from "../../src/policy/render.ts";
import { readPolicy } from "./policyReader.ts";

const printable = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/\p{Cc}/u.test(text));
const line: fc.Arbitrary<Line> = fc.record({
  keyword: fc.constantFrom(...keywords.filter((keyword) => keyword !== "policy")),
  rest: printable,
});
const lines = fc.uniqueArray(line, { selector: ({ keyword, rest }) => `${keyword} ${rest}`, maxLength: 30 });

describe("a rendered policy", () => {
  it("says version 1 first and nothing else when nothing is wanted", () => {
    expect(renderPolicy([])).toBe("policy   1\n");
  });

  it("can be read back, fact by fact", () => {
    fc.assert(
      fc.property(lines, (wanted) => {
        const [version, ...read] = readPolicy(renderPolicy(wanted));
        expect(version).toEqual({ keyword: "policy", rest: "1" });
        expect(new Set(read.map(({ keyword, rest }) => `${keyword} ${rest}`))).toEqual(
          new Set(wanted.map(({ keyword, rest }) => `${keyword} ${rest}`)),
        );
        expect(read).toHaveLength(wanted.length);
      }),
    );
  });

  it("does not depend on the order in which facts were given", () => {
    fc.assert(
      fc.property(lines, fc.infiniteStream(fc.nat()), (wanted, dice) => {
        const shuffled = [...wanted].sort(() => ((dice.next().value ?? 0) % 3) - 1);
        expect(renderPolicy(shuffled)).toBe(renderPolicy(wanted));
      }),
    );
  });

  it("is sorted by keyword, then by bytes", () => {
    fc.assert(
      fc.property(lines, (wanted) => {
        const read = readPolicy(renderPolicy(wanted));
        for (const [at, after] of read.entries()) {
          const before = read[at - 1];
          if (before === undefined) continue;
          const order = keywords.indexOf(after.keyword) - keywords.indexOf(before.keyword);
          expect(order > 0 || (order === 0 && compareBytes(before.rest, after.rest) < 0)).toBe(true);
        }
      }),
    );
  });

  it("changes by exactly one line when one fact changes", () => {
    fc.assert(
      fc.property(lines, line, line, (others, before, after) => {
        fc.pre(renderPolicy([before]) !== renderPolicy([after]));
        const same = ({ keyword, rest }: Line, other: Line) => keyword === other.keyword && rest === other.rest;
        fc.pre(!others.some((other) => same(other, before) || same(other, after)));
        const old = renderPolicy([...others, before]).split("\n");
        const now = renderPolicy([...others, after]).split("\n");
        expect(old.filter((text) => !now.includes(text))).toHaveLength(1);
        expect(now.filter((text) => !old.includes(text))).toHaveLength(1);
      }),
    );
  });

  it("orders by bytes, not by a language's alphabet", () => {
    expect(renderPolicy(["ä", "z", "Z", "_"].map((rest) => ({ keyword: "empty", rest })))).toBe(
      "policy   1\nempty    Z\nempty    _\nempty    z\nempty    ä\n",
    );
  });

  it("says a fact once however often it was given", () => {
    const fact: Line = { keyword: "shared", rest: "ansible" };
    expect(renderPolicy([fact, fact])).toBe("policy   1\nshared   ansible\n");
  });

  it("refuses a fact that would be two lines", () => {
    expect(() => renderPolicy([{ keyword: "set", rest: "a = b\nset      c = d" }])).toThrow(
      "a newline is not accepted",
    );
  });

  it("pads every keyword to the same width, and no keyword is wider", () => {
    for (const keyword of keywords)
      expect(renderPolicy([{ keyword, rest: "x" }])).toMatch(new RegExp(`^${keyword} {${9 - keyword.length}}x$`, "m"));
  });
});
