import { expect, it } from "vitest";
import { judgeChange, judgeLoss } from "../../../src/dns/changes.ts";

const old = { values: ["192.0.2.1"], ttl: 3600 };
const settled = { ttlPhase: "settled", loweredTtl: 300 } as const;

it("a changed value lives on in old answers for the old TTL", () => {
  expect(judgeChange(old, { ...old, values: ["192.0.2.2"] }, settled)).toContain("published TTL is 3600 seconds");
  expect(judgeChange({ ...old, ttl: 300 }, { ...old, values: ["192.0.2.2"] }, settled)).toBeUndefined();
});

it("a TTL may change alone, and does alone in the phase lowered", () => {
  expect(judgeChange(old, { ...old, ttl: 300 }, { ...settled, ttlPhase: "lowered" })).toBeUndefined();
  expect(judgeChange(old, { values: [], ttl: 300 }, { ...settled, ttlPhase: "lowered" })).toContain("go on to changed");
});

it.each([
  ["A", 4, 2, { addresses: 2, exchanges: 1 }, "loses 2 of the domain's 4 addresses, more than a third"],
  ["A", 3, 2, { addresses: 2, exchanges: 1 }, undefined],
  ["AAAA", 2, 1, { addresses: 3, exchanges: 1 }, undefined],
  ["MX", 2, 1, { addresses: 9, exchanges: 1 }, "loses 1 of the domain's 2 mail hosts"],
  ["MX", 1, 1, { addresses: 9, exchanges: 1 }, undefined],
  ["PTR", 9, 1, { addresses: 1, exchanges: 1 }, undefined],
] as const)("a set of %s that goes from %i values to %i", (type, before, now, published, words) => {
  const values = (count: number) => ({ values: Array.from({ length: count }, (_, at) => `${at}`), ttl: 300 });
  const loss = judgeLoss(type, values(before), values(now), published);
  if (words === undefined) expect(loss).toBeUndefined();
  else expect(loss).toContain(words);
});
