/** A TCP connection with Go's error texts and the one timeout that the real provider has: that of the dial itself. */
import { getServers, lookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { hostPort } from "./goText.ts";

const REASONS: Record<string, string> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ETIMEDOUT: "connect: connection timed out",
  EACCES: "connect: permission denied",
  EADDRNOTAVAIL: "connect: cannot assign requested address",
  EINVAL: "connect: invalid argument",
};

/** Tries each address of the host; `seconds` of 0 means no limit. When all fail, the first one's error counts. */
export async function dialTcp(host: string, port: number, seconds: number): Promise<Socket> {
  const deadline = seconds > 0 ? Date.now() + seconds * 1000 : Number.POSITIVE_INFINITY;
  let first: unknown;
  for (const address of await addresses(host)) {
    try {
      return await connectTo(address, port, deadline - Date.now());
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

async function addresses(host: string): Promise<string[]> {
  if (isIP(host)) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    const server = getServers()[0];
    const asked = server === undefined ? "" : ` on ${hostPort(server, 53)}`;
    throw new Error(`dial tcp: lookup ${host}${asked}: no such host`);
  }
}

function connectTo(address: string, port: number, milliseconds: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      socket.destroy();
      reject(new Error(`dial tcp ${hostPort(address, port)}: ${reason}`));
    };
    const socket = connect({ host: address, port, noDelay: true });
    const timer = Number.isFinite(milliseconds)
      ? setTimeout(() => fail("i/o timeout"), Math.max(milliseconds, 0))
      : undefined;
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      fail(REASONS[error.code ?? ""] ?? error.message);
    });
  });
}
