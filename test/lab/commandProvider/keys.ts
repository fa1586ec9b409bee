/** Private keys and host keys, read with the tolerance and the error texts of Go's `x/crypto/ssh`. */
import { createPrivateKey, type KeyObject } from "node:crypto";
import ssh2 from "ssh2";
import { quote } from "./goText.ts";

const { parseKey } = ssh2.utils;

/** A private key in PEM; the passphrase is only for keys that have one. */
export function parsePrivateKey(pem: string, passphrase?: string): ssh2.ParsedKey {
  const block = /^-----BEGIN ([A-Z0-9 ]+)-----\s*\n([\s\S]*?)\n-----END \1-----/m.exec(pem);
  if (block === null) throw new Error("ssh: no key found");
  const [text, type = "", body = ""] = block;
  const openssh = type === "OPENSSH PRIVATE KEY";
  if (!openssh && !["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"].includes(type)) {
    throw new Error(`ssh: unsupported key type ${quote(type)}`);
  }
  const encrypted = openssh ? opensshCipher(body) !== "none" : body.includes("ENCRYPTED");
  if (passphrase === undefined && encrypted) throw new Error("ssh: this private key is passphrase protected");
  if (passphrase !== undefined && !encrypted) {
    throw new Error(openssh ? "ssh: key is not password protected" : "ssh: not an encrypted key");
  }
  const parsed = parseKey(type === "PRIVATE KEY" ? fromPkcs8(text) : `${text}\n`, passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error || key === undefined) {
    throw new Error(encrypted ? "x509: decryption password incorrect" : "ssh: invalid openssh private key format");
  }
  return key;
}

function opensshCipher(body: string): string {
  const bytes = Buffer.from(body, "base64");
  const start = "openssh-key-v1\0".length;
  return bytes.length < start + 4 ? "none" : readString(bytes, start).toString("latin1");
}

/** ssh2 knows no PKCS #8, Go does. */
function fromPkcs8(pem: string): string {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType === "rsa") return key.export({ type: "pkcs1", format: "pem" }).toString();
  if (key.asymmetricKeyType === "ec") return key.export({ type: "sec1", format: "pem" }).toString();
  return opensshEd25519(key);
}

function opensshEd25519(key: KeyObject): string {
  const { d = "", x = "" } = key.export({ format: "jwk" });
  const publicKey = Buffer.from(x, "base64url");
  const type = string("ssh-ed25519");
  const check = Buffer.alloc(8);
  const both = Buffer.concat([Buffer.from(d, "base64url"), publicKey]);
  const inner = Buffer.concat([check, type, string(publicKey), string(both), string("")]);
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, i) => i + 1));
  const blob = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...[string("none"), string("none"), string(""), Buffer.from([0, 0, 0, 1])],
    string(Buffer.concat([type, string(publicKey)])),
    string(Buffer.concat([inner, padding])),
  ]);
  const lines = blob.toString("base64").match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function string(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function readString(bytes: Buffer, at: number): Buffer {
  const length = bytes.readUInt32BE(at);
  if (at + 4 + length > bytes.length) throw new Error("ssh: short read");
  return bytes.subarray(at + 4, at + 4 + length);
}

export interface HostKey {
  type: string;
  blob: Buffer;
}

const HOST_KEY_TYPE =
  /^(ssh-rsa|ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/;

/** The first key of a text in authorized_keys format. One word before the type (a host name, options) is skipped. */
export function parseHostKey(text: string): HostKey {
  let problem: Error | undefined;
  for (const line of text.split("\n").map((each) => each.replace(/\r$/, "").replace(/^[ \t]+|[ \t]+$/g, ""))) {
    if (line === "" || line.startsWith("#")) continue;
    for (const rest of [line, line.replace(/^(?:"[^"]*"|[^\s"])+[ \t]+/, "")]) {
      const base64 = rest.split(/[ \t]+/)[1];
      if (base64 === undefined) continue;
      try {
        return decodeHostKey(base64);
      } catch (error) {
        problem = error as Error;
      }
    }
  }
  const last = problem === undefined ? "" : `; last parsing error for ignored line: ${problem.message}`;
  throw new Error(`failed to parse host key: ssh: no key found${last}`);
}

/** The type is that of the blob, whatever the word before it says. */
function decodeHostKey(base64: string): HostKey {
  const bad =
    /[^A-Za-z0-9+/=]/.exec(base64)?.index ??
    (base64.length % 4 === 0 ? undefined : base64.length - (base64.length % 4));
  if (bad !== undefined) throw new Error(`illegal base64 data at input byte ${bad}`);
  const blob = Buffer.from(base64, "base64");
  if (blob.length < 4) throw new Error("ssh: short read");
  const type = readString(blob, 0).toString("latin1");
  if (!HOST_KEY_TYPE.test(type)) throw new Error(`ssh: unknown key algorithm: ${quote(type)}`);
  if (parseKey(`${type} ${base64}`) instanceof Error && !type.startsWith("sk-")) throw new Error("ssh: short read");
  return { type, blob };
}
