// What a restore owes: byte for byte where nobody else wrote, and what somebody else wrote stays and is named.
import { beforeEach, describe, expect, test } from "vitest";
import { useBench } from "./bench.ts";
import { policy } from "./policies.ts";

// A file over a link, of another owner, that not all may read; parameters empty, twice, and over lines with comments between;
// services with comments between their lines, one of them commented out.
const LIVED_IN = `
  mkdir -p /srv/cfg && cd /etc/postfix
  cat >>main.cf <<'END'
smtpd_reject_footer =
mail_name = One
mail_name = Two
smtpd_helo_restrictions =
  permit_mynetworks,
# between

	permit
END
  cat >>master.cf <<'END'
#2525     inet  n       -       y       -       -       smtpd
#  -o syslog_name=postfix/extra
#   prose between
#  -o smtpd_banner=extra
2526      inet  n       -       y       -       -       smtpd
  -o smtpd_banner=lines
# between
  -o smtpd_timeout=99s
END
  mv main.cf /srv/cfg/main.cf && ln -s /srv/cfg/main.cf main.cf
  chown user:postfix /srv/cfg/main.cf && chmod 0640 /srv/cfg/main.cf && chmod 0600 master.cf
  postfix reload`;

const SHARED = [
  "tls incoming >= TLSv1.2",
  "exclude incoming 3DES",
  "set mail_name = Mail",
  "option smtp/inet smtpd_timeout = 200s",
  "service 2525/inet enable",
];
const FIRST = [...SHARED, "set message_size_limit = 1000000", "set smtpd_helo_restrictions = permit"];
const SECOND = [
  "owner org/proj/dev/mailhost:index:PostfixHardening/other",
  ...SHARED,
  "tls outgoing >= TLSv1.2",
  "set smtpd_reject_footer = \\c",
  "unset myorigin",
  "option 2525/inet smtpd_banner = ours",
  "service 2526/inet disable",
];

