// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Postfix writes ${name}.
import { expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { decide } from "./decide.ts";

const smtp = "smtp inet n - y - - smtpd\n";

/** What it is about, the master.cf before, the lines of the policy, and the whole master.cf after. */
type Case = readonly [about: string, before: string, policy: readonly string[], after: string];

const cases: readonly Case[] = [
  [
    "enables a commented entry",
    `${smtp}#submission inet n - y - - smtpd\n`,
    ["service submission/inet enable"],
    `${smtp}submission inet n - y - - smtpd\n`,
  ],
  [
    "enables it with its options and leaves prose",
    `#submission inet n - y - - smtpd\n#  -o a=1\n#     Instead of b, say c.\n#\t-o d=2\n#\n#  -o e=3\n${smtp}`,
    ["service submission/inet enable"],
    `submission inet n - y - - smtpd\n  -o a=1\n#     Instead of b, say c.\n\t-o d=2\n#\n#  -o e=3\n${smtp}`,
  ],
  [
    "enables a comment that has a blank before the name",
    `# submission inet n - y - - smtpd\n#   -o a=1\n`,
    ["service submission/inet enable"],
    `submission inet n - y - - smtpd\n   -o a=1\n`,
  ],
  [
    "enables what has the name rather than what has the port",
    "#smtps inet n - y - - smtpd\n#465 inet n - y - - smtpd -v\n",
    ["service 465/inet enable"],
    "#smtps inet n - y - - smtpd\n465 inet n - y - - smtpd -v\n",
  ],
  [
    "enables an entry for any address rather than one for an address",
    "#127.0.0.1:465 inet n - y - - smtpd\n#smtps inet n - y - - smtpd\n",
    ["service submissions/inet enable"],
    "#127.0.0.1:465 inet n - y - - smtpd\nsmtps inet n - y - - smtpd\n",
  ],
  [
    "enables the entry for an address that was asked for, with the options of both",
    "#127.0.0.1:submission inet n - y - - smtpd\n#submission inet n - y - - smtpd\n#  -o a=1\n",
    ["service 127.0.0.1:587/inet enable"],
    "127.0.0.1:submission inet n - y - - smtpd\n#submission inet n - y - - smtpd\n  -o a=1\n",
  ],
  [
    "takes no options of the next service",
    "#smtp inet n - y - 1 postscreen\n#smtpd pass - - y - - smtpd\n#  -o a=1\n",
    ["service smtp/inet enable"],
    "smtp inet n - y - 1 postscreen\n#smtpd pass - - y - - smtpd\n#  -o a=1\n",
  ],
  [
    "enables pipe with its arguments",
    "#cyrus unix - n n - - pipe\n#  flags=DRX user=cyrus argv=/cyrus/bin/deliver -e\n#  -r ${sender}\n# Old example.\n#\n",
    ["service cyrus/unix enable"],
    "cyrus unix - n n - - pipe\n  flags=DRX user=cyrus argv=/cyrus/bin/deliver -e\n  -r ${sender}\n# Old example.\n#\n",
  ],
  [
    "enables an option over two lines",
    "#submission inet n - y - - smtpd -o\n#  a=1\n#  -o { b =\n#   1, 2 }\n#   prose\n",
    ["service submission/inet enable"],
    "submission inet n - y - - smtpd -o\n  a=1\n  -o { b =\n   1, 2 }\n#   prose\n",
  ],
  [
    "enables unix-dgram",
    "#postlog unix-dgram n - n - 1 postlogd\n",
    ["service postlog/unix-dgram enable"],
    "postlog unix-dgram n - n - 1 postlogd\n",
  ],
  [
    "does not take a sentence for an entry",
    "# the old inet n - smtpd\n#submission inet n - y - - smtpd\n",
    ["service submission/inet enable"],
    "# the old inet n - smtpd\nsubmission inet n - y - - smtpd\n",
  ],
  [
    "has nothing to enable where any name of the port is active",
    "465 inet n - y - - smtpd\n#smtps inet n - y - - smtpd\n",
    ["service submissions/inet enable"],
    "465 inet n - y - - smtpd\n#smtps inet n - y - - smtpd\n",
  ],
  [
    "B1: an entry that comes back takes its options from the entry above",
    `${smtp}#submission inet n - y - - smtpd\n  -o smtpd_tls_security_level=encrypt\n`,
    ["service submission/inet enable"],
    `${smtp}submission inet n - y - - smtpd\n  -o smtpd_tls_security_level=encrypt\n`,
  ],

  [
    "disables an entry",
    `${smtp}smtps inet n - y - - smtpd\nx unix - - - - - smtp\n`,
    ["service smtps/inet disable"],
    `${smtp}#smtps inet n - y - - smtpd\nx unix - - - - - smtp\n`,
  ],
  [
    "B1: disables all its lines, also below comments",
    `${smtp}smtps inet n - y - - smtpd\n  -o a=1\n# c\n\n  # d\n\t-o { b =\n  1 }\nx unix - - - - - smtp\n`,
    ["service smtps/inet disable"],
    `${smtp}#smtps inet n - y - - smtpd\n#  -o a=1\n# c\n\n  # d\n#\t-o { b =\n#  1 }\nx unix - - - - - smtp\n`,
  ],
  [
    "B2: disables 465 by any name",
    "submissions inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=yes\n",
    ["service smtps/inet disable"],
    "#submissions inet n - y - - smtpd\n#  -o smtpd_tls_wrappermode=yes\n",
  ],
  [
    "B2: disables 465 by its number, whatever the addresses",
    "127.0.0.1:smtps inet n - y - - smtpd\n[::1]:465 inet n - y - - smtpd\nurd inet n - y - - smtpd\n587 inet n - y - - smtpd\n",
    ["service 465/inet disable"],
    "#127.0.0.1:smtps inet n - y - - smtpd\n#[::1]:465 inet n - y - - smtpd\n#urd inet n - y - - smtpd\n587 inet n - y - - smtpd\n",
  ],
  [
    "disables one address alone",
    "127.0.0.1:smtps inet n - y - - smtpd\n192.0.2.1:465 inet n - y - - smtpd\n",
    ["service 192.0.2.1:submissions/inet disable"],
    "127.0.0.1:smtps inet n - y - - smtpd\n#192.0.2.1:465 inet n - y - - smtpd\n",
  ],
  [
    "disables every one of the same name",
    "smtps inet n - y - - smtpd\nsmtps inet n - y - - smtpd -v\n",
    ["service smtps/inet disable"],
    "#smtps inet n - y - - smtpd\n#smtps inet n - y - - smtpd -v\n",
  ],
  [
    "disables a unix service and leaves the inet one of that name",
    `${smtp}smtp unix - - y - - smtp\n`,
    ["service smtp/unix disable"],
    `${smtp}#smtp unix - - y - - smtp\n`,
  ],
  [
    "has nothing to disable where it is a comment",
    "#smtps inet n - y - - smtpd\n",
    ["service smtps/inet disable"],
    "#smtps inet n - y - - smtpd\n",
  ],
  [
    "enables what it disabled",
    "#smtps inet n - y - - smtpd\n#  -o a=1\n# c\n#  -o b=2\n",
    ["service smtps/inet enable"],
    "smtps inet n - y - - smtpd\n  -o a=1\n# c\n  -o b=2\n",
  ],

  [
    "adds an entry at the end",
    smtp,
    ["service 10025/inet entry n - n - 10 smtpd"],
    `${smtp}10025     inet  n       -       n       -       10      smtpd\n`,
  ],
  [
    "adds an entry with arguments and options",
    "",
    ["service m/unix entry - n n - - pipe flags=R user=m argv=/bin/m", "option m/unix a = 1"],
    "m         unix  -       n       n       -       -       pipe -o a=1 flags=R user=m argv=/bin/m\n",
  ],
  [
    "adds an entry behind a last line without a newline",
    "smtp inet n - y - - smtpd",
    ["service x/unix-dgram entry - - n - 1 postlogd"],
    `${smtp}x         unix-dgram -       -       n       -       1       postlogd\n`,
  ],
  ["has nothing to add", `${smtp}  -o a=1\n`, ["service smtp/inet entry n - y - - smtpd"], `${smtp}  -o a=1\n`],
  [
    "changes the fields that differ and no other byte",
    "smtp\tinet  n - y   - 1 postscreen\n# c\n  -o a=1\n",
    ["service smtp/inet entry n - n - - smtpd"],
    "smtp\tinet  n - n   - - smtpd\n# c\n  -o a=1\n",
  ],
  [
    "changes an entry under the name that it has",
    "[::1]:smtps inet n - y - - smtpd\n",
    ["service 465/inet entry n - n - - smtpd"],
    "[::1]:smtps inet n - n - - smtpd\n",
  ],
  [
    "changes arguments and keeps options before them",
    "m unix - n n - - pipe -o a=1\n  flags=R argv=/bin/m -x\nx unix - - - - - smtp\n",
    ["service m/unix entry - n n - 5 pipe flags=R argv=/bin/n"],
    "m unix - n n - 5 pipe -o a=1 flags=R argv=/bin/n\nx unix - - - - - smtp\n",
  ],
  [
    "changes the last of two, which is the one that counts",
    "x unix - - y - - smtp\nx unix - - y - - lmtp\n",
    ["service x/unix entry - - n - - lmtp"],
    "x unix - - y - - smtp\nx unix - - n - - lmtp\n",
  ],
];

withEachAwk("services in master.cf", (awk) => {
  it.each(cases)("%s", (_, master, policy, after) => {
    const decision = decide({ awk, master, policy });
    expect(decision.refusal).toBeUndefined();
    expect(decision.master).toBe(after);
    const again = decide({ awk, master: after, policy });
    expect(again.changes).toEqual([]);
    expect(again.master).toBe(after);
  });

  it("refuses to enable what is nowhere", () => {
    expect(decide({ awk, master: smtp, policy: ["service submission/inet enable"] }).refusal).toBe(
      "services: submission/inet is in master.cf neither as an entry nor as a commented one; give its entry",
    );
  });

  it("B2: says so where there was nothing to disable", () => {
    const policy = ["service smtps/inet disable"];
    const warning = "no-service: services: smtps/inet is no entry of master.cf, so there was nothing to disable";
    expect(decide({ awk, master: smtp, policy }).warnings).toEqual([warning]);
    expect(decide({ awk, master: "#465 inet n - y - - smtpd\n", policy }).warnings).toEqual([]);
    expect(decide({ awk, master: "465 inet n - y - - smtpd\n", policy }).warnings).toEqual([]);
  });

  it("B1: tells of options that stand below a commented entry and count for the one above", () => {
    const master = `${smtp}#submission inet n - y - - smtpd\n  -o smtpd_tls_security_level=encrypt\n`;
    expect(decide({ awk, master }).warnings).toEqual([
      "dangling-option: the lines below master.cf line 2 (commented out) count for smtp/inet",
    ]);
    expect(decide({ awk, master: `${smtp}  -o a=1\n#submission inet n - y - - smtpd\n#  -o b=1\n` }).warnings).toEqual(
      [],
    );
  });

  it("refuses to enable what is half commented out, for the live half is another service's", () => {
    const policy = ["service submission/inet enable"];
    const above = "  -o smtpd_tls_security_level=may\n";
    const header = "#submission inet n - y - - smtpd\n";
    const off = "#  -o syslog_name=postfix/submission\n";
    const live = "  -o smtpd_tls_security_level=encrypt\n";
    const sasl = "#  -o smtpd_sasl_auth_enable=yes\n";
    const refusalOf = (master: string) => {
      const decision = decide({ awk, master, policy });
      if (decision.refusal !== undefined) expect(decision.changes).toEqual([]);
      return decision.refusal;
    };
    const refusal = (first: number, line: number, key = "smtp/inet") =>
      `services: submission/inet is commented out in master.cf (line ${first}), but line ${line} below it (-o smtpd_tls_security_level=encrypt) is not, and counts for ${key}; comment out or uncomment all lines of submission/inet, or move that line above line ${first}`;
    expect(refusalOf(smtp + header + off + live + sasl)).toBe(refusal(2, 4));
    expect(refusalOf(smtp + header + live + sasl)).toBe(refusal(2, 3));
    expect(refusalOf(smtp + above + header + off + live)).toBe(refusal(3, 5));
    // However far below: Postfix passes over blank lines, prose and other commented entries.
    expect(refusalOf(`${smtp + header + off}\n# for all:\n${live}`)).toBe(refusal(2, 6));
    expect(refusalOf(`${smtp + header + off}#smtps inet n - y - - smtpd\n${live}`)).toBe(refusal(2, 5));
    expect(refusalOf(`${smtp + header}#smtps inet n - y - - smtpd\n${live}`)).toBe(refusal(2, 4));
    // All commented, all live, above the header, below another entry; and what is commented out of another one.
    expect(refusalOf(smtp + header + off + sasl)).toBeUndefined();
    expect(refusalOf(smtp + above + header + off + sasl)).toBeUndefined();
    expect(refusalOf(smtp + above + header + live)).toBeUndefined();
    expect(refusalOf(`${smtp + header + off}smtps inet n - y - - smtpd\n${live}`)).toBeUndefined();
    expect(refusalOf(`${smtp + header + live}#smtps inet n - y - - smtpd\n${off}`)).toBeUndefined();
  });

  it("does not bring back an entry that it disabled above an option that someone wrote below since", () => {
    const entry = "submission inet n - y - - smtpd\n  -o syslog_name=postfix/submission\n";
    const policy = ["service submission/inet disable"];
    const disabled = decide({ awk, master: smtp + entry, policy, giveBack: "unwanted" });
    const master = `${disabled.master}  -o smtpd_tls_security_level=encrypt\n`;
    const state = { awk, master, ledger: disabled.ledger, owners: disabled.owners };
    expect(decide({ ...state, policy: ["service submission/inet enable"] }).refusal).toMatch(
      /^services: submission\/inet is commented out in master\.cf \(line 2\), but line 4 below it/,
    );
    const back = decide({ ...state, giveBack: "unwanted" });
    expect(back.master).toBe(master);
    expect(back.warnings).toContain("kept-foreign: submission/inet was changed by someone else since, and stays");
  });

  it("says what changed, by the name that the service has there", () => {
    const master = `${smtp}#submission inet n - y - - smtpd\nurd inet n - y - - smtpd\n`;
    const policy = [
      "service smtps/inet disable",
      "service 587/inet enable",
      "service 10025/inet entry n - n - 1 smtpd",
      "service 25/inet entry n - n - - smtpd",
    ];
    expect(decide({ awk, master, policy }).changes).toEqual([
      "master.cf 10025/inet: (unset) -> enabled",
      "master.cf smtp/inet: n - y - - smtpd -> n - n - - smtpd",
      "master.cf submission/inet: disabled -> enabled",
      "master.cf urd/inet: enabled -> disabled",
    ]);
  });
});
