import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { reachTable } from "../host/reach.ts";

it("the README's table of hosts is the one that the tests run on", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  expect(readme).toContain(`${reachTable()}\n`);
});
