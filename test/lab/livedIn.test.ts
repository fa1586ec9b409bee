import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Host } from "./host.ts";
import { Lab } from "./lab.ts";
import { suites } from "./roots.ts";
import { ACCOUNT, arrived, SmtpClient, sendMail } from "./smtp.ts";
import { acceptedVersions, handshake, versions } from "./tls.ts";

describe.each(suites)("lived-in %s", (suite) => {
  let lab: Lab;
  let host: Host;
  beforeAll(async () => {
    lab = await Lab.open();
    host = await lab.boot({ suite, kind: "lived-in" });
  });
  afterAll(() => lab.close());

  test("delivers from outside through filter, milter and LMTP", async () => {
    await sendMail(host, { id: "outside" }, { tls: "starttls" });
    const mail = await arrived(host, "outside");
    expect(mail).toContain("X-Lab-Filter: passed");
    expect(mail).toMatch(/^Authentication-Results: mx1\.lab\.test/m);
    expect(mail).toContain("with LMTP");
  });

  test.each([
    [587, "starttls"],
    [465, "wrapper"],
  ] as const)("signs what an account submits on %i", async (port, tls) => {
    const id = `submitted-${port}`;
    await sendMail(host, { id, from: "user@lab.test", to: "second@lab.test" }, { port, tls, login: ACCOUNT });
    const mail = await arrived(host, id);
    expect(mail).toMatch(/^DKIM-Signature: [\s\S]*d=lab\.test; s=mail;/m);
    expect(mail).toContain("X-Lab-Filter: passed");
  });

  test("refuses a wrong password", async () => {
    const login = { ...ACCOUNT, password: "wrong" };
    await expect(SmtpClient.connect(host, { port: 587, tls: "starttls", login })).rejects.toThrow("535");
  });

  test("accepts obsolete TLS on every port", async () => {
    for (const port of [25, 587, 465]) expect(await acceptedVersions(host, port)).toEqual(versions);
  });

  test("has certificates of two kinds, and another by SNI", async () => {
    const own = await handshake(host, { version: "TLSv1.2", cipher: "ECDHE-ECDSA-AES128-GCM-SHA256" });
    const rsa = await handshake(host, { version: "TLSv1.2", cipher: "ECDHE-RSA-AES128-GCM-SHA256" });
    const other = await handshake(host, { servername: "mail.other.test" });
    expect([own.outcome, rsa.outcome, other.outcome]).toEqual(["accepted", "accepted", "accepted"]);
    expect(other.text).toMatch(/subject=CN ?= ?mail\.other\.test/);
    expect(own.certificate).not.toBe(rsa.certificate);
  });

  test("has its configuration for Postfix alone", async () => {
    expect(await host.must('stat -c "%a %U:%G" /etc/postfix/main.cf')).toBe("640 root:postfix\n");
  });
});
