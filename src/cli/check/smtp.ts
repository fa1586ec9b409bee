// One session with a mail server: its greeting, STARTTLS, and the certificates that it sends.
import { X509Certificate } from "node:crypto";
import { connect, type Socket } from "node:net";
import {
  checkServerIdentity,
  type DetailedPeerCertificate,
  type PeerCertificate,
  connect as secure,
  type TLSSocket,
} from "node:tls";
import { problemOf } from "./query";

export interface Chain {
  /** Certificates as the server sends them, its own first. */
  certificates: Buffer[];
  version: string;
  /** Why a client that knows public authorities would not trust it, null if it would. */
  distrust: string | null;
  /** Why the certificate is not one of the host's name, null if it is. */
  misnamed: string | null;
  /** Only its common name is the host's, which DANE takes and MTA-STS does not (RFC 8461, section 4.1). */
  byCommonName: boolean;
  validTo: string;
  expired: boolean;
}

export type Session =
  | { state: "silent" | "noRoute" | "refused"; text: string }
  /** It answers, but talks no further with this client, which tells nothing of its TLS. */
  | { state: "away"; text: string }
  /** It takes this client, but offers no STARTTLS or breaks it off. */
  | { state: "greets" | "broken"; text: string }
  | { state: "encrypted"; text: string; chain: Chain };

export interface Visit {
  address: string;
  /** The host's name: whose certificate is wanted. */
  host: string;
  port: number;
  /** Milliseconds for all of it. */
  patience: number;
}

const rsa = "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512";
const ecdsa = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448";

/** A server may have a certificate of each kind of key, and sends the one that the client likes better: in TLS 1.3 by algorithm, else by cipher. */
const preferences = {
  RSA: { sigalgs: `${rsa}:${ecdsa}`, ciphers: "DEFAULT:+aECDSA:@SECLEVEL=0" },
  ECDSA: { sigalgs: `${ecdsa}:${rsa}`, ciphers: "DEFAULT:+aRSA:@SECLEVEL=0" },
} as const;

const anything = {
  rejectUnauthorized: false,
  // Names are judged by themselves: a wrong one would count as distrust of the authority.
  checkServerIdentity: () => undefined,
  minVersion: "TLSv1",
  // Above that level OpenSSL has no TLS 1.1, and such a server would look broken.
  ciphers: "DEFAULT:@SECLEVEL=0",
} as const;

/** A kind of key that is liked better, and no authority trusted: then the chain is exactly what was sent. */
export type Wish = keyof typeof preferences | "any";

