// Which sessions are made, and what is said of two names on one address.
import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { Answer } from "dns-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Dialogue, mailDomain, mailServer, signedWhere, World } from "./world.ts";

const dir = mkdtempSync(join(tmpdir(), "mailhost-visits-"));
const own = new Map<string, { cert: Buffer; key: Buffer }>();

let world: World;
beforeAll(async () => {
  world = await World.open();
  for (const name of ["mx1.d.test", "mx2.d.test"]) {
    const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=${name} -addext subjectAltName=DNS:${name} -keyout key -out cert`;
    execFileSync("openssl", words.split(" "), { cwd: dir, stdio: "ignore" });
    own.set(name, { cert: readFileSync(join(dir, "cert")), key: readFileSync(join(dir, "key")) });
  }
});
afterAll(() => {
  world.close();
  rmSync(dir, { recursive: true });
});

const certificateOf = (name: string) => own.get(name) ?? {};

function keyRecord(host: string, by: string): Answer {
  const spki = new X509Certificate(own.get(by)?.cert ?? "").publicKey.export({ type: "spki", format: "der" });
  const certificate = createHash("sha256").update(spki).digest();
  return {
    type: "TLSA",
    name: `_25._tcp.${host}`,
    ttl: 300,
    data: { usage: 3, selector: 1, matchingType: 1, certificate },
  };
}

async function seen(dialogue: Dialogue, ...more: Answer[]) {
  world.dialogue = dialogue;
  const second: Answer[] = [
    { type: "MX", name: "d.test", ttl: 300, data: { preference: 20, exchange: "mx2.d.test" } },
    { type: "A", name: "mx2.d.test", ttl: 300, data: mailServer },
  ];
  const { findings } = await world.check(
    "d.test",
    signedWhere(mailDomain("d.test", ...second, ...more), () => true),
  );
  return (check: string) => findings.filter((found) => found.check === check);
}

describe("two names on one address", () => {
  it.each([
    ["mx1.d.test", "mx2.d.test"],
    ["mx2.d.test", "mx1.d.test"],
  ])("that has only the certificate of %s", async (named, other) => {
    const of = await seen({ certificate: () => certificateOf(named) });
    expect(of("STARTTLS")).toMatchObject([
      { subject: mailServer, text: expect.stringContaining(`; ${other}: it does not name the host, which only`) },
    ]);
    expect(of("STARTTLS")[0]?.text).not.toContain(`${named}:`);
    expect(world.connections).toBe(2);
  });

  it("are alike where each has its own certificate", async () => {
    const of = await seen({ certificate: (name) => certificateOf(name || "mx1.d.test") });
    expect(of("STARTTLS")).toMatchObject([
      { word: "good", text: expect.stringMatching(/^TLSv1.3; certificate until \S+; of no public authority \([^;]*$/) },
    ]);
  });

  it("are judged each by its own TLSA records, with no session more than needed", async () => {
    const hosts = ["mx1.d.test", "mx2.d.test"];
    const of = await seen(
      { certificate: (name) => certificateOf(name || "mx1.d.test") },
      ...hosts.flatMap((host) => hosts.map((by) => keyRecord(host, by))),
    );
    expect(of("TLSA").map(({ word }) => word)).toEqual(["good", "good"]);
    // One for each name, and one for each kind of key.
    expect(world.connections).toBe(6);
  });

  it.each<[string, Dialogue]>([
    ["turns all away", { greeting: "554 no" }],
    ["has no STARTTLS", { features: "250 mx1" }],
  ])("that %s, are asked for once", async (_, dialogue) => {
    expect(await seen(dialogue).then((of) => of("STARTTLS"))).toHaveLength(1);
    expect(world.connections).toBe(1);
  });
});

describe("a certificate of a public authority", () => {
  const usual = getCACertificates("default");
  beforeAll(() => setDefaultCACertificates([...own.values()].map(({ cert }) => String(cert))));
  afterAll(() => setDefaultCACertificates(usual));

  it("that does not name the host is not called one of no public authority", async () => {
    const [found] = (await seen({ certificate: () => certificateOf("mx1.d.test") }))("STARTTLS");
    expect(found?.text).toMatch(/^TLSv1.3; certificate until \S+; mx2.d.test: it does not name the host, which only/);
  });
});

describe("a certificate that could not be seen", () => {
  it("leaves the TLSA records not known, though another one fits", async () => {
    let asked = 0;
    // The fourth is for ECDSA: each of the names had its own before.
    const dialogue: Dialogue = {
      certificate: (name) => certificateOf(name || "mx1.d.test"),
      get greeting() {
        asked += 1;
        return asked === 4 ? "421 4.7.0 too many connections" : "220 mx1 ESMTP";
      },
    };
    const of = await seen(dialogue, keyRecord("mx1.d.test", "mx1.d.test"), keyRecord("mx1.d.test", "mx2.d.test"));
    expect(of("TLSA")[0]).toMatchObject({
      word: "not known",
      text: expect.stringMatching(/^no certificate could be seen at 127.0.0.9 \(ECDSA\); .* matches at 127.0.0.9/),
    });
  });
});

describe("a server of old TLS", () => {
  it.each(["TLSv1", "TLSv1.1"] as const)("with %s is warned of, and its certificate seen", async (version) => {
    const old = { minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" };
    const certificate = () => ({ ...certificateOf("mx1.d.test"), ...old });
    const of = await seen(
      { certificate },
      keyRecord("mx1.d.test", "mx1.d.test"),
      keyRecord("mx1.d.test", "mx2.d.test"),
    );
    expect(of("STARTTLS")).toMatchObject([{ word: "warning", text: expect.stringMatching(`^${version};`) }]);
    expect(of("TLSA")[0]).toMatchObject({ word: "good" });
  });
});
