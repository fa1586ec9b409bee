// A value is data: written as it is, run by nobody, given back without a trace.
import { expect, test } from "vitest";
import { banner } from "../lab/smtp.ts";
import { useBench } from "./bench.ts";
import { policy } from "./policies.ts";

const bench = useBench({});

/** Free texts of Postfix, each with something that a shell, awk, sed or printf would take for itself. */
const TEXTS: Record<string, string> = {
  mail_name: `it's "quoted" and 'quoted'`,
  smtpd_reject_footer: "`touch /tmp/pwned1`; touch /tmp/pwned2 | touch /tmp/pwned3 & wait",
  smtp_helo_name: "-n --help",
  smtpd_banner: "Grüße aus Köln ☃ 100% %s %d%n",
  bounce_notice_recipient: "back\\slash \\n \\t \\\\ \\1 \\& & &amp;",
  error_notice_recipient: "* ? [a-z] ~root !! > /tmp/pwned4 < /etc/passwd",
  delay_notice_recipient: "a = b, c=d two blanks # no comment",
};

test("main.cf holds each text as it is", async () => {
  const lines = Object.entries(TEXTS).map(([name, value]) => `set ${name} = ${value}`);
  await bench.apply(...lines);
  const text = await bench.host.read("/etc/postfix/main.cf");
  for (const [name, value] of Object.entries(TEXTS)) {
    expect(text).toContain(`\n${name} = ${value}\n`);
    expect(await bench.postconf(name)).toBe(value);
  }
  expect((await bench.apply(...lines)).changed).toBe(false);
  await bench.remove(...lines);
  expect(await bench.isPristine()).toBe(true);
});

test("an option of master.cf does, too", async () => {
  const value = `it's "quoted" \`touch /tmp/pwned\`; \\n & %s ☃`;
  await bench.apply(`option smtp/inet smtpd_banner = ${value}`);
  expect(await banner(bench.host)).toBe(`220 ${Buffer.from(value).toString("latin1")}`);
  expect((await bench.apply(`option smtp/inet smtpd_banner = ${value}`)).changed).toBe(false);
  await bench.remove(`option smtp/inet smtpd_banner = ${value}`);
  expect(await bench.isPristine()).toBe(true);
});

test("$ is Postfix's own, and nobody else's", async () => {
  await bench.apply("set mail_name = our server", "set smtpd_banner = $(mail_name) $mail_name");
  expect(await banner(bench.host)).toBe("220 our server our server");
  const error = await bench.refused(policy("set smtpd_banner = $(touch /tmp/pwned)"));
  expect(error).toMatch(/macro processing error/);
});

test("a name without a value is reported", async () => {
  const { warnings } = await bench.apply("set smtpd_banner = hello $nobody_set_this");
  expect(warnings).toContainEqual({
    code: "undefined-name",
    text: "$nobody_set_this has no value, so Postfix reads it as empty",
  });
  expect(await banner(bench.host)).toBe("220 hello");
});

test.each([
  ["a tab", "set mail_name = a\tb", /control character/],
  ["an escape", "set mail_name = \u001b[31mred", /control character/],
  ["a blank at its end", "set mail_name = a ", /"set {6}mail_name = a " is no line/],
  ["a blank at its start", "set mail_name =  a", /has a blank before its value/],
  ["a name that is no name", "set mail/name = a", /is no setting/],
])("%s is refused", async (_, line, error) => {
  const text = policy("set mail_name = PLACE").replace(/^set .*$/m, `set      ${line.slice(4)}`);
  const { status, stderr } = await bench.run("apply", text);
  expect(status).toBe(2);
  expect(stderr).toMatch(error);
  expect(await bench.isPristine()).toBe(true);
});
