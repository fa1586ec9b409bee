// Outgoing mail whose TLS tlsproxy(8) does, towards servers that have an old version or an old suite only.
import { describe, expect, test } from "vitest";
import type { Suite } from "../lab/roots.ts";
import { until } from "../lab/run.ts";
import { useBench } from "./bench.ts";

const CERTIFICATE = "-o smtpd_tls_cert_file=/etc/ssl/lab.crt -o smtpd_tls_key_file=/etc/ssl/lab.key";
const SERVER = `smtpd ${CERTIFICATE} -o smtpd_tls_security_level=may -o smtpd_tls_ciphers=medium`;
const APART = "-o content_filter=discard: -o myhostname=other.test";

describe.each<Suite>(["bullseye", "bookworm", "trixie"])("%s", (suite) => {
  const bench = useBench({ suite }, async (host) => {
    await host.must(`openssl req -x509 -nodes -days 30 -subj /CN=old -newkey rsa:2048 -keyout /etc/ssl/lab.key -out /etc/ssl/lab.crt 2>/dev/null
      cat >>/etc/postfix/master.cf <<'END'
tlsproxy unix - - y - 0 tlsproxy
2511 inet n - y - - ${SERVER} ${APART} -o smtpd_tls_protocols=TLSv1.1 -o tls_medium_cipherlist=ALL:@SECLEVEL=0
2512 inet n - y - - ${SERVER} ${APART} -o smtpd_tls_protocols=TLSv1.2 -o tls_medium_cipherlist=AES128-SHA
END
      postconf -e smtp_tls_connection_reuse=yes smtp_tls_security_level=encrypt smtp_tls_loglevel=1 \\
        'transport_maps=inline:{version.test=smtp:[127.0.0.1]:2511,suite.test=smtp:[127.0.0.1]:2512}'
      postfix reload`);
  });

  /** What tlsproxy agrees on with that server, and what Postfix warns of beside it. */
  async function agrees(server: "version" | "suite"): Promise<{ agreed: string; pid: string; differs: boolean }> {
    const size = (await bench.host.must("stat -c %s /var/log/mail.log")).trim();
    await bench.host.must(`sendmail -f '' someone@${server}.test`, { stdin: "Subject: x\n\nx\n" });
    const log = await until(`the end of the delivery to ${server}`, async () => {
      const text = await bench.host.must(`tail -c +${size} /var/log/mail.log`);
      return new RegExp(`to=<someone@${server}.test>.*status=`).test(text) ? text : undefined;
    });
    await bench.host.must("postsuper -d ALL");
    const pid = /postfix\/tlsproxy\[(\d+)\]: CONNECT to/.exec(log)?.[1] ?? "";
    const agreed = /tlsproxy\[.*TLS connection established to .*: (TLSv[\d.]+ with cipher \S+)/.exec(log)?.[1];
    const refused = /status=deferred \(Cannot start TLS: handshake failure\)/.test(log);
    return { agreed: agreed ?? (refused ? "refused" : log), pid, differs: log.includes("unexpected settings") };
  }

  test("a floor and a profile hold from the reload on", async () => {
    const before = await agrees("version");
    expect(before.agreed).toMatch(/^TLSv1\.1 with/);
    expect((await agrees("suite")).agreed).toBe("TLSv1.2 with cipher AES128-SHA");
    await bench.apply("tls outgoing >= TLSv1.2");
    const { agreed, pid } = await agrees("version");
    expect(agreed).toBe("refused");
    expect(pid).not.toBe(before.pid);
    expect((await agrees("suite")).agreed).toBe("TLSv1.2 with cipher AES128-SHA");
    await bench.apply("tls outgoing >= TLSv1.2", "ciphers outgoing intermediate");
    expect(await agrees("suite")).toMatchObject({ agreed: "refused", differs: false });
    await bench.remove("tls outgoing >= TLSv1.2", "ciphers outgoing intermediate");
    expect(await bench.isPristine()).toBe(true);
  });
});
