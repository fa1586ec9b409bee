// What docs/undo.md tells an administrator to type, typed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkout } from "../lab/places.ts";
import { until } from "../lab/run.ts";
import { banner } from "../lab/smtp.ts";
import { useBench } from "./bench.ts";
import { CLASSIC } from "./policies.ts";
import { ProbeBench } from "./probeBench.ts";

const bench = useBench({ kind: "lived-in" });
const page = readFileSync(join(checkout, "docs/undo.md"), "utf8").split("\n## By hand\n")[1] ?? "";
const [postfix = "", probe = ""] = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block);

test("the files go back to the byte, and then the rest goes", async () => {
  const rules = new ProbeBench(bench.host);
  const before = await rules.dump();
  await bench.apply(...CLASSIC, "set smtpd_helo_required = yes", "override fix", "destroy keep");
  await rules.apply();
  expect(await bench.isPristine()).toBe(false);
  await bench.host.must(postfix);
  expect(await bench.isPristine()).toBe(true);
  await until("the greeting", async () => (await banner(bench.host)).startsWith("220") || undefined);
  await bench.host.must(probe);
  expect(await rules.rules()).toEqual([]);
  expect(before).not.toContain("mailhost");
  expect(await bench.host.must("ls -d /var/lib/mailhost /etc/systemd/system/mailhost* 2>/dev/null; true")).toBe("");
});
