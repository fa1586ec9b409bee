// The key exchanges of a profile on a Postfix that has a post-quantum one by itself.
import { describe, expect, test } from "vitest";
import { mayBeMissing } from "../lab/roots.ts";
import { handshake } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { offerTls } from "./tls.ts";

const GROUPS = ["X25519MLKEM768", "X25519", "prime256v1", "secp384r1"];
const OTHERS = ["X448", "secp521r1", "ffdhe2048"];

describe.skipIf(mayBeMissing("sid", "stock"))("sid", () => {
  const bench = useBench({ suite: "sid" }, offerTls);

  /** The groups that a client with just one of them agrees on, by the host's own OpenSSL, as the lab's may be older. */
  async function agreed(): Promise<string[]> {
    const client = "openssl s_client -connect 127.0.0.1:25 -starttls smtp -tls1_3";
    const found: string[] = [];
    for (const group of [...GROUPS, ...OTHERS]) {
      const { stdout } = await bench.host.exec(`echo QUIT | ${client} -groups ${group} 2>&1`);
      if (/^New, TLSv1\.3, Cipher is TLS_/m.test(stdout)) found.push(group);
    }
    return found;
  }

  test("are the guideline's, with the post-quantum one", async () => {
    expect(await agreed()).toEqual([...GROUPS, ...OTHERS]);
    const lines = ["tls incoming >= TLSv1.2", "ciphers incoming intermediate"];
    await bench.apply(...lines);
    expect(await agreed()).toEqual(GROUPS);
    expect((await handshake(bench.host, { version: "TLSv1.2" })).outcome).toBe("accepted");
    const log = await bench.host.must("journalctl -t postfix/smtpd --no-pager -o cat");
    expect(log.match(/^warning: (?!TLS library problem).*(tls|curve|group).*$/gim)).toBeNull();
    expect(await bench.apply(...lines)).toMatchObject({ changed: false });
  });

  test("are the guideline's for mail that goes out", async () => {
    await bench.apply("tls outgoing >= TLSv1.2", "ciphers outgoing intermediate");
    const { stdout } = await bench.host.exec(
      'posttls-finger -c -L summary -l encrypt -o "tls_eecdh_auto_curves=$(postconf -Ph smtp/unix/tls_eecdh_auto_curves)" "[127.0.0.1]" 2>&1',
    );
    expect(stdout).toMatch(/TLSv1\.3 with cipher \S+ .*key-exchange X25519MLKEM768/);
    expect(stdout).not.toContain("warning");
    await bench.remove("tls outgoing >= TLSv1.2", "ciphers outgoing intermediate");
    expect(await bench.isPristine()).toBe(true);
  });
});
