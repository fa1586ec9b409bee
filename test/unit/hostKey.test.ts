import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shortHash } from "../../src/hash.ts";
import { normalizeHostKey } from "../../src/hostKey.ts";
import { ed25519Key, otherKey } from "./keys.ts";

const normalize = (value: unknown) => normalizeHostKey("connection.hostKey", value, "mx1.example.com");
const howToGet =
  'use the one line that "ssh-keyscan -t ed25519 mx1.example.com" prints, after comparing it with "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" on the host\'s console';

describe("a host key", () => {
  it.each([
    ["as it is", ed25519Key],
    ["with a newline at the end", `${ed25519Key}\n`],
    ["of a .pub file, with a comment", `${ed25519Key} root@mx1`],
    ["of known_hosts, with names before it", `mx1.example.com,192.0.2.1 ${ed25519Key}`],
    [
      "of known_hosts, hashed and with a port",
      `|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ${ed25519Key} x y`,
    ],
    ["of ssh-keyscan, with its remark", `# mx1.example.com:22 SSH-2.0-OpenSSH_9.2p1\nmx1.example.com ${ed25519Key}\n`],
    ["with Windows line ends", `${ed25519Key}\r\n`],
  ])("is read %s", (_, text) => {
    expect(normalize(text)).toBe(ed25519Key);
  });

  it("is the same whatever stands around it", () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9.,[\]:|=]{0,20}$/);
    fc.assert(
      fc.property(fc.option(word), fc.array(word, { maxLength: 3 }), (name, comment) => {
        const line = [...(name === null ? [] : [name]), ed25519Key, ...comment].join(" ");
        expect(normalize(line)).toBe(ed25519Key);
      }),
    );
  });

  it.each<[string, unknown, string]>([
    ["nothing", "", `connection.hostKey is empty; ${howToGet}`],
    [
      "two keys",
      `${ed25519Key}\n${otherKey}\n`,
      `connection.hostKey has 2 lines, and only the first would count; ${howToGet}`,
    ],
    [
      "ssh-rsa",
      "ssh-rsa AAAAB3NzaC1yc2E=",
      `connection.hostKey is of type ssh-rsa, which does not work with today's OpenSSH; ${howToGet}`,
    ],
    [
      "ssh-dss",
      "mx1 ssh-dss AAAAB3NzaC1kc3M=",
      `connection.hostKey is of type ssh-dss, which does not work with today's OpenSSH; ${howToGet}`,
    ],
    ["a key without its type", "AAAAC3NzaC1lZDI1NTE5", `connection.hostKey is "AAAAC3NzaC1lZDI1NTE5"; ${howToGet}`],
    ["a type without its key", "ssh-ed25519", `connection.hostKey is "ssh-ed25519"; ${howToGet}`],
    ["a fingerprint", "SHA256:abc", `connection.hostKey is "SHA256:abc"; ${howToGet}`],
    [
      "a revoked key",
      `@revoked * ${ed25519Key}`,
      `connection.hostKey is marked @revoked, so it is no key of the host; ${howToGet}`,
    ],
    [
      "an authority",
      `@cert-authority * ${ed25519Key}`,
      `connection.hostKey is marked @cert-authority, so it is no key of the host; ${howToGet}`,
    ],
    ["a number", 7, "connection.hostKey is 7; use a string"],
  ])("is refused: %s", (_, value, message) => {
    expect(() => normalize(value)).toThrow(expect.objectContaining({ message }));
  });

  it("is refused when it was cut, has something behind it or is of another type than it says", () => {
    const longer = Buffer.concat([Buffer.from(ed25519Key.split(" ")[1] ?? "", "base64"), Buffer.from([0, 0])]);
    expect(() => normalize(`ssh-ed25519 ${longer.toString("base64")}`)).toThrow(howToGet);
    expect(() => normalize(ed25519Key.slice(0, -8))).toThrow(howToGet);
    expect(() => normalize(ed25519Key.replace("ssh-ed25519", "ecdsa-sha2-nistp256"))).toThrow(howToGet);
  });

  it("has a short hash that tells machines apart", () => {
    expect(shortHash(ed25519Key, 12)).toMatch(/^[0-9a-f]{12}$/);
    expect(shortHash(ed25519Key, 12)).not.toBe(shortHash(otherKey, 12));
  });
});
