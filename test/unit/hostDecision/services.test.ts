// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Postfix writes ${name}.

import { describe, expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { decide, ports } from "./decide.ts";
import { masterCf, stock } from "./postfix.ts";

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

  describe.each(["debian11", "debian12", "debian13"])("the master.cf of %s", (debian) => {
    const master = stock(`${debian}.master.cf`);
    const before = masterCf(master);

    it.each(["submission", "smtps", "submissions", "465", "urd"])(
      "enables %s with its options, and changes no other line",
      (name) => {
        const decision = decide({ awk, master, policy: [`service ${name}/inet enable`] });
        expect(decision.refusal).toBeUndefined();
        const added = masterCf(decision.master).filter(({ key }) => !before.some((entry) => entry.key === key));
        expect(added).toHaveLength(1);
        const [entry] = added;
        expect(entry).toMatchObject({ fields: "n - y - - smtpd", options: { smtpd_sasl_auth_enable: "yes" } });
        expect(entry?.options).toMatchObject(
          name === "submission" ? { smtpd_tls_security_level: "encrypt" } : { smtpd_tls_wrappermode: "yes" },
        );
        expect(Object.keys(entry?.options ?? {}).length).toBeGreaterThanOrEqual(10);

        // Only a # at the start of some lines is gone: all other bytes are as before, and disabling puts it back.
        const lines = decision.master.split("\n");
        for (const [at, line] of master.split("\n").entries()) expect([line, line.slice(1)]).toContain(lines[at]);
        expect(masterCf(decision.master).filter(({ key }) => key !== entry?.key)).toEqual(before);
        expect(decide({ awk, master: decision.master, policy: [`service ${name}/inet disable`] }).master).toBe(master);
      },
    );

    it.each(["cyrus/unix", "old-cyrus/unix", "tlsproxy/unix", "dnsblog/unix", "smtpd/pass", "628/inet"])(
      "enables %s",
      (key) => {
        const decision = decide({ awk, master, policy: [`service ${key} enable`] });
        expect(decision.refusal).toBeUndefined();
        const [entry, ...more] = masterCf(decision.master).filter((one) => !before.some((old) => old.key === one.key));
        expect(more).toEqual([]);
        expect(entry?.key).toBe(key);
        expect(entry?.options).toEqual({});
        if (key.includes("cyrus"))
          expect(entry?.fields).toMatch(
            /^- n n - - pipe flags=\S+ user=cyrus argv=\/cyrus\/bin\/deliver .*\$\{user\}$/,
          );
        expect(masterCf(decision.master).filter((one) => one.key !== key)).toEqual(before);
      },
    );

    it("enables submission for loopback alone where the file has that", () => {
      const decision = decide({ awk, master, policy: ["service 127.0.0.1:submission/inet enable"] });
      if (debian === "debian11") {
        expect(decision.refusal).toMatch(/^services: 127\.0\.0\.1:submission\/inet is in master\.cf neither/);
        return;
      }
      const entry = masterCf(decision.master).find(({ key }) => key === "127.0.0.1:submission/inet");
      expect(entry?.options).toMatchObject({ smtpd_tls_security_level: "encrypt", smtpd_sasl_auth_enable: "yes" });
      expect(decision.warnings).toEqual([]);
    });

    it("disables every service that it has, each alone", () => {
      for (const { key } of before) {
        const after = decide({ awk, master, policy: [`service ${key} disable`] }).master;
        expect(masterCf(after)).toEqual(before.filter((entry) => entry.key !== key));
      }
    });
  });
});

