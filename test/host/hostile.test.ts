// Hostile texts on a real host: kept to the byte or refused, run by nobody, and none of them reaches a terminal.
import { afterEach, describe, expect, test } from "vitest";
import { renderPolicy } from "../../src/policy/render.ts";
import { entryLine, optionLine, serviceName } from "../../src/policy/services.ts";
import { secretLine, settingLine } from "../../src/policy/settings.ts";
import { canary, hostileTexts, seed, unseen } from "../unit/hostile/values.ts";
import { type CallOptions, PROGRAM, useBench } from "./bench.ts";
import { OWNER, policy } from "./policies.ts";

const bench = useBench({}, async (host) => {
  await host.must("chown root:postfix /etc/postfix/main.cf && chmod 640 /etc/postfix/main.cf");
});
afterEach(async () => {
  expect(await bench.host.must(`find / -xdev -name '*${canary}*' 2>/dev/null || :`)).toBe("");
});

/** As a component calls the program. */
const bySsh: CallOptions = { user: "deploy", prefix: "sudo -n" };

/** The texts that the component lets through, under names of their own. `$` is Postfix's, and doubled where it is none. */
function texts(check: (name: string, text: string) => unknown): Map<string, string> {
  const all = hostileTexts(seed, 550).map((text, at) => [`lab_${at}`, text] as const);
  return new Map(
    all.filter(([name, text]) => {
      try {
        return check(name, text.replaceAll("$", "$$$$")) !== undefined;
      } catch {
        return false;
      }
    }),
  );
}

const written = (text: string) => text.replaceAll("$", "$$$$");

/** No control character but the newlines of the story itself. */
function expectSafe(...outputs: string[]): void {
  for (const output of outputs) for (const line of output.split("\n")) expect(line).not.toMatch(unseen);
}

test(`main.cf and master.cf hold what is accepted of the texts of seed ${seed}`, async () => {
  const smtp = serviceName("smtp/inet");
  const settings = texts(settingLine);
  const fitting = [...texts((name, text) => optionLine(smtp, name, text))];
  // No entry has hundreds of options, or pages of them: a part of the texts.
  const options = new Map(fitting.filter(([, text], at) => at % 6 === 0 && text.length < 5_000));
  expect(settings.size).toBeGreaterThan(200);
  expect(options.size).toBeGreaterThan(40);
  // The greeting of the client uses them all, so that Postfix knows each.
  const greeting = [...new Set([...settings.keys(), ...options.keys()])].map((name) => `$${name}`).join(" ");
  const text = renderPolicy([
    { keyword: "owner", rest: OWNER },
    { keyword: "activate", rest: "reload" },
    { keyword: "destroy", rest: "restore" },
    ...[...settings].map(([name, value]) => settingLine(name, written(value))),
    settingLine("smtp_helo_name", greeting),
    ...[...options].map(([name, value]) => optionLine(smtp, name, written(value))),
  ]);
  const applied = await bench.done("apply", text, bySsh);
  expectSafe(applied.story);
  const main = (await bench.host.read("/etc/postfix/main.cf")).split("\n");
  for (const [name, value] of settings) expect(main).toContain(`${name} = ${written(value)}`.replace(/ = $/, " ="));
  // postconf prints one blank for several.
  const squeezed = (text: string) => text.replace(/ +/g, " ").trimEnd();
  const read = async (command: string) => new Set((await bench.host.must(command)).split("\n").map(squeezed));
  const meant = await read("postconf -x");
  for (const [name, value] of settings) expect(meant).toContain(squeezed(`${name} = ${value}`));
  const held = await read("postconf -P 'smtp/inet/*'");
  for (const [name, value] of options) expect(held).toContain(squeezed(`smtp/inet/${name} = ${written(value)}`));
  expect(await bench.done("apply", text, bySsh)).toMatchObject({ changed: false });
  await bench.done("remove", text, bySsh);
  expect(await bench.isPristine()).toBe(true);
});

