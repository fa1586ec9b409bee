import { describe, expect, test } from "vitest";
import { Lab } from "./lab.ts";
import type { Kind } from "./roots.ts";
import { must } from "./run.ts";
import { arrived, sendMail } from "./smtp.ts";

describe.each<Kind>(["stock", "lived-in"])("%s without systemd", (kind) => {
  test("runs Postfix alone", async () => {
    const lab = await Lab.open();
    try {
      const host = await lab.boot({ kind, init: "plain" });
      expect((await host.exec("test -e /run/systemd/system")).status).toBe(1);
      await host.must("postfix status");
      await sendMail(host, { id: "plain" });
      await arrived(host, "plain");
      expect(await host.read("/var/log/mail.log")).toMatch(/postfix\/cleanup\[/);
    } finally {
      await lab.close();
    }
  });
});

test("boots again while its former network still ends", async () => {
  const lab = await Lab.open();
  try {
    const host = await lab.boot({ init: "plain" });
    const held = must(["nsenter", "--target", String(host.leader), "--net", "sleep", "3"]);
    await host.cutPower();
    await host.boot();
    await held;
    await sendMail(host, { id: "again" });
  } finally {
    await lab.close();
  }
});
