// Trouble that people reported of other tools, as it stands on a host when we come.
import { describe, expect, test } from "vitest";
import { acceptedVersions, handshake } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { policy } from "./policies.ts";

const FLOOR = "tls incoming >= TLSv1.2";
const MODERN = ["TLSv1.2", "TLSv1.3"];

describe("bookworm", () => {
  const bench = useBench({});
  const add = (file: string, text: string): Promise<string> =>
    bench.host.must(`printf '%s\\n' '${text}' >>/etc/postfix/${file} && postfix reload`);

  test("A2: a parameter of the admin's own that only an option of the same policy uses", async () => {
    const lines = ["set our_floor = >=TLSv1.2", "option smtp/inet smtpd_tls_protocols = $our_floor"];
    await bench.apply(...lines);
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
    expect(await bench.postconf("our_floor")).toBe(">=TLSv1.2");
    // One that the option alone used stays, whoever edits main.cf next to it.
    await bench.apply(...lines, "set mail_name = x");
    expect(await bench.postconf("our_floor")).toBe(">=TLSv1.2");
    await bench.remove(...lines);
    expect(await bench.isPristine()).toBe(true);
  });

  test("A1, A7: what postconf complains of never gets into a file or a value", async () => {
    // So fresh that every program of Postfix reads it again and again, each time with its warnings.
    await add("main.cf", "max_idle = 300s\nmax_idle = 600s\nmax_use = 1\nmax_use = 50\nnobody_uses_this = 1");
    await bench.host.must("touch -d '+1 hour' /etc/postfix/main.cf");
    const before = await bench.fingerprint();
    const lines = [FLOOR, "set max_idle = 700s", "set max_use = 50"];
    const { changes, warnings } = await bench.apply(...lines);
    expect(changes).toContainEqual({ file: "main.cf", name: "max_idle", from: "600s", to: "700s" });
    expect(warnings.map(({ text }) => text)).toContain(
      "/etc/postfix/main.cf has max_use more than once; the last one counts",
    );
    const text = await bench.host.read("/etc/postfix/main.cf");
    expect(text).not.toMatch(/postconf: |warning: /);
    expect(text.match(/^max_idle.*$/gm)).toEqual(["max_idle = 700s"]);
    expect(text).toContain("\nnobody_uses_this = 1\n");
    expect((await bench.apply(...lines)).changed).toBe(false);
    await bench.remove(...lines);
    expect(await bench.fingerprint()).toBe(before);
  });

  test("B1: options left below a commented entry are told, and stay where they count", async () => {
    const left = "#submission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=no";
    await bench.host.write("/run/left", `${left}\n`);
    await bench.host.must("sed -i '/^smtp  *inet/r /run/left' /etc/postfix/master.cf && postfix reload");
    const { warnings } = await bench.apply(FLOOR);
    expect(warnings.find(({ code }) => code === "dangling-option")?.text).toMatch(/count for smtp\/inet$/);
    expect(await bench.host.read("/etc/postfix/master.cf")).toContain(left);
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
  });

  test("C1: a list with a # in it, which switched TLS off, is mended, and STARTTLS comes back", async () => {
    await add("main.cf", "smtpd_tls_protocols = !SSLv2, !SSLv3 # old");
    // It is offered still, and never works.
    expect((await handshake(bench.host)).outcome).toBe("refused");
    const { warnings } = await bench.apply("tls outgoing >= TLSv1.2");
    expect(warnings.map(({ code }) => code)).toContain("no-handshake");
    await bench.apply(FLOOR);
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
  });

  test("C3, C9: with level may the other list counts, so both are set", async () => {
    await add("main.cf", "smtpd_tls_security_level = may\nsmtpd_tls_mandatory_protocols = >=TLSv1.2");
    expect(await acceptedVersions(bench.host)).toHaveLength(4);
    const { changes } = await bench.apply(FLOOR);
    expect(changes.map(({ name }) => name)).toEqual(["smtpd_tls_protocols"]);
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
  });

  test("B6, C10: a Postfix that is too old is refused by its number, not by its digits", async () => {
    await add("main.cf", "mail_version = 2.10.1");
    expect(await bench.refused(policy(FLOOR))).toBe("Postfix 2.10.1 is too old; 3.4 is the oldest supported");
  });

  test("D7: an address family that the host does not have is seen before it is live", async () => {
    const off = "/proc/sys/net/ipv6/conf/lo/disable_ipv6";
    await bench.host.must(`echo 1 >${off}`);
    try {
      const error = await bench.refused(policy("set inet_protocols = all", "set inet_interfaces = 127.0.0.1, ::1"));
      expect(error).toMatch(/no local interface found for ::1/);
    } finally {
      await bench.host.must(`echo 0 >${off}`);
    }
  });

  test("G7: a login's PATH without sbin, and a variable that means to steer Postfix, change nothing", async () => {
    const prefix = "env PATH=/usr/bin:/bin MAIL_CONFIG=/nowhere LC_ALL=tr_TR.UTF-8 POSIXLY_CORRECT=1";
    expect((await bench.done("apply", policy(FLOOR), { prefix })).changed).toBe(true);
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
    await bench.done("remove", policy(FLOOR), { prefix });
    expect(await bench.isPristine()).toBe(true);
  });

  test("C4: whatever OpenSSL's own configuration says, the receipt tells what clients get", async () => {
    const file = "/etc/ssl/openssl.cnf";
    const strict =
      "openssl_conf = lab\\n[lab]\\nssl_conf = s\\n[s]\\nsystem_default = d\\n[d]\\nMinProtocol = TLSv1.2\\n";
    await bench.host.must(`cp -a ${file} ${file}.lab && printf '${strict}' >${file}`);
    try {
      await add("main.cf", "smtpd_tls_protocols = !SSLv2, !SSLv3");
      const outside = await acceptedVersions(bench.host);
      const { services } = await bench.apply("tls incoming >= TLSv1", "set smtpd_helo_required = yes");
      expect(services).toMatchObject([{ port: 25, protocols: outside }]);
    } finally {
      await bench.host.must(`mv ${file}.lab ${file}`);
    }
  });

  test("C4: an openssl that has no old versions itself is no refusal of the server", async () => {
    const without =
      "#!/bin/sh\ncase \" $* \" in *' -tls1 '* | *' -tls1_1 '*) echo 'no protocols available'; exit 1;; esac\n";
    await bench.host.write("/usr/sbin/openssl", `${without}exec /usr/bin/openssl "$@"\n`, "755");
    try {
      const { services } = await bench.apply("set smtpd_helo_required = yes");
      expect(services).toMatchObject([{ port: 25, protocols: MODERN, starttls: "starttls" }]);
      expect((await bench.apply(FLOOR)).services).toMatchObject([{ port: 25, protocols: MODERN }]);
    } finally {
      await bench.host.must("rm /usr/sbin/openssl");
    }
  });
});
