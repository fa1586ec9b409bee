// Programs of the Automation API: many stacks in one process, on one host at the same time.
import { expect, test } from "vitest";
import { directory, ours } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite();

test("two inline programs at once harden one host, change nothing the second time, and give all back", async () => {
  const { host, lab } = site();
  const original = await directory(host);
  const program = site().program("automation");
  const { env } = await site().stackOf(site().program("components"));
  const MAIL_HOST = JSON.stringify({ host: host.address, hostKey: host.hostKey, privateKey: site().key() });
  const options = { cwd: program.dir, env: { ...env, MAIL_HOST }, timeoutMs: 300_000 };
  const { status, stdout, stderr } = await lab.run(["node", "index.mts"], options);
  expect(status, stdout + stderr).toBe(0);
  const [first, again, gone] = stdout
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  const changed = (name: string, did: object) => ({ changed: expect.arrayContaining([name]), did, hooks: true });
  expect(first).toEqual([changed("smtpd_helo_required", { create: 4 }), changed("mail_name", { create: 4 })]);
  expect(again).toEqual([changed("smtpd_helo_required", { same: 4 }), changed("mail_name", { same: 4 })]);
  expect(gone).toEqual(["succeeded", "succeeded"]);
  expect(await directory(host)).toBe(original);
  expect(await ours(host)).toEqual([]);
});
