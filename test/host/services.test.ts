// Entries of master.cf, switched on and off, and seen to be so from outside.
import { describe, expect, test } from "vitest";
import type { Suite } from "../lab/roots.ts";
import { banner } from "../lab/smtp.ts";
import { acceptedVersions, handshake } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { policy } from "./policies.ts";
import { offerTls } from "./tls.ts";

describe.each<Suite>(["bullseye", "bookworm", "trixie"])("%s", (suite) => {
  const bench = useBench({ suite }, offerTls);
  const closed = (port: number): Promise<void> => expect(banner(bench.host, port)).rejects.toThrow("ECONNREFUSED");

  test("enables Debian's own submission and smtps blocks", async () => {
    await closed(587);
    await closed(465);
    const lines = [
      "service submission/inet enable",
      "service smtps/inet enable",
      "option submission/inet smtpd_sasl_auth_enable = no",
      "option smtps/inet smtpd_sasl_auth_enable = no",
      "drop submission/inet smtpd_client_restrictions",
      "tls submission >= TLSv1.2",
    ];
    const { services, changes } = await bench.apply(...lines);
    // Debian 12 and later say submissions.
    const name = suite === "bullseye" ? "smtps" : "submissions";
    expect(services.map((service) => service.name)).toEqual(["smtp/inet", "submission/inet", `${name}/inet`]);
    expect(changes.length).toBeGreaterThan(0);
    expect(await acceptedVersions(bench.host, 587)).toEqual(["TLSv1.2", "TLSv1.3"]);
    expect(await acceptedVersions(bench.host, 465)).toEqual(["TLSv1.2", "TLSv1.3"]);
    // Its own options came along: TLS is not optional there.
    expect(await bench.host.must("postconf -P submission/inet/smtpd_tls_security_level")).toContain("encrypt");
    expect(await bench.apply(...lines)).toMatchObject({ changed: false });
    await bench.remove(...lines);
    await closed(587);
    await closed(465);
    expect(await bench.isPristine()).toBe(true);
  });

  test("adds an entry, reachable where its name says", async () => {
    const lines = [
      "service 2525/inet entry n - y - - smtpd",
      "service 127.0.0.1:2526/inet entry n - y - - smtpd",
      "option 2525/inet smtpd_banner = the added one",
    ];
    await bench.apply(...lines);
    expect(await banner(bench.host, 2525)).toBe("220 the added one");
    expect((await handshake(bench.host, { port: 2525 })).outcome).toBe("accepted");
    await closed(2526);
    expect(await bench.host.must("ss -Hltn")).toContain("127.0.0.1:2526");
    expect(await bench.apply(...lines)).toMatchObject({ changed: false });
    // A line that is gone from the policy goes back by itself.
    await bench.apply(...lines.slice(0, 1));
    await closed(2526);
    expect(await banner(bench.host, 2525)).toMatch(/^220 mx1\.lab\.test ESMTP/);
    await bench.remove(...lines);
    await closed(2525);
    expect(await bench.isPristine()).toBe(true);
  });
});

describe("lived-in bookworm", () => {
  const bench = useBench({ kind: "lived-in" });
  const closed = (port: number): Promise<void> => expect(banner(bench.host, port)).rejects.toThrow("ECONNREFUSED");

  test.each(["465", "smtps", "submissions"])("closes port 465 by the name %s", async (name) => {
    expect((await handshake(bench.host, { port: 465, mode: "wrapper" })).outcome).toBe("accepted");
    const { services } = await bench.apply(`service ${name}/inet disable`);
    expect(services.map(({ port }) => port)).not.toContain(465);
    await closed(465);
    expect((await handshake(bench.host, { port: 587 })).outcome).toBe("accepted");
    expect(await bench.apply(`service ${name}/inet disable`)).toMatchObject({ changed: false });
    await bench.remove(`service ${name}/inet disable`);
    expect((await handshake(bench.host, { port: 465, mode: "wrapper" })).outcome).toBe("accepted");
    expect(await bench.isPristine()).toBe(true);
  });

  test("closes all entries of a port, duplicates and other addresses too", async () => {
    const second = `127.0.0.1:465 inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=yes\n`;
    await bench.host.must(
      `sed -i 's/^smtps  /${bench.host.address}:465/' /etc/postfix/master.cf && cat >>/etc/postfix/master.cf && postfix reload`,
      { stdin: second },
    );
    const before = await bench.fingerprint();
    await bench.apply("service smtps/inet disable");
    await closed(465);
    expect(await bench.host.must("ss -Hltn")).not.toContain(":465");
    await bench.remove("service smtps/inet disable");
    expect(await bench.fingerprint()).toBe(before);
    expect((await handshake(bench.host, { port: 465, mode: "wrapper" })).outcome).toBe("accepted");
  });

  test("sets and drops single options, and leaves the rest of the entry as it is", async () => {
    const lines = [
      "option submission/inet smtpd_banner = now submission",
      "drop submission/inet smtpd_tls_mandatory_protocols",
      "option lmtp/unix lmtp_lhlo_timeout = 7s",
    ];
    const { story } = await bench.apply(...lines);
    expect(story).toContain(
      "mx1: change master.cf submission/inet:smtpd_tls_mandatory_protocols: !SSLv2,!SSLv3 -> (unset)\n",
    );
    expect(await banner(bench.host, 587)).toBe("220 now submission");
    const text = await bench.host.read("/etc/postfix/master.cf");
    expect(text).toContain("\t# the old ticket printers\n");
    expect(text).toContain(
      "submission inet n\t-\ty\t-\t-\tsmtpd\n  -o syslog_name=postfix/submission\n#  -o smtpd_tls_security_level=may\n",
    );
    await bench.remove(...lines);
    expect(await bench.isPristine()).toBe(true);
  });

  test("refuses a second listener for a port", async () => {
    const error = await bench.refused(policy("service 10.0.0.1:587/inet entry n - n - - smtpd"));
    expect(error).toMatch(/both listen on port 587; keep one of them/);
  });
});
