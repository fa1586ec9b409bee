// Handshakes from outside, by OpenSSL's own client: the judge of what a server accepts.
import type { Host } from "./host.ts";

export const versions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;
export type Version = (typeof versions)[number];
export type Mode = "starttls" | "wrapper";

export interface HandshakeOptions {
  port?: number;
  mode?: Mode;
  version?: Version;
  /** For TLS 1.2 and below, in OpenSSL's words. */
  cipher?: string;
  servername?: string;
  /** Default the host's IPv4 address. */
  address?: string;
  args?: readonly string[];
}

export interface Handshake {
  outcome: "accepted" | "refused" | "no-starttls" | "no-connection";
  /** Where accepted. */
  protocol?: string;
  cipher?: string;
  /** The server's certificate, in PEM, where it sent one. */
  certificate?: string;
  /** All that the client said. */
  text: string;
}

const FLAGS: Record<Version, string> = {
  TLSv1: "-tls1",
  "TLSv1.1": "-tls1_1",
  "TLSv1.2": "-tls1_2",
  "TLSv1.3": "-tls1_3",
};

/** The client's command line, as a user would type it. */
export function handshakeArgv(host: Host, options: HandshakeOptions = {}): string[] {
  const { port = 25, mode = "starttls", version, servername, address = host.address, args = [] } = options;
  const target = address.includes(":") ? `[${address}]` : address;
  // The client itself would refuse 1.0 and 1.1 at Debian's default level.
  const cipher = `${options.cipher ?? "ALL"}@SECLEVEL=0`;
  const argv = ["openssl", "s_client", "-connect", `${target}:${port}`, "-cipher", cipher];
  if (mode === "starttls") argv.push("-starttls", "smtp");
  if (version) argv.push(FLAGS[version]);
  argv.push(...(servername ? ["-servername", servername] : ["-noservername"]), ...args);
  return argv;
}

export async function handshake(host: Host, options: HandshakeOptions = {}): Promise<Handshake> {
  const argv = handshakeArgv(host, options);
  const { status, stdout, stderr } = await host.outside(argv, { timeoutMs: 60_000 });
  const text = stdout + stderr;
  if (/^connect:|Connection refused|connect:errno=/m.test(stderr)) return { outcome: "no-connection", text };
  // The client goes on regardless, into a handshake that can only fail.
  if (/Didn't find STARTTLS/.test(text)) return { outcome: "no-starttls", text };
  const agreed = /^(?:New|Reused), ((?:TLS|SSL)v[\d.]+), Cipher is (\S+)$/m.exec(stdout);
  const protocol = /^ *Protocol *: (\S+)$/m.exec(stdout)?.[1] ?? agreed?.[1];
  if (status !== 0 || !agreed) return { outcome: "refused", text };
  const certificate = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(stdout)?.[0];
  return { outcome: "accepted", protocol, cipher: agreed[2], certificate, text };
}

/** The versions accepted on a port. A port that is closed or offers no STARTTLS is an error, not an empty list. */
export async function acceptedVersions(
  host: Host,
  port = 25,
  mode: Mode = port === 465 ? "wrapper" : "starttls",
  address = host.address,
): Promise<Version[]> {
  const accepted: Version[] = [];
  for (const version of versions) {
    const { outcome, text } = await handshake(host, { port, mode, version, address });
    if (outcome === "accepted") accepted.push(version);
    else if (outcome !== "refused") throw new Error(`${address}:${port}: ${outcome}\n${text}`);
  }
  return accepted;
}