describe("bookworm", () => {
  const bench = useBench({});
  const fingerprint = async (): Promise<string> =>
    (await bench.fingerprint()) + (await bench.host.must("cd /srv/cfg && stat -c '%n %a %U:%G %F' * && sha256sum *"));
  const nothingOfOurs = async (): Promise<boolean> => (await bench.host.exec("test -e /var/lib/mailhost")).status === 1;
  const main = (): Promise<string> => bench.host.read("/etc/postfix/main.cf");
  const master = (): Promise<string> => bench.host.read("/etc/postfix/master.cf");
  const kept = (warnings: { code: string; text: string }[]): string[] =>
    warnings.filter(({ code }) => code === "kept-foreign").map(({ text }) => text);
  let before: string;
  let files: [string, string];

  beforeEach(async () => {
    await bench.host.must(LIVED_IN);
    before = await fingerprint();
    files = [await main(), await master()];
  });

  test.each([
    ["the first", FIRST, SECOND],
    ["the second", SECOND, FIRST],
  ])("two that overlap, %s removed first: byte for byte", async (_, one, other) => {
    await bench.apply(...FIRST);
    await bench.apply(...SECOND);
    await bench.remove(...one);
    expect(await bench.postconf("mail_name")).toBe("Mail");
    expect(await bench.host.must("postconf -M 2525/inet")).toContain("smtpd");
    expect((await bench.run("audit", policy(...other))).status).toBe(0);
    await bench.remove(...other);
    expect(await fingerprint()).toBe(before);
    expect(await nothingOfOurs()).toBe(true);
  });

  test("after a package upgrade wrote into both files, line by line", async () => {
    const upgrade = (directory: string): Promise<string> =>
      bench.host.must(`cd ${directory} && postconf -c . -e compatibility_level=3.9 smtputf8_enable=no &&
        printf 'postlog   unix-dgram n  -       n       -       1       postlogd\\n' >>master.cf`);
    await bench.host.must("rm -rf /run/upgraded && mkdir /run/upgraded && cp -aL /etc/postfix/. /run/upgraded/");
    await bench.apply(...FIRST);
    await bench.apply(...SECOND);
    // As the package does it, with the link in the place of the file, as postconf renames.
    await bench.host.must("mv /srv/cfg/main.cf /etc/postfix/main.cf");
    await upgrade("/etc/postfix");
    await upgrade("/run/upgraded");
    expect(await bench.apply(...FIRST)).toMatchObject({ changed: false });
    await bench.apply(...FIRST, "set smtpd_banner = since");
    await bench.remove(...FIRST, "set smtpd_banner = since");
    expect(kept((await bench.remove(...SECOND)).warnings)).toEqual([]);
    // Line by line, a parameter that was gone comes back at the end.
    const moved = "{ grep -v ^myorigin main.cf; grep ^myorigin main.cf; } | diff - /etc/postfix/main.cf";
    expect(await bench.host.must(`cd /run/upgraded && ${moved} && diff master.cf /etc/postfix/`)).toBe("");
    expect(await nothingOfOurs()).toBe(true);
  });

  /** Edits of each kind by somebody else, within our lines and beside them. */
  const EDITS = `cd /etc/postfix && sed -i --follow-symlinks -e 's/^message_size_limit = .*/message_size_limit = 2000000/' \
      -e '/^smtpd_reject_footer/d' main.cf && printf '# theirs\\nsmtpd_recipient_limit = 77\\n' >>main.cf &&
    sed -i -e 's/smtpd_timeout=200s/smtpd_timeout=300s/' -e 's/^#  -o smtpd_banner=lines/#  -o smtpd_banner=other/' master.cf &&
    printf '2527      inet  n       -       y       -       -       smtpd\\n' >>master.cf && postfix reload`;
  const THEIRS = ["message_size_limit", "smtpd_reject_footer", "smtp/inet:smtpd_timeout", "2526/inet"].map(
    (what) => `${what} was changed by someone else since, and stays`,
  );

  /** The files as they were, with what those edits made of them. */
  async function expectTheirs(): Promise<void> {
    const [mainBefore, masterBefore] = files;
    expect(await main()).toBe(
      `${mainBefore.replace(/^(smtpd_reject_footer|myorigin) =.*\n/gm, "")}message_size_limit = 2000000\n# theirs\nsmtpd_recipient_limit = 77\nmyorigin = /etc/mailname\n`,
    );
    const disabled = masterBefore.replace(/^2526 .*\n.*\n# between\n.*\n/m, (lines) =>
      lines.replace(/^(?!# between)(?=.)/gm, "#").replace("banner=lines", "banner=other"),
    );
    const smtp = /^smtp +inet .*\n/m;
    expect(await master()).toBe(
      `${disabled.replace(smtp, (line) => `${line}  -o smtpd_timeout=300s\n`)}2527      inet  n       -       y       -       -       smtpd\n`,
    );
  }

  test("what somebody else changed in between stays and is named, the rest goes back", async () => {
    await bench.apply(...FIRST);
    await bench.apply(...SECOND);
    await bench.host.must(EDITS);
    const first = await bench.remove(...FIRST);
    const second = await bench.remove(...SECOND);
    expect(kept([...first.warnings, ...second.warnings]).sort()).toEqual([...THEIRS].sort());
    for (const line of THEIRS) expect(first.story + second.story).toContain(`mx1: ${line}\n`);
    await expectTheirs();
    expect(await nothingOfOurs()).toBe(true);
  });

  test("a mode that somebody else changed stays, and is named", async () => {
    await bench.apply(...FIRST);
    await bench.host.must("chmod 0600 /srv/cfg/main.cf");
    expect(kept((await bench.remove(...FIRST)).warnings)).toEqual([
      "mode or owner of /srv/cfg/main.cf was changed by someone else since, and stays",
    ]);
    expect(await fingerprint()).toBe(before.replace("main.cf 640 ", "main.cf 600 "));
  });

  test("restore gives back what all owners have, and what those who left with keep had", async () => {
    await bench.apply(...FIRST, "destroy keep");
    await bench.remove(...FIRST, "destroy keep");
    await bench.apply(...SECOND);
    await bench.host.must(EDITS);
    const [hardened, written] = [await fingerprint(), await bench.host.must("cd /var/lib/mailhost && find . | sort")];
    const plan = await bench.run("restore-plan", "");
    expect(plan).toMatchObject({ status: 4, stderr: "" });
    const lines = plan.stdout.split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        "mx1: would give back main.cf mail_name: Mail -> Two",
        "mx1: would give back main.cf myorigin: (unset) -> /etc/mailname",
        "mx1: would give back main.cf smtpd_helo_restrictions: permit -> permit_mynetworks, permit",
        "mx1: main.cf in /etc/postfix comes back line by line, as someone else changed it since",
        ...THEIRS.map((text) => `mx1: ${text}`),
        "mx1: org/proj/dev/mailhost:index:PostfixHardening/other still wants it as it is; its next run asks for that again",
      ]),
    );
    expect([await fingerprint(), await bench.host.must("cd /var/lib/mailhost && find . | sort")]).toEqual([
      hardened,
      written,
    ]);

    const done = await bench.done("restore", "");
    for (const line of lines.filter((text) => text.startsWith("mx1: would give back")))
      expect(done.story).toContain(`${line.replace("would give", "give")}\n`);
    expect(kept(done.warnings).sort()).toEqual([...THEIRS].sort());
    await expectTheirs();
    expect(await nothingOfOurs()).toBe(true);
    expect(await bench.run("restore", "")).toMatchObject({
      status: 0,
      stdout: "",
      stderr: "mx1: nothing to give back; there is no ledger here\n",
    });
  });
});
