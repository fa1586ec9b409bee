// Values are data through the whole chain: program, engine, ssh, shell, awk, Postfix.
import { beforeAll, expect, test } from "vitest";
import type { Components } from "./components.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
let components: Components;
beforeAll(async () => {
  components = await site().components();
});

const nasty = {
  quotes: `"double" 'single' "'" \\" \\\\ \\`,
  commands:
    "`touch /tmp/pwned` $$(touch /tmp/pwned) ; touch /tmp/pwned & touch /tmp/pwned | touch /tmp/pwned > /tmp/pwned",
  dash: "-n -e --help",
  formats: "%s %d %n %% %1$$s &amp; \\n \\t \\0",
  words: "Grüße, 郵便 — 📬 ~ * ? [a-z] {x} = # !",
  policy: "x = y set unset",
};

/** `$` is Postfix's own, and doubled where it is none; only here it never looks. */
const raw = { smtpd_reject_footer: "$(touch /tmp/pwned) $x $" };

/** Parameters of the host's own; the client's greeting uses them all, so that Postfix knows each. */
const settings = Object.fromEntries(Object.entries(nasty).map(([key, value]) => [`lab_${key}`, value]));

beforeAll(async () => {
  const { host } = site();
  const greeting = Object.keys(settings).map((name) => `$${name}`);
  await host.must(`postconf -e 'smtp_helo_name = ${greeting.join(" ")}' && postfix reload`);
});

const pwned = () => site().host.must("find / -xdev -name '*pwned*' 2>/dev/null || :");

test("every value stands in main.cf as it was written, and none is run", async () => {
  const all = { ...settings, ...raw };
  await components.want({ args: { settings: all } }).up();
  const lines = (await site().host.read("/etc/postfix/main.cf")).split("\n");
  for (const [name, value] of Object.entries(all)) expect(lines).toContain(`${name} = ${value}`);
  expect(await pwned()).toBe("");
});

test("and so does every value of an option in master.cf", async () => {
  const options = { ...settings, smtpd_reject_footer: "$lab_words $(touch /tmp/pwned)" };
  await components.want({ args: { services: { "smtp/inet": { options } } } }).up();
  for (const [name, value] of Object.entries(options)) {
    expect(await site().host.must(`postconf -Ph smtp/inet/${name}`)).toBe(`${value}\n`);
  }
  expect(await pwned()).toBe("");
});
