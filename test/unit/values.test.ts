import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderPolicy } from "../../src/policy/render.ts";
import { fitsMasterCf, optionLine, serviceName } from "../../src/policy/services.ts";
import { secretLine, settingLine } from "../../src/policy/settings.ts";
import { brokenCiphers, normalizeTls, TlsProfile, TlsVersion, tlsLines } from "../../src/policy/tls.ts";
import { readPolicy } from "./policyReader.ts";

const value = fc.string({ unit: "grapheme" }).filter((text) => text === text.trim() && !/\p{Cc}/u.test(text));
const shellish = fc.constantFrom(
  "'\"`$(reboot)`;",
  "-o x=y",
  "a; rm -rf /",
  "= =",
  "größe ✓",
  "\\n",
  "%s",
  "{ a b }",
  "#comment",
  "a#b",
);
const submission = serviceName("submission/inet");

function only(line: Parameters<typeof renderPolicy>[0][number]): { keyword: string; rest: string } | undefined {
  return readPolicy(renderPolicy([line]))[1];
}

describe("a value is data", () => {
  it("and a setting comes back as it was written, to the character", () => {
    fc.assert(
      fc.property(fc.oneof(value, shellish), (text) => {
        const read = only(settingLine("name", text));
        if (text === "") expect(read).toEqual({ keyword: "empty", rest: "name" });
        else expect(read).toEqual({ keyword: "set", rest: `name = ${text}` });
      }),
    );
  });

  it("and so does an option", () => {
    fc.assert(
      fc.property(fc.oneof(value, shellish).filter(fitsMasterCf), (text) => {
        expect(only(optionLine(submission, "name", text))?.rest).toBe(
          `submission/inet name =${text === "" ? "" : ` ${text}`}`,
        );
      }),
    );
  });

  it("and never makes a second line, whatever it holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        let rendered = "";
        try {
          rendered = renderPolicy([settingLine("name", text)]);
        } catch {
          return;
        }
        expect(rendered.split("\n")).toHaveLength(3);
        expect(rendered.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  it("and a secret is one line of its own", () => {
    expect(secretLine("name", 2, "a = b # c")).toBe("revision 2 name = a = b # c");
    expect(secretLine("name", 1, "")).toBe("revision 1 name = ");
  });

  it.each(["smtpd_tls_cert_file", "smtpd_banner", "tls_random_source"])("and a # is part of it in %s", (name) => {
    expect(settingLine(name, "a # b").rest).toBe(`${name} = a # b`);
  });

  it.each([
    "smtpd_tls_protocols",
    "smtp_tls_mandatory_ciphers",
    "lmtp_tls_exclude_ciphers",
    "tls_medium_cipherlist",
    "smtpd_tls_security_level",
    "tls_eecdh_auto_curves",
    "tlsproxy_tls_protocols",
  ])("but a # is refused in %s", (name) => {
    expect(() => settingLine(name, "a # b")).toThrow("switch TLS off");
  });
});

describe("braces in master.cf", () => {
  it.each(["{a}", "{ a b }", "a}", "x{a{b}}", "", "a b", "inline:{ a = b }"])("%j can be written", (text) =>
    expect(fitsMasterCf(text)).toBe(true),
  );
  it.each(["{", "a {b", "{{a}", "a} b", "} {"])("%j cannot", (text) => expect(fitsMasterCf(text)).toBe(false));
});

describe("a service's name", () => {
  it.each([
    ["smtps/inet", ":465/inet"],
    ["SUBMISSIONS/inet", ":465/inet"],
    ["465/inet", ":465/inet"],
    ["smtp/inet", ":25/inet"],
    ["127.0.0.1:smtp/inet", "127.0.0.1:25/inet"],
    ["[2001:DB8::1]:587/inet", "[2001:db8::1]:587/inet"],
    ["mail.example.com:10025/inet", "mail.example.com:10025/inet"],
    ["policy/inet", ":policy/inet"],
    ["smtp/unix", "smtp/unix"],
    ["smtp-amavis/unix", "smtp-amavis/unix"],
    ["postlog/unix-dgram", "postlog/unix-dgram"],
  ])("%s stands for %s", (key, place) => expect(serviceName(key).place).toBe(place));
});

describe("the blocks of TLS", () => {
  const versions = Object.values(TlsVersion);
  const profiles = Object.values(TlsProfile);
  const floors = { intermediate: TlsVersion.Tls12, modern: TlsVersion.Tls13 };

  it("take the stricter of a profile and a minimum version", () => {
    for (const minimumVersion of versions) {
      for (const profile of profiles) {
        const [block] = normalizeTls({ submission: { minimumVersion, profile } });
        const stricter = Math.max(versions.indexOf(minimumVersion), versions.indexOf(floors[profile]));
        expect(block).toMatchObject({ floor: versions[stricter], profile });
      }
    }
  });

  it("have the defaults of the documentation", () => {
    expect(normalizeTls(undefined).map(({ block, floor, profile }) => [block, floor, profile])).toEqual([
      ["incoming", "TLSv1.2", undefined],
      ["submission", "TLSv1.2", undefined],
      ["outgoing", "TLSv1", undefined],
    ]);
    expect(normalizeTls({ outgoing: {} })).toEqual([
      { block: "outgoing", floor: "TLSv1", profile: undefined, excludeCiphers: [...brokenCiphers] },
    ]);
    expect(normalizeTls({})).toEqual([]);
  });

  it("take TLS 1.3 alone on port 25 for a deliberate word", () => {
    expect(
      tlsLines(normalizeTls({ incoming: { profile: "modern", refuseOldPeers: true, excludeCiphers: [] } })),
    ).toEqual([
      { keyword: "tls", rest: "incoming >= TLSv1.3" },
      { keyword: "ciphers", rest: "incoming modern" },
    ]);
  });

  it("sort and say once the ciphers that they exclude", () => {
    expect(tlsLines(normalizeTls({ outgoing: { excludeCiphers: ["aNULL", "RC4", "AES128-SHA", "RC4"] } }))[1]).toEqual({
      keyword: "exclude",
      rest: "outgoing AES128-SHA RC4 aNULL",
    });
  });
});
