// A probe that gives its port a name of its own in Postfix's log, on a host that people live in.
import { beforeAll, expect, test } from "vitest";
import { until } from "../lab/run.ts";
import { banner } from "../lab/smtp.ts";
import type { OperationOptions, Stack } from "../lab/stack.ts";
import { mustWork } from "./components.ts";
import { changedLines } from "./preview.ts";
import { said } from "./site.ts";
import { directory, ours } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite({ kind: "lived-in" });
let stack: Stack;
let original: string;

beforeAll(async () => {
  stack = await site().stackOf(site().program("probe"));
  await stack.config("address", site().host.address);
  await stack.config("hostKey", site().host.hostKey);
  await stack.config("privateKey", site().key(), { secret: true });
  original = await directory(site().host);
});

async function up(options?: OperationOptions): Promise<string> {
  return said(mustWork(await stack.up(options)));
}

/** Of the 465 service's options, the one that names it. */
async function nameOf465(): Promise<string> {
  return (await site().host.must("postconf -P smtps/inet/syslog_name")).trim();
}

async function owners(): Promise<string> {
  return site().host.must("cat /var/lib/mailhost/ledger/*/owners");
}

test("the name that the service has already is shared and not written", async () => {
  await stack.config("syslogName", "postfix/smtps");
  const preview = said(mustWork(await stack.preview({ diff: true })));
  expect(preview).toContain("option   465/inet syslog_name = postfix/smtps");
  expect(await up()).not.toContain("change master.cf smtps/inet:syslog_name");
  expect(await stack.outputs()).toMatchObject({ listener: "postfix" });
  expect(await owners()).toMatch(/Smtps465Probe\/mx\b/);
});

test("another name is one changed line, and Postfix logs under it", async () => {
  const { host } = site();
  await stack.config("syslogName", "postfix/port465");
  const preview = said(mustWork(await stack.preview({ diff: true })));
  expect(changedLines(preview)).toEqual([
    "- option   465/inet syslog_name = postfix/smtps",
    "+ option   465/inet syslog_name = postfix/port465",
  ]);
  expect(await up()).toContain("change master.cf smtps/inet:syslog_name: postfix/smtps -> postfix/port465");
  await banner(host, 465, 100);
  await until(
    "a line of the new name",
    async () =>
      (await host.exec("grep -q 'postfix/port465/smtpd.*: connect from' /var/log/mail.log")).status === 0 || undefined,
  );
  mustWork(await stack.preview({ args: ["--expect-no-changes"] }));
});

test("without the argument the host's own name comes back, and the probe stays", async () => {
  const { host } = site();
  await stack.config("syslogName", "");
  expect(await up()).toContain("give back master.cf smtps/inet:syslog_name: postfix/port465 -> postfix/smtps");
  expect(await nameOf465()).toBe("smtps/inet/syslog_name = postfix/smtps");
  expect(await host.must("ls /var/lib/mailhost/probes")).toContain("465");
});

test("destroy takes the rules first and the name after them, and leaves nothing", async () => {
  const { host } = site();
  await stack.config("syslogName", "postfix/port465");
  await up();
  const destroyed = said(mustWork(await stack.destroy()));
  const rules = destroyed.indexOf("the probe of port 465 is gone");
  const name = destroyed.indexOf("give back master.cf smtps/inet:syslog_name");
  expect(rules).toBeGreaterThan(-1);
  expect(name).toBeGreaterThan(rules);
  expect(await directory(host)).toBe(original);
  expect(await ours(host)).toEqual([]);
});
