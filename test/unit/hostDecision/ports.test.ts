import { expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { decide, ports } from "./decide.ts";

const smtp = "smtp inet n - y - - smtpd\n";

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
