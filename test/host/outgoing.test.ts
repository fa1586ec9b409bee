// What smtp and lmtp offer as clients, seen by a server that speaks one old version only.
import { describe, expect, test } from "vitest";
import type { Suite } from "../lab/roots.ts";
import { until } from "../lab/run.ts";
import { useBench } from "./bench.ts";

const KEY = "-cert /etc/ssl/lab.pem -key /etc/ssl/lab.key";

describe.each<Suite>(["bullseye", "bookworm", "trixie"])("%s", (suite) => {
  const bench = useBench({ suite }, async (host) => {
    // TLS from the first byte, as the old server is openssl's own; mandatory, so that a refusal shows.
    const settings = (client: string): string =>
      `${client}_tls_wrappermode=yes ${client}_tls_security_level=encrypt ${client}_tls_loglevel=1 ${client}_helo_timeout=2s`;
    await host.must(`openssl req -x509 -nodes -days 30 -subj /CN=old -newkey rsa:2048 -keyout /etc/ssl/lab.key -out /etc/ssl/lab.pem 2>/dev/null
      postconf -e ${settings("smtp")} ${settings("lmtp").replace("lmtp_helo", "lmtp_lhlo")} 'transport_maps=inline:{smtp.test=smtp:[127.0.0.1]:2465,lmtp.test=lmtp:inet:[127.0.0.1]:2465}' && postfix reload`);
  });

  /** The version that a client of this host agrees on with a server that has only that one. */
  async function agrees(client: "smtp" | "lmtp", flag: string): Promise<string> {
    await bench.host.must(
      `setsid openssl s_server -accept 2465 ${flag} -cipher ALL:@SECLEVEL=0 ${KEY} -quiet >/dev/null 2>&1 </dev/null & echo $! >/run/old`,
    );
    await until(
      "the old server",
      async () => (await bench.host.exec("ss -Hltn | grep :2465")).status === 0 || undefined,
    );
    const size = (await bench.host.must("stat -c %s /var/log/mail.log")).trim();
    try {
      await bench.host.must(`sendmail -f '' someone@${client}.test`, { stdin: "Subject: x\n\nx\n" });
      return await until(`what ${client} says`, async () => {
        const log = await bench.host.must(`tail -c +${size} /var/log/mail.log`);
        return (
          new RegExp(`postfix/${client}\\[.*TLS connection established to .*: (TLSv[\\d.]+) with`).exec(log)?.[1] ??
          (new RegExp(`postfix/${client}\\[.*(SSL_connect error|handshake failure|Cannot start TLS)`).test(log)
            ? "refused"
            : undefined)
        );
      });
    } finally {
      await bench.host.must("kill $(cat /run/old); postsuper -d ALL");
    }
  }

  test("a floor for outgoing mail holds for both", async () => {
    for (const client of ["smtp", "lmtp"] as const) expect(await agrees(client, "-tls1")).toBe("TLSv1");
    await bench.apply("tls outgoing >= TLSv1.2");
    for (const client of ["smtp", "lmtp"] as const) {
      expect(await agrees(client, "-tls1_1")).toBe("refused");
      expect(await agrees(client, "-tls1_2")).toBe("TLSv1.2");
    }
    await bench.remove("tls outgoing >= TLSv1.2");
    expect(await agrees("smtp", "-tls1_1")).toBe("TLSv1.1");
    expect(await bench.isPristine()).toBe(true);
  });
});
