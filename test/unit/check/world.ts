// Name servers and a mail server of a test's own on loopback addresses: what `checkDomain` asks, and what no real one says on demand.
import { createSocket, type Socket } from "node:dgram";
import { createServer, type Server, type Socket as TcpSocket } from "node:net";
import { createSecureContext, type SecureContextOptions, TLSSocket } from "node:tls";
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Packet } from "dns-packet";
import { Asker } from "../../../src/cli/check/asker.ts";
import { type CheckOptions, checkDomain, type DomainReport } from "../../../src/cli/check/domain.ts";

export interface Question {
  /** The name server's address. */
  at: string;
  name: string;
  type: string;
  /** Asked as a resolver. */
  recursive: boolean;
}

/** What a server says instead of what is in `records`: records, a code, or nothing at all. */
export type Odd = (question: Question) => Answer[] | number | "silent" | undefined;

export interface Names {
  zones: string[];
  records: Answer[];
  odd?: Odd;
}

/** Code of an answer that a resolver gives where it can't say. */
export const SERVFAIL = 2;
export const nameServers = ["127.0.0.1", "127.0.0.2"];
export const mailServer = "127.0.0.9";

export class World {
  readonly #sockets: Socket[] = [];
  #mail: Server | null = null;
  #port = 0;
  #smtpPort = 0;
  #names: Names = { zones: [], records: [] };
  /** What the mail server says to who connects. */
  dialogue: Dialogue = {};
  /** Sessions with it since the check began. */
  connections = 0;

