// What cannot work is said in one line, and nothing is touched.
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Result } from "../lab/run.ts";
import type { Components, Wanted } from "./components.ts";
import { said } from "./site.ts";
import { connections, directory, traces } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
let components: Components;
let untouched: unknown;
beforeAll(async () => {
  components = await site().components();
  untouched = await state();
});

async function state(): Promise<unknown> {
  return [await traces(site().host), await directory(site().host)];
}

/** An `up` that must fail and leave the host as it was. */
async function refused(args: Wanted["args"]): Promise<Result> {
  const up = await components.want({ args }).stack.up();
  expect(said(up)).toMatch(/errored/);
  expect(up.status).not.toBe(0);
  expect(await state()).toEqual(untouched);
  return up;
}

/** What the engine's closing words call an error, without its own and the provider's: the component's one line. */
function errors(result: Result): string[] {
  const closing = said(result).split("Diagnostics:")[1] ?? "";
  return [...closing.matchAll(/^ +error: (?!update failed|Process exited)(.*)$/gm)].map(([, line]) => String(line));
}

describe("what the program itself can know", () => {
  test.each<[string, Wanted["args"], string]>([
    [
      "an unknown version",
      { tls: { incoming: { minimumVersion: "TLSv1.4" as "TLSv1.3" } } },
      'tls.incoming.minimumVersion is "TLSv1.4"; use one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3',
    ],
    ["a newline", { settings: { mail_name: "a\nb" } }, 'settings.mail_name is "a\\nb"; a newline is not accepted'],
  ])("%s is one line, without any connection", async (_, args, line) => {
    const before = await connections(site().host);
    expect(errors(await refused(args))).toEqual([`${site().host.address}: ${line}`]);
    expect(await connections(site().host)).toBe(before);
  });
});

describe("what only the host knows", () => {
  test.each<[string, Wanted["args"], string]>([
    [
      "an unknown parameter",
      { settings: { smtpd_tls_protokols: "x" } },
      "settings.smtpd_tls_protokols: Postfix 3.7.11 knows no such parameter, and nothing in its configuration uses one",
    ],
    [
      "a service without an entry",
      { services: { "nosuch/inet": { enabled: true } } },
      "services: nosuch/inet is in /etc/postfix/master.cf neither as an entry nor as a commented one; give its entry",
    ],
    [
      "a service name that does not resolve",
      { services: { "nosuch/inet": { entry: { command: "smtpd" } } } },
      "services: nosuch/inet does not resolve to a port here; use the number",
    ],
    [
      "another directory",
      { configDirectory: "/etc/postfix-two" },
      'configDirectory is "/etc/postfix-two"; it must hold main.cf and master.cf',
    ],
  ])("%s", async (_, args, line) => {
    const up = await refused(args);
    expect(errors(up)).toEqual([`${site().host.address}: ${line}`]);
    // Among the details, as the host said it.
    expect(said(up)).toContain(`${site().host.address}: error: ${line}`);
  });

  test("two services on one port", async () => {
    const services = { "smtp/inet": { enabled: true }, "10.0.0.1:smtp/inet": { entry: { command: "smtpd" } } };
    expect(errors(await refused({ services }))).toHaveLength(1);
  });
});

describe("a host that is not as it must be", () => {
  const mend: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of mend.splice(0)) await step();
  });

  test("no Postfix", async () => {
    const { host } = site();
    await host.must("mv /usr/sbin/postconf /usr/sbin/postconf.away");
    mend.push(() => host.must("mv /usr/sbin/postconf.away /usr/sbin/postconf"));
    const [error, ...more] = errors(await refused({}));
    expect(error).toMatch(/^10\.77\.1\.2: no Postfix here: there is no postconf in \/usr\/sbin:/);
    expect(more).toEqual([]);
  });

  test("several instances and none named", async () => {
    const { host } = site();
    await host.must(
      `mkdir -p /etc/two /var/spool/two && postconf -n | grep -v _directory >/etc/two/main.cf &&
       install -d -o postfix /var/lib/two &&
       printf '%s\\n' 'queue_directory = /var/spool/two' 'data_directory = /var/lib/two' >>/etc/two/main.cf &&
       grep -v '^[a-z0-9]* *inet' /etc/postfix/master.cf >/etc/two/master.cf &&
       MAIL_CONFIG=/etc/two postfix check && MAIL_CONFIG=/etc/two setsid /usr/lib/postfix/sbin/master -c /etc/two -w`,
    );
    mend.push(() =>
      host.must("kill $(tr -d ' ' </var/spool/two/pid/master.pid); rm -r /etc/two /var/spool/two /var/lib/two"),
    );
    expect(errors(await refused({}))).toEqual([
      "10.77.1.2: several Postfix instances run here: /etc/postfix /etc/two ; name one by configDirectory",
    ]);
  });
});

test("the same component works once all is right", async () => {
  await components.want({}).up();
});
