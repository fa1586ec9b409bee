// A secret value reaches main.cf and nothing else.
import { describe, expect, test } from "vitest";
import { witness } from "../lab/watch.ts";
import { useBench } from "./bench.ts";
import { OWNER, policy } from "./policies.ts";

const SECRET = "hunter2 !`'\"\\ ünïcode";
const secrets = (value: string, revision = 1): string =>
  `owner ${OWNER}\nrevision ${revision} smtpd_sasl_local_domain = ${value}\n`;
const WANTED = "secret smtpd_sasl_local_domain revision 1";
const MARK = "hunter2";

describe("bookworm", () => {
  const bench = useBench({}, async (host) => {
    await host.must("chown root:postfix /etc/postfix/main.cf && chmod 640 /etc/postfix/main.cf");
  });

  /** Where the program and Postfix keep it: never for everyone to read, and for Postfix only what Postfix must read. */
  const itsPlaces = [
    /^\/etc\/postfix\/main\.cf(\.mailhost)? 640 root:postfix open$/,
    // Until it has the other's owner and mode.
    /^\/etc\/postfix\/main\.cf\.mailhost 600 root:(root|postfix) open$/,
    /^\/var\/lib\/mailhost\/stage\/(conf|names)\/main\.cf 6[04]0 root:(root|postfix) (open|closed)$/,
    /^\/var\/lib\/mailhost\/(run\.\w+|secrets|journal(\.new)?|ledger)\/[\w/.+]+ 6[04]0 root:(root|postfix) closed$/,
  ];

  test("is in main.cf, and nowhere that anyone but root and Postfix can see", async () => {
    const often = ["/var/lib/mailhost", "/etc/postfix", "/tmp", "/var/tmp", "/dev/shm", "/root"];
    const [story, seen] = await witness(bench.host, [MARK], often, async () => {
      const sent = await bench.run("secrets", secrets(SECRET));
      expect(sent).toMatchObject({ status: 0, stdout: "" });
      const applied = await bench.run("apply", policy(WANTED, "tls incoming >= TLSv1.2"));
      expect(applied.status, applied.stderr).toBe(0);
      expect(JSON.parse(applied.stdout)).toMatchObject({ changed: true });
      const again = await bench.run("apply", policy(WANTED, "tls incoming >= TLSv1.2"));
      expect(JSON.parse(again.stdout)).toMatchObject({ changed: false });
      expect(await bench.host.read("/etc/postfix/main.cf")).toContain(`\nsmtpd_sasl_local_domain = ${SECRET}\n`);
      // What we keep is root's alone.
      const plain = { user: "plain" } as const;
      expect((await bench.host.ssh("find /var/lib/mailhost -mindepth 2", plain)).stdout).toBe("");
      expect((await bench.host.ssh("cat /var/lib/mailhost/*/* /etc/postfix/*", plain)).stdout).not.toContain(MARK);
      const removed = await bench.run("remove", policy(WANTED));
      expect(removed.status, removed.stderr).toBe(0);
      return [sent, applied, again, removed].map(({ stdout, stderr }) => stdout + stderr).join("");
    });
    expect(story).not.toContain(MARK);
    expect(story).toContain('"to":"(secret)"');
    // The witness looked often enough to see what lives for milliseconds.
    expect(seen.sweeps / seen.seconds).toBeGreaterThan(10);
    expect(seen.commands).toEqual(expect.arrayContaining(["awk", "openssl", "smtpd"]));
    expect(seen.processes).toEqual([]);
    expect(seen.files.length).toBeGreaterThan(3);
    expect(seen.files.filter((file) => !itsPlaces.some((place) => place.test(file)))).toEqual([]);
    expect(seen.left).toEqual([]);
    expect(await bench.host.must("journalctl -q --no-pager -a -o export")).not.toContain(MARK);
    expect(await bench.isPristine()).toBe(true);
  });

  test("a refused one is not told either", async () => {
    await bench.run("secrets", secrets(SECRET));
    const error = await bench.refused(policy(WANTED, "set inet_interfaces = 192.0.2.99"));
    expect(error).not.toContain(MARK);
  });

  test("another value under the same revision is refused, one under the next is taken", async () => {
    await bench.run("secrets", secrets("first"));
    await bench.apply(WANTED);
    const stale = await bench.run("secrets", secrets("second"), {});
    expect(stale).toMatchObject({
      status: 1,
      last: "mx1: error: secretSettings: smtpd_sasl_local_domain revision 1 has another value than before; raise secretRevision",
    });
    expect(await bench.postconf("smtpd_sasl_local_domain")).toBe("first");
    await bench.run("secrets", secrets("second", 2));
    await bench.apply("secret smtpd_sasl_local_domain revision 2");
    expect(await bench.postconf("smtpd_sasl_local_domain")).toBe("second");
  });

  test("a file that all can read gets none", async () => {
    await bench.host.must("chmod 644 /etc/postfix/main.cf");
    await bench.run("secrets", secrets(SECRET));
    expect(await bench.refused(policy(WANTED))).toBe(
      "secretSettings: smtpd_sasl_local_domain would be readable by all, as /etc/postfix/main.cf has mode 644; keep it in a table that only root reads, or make the file 0640, with which sendmail(1) works for root alone",
    );
  });

  // Its caller reads main.cf, and postdrop alone has more rights than that.
  test("a file that root alone reads keeps sendmail(1) from others, as the refusal says", async () => {
    const send = "echo | runuser -u nobody -- sendmail -f nobody@lab.test nobody@lab.test";
    await bench.host.must(`chmod 644 /etc/postfix/main.cf; ${send}`);
    await bench.host.must("chmod 640 /etc/postfix/main.cf; echo | sendmail -f root@lab.test root@lab.test");
    await expect(bench.host.must(send)).rejects.toThrow("open /etc/postfix/main.cf: Permission denied");
  });

  test("one that never came is asked for again", async () => {
    expect(await bench.refused(policy(WANTED))).toMatch(/revision 1 is not on the host; raise secretRevision/);
  });

  test.each([
    ["no owner", "revision 1 mail_name = x\n", /begin with an owner line/],
    ["no revision", `owner ${OWNER}\nmail_name = x\n`, /a line is no "revision N NAME = VALUE"/],
    ["a control character", `owner ${OWNER}\nrevision 1 mail_name = a\u0007b\n`, /control character/],
  ])("refuses secrets with %s", async (_, stdin, error) => {
    const outcome = await bench.run("secrets", stdin);
    expect(outcome.status).toBe(1);
    expect(outcome.last).toMatch(error);
    expect(outcome.stderr).not.toContain("x\n");
  });
});