/** Trusts the public authorities, unless a kind of key is wished for. */
export async function visit(call: Visit, wish: Wish): Promise<Session> {
  const socket = connect({ host: call.address, port: call.port });
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), call.patience);
  limit.signal.addEventListener("abort", () => socket.destroy(new Error("silent")));
  try {
    return await talk(socket, call, wish, limit.signal);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** How far a session came. */
type Stage = "dialled" | "connected" | "greeted" | "offered";

async function talk(socket: Socket, call: Visit, wish: Wish, limit: AbortSignal): Promise<Session> {
  const lines = new Lines(socket);
  let stage: Stage = "dialled";
  socket.once("connect", () => {
    stage = "connected";
  });
  try {
    const banner = await lines.reply();
    stage = "greeted";
    if (isRefusal(banner)) return away(shown(banner));
    if (!banner.startsWith("220")) return { state: "broken", text: `it greets with ${shown(banner)}` };
    const features = await lines.ask(`EHLO ${literal(socket)}`);
    // Who does not know EHLO knows no STARTTLS either; any other refusal is of this client.
    if (isRefusal(features) && !/^50[02]/.test(features)) return away(shown(features));
    if (!/^250[ -]STARTTLS\s*$/im.test(features)) return { state: "greets", text: "it offers no STARTTLS" };
    stage = "offered";
    const answer = await lines.ask("STARTTLS");
    if (answer.startsWith("421")) return away(shown(answer));
    if (!answer.startsWith("220")) return { state: "broken", text: withoutTls(answer) };
    lines.stop();
    return await handshake(socket, call, wish, limit);
  } catch (error) {
    return failure(error instanceof Error ? error : new Error(String(error)), stage, limit.aborted);
  }
}

function isRefusal(reply: string): boolean {
  return /^[45]/.test(reply);
}

function away(how: string): Session {
  return { state: "away", text: `turns this client away: ${how}` };
}

function withoutTls(answer: string): string {
  const text = `it offers STARTTLS and then answers it with ${shown(answer)}`;
  return answer.startsWith("454") ? `${text}: it has no TLS now` : text;
}

function failure(error: NodeJS.ErrnoException, stage: Stage, late: boolean): Session {
  const greeted = stage === "greeted" || stage === "offered";
  if (late) return { state: "silent", text: greeted ? "it greets and then stays silent" : "no answer in time" };
  if (stage === "connected") return away("it closes the connection at once");
  if (stage === "greeted") return away("it closes the connection before it answers EHLO");
  if (stage === "offered") return { state: "broken", text: `it breaks off (${shown(error.message)})` };
  const problem = problemOf(error);
  const words = {
    silent: `no answer (${error.code ?? shown(error.message)})`,
    refused: "connection refused",
    noRoute: "no route from this machine",
  };
  return { state: problem, text: words[problem] };
}

function handshake(socket: Socket, { host }: Visit, wish: Wish, limit: AbortSignal): Promise<Session> {
  return new Promise((resolve, reject) => {
    const options = { ...anything, socket, servername: host };
    const tls = secure(wish === "any" ? options : { ...options, ca: [], ...preferences[wish] });
    limit.addEventListener("abort", () => tls.destroy(new Error("silent")));
    let seen: Session | null = null;
    const end = (error: Error) => (seen === null ? reject(error) : resolve(seen));
    tls.on("error", end);
    tls.once("close", () => end(new Error("closed")));
    tls.once("secureConnect", () => {
      const chain = chainOf(tls, host);
      seen = { state: "encrypted", text: chain.version, chain };
      // The server closes, so that it logs no lost connection.
      tls.resume().end("QUIT\r\n");
    });
  });
}

function chainOf(tls: TLSSocket, host: string): Chain {
  const own = tls.getPeerCertificate(true);
  const certificates: Buffer[] = [];
  for (let at: DetailedPeerCertificate | undefined = own; at?.raw !== undefined; at = at.issuerCertificate) {
    const { raw } = at;
    if (certificates.some((known) => known.equals(raw))) break;
    certificates.push(raw);
  }
  return {
    certificates,
    version: tls.getProtocol() ?? "TLS",
    distrust: tls.authorized ? null : String(tls.authorizationError),
    ...nameOf(own, host),
    validTo: new Date(own.valid_to).toISOString().slice(0, 10),
    expired: Date.parse(own.valid_to) < Date.now() || Date.parse(own.valid_from) > Date.now(),
  };
}

/** How a certificate names the host. */
export function nameOf(own: PeerCertificate, host: string): Pick<Chain, "misnamed" | "byCommonName"> {
  const misnamed = checkServerIdentity(host, own)?.message ?? null;
  return { misnamed, byCommonName: misnamed === null && !/\bDNS:/.test(own.subjectaltname ?? "") };
}

const kinds = new Map([
  ["rsa", "RSA"],
  ["rsa-pss", "RSA"],
  ["ec", "ECDSA"],
]);

/** The kind of the server's own key, as certificates are told apart by it. */
export function keyOf({ certificates: [own] }: Chain): string {
  const type = (own && new X509Certificate(own).publicKey.asymmetricKeyType) ?? "no key";
  return kinds.get(type) ?? type;
}

/** This machine's address as a greeting has it (RFC 5321, section 4.1.3). */
function literal({ localAddress = "127.0.0.1" }: Socket): string {
  return localAddress.includes(":") ? `[IPv6:${localAddress.split("%")[0]}]` : `[${localAddress}]`;
}

function shown(text: string): string {
  return JSON.stringify(text.trim().slice(0, 80));
}

/** Replies of several lines, each as a whole. */
class Lines {
  readonly #socket: Socket;
  #buffer = "";
  #error: Error | null = null;
  #wake = (): void => {};
  readonly #onData = (chunk: Buffer): void => {
    this.#buffer = (this.#buffer + chunk.toString("latin1")).slice(0, 65_536);
    this.#wake();
  };
  readonly #onError = (error?: Error): void => {
    this.#error ??= error ?? new Error("closed");
    this.#wake();
  };

  constructor(socket: Socket) {
    this.#socket = socket
      .on("data", this.#onData)
      .on("error", this.#onError)
      .on("close", () => this.#onError());
  }

  stop(): void {
    this.#socket.off("data", this.#onData);
  }

  ask(line: string): Promise<string> {
    this.#socket.write(`${line}\r\n`);
    return this.reply();
  }

  async reply(): Promise<string> {
    for (;;) {
      const reply = /^(?:\d{3}-.*\r?\n)*\d{3}(?: .*)?\r?\n/.exec(this.#buffer);
      if (reply !== null) {
        this.#buffer = this.#buffer.slice(reply[0].length);
        return reply[0];
      }
      if (this.#error !== null) throw this.#error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
