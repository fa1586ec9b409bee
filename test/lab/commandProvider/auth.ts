/** Which authentication methods are tried, and in which order: as Go's `x/crypto/ssh` does it. */
import { connect } from "node:net";
import type { AnyAuthMethod, AuthHandlerMiddleware } from "ssh2";
import { list } from "./goText.ts";
import { parsePrivateKey } from "./keys.ts";

export interface Credentials {
  user: string;
  password?: string;
  privateKey?: string;
  privateKeyPassword?: string;
  agentSocketPath?: string;
}

interface Method {
  name: string;
  request: AnyAuthMethod;
}

/** One attempt to log in. `problem` says afterwards what was tried. */
export interface Attempt {
  handler: AuthHandlerMiddleware;
  problem(): string;
}

/** Reads keys and reaches for the agent now, so that what is wrong with them fails before any dial. */
export async function authentication(from: Credentials): Promise<() => Attempt> {
  const username = from.user;
  const methods: Method[] = [];
  if (from.privateKey !== undefined) {
    const key = parsePrivateKey(from.privateKey, from.privateKeyPassword);
    methods.push({ name: "publickey", request: { type: "publickey", username, key } });
  }
  const { password } = from;
  if (password !== undefined) {
    methods.push({ name: "password", request: { type: "password", username, password } });
    const prompt = (_n: string, _i: string, _l: string, prompts: readonly unknown[], answer: (all: string[]) => void) =>
      answer(prompts.map(() => password));
    methods.push({ name: "keyboard-interactive", request: { type: "keyboard-interactive", username, prompt } });
  }
  const agent = from.agentSocketPath ?? (process.env.SSH_AUTH_SOCK || undefined);
  if (agent !== undefined) {
    await reachAgent(agent);
    methods.push({ name: "publickey", request: { type: "agent", username, agent } });
  }
  return () => attempt(username, methods);
}

/** `none` first, then each method that the server allows. Of two with one name, the second is never tried. */
function attempt(username: string, methods: readonly Method[]): Attempt {
  const failed: string[] = [];
  let current = "none";
  return {
    handler: (allowed, partialSuccess, next) => {
      if (allowed === null || allowed === undefined) {
        next({ type: "none", username });
        return;
      }
      if (!partialSuccess) failed.push(current);
      const method = methods.find(
        ({ name }) => !failed.includes(name) && allowed.includes(name as (typeof allowed)[number]),
      );
      if (method === undefined) {
        next(false as never);
        return;
      }
      current = method.name;
      next(method.request);
    },
    problem: () => `ssh: unable to authenticate, attempted methods ${list(failed)}, no supported methods remain`,
  };
}

function reachAgent(path: string): Promise<void> {
  const reasons: Record<string, string> = {
    ENOENT: "no such file or directory",
    ECONNREFUSED: "connection refused",
    EACCES: "permission denied",
    ENOTSOCK: "socket operation on non-socket",
  };
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      reject(new Error(`dial unix ${path}: connect: ${reasons[error.code ?? ""] ?? error.message}`));
    });
  });
}
