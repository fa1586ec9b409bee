/** A connection to a host, direct or by a bastion: host key, retries, and what is said when it fails. */
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import ssh2 from "ssh2";
import { type Attempt, authentication, type Credentials } from "./auth.ts";
import { list } from "./goText.ts";
import { type HostKey, parseHostKey } from "./keys.ts";
import type { Log } from "./log.ts";
import { dialTcp } from "./tcp.ts";

export interface Endpoint extends Credentials {
  host: string;
  port: number;
  dialErrorLimit: number;
  perDialTimeout: number;
  hostKey?: string;
}

export interface Connection extends Endpoint {
  proxy?: Endpoint;
}

export interface Context {
  log: Log;
  cancelled: AbortSignal;
}

interface Config {
  user: string;
  authenticate: () => Attempt;
  hostKey: HostKey | undefined;
}

/** Retries any failure, a wrong key as well as a refused port. The caller ends what it gets. */
export async function dial(connection: Connection, context: Context): Promise<ssh2.Client> {
  const config = await configure(connection);
  const { host, port, dialErrorLimit: limit, proxy } = connection;
  if (proxy === undefined) return retry("Dial", limit, context, () => login(connection, config));
  return dialThrough(proxy, host, port, limit, config, context).catch((error: Error) => {
    throw new Error(`proxy: ${error.message}`);
  });
}

async function dialThrough(
  proxy: Endpoint,
  host: string,
  port: number,
  limit: number,
  config: Config,
  context: Context,
): Promise<ssh2.Client> {
  const proxyConfig = await configure(proxy);
  const bastion = await retry("Dial proxy", proxy.dialErrorLimit, context, () => login(proxy, proxyConfig));
  try {
    const tunnel = await retry("Dial from proxy", limit, context, () => forward(bastion, host, port));
    // The real provider retries the handshake on the one tunnel, which the first failure closed: the reason is lost.
    let used = false;
    const client = await retry("Dial", limit, context, () => {
      if (used) throw new Error("ssh: handshake failed: EOF");
      used = true;
      return handshake(tunnel, config);
    });
    client.once("close", () => bastion.end());
    return client;
  } catch (error) {
    bastion.end();
    throw error;
  }
}

async function configure(endpoint: Endpoint): Promise<Config> {
  const hostKey = endpoint.hostKey === undefined ? undefined : parseHostKey(endpoint.hostKey);
  return { user: endpoint.user, hostKey, authenticate: await authentication(endpoint) };
}

async function login(endpoint: Endpoint, config: Config): Promise<ssh2.Client> {
  return handshake(await dialTcp(endpoint.host, endpoint.port, endpoint.perDialTimeout), config);
}

/** No time limit: only the dial has one. */
function handshake(socket: Duplex, config: Config): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  const attempt = config.authenticate();
  let offered: string[] = [];
  let mismatch = false;
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      client.destroy();
      reject(new Error(`ssh: handshake failed: ${reason}`));
    };
    client.once("ready", () => {
      client.removeAllListeners("error");
      client.on("error", () => {}); // whoever uses the connection sees its channels close
      resolve(client);
    });
    client.on("error", (error: Error & { level?: string; code?: string }) => {
      if (error.level === "agent") return;
      if (mismatch) fail("ssh: host key mismatch");
      else if (error.message.endsWith("no matching host key format")) fail(noCommonAlgorithm(config, offered));
      else if (error.level === "client-authentication") fail(attempt.problem());
      else if (error.code === "ECONNRESET") fail("read tcp: read: connection reset by peer");
      else if (error.message === "Connection lost before handshake") fail("EOF");
      else fail(`ssh: ${error.message}`);
    });
    client.once("close", () => fail("EOF"));
    client.connect({
      sock: socket as never,
      username: config.user,
      authHandler: attempt.handler,
      readyTimeout: 0,
      ...(config.hostKey === undefined ? {} : { algorithms: { serverHostKey: [config.hostKey.type as never] } }),
      hostVerifier: (key: Buffer) => {
        mismatch = config.hostKey !== undefined && !key.equals(config.hostKey.blob);
        return !mismatch;
      },
      debug: (line) => {
        offered = /^Handshake: \(remote\) Host key format: (.*)/.exec(line)?.[1]?.split(",") ?? offered;
      },
    });
  });
}

function noCommonAlgorithm(config: Config, offered: readonly string[]): string {
  const ours = list(config.hostKey === undefined ? [] : [config.hostKey.type]);
  return `ssh: no common algorithm for host key; we offered: ${ours}, peer offered: ${list(offered)}`;
}

function forward(bastion: ssh2.Client, host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    bastion.forwardOut("0.0.0.0", 0, host, port, (error, channel) => {
      if (error === undefined || error === null) resolve(channel);
      else reject(new Error(rejected(error as Error & { reason?: number | string })));
    });
  });
}

function rejected(error: Error & { reason?: number | string }): string {
  const reasons = ["", "administratively prohibited", "connect failed", "unknown channel type", "resource shortage"];
  const text = error.message.replace(/^\(SSH\) Channel open failure: /, "");
  return `ssh: rejected: ${reasons[Number(error.reason)] ?? `unknown reason ${error.reason}`} (${text})`;
}

/**
 * One dial more than the limit allows errors, ever further apart: 0.1 s, half as long again each time, at most 5 s.
 * Cancelling and timeouts (customTimeouts) end the waiting, never a dial or a command.
 */
async function retry<T>(what: string, limit: number, context: Context, dialOnce: () => Promise<T>): Promise<T> {
  const { cancelled, log } = context;
  let delay = 100;
  for (let failures = 0; ; failures++) {
    try {
      return await dialOnce();
    } catch (error) {
      if (limit > -1 && failures + 1 > limit) {
        throw new Error(`after ${failures} failed attempts: ${(error as Error).message}`);
      }
      log.status("INFO", `${what} ${failures + 1}/${limit === -1 ? "inf" : limit} failed: retrying`);
    }
    await sleep(delay, undefined, { signal: cancelled }).catch(() => {});
    if (cancelled.aborted) {
      const late = (cancelled.reason as Error).name === "TimeoutError";
      throw new Error(late ? "context deadline exceeded" : "context canceled");
    }
    delay = Math.min(delay * 1.5, 5000);
  }
}
