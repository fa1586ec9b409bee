/** For tests of connections: one that works, with any part of it changed, and what comes of using it. */
import type { Provider } from "./harness.ts";
import type { SshHost } from "./sshHosts.ts";
import type { Values } from "./values.ts";

export const COMMAND = "command:remote:Command";

/** The key of a host that is none of ours. */
export const ELSEWHERE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHywY7J2MbUcW2rgWlBo1K5BOyXHQRu3ydN4Z0gC1z2W";

export function to(where: SshHost, changes: Values = {}): Values {
  return {
    host: "127.0.0.1",
    port: where.port,
    user: where.user,
    privateKey: where.key,
    hostKey: where.hostKeys.ed25519,
    dialErrorLimit: 0,
    perDialTimeout: 5,
    ...changes,
  };
}

export function without(connection: Values, field: string): Values {
  return Object.fromEntries(Object.entries(connection).filter(([name]) => name !== field));
}

/** What `echo reached` prints there, or why it can't. */
export async function reach(provider: Provider, connection: Values): Promise<string> {
  const { inputs, failures } = await provider.check(COMMAND, { connection, create: "echo reached" });
  if (failures.length > 0) return JSON.stringify(failures);
  return failure(provider.create(COMMAND, inputs), ({ state }) => String(state.stdout));
}

/** The message of the failure that is expected. */
export function failure<T>(promise: Promise<T>, success: (value: T) => string = () => "no failure"): Promise<string> {
  return promise.then(success, (error: Error) => error.message);
}

export const refused = (reason: string): string => `after 0 failed attempts: ssh: handshake failed: ${reason}`;
