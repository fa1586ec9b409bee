// A whole domain, asked of name servers and a mail server of the test's own.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mailDomain, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

describe("the time from which the next phase is safe", () => {
  it("counts from when the last answer came, not from when the call began", async () => {
    const names = mailDomain("d.test");
    const { seen: state } = await world.check("d.test", names);
    let asked = 0;
    const changed = names.records.map((record) =>
      record.type === "A" && record.name === "mx1.d.test" ? { ...record, data: "127.0.0.10" } : record,
    );
    // Each question takes a second.
    const odd = () => {
      asked += 1;
      return undefined;
    };
    const { waits } = await world.check(
      "d.test",
      { ...names, records: changed, odd },
      { state, clock: () => 2_000 + asked },
    );
    expect(waits.find(({ name }) => name === "mx1.d.test A")?.safeFrom).toBe(2_000 + asked + 300);
  });
});