  static async open(): Promise<World> {
    const world = new World();
    for (const address of nameServers) world.#sockets.push(await world.#serve(address));
    world.#mail = createServer((socket) => {
      world.connections += 1;
      converse(socket, world.dialogue);
    });
    await new Promise<void>((resolve) => world.#mail?.listen(0, mailServer, resolve));
    const place = world.#mail.address();
    world.#smtpPort = typeof place === "object" && place !== null ? place.port : 0;
    return world;
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#mail?.close();
  }

  /** The first server is the resolver, too. */
  check(domain: string, names: Names, more: Partial<CheckOptions> = {}): Promise<DomainReport> {
    this.#names = names;
    this.connections = 0;
    const patience = 300;
    const asker = new Asker({ resolvers: nameServers.slice(0, 1), port: this.#port, patience });
    return checkDomain(domain, asker, {
      patience,
      mailPatience: 3_000,
      smtpPort: this.#smtpPort,
      allowSpecial: true,
      clock: () => 1_000,
      state: {},
      ...more,
    });
  }

  async #serve(address: string): Promise<Socket> {
    const socket = createSocket("udp4");
    socket.on("message", (bytes, from) => {
      const answer = this.#answer(address, decode(bytes));
      if (answer !== null) socket.send(answer, from.port, from.address);
    });
    await new Promise<void>((resolve) => socket.bind(this.#port, address, resolve));
    this.#port = socket.address().port;
    return socket;
  }

  #answer(at: string, packet: Packet & { flag_rd?: boolean }): Buffer | null {
    const [{ name: asked, type } = { name: "", type: "A" }] = packet.questions ?? [];
    const name = asked.toLowerCase();
    const { zones, records, odd } = this.#names;
    const said = odd?.({ at, name, type, recursive: packet.flag_rd === true });
    if (said === "silent") return null;
    const [zone] = zones.filter((of) => isIn(name, of)).sort((a, b) => b.length - a.length);
    const own = records.filter((record) => record.name === name && (record.type === type || record.type === "CNAME"));
    const usual = type === "SOA" && zone === name ? [soa(zone)] : own;
    const answers = Array.isArray(said) ? said : usual;
    const code = typeof said === "number" ? said : 0;
    return encode({
      type: "response",
      id: packet.id,
      questions: packet.questions,
      answers: code === 0 ? answers : [],
      authorities: answers.length === 0 && zone !== undefined ? [soa(zone)] : [],
      flags: AUTHORITATIVE_ANSWER | code,
    });
  }
}

function isIn(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

export function soa(zone: string, minimum = 300): Answer {
  const [mname, rname] = [`ns1.${zone}`, `hostmaster.${zone}`];
  return {
    type: "SOA",
    name: zone,
    ttl: 86_400,
    data: { mname, rname, serial: 1, refresh: 1, retry: 1, expire: 1, minimum },
  };
}

/** The same with signatures, as far as it is looked at them, and DS records for the zones that are signed. */
export function signedWhere(names: Names, isSigned: (zone: string) => boolean): Names {
  const zoneOf = (name: string) =>
    names.zones.filter((zone) => isIn(name, zone)).sort((a, b) => b.length - a.length)[0] ?? "";
  const odd: Odd = (question) => {
    const { name, type } = question;
    const said = names.odd?.(question);
    if (said !== undefined || !isSigned(zoneOf(name))) return said;
    const [first, ...more] = names.records.filter(
      (of) => of.name === name && (of.type === type || of.type === "CNAME"),
    );
    if (type === "DS" && zoneOf(name) === name) return [delegation(name)];
    if (type === "SOA" && zoneOf(name) === name) return [soa(name), signatureOf(name, "SOA")];
    return first === undefined ? undefined : [first, ...more, signatureOf(name, first.type)];
  };
  return { ...names, odd };
}

function signatureOf(name: string, typeCovered: Answer["type"]): Answer {
  if (typeCovered === "OPT") throw new Error("OPT has no signature");
  const times = { originalTTL: 300, expiration: 2_000_000_000, inception: 1_600_000_000 };
  const data = { algorithm: 13, labels: 2, keyTag: 1, signersName: name, signature: Buffer.alloc(64), ...times };
  return { type: "RRSIG", name, ttl: 300, data: { typeCovered, ...data } };
}

function delegation(name: string): Answer {
  return { type: "DS", name, ttl: 300, data: { keyTag: 1, algorithm: 13, digestType: 2, digest: Buffer.alloc(32, 1) } };
}

/** A zone of both name servers, with a mail host at the test's mail server. */
export function mailDomain(domain: string, ...more: Answer[]): Names {
  const host = `mx1.${domain}`;
  return {
    zones: [domain, "127.in-addr.arpa", "test"],
    records: [
      ...["ns1", "ns2"].flatMap((label, at): Answer[] => [
        { type: "NS", name: domain, ttl: 300, data: `${label}.${domain}` },
        { type: "NS", name: "127.in-addr.arpa", ttl: 300, data: `${label}.${domain}` },
        { type: "A", name: `${label}.${domain}`, ttl: 300, data: nameServers[at] ?? "" },
      ]),
      { type: "MX", name: domain, ttl: 300, data: { preference: 10, exchange: host } },
      { type: "A", name: host, ttl: 300, data: mailServer },
      { type: "PTR", name: "9.0.0.127.in-addr.arpa", ttl: 300, data: host },
      ...more,
    ],
  };
}

export interface Dialogue {
  /** Null: it closes at once. */
  greeting?: string | null;
  /** Its answer to EHLO; null: it closes. */
  features?: string | null;
  /** Its answer to STARTTLS. */
  ready?: string;
  /** The certificate for each name that a client asks for. */
  certificate?: (name: string) => SecureContextOptions;
}

function converse(socket: TcpSocket, said: Dialogue): void {
  const { greeting = "220 mx1 ESMTP", features = "250-mx1\r\n250 STARTTLS", certificate } = said;
  const { ready = "220 go ahead" } = said;
  socket.on("error", () => {});
  if (greeting === null) return void socket.end();
  socket.write(`${greeting}\r\n`);
  socket.on("data", function listen(bytes) {
    if (/^EHLO/.test(String(bytes))) return features === null ? socket.end() : socket.write(`${features}\r\n`);
    if (!/^STARTTLS/.test(String(bytes))) return socket.end();
    socket.off("data", listen);
    socket.write(`${ready}\r\n`);
    if (certificate === undefined || !ready.startsWith("220")) return socket.end();
    const tls = new TLSSocket(socket, {
      isServer: true,
      SNICallback: (name, done) => done(null, createSecureContext(certificate(name))),
      ...certificate(""),
    });
    tls.on("error", () => {}).on("data", () => tls.end("221 bye\r\n"));
  });
}