withEachAwk("ports", (awk) => {
  const entry = (name: string) => `${name} inet n - y - - smtpd\n`;
  const refusal = (more: object) => decide({ awk, ...more }).refusal;

  it("B10: refuses a second listener and names both lines", () => {
    expect(
      refusal({
        master: `${smtp}192.0.2.1:smtps inet n - y - - smtpd\n\n#submissions inet n - y - - smtpd\n`,
        policy: ["service 465/inet entry n - y - - smtpd"],
      }),
    ).toBeUndefined();
    expect(
      refusal({
        master: `# c\n${entry("192.0.2.1:smtps")}#192.0.2.2:465 inet n - y - - smtpd\n`,
        policy: ["service 192.0.2.2:465/inet enable"],
      }),
    ).toBeUndefined();
    expect(
      refusal({
        master: `# c\n${entry("[::]:587")}${entry("192.0.2.1:smtps")}`,
        policy: ["service 127.0.0.1:smtps/inet entry n - y - - smtpd"],
      }),
    ).toBeUndefined();
    expect(
      refusal({
        master: `# c\n${entry("192.0.2.1:smtps")}# c\n#192.0.2.1:465 inet n - y - - smtpd\n`,
        policy: ["service 192.0.2.1:465/inet enable"],
      }),
    ).toBeUndefined();
    expect(
      refusal({
        master: `# c\n${entry("192.0.2.1:smtps")}`,
        policy: ["service 0.0.0.0:465/inet entry n - y - - smtpd"],
      }),
    ).toBe(
      "services: 192.0.2.1:smtps/inet (line 2) and 0.0.0.0:465/inet (line 3) both listen on port 465; keep one of them",
    );
  });

  it.each([
    ["any address and one of all", entry("465"), "192.0.2.1:smtps", "all", true],
    ["any address and one that Postfix does not listen on", entry("465"), "192.0.2.1:smtps", "127.0.0.1, [::1]", false],
    ["any address and one that Postfix listens on", entry("465"), "192.0.2.1:smtps", "127.0.0.1, 192.0.2.1", true],
    ["loopback only and an address of it", entry("465"), "[::1]:smtps", "loopback-only", true],
    ["loopback only and an address outside", entry("465"), "192.0.2.1:smtps", "loopback-only", false],
    ["all of IPv4 and one of it", entry("0.0.0.0:465"), "127.0.0.1:465", "all", true],
    ["all of IPv4 and one of IPv6", entry("0.0.0.0:465"), "[::1]:465", "all", false],
    ["two addresses", entry("127.0.0.1:465"), "192.0.2.1:465", "all", false],
    ["other ports", entry("587"), "192.0.2.1:465", "all", false],
  ])("%s", (_, master, name, interfaces, clash) => {
    const policy = [`service ${name}/inet entry n - y - - smtpd`];
    const main = `inet_interfaces = ${interfaces}\n`;
    // The key with an address never means the entry without one, so the policy adds a second listener.
    expect(refusal({ main, master, policy }) !== undefined).toBe(clash);
  });

  it("only warns of a clash that was there and is left alone", () => {
    const master = `${entry("smtps")}${entry("192.0.2.1:465")}${entry("submission")}`;
    expect(decide({ awk, master, policy: ["set a = 1"] })).toMatchObject({
      refusal: undefined,
      warnings: ["duplicate: services: smtps/inet (line 1) and 192.0.2.1:465/inet (line 2) both listen on port 465"],
    });
    expect(decide({ awk, master, policy: ["service smtps/inet disable"] }).warnings).toEqual([]);
  });

  it("B3, B9: refuses a name that does not resolve here, where it would be added or enabled", () => {
    const unknown = { ports: "smtp 25/tcp\n", postfix: "3.5" as const };
    const text = "services: submissions/inet does not resolve to a port here; use the number";
    expect(refusal({ ...unknown, policy: ["service submissions/inet entry n - y - - smtpd"] })).toBe(text);
    expect(
      refusal({ ...unknown, master: `#${entry("submissions")}`, policy: ["service submissions/inet enable"] }),
    ).toBe(text);
    expect(refusal({ ...unknown, master: entry("nowhere"), policy: ["set a = 1"] })).toBeUndefined();
    expect(refusal({ ...unknown, policy: ["service 465/inet entry n - y - - smtpd"] })).toBeUndefined();
  });

  it("B3: Postfix 3.6 and later knows the mail ports by itself", () => {
    expect(
      refusal({ ports: "", postfix: "3.7", policy: ["service submissions/inet entry n - y - - smtpd"] }),
    ).toBeUndefined();
    expect(
      refusal({ ports: "", postfix: "3.10", master: `#${entry("smtps")}`, policy: ["service smtps/inet enable"] }),
    ).toBeUndefined();
  });

  it("B2: finds 465 by a name that this host does not know", () => {
    const host = { ports: "urd 465/tcp\n", postfix: "3.5" as const, master: entry("urd") };
    expect(decide({ awk, ...host, policy: ["service submissions/inet disable"] }).master).toBe(`#${entry("urd")}`);
  });

  it("reads /etc/services with its comments", () => {
    const etc =
      "# submission 25/tcp\nsubmission\t587/tcp\t\t# smtps is here\nurd 465/udp\nssmtp 465/tcp smtps # Secure SMTP\nsmtps 9/tcp\n";
    const services = decide({
      awk,
      ports: etc,
      postfix: "3.5",
      master: `${entry("submission")}${entry("smtps")}${entry("urd")}`,
    }).services;
    expect(services.map((line) => line.split("\t")[3])).toEqual(["587", "465", "0"]);
  });

  it("lists for postscreen what one behind it may allow and what all of them do", () => {
    const main = "smtpd_tls_protocols = >=TLSv1.1\n";
    const behind = (proxy: string, pass: string) =>
      decide({
        awk,
        main,
        master: `smtp inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd -o smtpd_tls_protocols=${pass}\ntlsproxy unix - - n - 0 tlsproxy -o tlsproxy_tls_protocols=${proxy}\n`,
      }).services[0]?.replace(/^.*\t1\t/, "");
    expect(behind(">=TLSv1.2", ">=TLSv1.3")).toBe("00111\t00001");
    expect(behind(">=TLSv1", "TLSv1.2")).toBe("01111\t00010");
    expect(behind("TLSv9", "TLSv1.2")).toBe("bad\tbad");
  });

  it("lists each service with command, port, address, wrapper mode, line and the versions that it may and must accept", () => {
    const main = "smtpd_tls_protocols = >=TLSv1.2\nsmtpd_tls_mandatory_protocols = >=TLSv1.3\n";
    const master = `# c\n${smtp}[::1]:smtps inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=YES\n587 inet n - y - - smtpd -o smtpd_tls_security_level=$lvl -o lvl=encrypt\nm unix - n n - - pipe flags=R\n25 inet n - n - 1 postscreen -o smtpd_tls_protocols=TLSv9\n`;
    expect(decide({ awk, main, master, ports }).services).toEqual([
      "smtp\tinet\tsmtpd\t25\t\t0\t2\t00011\t00011",
      "[::1]:smtps\tinet\tsmtpd\t465\t::1\t1\t3\t00001\t00001",
      "587\tinet\tsmtpd\t587\t\t0\t5\t00001\t00001",
      "m\tunix\tpipe\t\t\t0\t6\t00011\t00011",
      "25\tinet\tpostscreen\t25\t\t0\t7\tbad\tbad",
    ]);
  });
});
