// TLS where Debian does not set it up by itself.
import { expect } from "vitest";
import type { Host } from "../lab/host.ts";
import { handshake } from "../lab/tls.ts";

/** What every Debian before 13 has from the start. */
export async function offerTls(host: Host): Promise<void> {
  if (!["trixie", "sid"].includes(host.options.suite ?? "bookworm")) return;
  const key = "/etc/postfix/host.pem";
  await host.must(`openssl req -x509 -nodes -days 30 -subj /CN=mx1.lab.test -newkey rsa:2048 -keyout ${key} -out ${key}.crt 2>/dev/null
    cat ${key}.crt >>${key} && rm ${key}.crt && printf 'smtpd_tls_cert_file = ${key}\\nsmtpd_tls_security_level = may\\n' >>/etc/postfix/main.cf
    postfix reload`);
  expect((await handshake(host)).outcome).toBe("accepted");
}
