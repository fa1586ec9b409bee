import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { reachTable } from "../host/reach.ts";

it("the page's table of hosts is the one that the tests run on", () => {
  const page = readFileSync(new URL("../../docs/limits.md", import.meta.url), "utf8");
  expect(page).toContain(`${reachTable()}\n`);
});
