// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Postfix writes ${name}.

import { expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { decide } from "./decide.ts";
import { stock } from "./postfix.ts";

/** What it is about, the main.cf before, the lines of the policy, and the whole main.cf after. */
type Case = readonly [about: string, before: string, policy: readonly string[], after: string];

const cases: readonly Case[] = [
  ["adds a parameter at the end", "a = 1\n", ["set b = 2"], "a = 1\nb = 2\n"],
  ["adds an empty parameter without a blank at the end", "a = 1\n", ["empty b"], "a = 1\nb =\n"],
  ["adds to an empty file", "", ["set b = 2"], "b = 2\n"],
  ["changes a parameter in its place", "a = 1\nb = 2\nc = 3\n", ["set b = x"], "a = 1\nb = x\nc = 3\n"],
  ["leaves an equal value alone", "a\t=  1 \n", ["set a = 1"], "a\t=  1 \n"],
  ["leaves an equal value of several lines alone", "a = 1,\n\t2\n", ["set a = 1, 2"], "a = 1,\n\t2\n"],
  [
    "keeps the way that an assignment is written",
    "a=1\nb\t=\t2\nc  =3\n",
    ["set a = x", "set b = y", "set c = z"],
    "a=x\nb\t=\ty\nc  = z\n",
  ],
  ["makes a value empty", "a=1\nb = 2\n", ["empty a", "empty b"], "a=\nb =\n"],
  ["fills an empty value", "a =\nb=\nc = \n", ["set a = 1", "set b = 2", "set c = 3"], "a = 1\nb=2\nc = 3\n"],
  ["takes a parameter out", "a = 1\nb = 2\nc = 3\n", ["unset b"], "a = 1\nc = 3\n"],
  ["has nothing to do where there is nothing to take out", "a = 1\n", ["unset b"], "a = 1\n"],
  ["does not take a name for its beginning", "ab = 1\na = 2\nabc = 3\n", ["set a = x"], "ab = 1\na = x\nabc = 3\n"],
  ["does not read a comment", "#a = 1\n # a = 2\nb = 3\n", ["set a = x"], "#a = 1\n # a = 2\nb = 3\na = x\n"],

  [
    "A1: the last of several counts, and is already right",
    "a = 300s\nb = 1\na = 600s\n",
    ["set a = 600s"],
    "a = 300s\nb = 1\na = 600s\n",
  ],
  [
    "A1: the last of several is changed, and the others go",
    "a = 300s\nb = 1\na = 600s\n",
    ["set a = 5s"],
    "b = 1\na = 5s\n",
  ],
  ["A1: takes every one of several out", "a = 300s\n\t1\nb = 1\na = 600s\n", ["unset a"], "b = 1\n"],
  [
    "A4: replaces what a recipe set, and adds nothing twice",
    "tls_preempt_cipherlist = yes\n",
    ["set tls_preempt_cipherlist = no"],
    "tls_preempt_cipherlist = no\n",
  ],

  [
    "A9: a comment does not end a value",
    "a =\n   RC4\n# comment\n   3DES\nb = 1\n",
    ["set a = x"],
    "a = x\n# comment\nb = 1\n",
  ],
  ["A9: nor does a blank line", "a = 1\n\n  2\n \t\n  3\nb = 1\n", ["set a = x"], "a = x\n\n \t\nb = 1\n"],
  ["A9: nor does an indented #", "a = 1,\n\t# not 2\n\t3\nb = 1\n", ["set a = x"], "a = x\n\t# not 2\nb = 1\n"],
  ["A9: equal, over a comment and a blank line", "a = 1,\n# c\n\n  2\n", ["set a = 1, 2"], "a = 1,\n# c\n\n  2\n"],
  [
    "takes all lines of a value out and leaves the comments",
    "a = 1\n  2\n# c\n  3\nb = 4\n",
    ["unset a"],
    "# c\nb = 4\n",
  ],
  ["leaves a continuation at the top alone", "  lost\na = 1\n", ["set a = 2"], "  lost\na = 2\n"],
  ["a form feed is a blank", "a = 1\n\f\n\f2\nb = 3\n", ["set a = x"], "a = x\n\f\nb = 3\n"],

  [
    "keeps CRLF",
    "a = 1\r\n\r\nb = 2\r\n  3\r\nc = 4\r\n",
    ["set a = x", "set b = y"],
    "a = x\r\n\r\nb = y\r\nc = 4\r\n",
  ],
  ["CRLF is no part of a value", "a = 1\r\nb = 2\r\n", ["set a = 1", "empty b"], "a = 1\r\nb =\r\n"],
  ["keeps a file without a final newline so", "a = 1\nb = 2", ["set a = x"], "a = x\nb = 2"],
  ["ends the last line before it adds one", "a = 1\nb = 2", ["set c = 3"], "a = 1\nb = 2\nc = 3\n"],
  ["ends the last line where it is its own", "a = 1\nb = 2", ["set b = 3"], "a = 1\nb = 3\n"],

  [
    "writes $, =, quotes, & and backslashes as they are",
    "a = 1\n",
    ["set a = $b ${c} $(d) x=y \"e\" 'f' `g` & \\1 \\\\ \\& \\n;|<>"],
    "a = $b ${c} $(d) x=y \"e\" 'f' `g` & \\1 \\\\ \\& \\n;|<>\n",
  ],
  ["writes % and what printf would read", "", ["set a = %s%d%n 100%"], "a = %s%d%n 100%\n"],
  ["writes non-ASCII", "ä = 1\na = ö\n", ["set a = grüße 漢字 🎩"], "ä = 1\na = grüße 漢字 🎩\n"],
  ["writes #, which is no comment behind a value", "a = 1\n", ["set a = b # c"], "a = b # c\n"],
  ["compares text and not numbers", "a = 010\nb = 1e1\n", ["set a = 10", "set b = 10"], "a = 10\nb = 10\n"],
  ["keeps blanks within a value", "a = 1\n", ["set a = b  c"], "a = b  c\n"],
  [
    "knows names with - and . (transports)",
    "smtp-amavis_x = 1\n",
    ["set smtp-amavis_x = 2", "set a.b = 3"],
    "smtp-amavis_x = 2\na.b = 3\n",
  ],
  ["leaves a line that is no assignment alone", "broken\na = 1\n", ["set a = 2"], "broken\na = 2\n"],
  [
    "writes long values whole",
    "a = 1\n",
    [`set a = ${"0123456789".repeat(3000)}`],
    `a = ${"0123456789".repeat(3000)}\n`,
  ],
];

withEachAwk("main.cf", (awk) => {
  it.each(cases)("%s", (_, main, policy, after) => {
    const decision = decide({ awk, main, policy });
    expect(decision.refusal).toBeUndefined();
    expect(decision.main).toBe(after);
    // A second run finds nothing to do.
    const again = decide({ awk, main: after, policy });
    expect(again.changes).toEqual([]);
    expect(again.main).toBe(after);
  });

  it("says what changed, from what to what", () => {
    const main = "a = 1,\n# c\n\t2\nb = 3\nc =\nd = 4\n";
    const policy = ["set a = x", "empty b", "set c = 5", "unset d", "set e = 6"];
    expect(decide({ awk, main, policy }).changes).toEqual([
      "main.cf a: 1, 2 -> x",
      "main.cf c: (empty) -> 5",
      "main.cf e: (unset) -> 6",
      "main.cf b: 3 -> (empty)",
      "main.cf d: 4 -> (unset)",
    ]);
  });

  it("leaves bytes of another encoding alone", () => {
    const bytes = Array.from({ length: 128 }, (_, at) => String.fromCharCode(128 + at)).join("");
    const main = `# ${bytes}\na = ${bytes}\nb = 1\n  ${bytes}\n`;
    const master = `# ${bytes}\nsmtp inet n - y - - smtpd\n  -o a=${bytes}\n  -o { b = ${bytes} ${bytes} }\n`;
    const policy = ["set b = x", "option smtp/inet b = x"];
    const decision = decide({ awk, main, master, policy, encoding: "latin1" });
    expect(decision.main).toBe(main.replace(`1\n  ${bytes}`, "x"));
    expect(decision.master).toBe(master.replace(`{ b = ${bytes} ${bytes} }`, "{ b = x }"));
  });

  it("A1: tells of a parameter that stands there more than once", () => {
    const main = "max_idle = 300s\nmax_idle = 600s\nmax_idle = 600s\n";
    expect(decide({ awk, main, policy: ["set max_idle = 600s"] })).toMatchObject({
      changes: [],
      warnings: ["duplicate: main.cf has max_idle more than once; the last one counts"],
    });
    expect(decide({ awk, main, policy: ["set max_idle = 5s"] })).toMatchObject({
      main: "max_idle = 5s\n",
      warnings: [],
    });
    expect(decide({ awk, main, policy: ["set other = 1"] }).warnings).toEqual([]);
  });

  it("A2: keeps a parameter that nothing uses yet, and an option of the same run may use it", () => {
    const main = "my_tls_protos = >=TLSv1.1\n";
    const master = "submission inet n - y - - smtpd\n";
    const policy = [
      "set my_tls_protos = >=TLSv1.2",
      "option submission/inet smtpd_tls_mandatory_protocols = $my_tls_protos",
      "tls submission >= TLSv1.2",
    ];
    const decision = decide({ awk, main, master, policy });
    expect(decision.main).toBe("my_tls_protos = >=TLSv1.2\n");
    expect(decision.master).toBe(
      "submission inet n - y - - smtpd\n  -o smtpd_tls_mandatory_protocols=$my_tls_protos\n  -o smtpd_tls_protocols=>=TLSv1.2\n",
    );
    expect(decision.warnings).toEqual([]);
  });

  it.each(["debian11", "debian12", "debian13"])("changes one line of %s's own main.cf and no other", (debian) => {
    const main = stock(`${debian}.main.cf`);
    const decision = decide({
      awk,
      main,
      policy: ["set mailbox_size_limit = 51200000", "set smtpd_helo_required = yes"],
    });
    expect(decision.main).toBe(
      `${main.replace("mailbox_size_limit = 0\n", "mailbox_size_limit = 51200000\n")}smtpd_helo_required = yes\n`,
    );
  });

  it("writes a secret value and says nothing of it", () => {
    const policy = ["secret smtp_sasl_password revision 2", "unset other"];
    const secrets = "1\tsmtp_sasl_password\told\n2\tsmtp_sasl_password\ts&cr\\et $x\n";
    const decision = decide({ awk, main: "smtp_sasl_password = before\n", policy, secrets });
    expect(decision.main).toBe("smtp_sasl_password = s&cr\\et $x\n");
    expect(decision.changes).toEqual(["main.cf smtp_sasl_password: (secret) -> (secret)"]);
  });

  it("refuses a secret whose revision did not come, or that all could read", () => {
    const policy = ["secret p revision 2"];
    expect(decide({ awk, policy, secrets: "1\tp\tx\n" }).refusal).toBe(
      "secretSettings: p revision 2 is not on the host; raise secretRevision so that it is sent again",
    );
    expect(decide({ awk, policy, secrets: "2\tp\tx\n", mode: "644" }).refusal).toBe(
      "secretSettings: p would be readable by all, as main.cf has mode 644; keep it in a table that only root reads, or make the file 0640, with which sendmail(1) works for root alone",
    );
  });
});
