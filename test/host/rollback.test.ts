// What no pre-flight can see: the change is made, found bad from outside, and undone, while mail goes on.
import { afterEach, describe, expect, test } from "vitest";
import type { Suite } from "../lab/roots.ts";
import { until } from "../lab/run.ts";
import { banner, delivered, sendMail } from "../lab/smtp.ts";
import { useBench } from "./bench.ts";
import { whileMailFlows } from "./mails.ts";
import { policy } from "./policies.ts";
import { offerTls } from "./tls.ts";

const BACK = "the old configuration is back and answers as before";
const SCRIPT = "/usr/lib/postfix/sbin/postfix-script";

describe.each<Suite>(["bullseye", "bookworm", "trixie"])("%s", (suite) => {
  const bench = useBench({ suite }, offerTls);
  const closed = (port: number): Promise<void> => expect(banner(bench.host, port)).rejects.toThrow("ECONNREFUSED");

  test("submission whose SASL has no mechanism", async () => {
    const lines = ["service submission/inet enable", "option submission/inet smtpd_sasl_auth_enable = yes"];
    const error = await whileMailFlows(bench.host, () => bench.refused(policy(...lines)));
    expect(error).toMatch(
      /^submission\/inet does not answer on port 587: postfix\/submission\/smtpd\[\d+\]: fatal: no SASL authentication mechanisms/,
    );
    expect(error).toContain(BACK);
    await closed(587);
  });

  test("submission that dies only after the TLS handshake", async () => {
    const sasl = ["smtpd_sasl_auth_enable = yes", "smtpd_tls_auth_only = yes", "smtpd_tls_security_level = may"];
    const options = sasl.map((text) => `option submission/inet ${text}`);
    const floor = "tls incoming >= TLSv1.2";
    const error = await bench.refused(policy(floor, "service submission/inet enable", ...options));
    expect(error).toMatch(/^submission\/inet (says nothing more after a TLS handshake|does not answer on port 587): /);
    expect(error).toContain("fatal: no SASL authentication mechanisms");
    expect(error).toContain(BACK);
    await closed(587);
  });

  test("port 25 itself dead and throttled", async () => {
    const master = await bench.master();
    const open = ["set smtpd_recipient_restrictions = permit", "set smtpd_relay_restrictions = permit"];
    const error = await bench.refused(policy(...open));
    expect(error).toMatch(
      /^smtp\/inet does not answer on port 25: postfix\/smtpd\[\d+\]: fatal: in parameter smtpd_relay_restrictions/,
    );
    expect(error).toContain(BACK);
    // Only a restart brings a throttled service back at once.
    expect(await bench.master()).not.toBe(master);
    const id = `after-${suite}`;
    await sendMail(bench.host, { id });
    await until("the mail", async () => (await delivered(bench.host, id))[0]);
  });

  test("an address that this host does not have, which ends master", async () => {
    const error = await bench.refused(policy("service 10.0.0.1:2525/inet entry n - n - - smtpd"));
    expect(error).toMatch(/postfix\/master\[\d+\]: fatal: bind 10\.0\.0\.1 port 2525: Cannot assign requested address/);
    expect(error).toContain(BACK);
  });
});

describe("bookworm", () => {
  const bench = useBench({});
  afterEach(() => bench.host.must(`[ ! -e ${SCRIPT}.real ] || mv ${SCRIPT}.real ${SCRIPT}`));

  /** Something that happens while `postfix reload` is asked for, the first time. */
  const atReload = (command: string): Promise<string> =>
    bench.host.must(`mv ${SCRIPT} ${SCRIPT}.real && cat >${SCRIPT} && chmod 755 ${SCRIPT}`, {
      stdin: `#!/bin/sh\nif [ "$1" = reload ] && mkdir /run/at-reload 2>/dev/null; then\n${command}\nfi\nexec ${SCRIPT}.real "$@"\n`,
    });

  test("a port that another program has, which ends master", async () => {
    await bench.host.must("setsid busybox nc -ll -p 2525 -e true >/dev/null 2>&1 & echo $! >/run/other");
    await until(
      "the other program",
      async () => (await bench.host.exec("ss -Hltn | grep :2525")).status === 0 || undefined,
    );
    try {
      const error = await bench.refused(policy("service 2525/inet entry n - n - - smtpd"));
      expect(error).toMatch(/2525.*: Address already in use/);
    } finally {
      await bench.host.must("kill $(cat /run/other)");
    }
  });

  test("a reload that fails", async () => {
    await atReload("echo 'postfix/postfix-script: fatal: no time for this' >&2; exit 1");
    const error = await bench.refused(policy("set smtpd_banner = mx1 changed"));
    expect(error).toMatch(/^postfix reload failed: .*no time for this; the old configuration is back/);
    await bench.host.must("rmdir /run/at-reload");
    expect(await banner(bench.host)).toMatch(/^220 mx1\.lab\.test ESMTP/);
  });

  test("a reload that nobody obeys, as someone damaged master.cf in the meantime", async () => {
    await atReload("echo 'nonsense here' >>/etc/postfix/master.cf");
    const { status, last } = await bench.run("apply", policy("set smtpd_banner = mx1 changed"));
    expect(status).toBe(1);
    expect(last).toMatch(/postfix reload failed|did not reload/);
    // What someone else wrote is theirs, however bad; ours is undone.
    expect(await bench.host.read("/etc/postfix/master.cf")).toContain("nonsense here");
    expect((await bench.host.exec("cmp /etc/postfix/main.cf /root/pristine/main.cf")).status).toBe(0);
    expect(await banner(bench.host)).toMatch(/^220 mx1\.lab\.test ESMTP/);
    await bench.host.must("rmdir /run/at-reload");
  });
});