test("an entry's command does", async () => {
  const commands = texts((name, text) =>
    entryLine(serviceName(`${name}/unix`), { command: `pipe user=nobody argv=/bin/true ${text}` }),
  );
  expect(commands.size).toBeGreaterThan(100);
  const some = [...commands].filter((_, at) => at % 4 === 0);
  const lines = some.map(([name, text]) => {
    const command = `pipe user=nobody argv=/bin/true ${written(text)}`;
    return `service ${entryLine(serviceName(`${name}/unix`), { command }).rest}`;
  });
  await bench.done("apply", policy(...lines), bySsh);
  const master = (await bench.host.read("/etc/postfix/master.cf")).split("\n");
  for (const [, text] of some) {
    // Blanks part the arguments, however many they are.
    const end = ` argv=/bin/true ${written(text)}`.replace(/ +/g, " ");
    expect(
      master.some((line) => line.endsWith(end)),
      end,
    ).toBe(true);
  }
  await bench.done("remove", policy(...lines), bySsh);
  expect(await bench.isPristine()).toBe(true);
});

test("owners, tools and secrets may be called so, too", async () => {
  const odd = `it's "a" \`touch ${canary}\` $(touch ${canary}); * \\n %s -n ☃ && touch ${canary}`;
  const owner = `org/proj/dev/type/${odd}`;
  const secret = `${secretLine("mail_name", 1, odd.replaceAll("$", "$$$$"))}\n`;
  const lines = [`owner ${owner}`, `former o/p/s/t/-rf ${odd}`, "shared -e", "secret mail_name revision 1"];
  expect(await bench.run("secrets", `owner ${owner}\n${secret}`, bySsh)).toMatchObject({ status: 0 });
  await bench.done("apply", policy(...lines), bySsh);
  expect(await bench.host.must("postconf -x -h mail_name")).toBe(`${odd}\n`);
  expect(await bench.host.must("cut -f2 /var/lib/mailhost/ledger/*/owners")).toBe(`${owner}\n`);
  await bench.done("remove", policy(...lines), bySsh);
  expect(await bench.isPristine()).toBe(true);
});

const line = "set      mail_name = ";
const forged = policy("set mail_name = PLACE");
const put = (text: string): string => forged.replace("PLACE", text);
test.each<[string, string, RegExp]>([
  ["a NUL", put("a\0b"), /the policy has a NUL byte/],
  ["a NUL at its end", `${forged}\0`, /the policy has a NUL byte/],
  ["a CR", put("a\r"), /line 3: a control character/],
  ["CRLF", forged.replaceAll("\n", "\r\n"), /line 1: a control character/],
  ["a tab for a blank", forged.replace(line, "set\tmail_name = "), /line 3: a control character/],
  ["a C1 control", put("a\u009b31m"), /line 3: a control character/],
  ["an escape", put("\u001b]0;x\u0007"), /line 3: a control character/],
  ["a missing blank", forged.replace(line, "set     mail_name = "), /is no line of a policy/],
  ["a name of other bytes", forged.replace(line, "set      mäil = "), /is no setting/],
  ["a service of a shell", put("x\nservice  $(reboot)/inet/x enable"), /is no service/],
  ["a second policy behind it", `${forged}${forged}`, /is out of order/],
  ["a directory that goes up", policy("config /etc/postfix/../../tmp"), /must hold main\.cf and master\.cf/],
  ["nothing but noise", "\u0001\u00ff\u00fe".repeat(500), /a control character/],
])("a forged policy with %s is refused", async (_, text, error) => {
  const outcome = await bench.run("apply", text);
  expect(outcome.status, outcome.stderr).toBeGreaterThan(0);
  expect(outcome.stdout).toBe("");
  expect(outcome.last).toMatch(error);
  expectSafe(outcome.stderr);
  expect(await bench.isPristine()).toBe(true);
});

test("a megabyte in one line is kept", async () => {
  const long = put("x".repeat(1_000_000)).replace("mail_name", "smtp_helo_name");
  await bench.done("apply", long);
  expect(await bench.host.must("postconf -h smtp_helo_name | wc -c")).toBe("1000001\n");
  await bench.done("remove", long);
  expect(await bench.isPristine()).toBe(true);
});

describe.each(["dash", "bash", "busybox sh"])("%s", (shell) => {
  test.each(["audit", "apply", "secrets"])("%s reads no input without an end", async (verb) => {
    const endless = `yes "set      mäil_name = x" | ${shell} ${PROGRAM} ${verb} mx1`;
    const { status, stdout, stderr } = await bench.host.exec(`ulimit -v 1000000; timeout 20 sh -c '${endless}'`);
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: "",
      stderr: "mx1: error: standard input is longer than 2000000 bytes; a policy up to that length is accepted\n",
    });
    expect(await bench.host.must("ls /var/lib/mailhost 2>/dev/null || :")).toBe("");
  });
});

