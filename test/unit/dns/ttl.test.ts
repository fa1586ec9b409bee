import { expect, it } from "vitest";
import { judgeChange } from "../../../src/dns/ttlHook.ts";

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
