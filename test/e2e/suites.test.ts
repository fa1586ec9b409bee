// The main job in short on the other Debians, whose Postfix is older or newer and may offer no TLS at all.
import { describe, expect, test } from "vitest";
import type { Suite } from "../lab/roots.ts";
import { acceptedVersions, handshake, versions } from "../lab/tls.ts";
import { mustWork } from "./components.ts";
import { mailArrives } from "./mails.ts";
import { directory, ours, traces } from "./traces.ts";
import { useSite } from "./useSite.ts";

const expected: Record<Exclude<Suite, "bookworm" | "sid">, { postfix: RegExp; floor: string; codes: string[] }> = {
  bullseye: { postfix: /^3\.5\./, floor: "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1", codes: ["no-service"] },
  trixie: { postfix: /^3\.10\./, floor: ">=TLSv1.2", codes: ["no-service", "no-starttls", "omitted"] },
};

describe.each(["bullseye", "trixie"] as const)("stock %s", (suite) => {
  const site = useSite({ suite });
  const { postfix, floor, codes } = expected[suite];

  test("is hardened, stays as it is, and gets everything back", async () => {
    const { host } = site();
    const original = await directory(host);
    const stack = await site().example();
    await stack.config("onDestroy", "restore");
    if (suite === "bullseye") expect(await acceptedVersions(host)).toEqual(versions);
    mustWork(await stack.up());
    expect((await host.must("postconf -hn smtpd_tls_protocols")).trim()).toBe(floor);
    if (suite === "bullseye") expect(await acceptedVersions(host)).toEqual(["TLSv1.2", "TLSv1.3"]);
    else expect((await handshake(host)).outcome).toBe("no-starttls");
    const outputs = await stack.outputs();
    expect(outputs.postfixVersion).toMatch(postfix);
    expect((outputs.warnings as { code: string }[]).map(({ code }) => code).sort()).toEqual(codes);
    await mailArrives(host, [25], suite === "bullseye" ? "starttls" : "none");

    const before = await traces(host);
    mustWork(await stack.preview({ args: ["--expect-no-changes"] }));
    mustWork(await stack.up());
    expect(await traces(host)).toEqual(before);
    mustWork(await stack.destroy());
    expect(await directory(host)).toBe(original);
    expect(await ours(host)).toEqual([]);
  });
});

describe("stock trixie with a certificate", () => {
  const site = useSite({ suite: "trixie" });

  test("has the floor that was asked for, seen from outside", async () => {
    const { host } = site();
    await host.must(
      `openssl req -x509 -nodes -days 30 -subj /CN=mx1.lab.test -newkey rsa:2048 -keyout /etc/postfix/k.pem -out /etc/postfix/c.pem &&
       postconf -e smtpd_tls_security_level=may smtpd_tls_chain_files=/etc/postfix/k.pem,/etc/postfix/c.pem && postfix reload`,
    );
    expect(await acceptedVersions(host)).toEqual(versions);
    const stack = await site().example();
    mustWork(await stack.up());
    expect(await acceptedVersions(host)).toEqual(["TLSv1.2", "TLSv1.3"]);
    expect(await stack.outputs()).toMatchObject({ protocols: [{ port: 25, protocols: ["TLSv1.2", "TLSv1.3"] }] });
    await mailArrives(host, [25]);
  });
});
