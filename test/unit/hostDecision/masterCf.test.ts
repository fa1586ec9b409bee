// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Postfix writes ${name}.

import { expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { decide } from "./decide.ts";
import { masterCf } from "./postfix.ts";

/** What it is about, the master.cf before, the lines of the policy, and the whole master.cf after. */
type Case = readonly [about: string, before: string, policy: readonly string[], after: string];

const smtp = "smtp inet n - y - - smtpd\n";

const cases: readonly Case[] = [
  [
    "adds an option below its entry",
    `${smtp}x unix - - - - - smtp\n`,
    ["option smtp/inet a = 1"],
    `${smtp}  -o a=1\nx unix - - - - - smtp\n`,
  ],
  [
    "adds it behind the others, as far to the right as the last one",
    `${smtp}\t -o a=1\n`,
    ["option smtp/inet b = 2"],
    `${smtp}\t -o a=1\n\t -o b=2\n`,
  ],
  [
    "adds it before a comment that follows",
    `${smtp}  -o a=1\n# c\n\n`,
    ["option smtp/inet b = 2"],
    `${smtp}  -o a=1\n  -o b=2\n# c\n\n`,
  ],
  [
    "adds it to a last line without a newline",
    "smtp inet n - y - - smtpd",
    ["option smtp/inet a = 1"],
    `${smtp}  -o a=1\n`,
  ],
  [
    "changes an option in its place",
    `${smtp}  -o a=1\n  -o b=2\n  -o c=3\n`,
    ["option smtp/inet b = x"],
    `${smtp}  -o a=1\n  -o b=x\n  -o c=3\n`,
  ],
  [
    "leaves an equal option alone",
    `${smtp}  -o { a =  1 }\n  -ob=2\n`,
    ["option smtp/inet a = 1", "option smtp/inet b = 2"],
    `${smtp}  -o { a =  1 }\n  -ob=2\n`,
  ],
  [
    "leaves a longer and a shorter name alone",
    `${smtp}  -o aa=1 -o a=2 -o aaa=3\n`,
    ["option smtp/inet aa = x"],
    `${smtp}  -o aa=x -o a=2 -o aaa=3\n`,
  ],
  [
    "changes one of several options of a line",
    `${smtp}  -o a=1 -o b=2\t-o c=3\n`,
    ["option smtp/inet b = x"],
    `${smtp}  -o a=1 -o b=x\t-o c=3\n`,
  ],
  [
    "changes an option of the first line",
    "smtp inet n - y - - smtpd -o a=1 -o b=2\n",
    ["option smtp/inet a = x"],
    "smtp inet n - y - - smtpd -o a=x -o b=2\n",
  ],
  ["changes -oname=value", `${smtp}  -oa=1 -ob=2\n`, ["option smtp/inet b = x"], `${smtp}  -oa=1 -ob=x\n`],
  [
    "changes { name = value }",
    `${smtp}  -o { a = 1, 2 } -o b=3\n`,
    ["option smtp/inet a = x"],
    `${smtp}  -o { a = x } -o b=3\n`,
  ],
  ["changes {name=value}", `${smtp}  -o {a=1 2}\n`, ["option smtp/inet a = x"], `${smtp}  -o { a = x }\n`],
  [
    "changes a value over two lines",
    `${smtp}  -o { a = 1,\n     2 }\n  -o b=3\n`,
    ["option smtp/inet a = x"],
    `${smtp}  -o { a = x }\n  -o b=3\n`,
  ],
  [
    "finds a value on the line below its -o",
    `${smtp}  -o\n    a=1\n  -o b=2\n`,
    ["option smtp/inet a = x"],
    `${smtp}  -o\n    a=x\n  -o b=2\n`,
  ],
  [
    "finds a value below a comment below its -o",
    `${smtp}  -o\n# c\n    a=1\n`,
    ["option smtp/inet a = x"],
    `${smtp}  -o\n# c\n    a=x\n`,
  ],
  [
    "puts a value with blanks into braces",
    smtp,
    ["option smtp/inet a = permit_x, reject"],
    `${smtp}  -o { a = permit_x, reject }\n`,
  ],
  ["writes a value of braces without blanks as it is", smtp, ["option smtp/inet a = {x}"], `${smtp}  -o a={x}\n`],
  [
    "gives up braces that the value would end",
    `${smtp}  -o { a = 1 } -o { b = 2 }\n`,
    ["option smtp/inet a = }", "option smtp/inet b = {x}}"],
    `${smtp}  -o a=} -o b={x}}\n`,
  ],
  [
    "writes an empty value",
    `${smtp}  -o a=1\n`,
    ["option smtp/inet a =", "option smtp/inet b ="],
    `${smtp}  -o a=\n  -o b=\n`,
  ],
  [
    "writes what other languages would read",
    smtp,
    ["option smtp/inet a = $b=&\\1\\\\%s\"'`c`;|#ä"],
    `${smtp}  -o a=$b=&\\1\\\\%s"'\`c\`;|#ä\n`,
  ],
  [
    "changes the last of two, which is the one that counts",
    `${smtp}  -o a=1\n  -o b=2\n  -o a=3\n`,
    ["option smtp/inet a = x"],
    `${smtp}  -o a=1\n  -o b=2\n  -o a=x\n`,
  ],
  [
    "leaves two alone where the one that counts is right",
    `${smtp}  -o a=1 -o a=2\n`,
    ["option smtp/inet a = 2"],
    `${smtp}  -o a=1 -o a=2\n`,
  ],
  [
    "reads past comments and blank lines within an entry",
    `${smtp}  -o a=1\n# c\n\n\t# d\n  -o b=2\n`,
    ["option smtp/inet b = x"],
    `${smtp}  -o a=1\n# c\n\n\t# d\n  -o b=x\n`,
  ],
  [
    "reads a folded entry",
    "smtp inet n\n - y\n# c\n - - smtpd -o a=1\n",
    ["option smtp/inet a = x"],
    "smtp inet n\n - y\n# c\n - - smtpd -o a=x\n",
  ],
  [
    "keeps tabs",
    "smtp\tinet\tn\t-\ty\t-\t-\tsmtpd\n\t-o\ta=1\n",
    ["option smtp/inet a = x"],
    "smtp\tinet\tn\t-\ty\t-\t-\tsmtpd\n\t-o\ta=x\n",
  ],
  [
    "keeps CRLF",
    "smtp inet n - y - - smtpd\r\n  -o a=1\r\n",
    ["option smtp/inet a = x"],
    "smtp inet n - y - - smtpd\r\n  -o a=x\r\n",
  ],
  [
    "an -o at the end has no value, and takes none from the entry above",
    `pipe unix - - - - - pipe -o a=1 flags=F u=v w=x\nsmtp inet n - y - - smtpd -o\n`,
    ["drop pipe/unix b"],
    `pipe unix - - - - - pipe -o a=1 flags=F u=v w=x\nsmtp inet n - y - - smtpd -o\n`,
  ],

  ["drops an option and its line", `${smtp}  -o a=1\n  -o b=2\n`, ["drop smtp/inet a"], `${smtp}  -o b=2\n`],
  [
    "drops every one of its name",
    `${smtp}  -o a=1\n  -o b=2 -o a=3\n\t-oa=4\n`,
    ["drop smtp/inet a"],
    `${smtp}  -o b=2\n`,
  ],
  ["drops the first of a line", `${smtp}\t-o a=1 -o b=2\n`, ["drop smtp/inet a"], `${smtp}\t-o b=2\n`],
  [
    "drops the last of the first line",
    "smtp inet n - y - - smtpd -o a=1\n  -o b=2\n",
    ["drop smtp/inet a"],
    "smtp inet n - y - - smtpd\n  -o b=2\n",
  ],
  [
    "drops one over two lines and keeps the comment between",
    `${smtp}  -o { a = 1,\n# c\n     2 }\n  -o b=3\n`,
    ["drop smtp/inet a"],
    `${smtp}# c\n  -o b=3\n`,
  ],
  [
    "drops one whose -o stands at the end of the line above",
    "smtp inet n - y - - smtpd -o\n  a=1\n  -o b=2\n",
    ["drop smtp/inet a"],
    "smtp inet n - y - - smtpd\n  -o b=2\n",
  ],
  ["has nothing to drop", `${smtp}  -o a=1\n`, ["drop smtp/inet b", "drop other/unix a"], `${smtp}  -o a=1\n`],

  [
    "leaves arguments of pipe alone, also those that look like options",
    "m unix - n n - - pipe\n  flags=R argv=/bin/m -o a=1 ${user}\n",
    ["drop m/unix a", "option m/unix b = 2"],
    "m unix - n n - - pipe -o b=2\n  flags=R argv=/bin/m -o a=1 ${user}\n",
  ],
  [
    "puts an option of pipe before its arguments",
    "m unix - n n - - pipe flags=R argv=/bin/m\n",
    ["option m/unix a = 1"],
    "m unix - n n - - pipe -o a=1 flags=R argv=/bin/m\n",
  ],
  [
    "changes and drops options of pipe before its arguments",
    "m unix - n n - - pipe -o a=1 -o b=2 flags=R argv=/bin/m -o a=9\n",
    ["drop m/unix b", "option m/unix a = x"],
    "m unix - n n - - pipe -o a=x flags=R argv=/bin/m -o a=9\n",
  ],
  [
    "puts an option of spawn before its command",
    "p unix - n n - 0 spawn\n  user=nobody argv=/bin/p\n",
    ["option p/unix a = 1"],
    "p unix - n n - 0 spawn -o a=1\n  user=nobody argv=/bin/p\n",
  ],
  [
    "adds an option behind a flag",
    "smtp inet n - y - - smtpd -v\n",
    ["option smtp/inet a = 1"],
    "smtp inet n - y - - smtpd -v\n  -o a=1\n",
  ],
  [
    "adds an option before a flag's argument",
    "smtp inet n - y - - smtpd -n x\n",
    ["option smtp/inet a = 1"],
    "smtp inet n - y - - smtpd -o a=1 -n x\n",
  ],

  [
    "sets an option for every entry of a port",
    "587 inet n - y - - smtpd\n127.0.0.1:submission inet n - y - - smtpd\n",
    ["option submission/inet a = 1"],
    "587 inet n - y - - smtpd\n  -o a=1\n127.0.0.1:submission inet n - y - - smtpd\n  -o a=1\n",
  ],
  [
    "sets an option for one address alone",
    "192.0.2.1:25 inet n - y - - smtpd\n[2001:db8::1]:smtp inet n - y - - smtpd\n",
    ["option [2001:db8::1]:25/inet a = 1"],
    "192.0.2.1:25 inet n - y - - smtpd\n[2001:db8::1]:smtp inet n - y - - smtpd\n  -o a=1\n",
  ],
  [
    "B6: knows services by address and by number",
    "0.0.0.0:465 inet n - y - - smtpd\n[::1]:465 inet n - y - - smtpd\n",
    ["option 0.0.0.0:465/inet a = 1", "option [::1]:465/inet a = 2"],
    "0.0.0.0:465 inet n - y - - smtpd\n  -o a=1\n[::1]:465 inet n - y - - smtpd\n  -o a=2\n",
  ],
  [
    "takes smtp/unix for no port",
    "smtp inet n - y - - smtpd\nsmtp unix - - y - - smtp\n",
    ["option smtp/unix a = 1"],
    "smtp inet n - y - - smtpd\nsmtp unix - - y - - smtp\n  -o a=1\n",
  ],
  [
    "knows unix-dgram",
    "postlog unix-dgram n - n - 1 postlogd\n",
    ["option postlog/unix-dgram a = 1"],
    "postlog unix-dgram n - n - 1 postlogd\n  -o a=1\n",
  ],
];

withEachAwk("options in master.cf", (awk) => {
  it.each(cases)("%s", (_, master, policy, after) => {
    const decision = decide({ awk, master, policy });
    expect(decision.refusal).toBeUndefined();
    expect(decision.master).toBe(after);
    const again = decide({ awk, master: after, policy });
    expect(again.changes).toEqual([]);
    expect(again.master).toBe(after);
  });

  it("writes what master(5) reads back", () => {
    const values = ["permit, reject", "$x ${y} ${z?{a}:{b}}", "{ a } b", "a=b c", "[127.0.0.1]:10024"];
    for (const value of values) {
      const { master } = decide({ awk, master: smtp, policy: [`option smtp/inet a = ${value}`] });
      expect(masterCf(master)[0]?.options).toEqual({ a: value });
    }
  });

  it("refuses a value that master.cf can't hold", () => {
    expect(decide({ awk, master: smtp, policy: ["option smtp/inet a = x } y"] }).refusal).toBe(
      "services: smtp/inet can't take a = x } y: master.cf has no way to write that",
    );
  });

  it("refuses an option of a service that is not active", () => {
    const master = "#submission inet n - y - - smtpd\nsmtp inet n - y - - smtpd\n";
    expect(decide({ awk, master, policy: ["option submission/inet a = 1"] }).refusal).toBe(
      "services: submission/inet is no active entry of master.cf, so it can't take the option a",
    );
  });

  it("says what changed", () => {
    const master = `${smtp}  -o a=1 -o { b = 2, 3 }\n  -o c=\n`;
    const policy = ["option smtp/inet b = 4", "option smtp/inet d =", "drop smtp/inet a", "drop smtp/inet c"];
    expect(decide({ awk, master, policy }).changes).toEqual([
      "master.cf smtp/inet:b: 2, 3 -> 4",
      "master.cf smtp/inet:d: (unset) -> (empty)",
      "master.cf smtp/inet:a: 1 -> (unset)",
      "master.cf smtp/inet:c: (empty) -> (unset)",
    ]);
  });
});