test.each<[string, string, RegExp]>([
  [
    "a line",
    `${forged}${"ä".repeat(500_000)} end\n`,
    /^mx1: error: policy line 6: "ä{450,}.* \.\.\. .*ä end" is no line/,
  ],
  [
    "a directory",
    policy(`config /${"x".repeat(9_000)}`),
    /^mx1: error: configDirectory is "\/x{700,} \.\.\. x+"; it must/,
  ],
])("an error repeats little of %s that is long", async (_, text, error) => {
  const { status, last } = await bench.run("audit", text);
  expect(status).toBeGreaterThan(0);
  expect(last).toMatch(error);
  expect(Buffer.byteLength(last)).toBeLessThan(1_400);
  expectSafe(last);
});

describe("what stands on the host already", () => {
  const escapes = String.raw`\033]0;title\007\033[2J\302\2331mred\177\r\233\377`;

  test("is changed, told and given back without a byte of it for the terminal", async () => {
    await bench.host.must(
      `printf 'mail_name = old ${escapes}\nsmtp_helo_name = $lab_x\nlab_x = x ${escapes}\n' >>/etc/postfix/main.cf
       printf 'lab unix - - n - - smtp\n  -o smtp_helo_name=${escapes}\n' >>/etc/postfix/master.cf && cp -a /etc/postfix /root/escapes`,
    );
    const wanted = [
      "set mail_name = new",
      "unset lab_x",
      "set smtp_helo_name = x",
      "option lab/unix smtp_helo_name = y",
    ];
    const applied = await bench.run("apply", policy(...wanted));
    expect(applied.status, applied.stderr).toBe(0);
    expectSafe(applied.stdout, applied.stderr, await bench.host.must("cat /var/lib/mailhost/receipts/*.json"));
    expect(applied.stderr).toContain("change main.cf mail_name: old ?]0;title??[2J?1mred????");
    expect(JSON.parse(applied.stdout).changes).toContainEqual(
      expect.objectContaining({ name: "mail_name", from: "old ?]0;title??[2J?1mred????", to: "new" }),
    );
    const removed = await bench.run("remove", policy(...wanted));
    expect(removed.status, removed.stderr).toBe(0);
    expectSafe(removed.stdout, removed.stderr);
    await bench.host.must("diff -r /root/escapes /etc/postfix && rm -r /root/escapes");
  });

  test("is refused in safe words", async () => {
    await bench.host.must(
      `cd /etc/postfix && { printf '# managed by ${escapes}\n'; cat main.cf; } >/run/main.cf && cat /run/main.cf >main.cf`,
    );
    const outcome = await bench.run("apply", policy("set mail_name = x"));
    expect(outcome.status).toBe(1);
    expectSafe(outcome.stderr);
    expect(outcome.last).toContain('says "# managed by ?]0;title??[2J?1mred????"');
  });

  test("in the log of a failure, too", async () => {
    const script = "/usr/lib/postfix/sbin/postfix-script";
    // Without a journal that one line is all there is.
    const journal = "/usr/bin/journalctl";
    await bench.host.must(
      `: >/var/log/mail.log; mv ${journal} ${journal}.real; mv ${script} ${script}.real; cat >${script}; chmod 755 ${script}`,
      {
        stdin: `#!/bin/sh\nif [ "$1" = reload ] && mkdir /run/once 2>/dev/null; then
        printf 'Nov 25 12:00:00 mx postfix/smtpd[1]: fatal: ${escapes}\\n' >>/var/log/mail.log\nfi\nexec ${script}.real "$@"\n`,
      },
    );
    try {
      const error = await bench.refused(policy("service 10.0.0.1:2525/inet entry n - n - - smtpd"));
      expectSafe(error);
      expect(error).toContain("postfix/smtpd[1]: fatal: ?]0;title??[2J?1mred????");
    } finally {
      await bench.host.must(
        `mv ${journal}.real ${journal}; mv ${script}.real ${script}; rm -rf /run/once /var/log/mail.log`,
      );
    }
  });
});
