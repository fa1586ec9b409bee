// One question to one address: by UDP, sent again while nothing comes, and by TCP where the answer is too big.
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import { decodeReply, encodeQuery, type Message, type Query } from "./wire";

/** Silent is no answer in time; refused is the address's own word that nobody listens; noRoute is this machine's. */
export type Problem = "silent" | "refused" | "noRoute";

/** `cut`: what came by UDP was cut off, and the whole of it was to be had by TCP only. */
export type Reply = { message: Message } | { problem: Problem; cut?: true };

export interface Place {
  address: string;
  port: number;
  /** Milliseconds that it has to answer. */
  patience: number;
}

const noRoute = new Set(["ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT", "ENETDOWN", "EINVAL"]);
const sendings = 3;

export function problemOf(error: NodeJS.ErrnoException): Problem {
  if (noRoute.has(error.code ?? "")) return "noRoute";
  return error.code === "ECONNREFUSED" || error.code === "ECONNRESET" ? "refused" : "silent";
}

// RFC 6891, section 7.
const knowsNoEdns = new Set(["FORMERR", "NOTIMP"]);

export async function query(place: Place, question: Query): Promise<Reply> {
  const reply = await byUdp(place, question);
  if (!("message" in reply)) return reply;
  if (!question.plain && knowsNoEdns.has(reply.message.code)) return query(place, { ...question, plain: true });
  if (!reply.message.truncated) return reply;
  const whole = await byTcp(place, question);
  return "message" in whole ? whole : { ...whole, cut: true };
}

function byUdp({ address, port, patience }: Place, question: Query): Promise<Reply> {
  const id = randomInt(65_536);
  const packet = encodeQuery(id, question);
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  return new Promise((resolve) => {
    const timers: NodeJS.Timeout[] = [];
    const finish = (reply: Reply): void => {
      for (const timer of timers) clearTimeout(timer);
      socket.removeAllListeners().on("error", () => {});
      try {
        socket.close();
      } finally {
        resolve(reply);
      }
    };
    // Connected, so that only this address is heard, and its refusal too.
    socket.on("error", (error) => finish({ problem: problemOf(error) }));
    socket.on("message", (bytes) => {
      const message = decodeReply(bytes, id, question);
      if (message !== null) finish({ message });
    });
    // Node's types leave out that the callback gets the error, of which no event tells then.
    socket.connect(port, address, (error?: NodeJS.ErrnoException) => {
      if (error) return finish({ problem: problemOf(error) });
      for (let n = 0; n < sendings; n += 1)
        timers.push(setTimeout(() => socket.send(packet), (n * patience) / sendings));
      timers.push(setTimeout(() => finish({ problem: "silent" }), patience));
    });
  });
}

function byTcp({ address, port, patience }: Place, question: Query): Promise<Reply> {
  const id = randomInt(65_536);
  const packet = encodeQuery(id, question);
  const socket = connect({ host: address, port });
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const finish = (reply: Reply): void => {
      clearTimeout(timer);
      socket.removeAllListeners().on("error", () => {});
      socket.destroy();
      resolve(reply);
    };
    const timer = setTimeout(() => finish({ problem: "silent" }), patience);
    socket.on("error", (error) => finish({ problem: problemOf(error) }));
    socket.on("close", () => finish({ problem: "silent" }));
    socket.on("connect", () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(packet.length);
      socket.write(Buffer.concat([length, packet]));
    });
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE(0)) return;
      const message = decodeReply(bytes.subarray(2, 2 + bytes.readUInt16BE(0)), id, question);
      finish(message === null ? { problem: "silent" } : { message });
    });
  });
}
