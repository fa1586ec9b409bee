import { Refusal, refuse, text } from "./policy/refusal";

/** Key types that a host key may have. `ssh-rsa` as the provider offers it is refused by OpenSSH 8.8 and later. */
const types = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];

/**
 * A host key as `TYPE BASE64`, from a line of a known_hosts file, of `ssh-keyscan` or of a `.pub` file (sshd(8),
 * "SSH_KNOWN_HOSTS FILE FORMAT").
 */
export function normalizeHostKey(argument: string, value: unknown, host: string): string {
  const lines = text(argument, value)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const line = lines[0];
  if (line === undefined) throw new Refusal(argument, `is empty; ${howToGet(host)}`);
  if (lines.length > 1)
    throw new Refusal(argument, `has ${lines.length} lines, and only the first would count; ${howToGet(host)}`);
  const words = line.trim().split(/\s+/);
  refuseMarker(argument, words[0], host);
  const at = words.findIndex((word) => types.includes(word));
  const type = words[at];
  const key = words[at + 1];
  if (words.some((word) => /^(ssh|rsa|ecdsa)-[\w@.-]{1,60}$/.test(word)) && type === undefined)
    refuseType(argument, words, host);
  if (type === undefined || key === undefined || !isKey(type, key)) refuse(argument, line, howToGet(host));
  return `${type} ${key}`;
}

/** The refusal where no key was given at all. */
export function requireHostKey(argument: string, host: string): never {
  throw new Refusal(argument, `is missing, and an unknown host is never trusted; ${howToGet(host)}`);
}

function howToGet(host: string): string {
  return `use the one line that "ssh-keyscan -t ed25519 ${host}" prints, after comparing it with "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" on the host's console`;
}

/** A revoked key must not be trusted, and a certificate authority's key is not the host's. */
function refuseMarker(argument: string, word: string | undefined, host: string): void {
  if (word === "@revoked" || word === "@cert-authority") {
    throw new Refusal(argument, `is marked ${word}, so it is no key of the host; ${howToGet(host)}`);
  }
}

function refuseType(argument: string, words: readonly string[], host: string): never {
  const type = words.find((word) => /^(ssh|rsa|ecdsa)-[\w@.-]{1,60}$/.test(word));
  throw new Refusal(argument, `is of type ${type}, which does not work with today's OpenSSH; ${howToGet(host)}`);
}

/** Whether the base64 holds a key of the type, whole: its blob begins with the type's name (RFC 4253, section 6.6). */
function isKey(type: string, key: string): boolean {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key)) return false;
  const blob = Buffer.from(key, "base64");
  const fields = blobFields(blob);
  return fields !== undefined && fields[0]?.toString("latin1") === type && fields.length >= 2;
}

/** The length-prefixed fields of a key blob, or undefined where it was cut. */
function blobFields(blob: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at + 4 <= blob.length) {
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return at === blob.length ? fields : undefined;
}
