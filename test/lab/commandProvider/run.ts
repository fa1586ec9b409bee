/** One command on a remote host: environment, stdin, both outputs, and how it ended. */
import type ssh2 from "ssh2";

export interface Run {
  command: string;
  stdin?: string;
  /** Variables without which the command must not run, and those that are merely tried. */
  environment: Variable[];
  onOutput(stream: "stdout" | "stderr", chunk: Buffer): void;
}

export interface Variable {
  name: string;
  value: string;
  /** Called when the server does not accept it (AcceptEnv); an error ends the run. */
  refused(): Error | undefined;
}

interface Exit {
  code?: number | null;
  signal?: string;
  reason?: string;
}

/** The command did not run, or not end with status 0; the text is Go's. */
export class Failed extends Error {}

export function run(client: ssh2.Client, { command, stdin, environment, onOutput }: Run): Promise<void> {
  return new Promise((resolve, reject) => {
    if (environment.length > 0) setEnvironmentFirst(client, environment, reject);
    client.exec(command, (error, channel) => {
      if (error) {
        reject(error.message === "Unable to exec" ? new Failed(`ssh: command ${command} failed`) : error);
        return;
      }
      let exit: Exit = {};
      let stdinSent = false;
      channel.on("exit", (code: number | null, signal?: string, _dump?: unknown, reason?: string) => {
        exit = { code, ...(signal ? { signal } : {}), ...(reason ? { reason } : {}) };
      });
      const pass = (stream: "stdout" | "stderr") => (chunk: Buffer) => {
        try {
          onOutput(stream, chunk);
        } catch (problem) {
          channel.close();
          reject(problem as Error);
        }
      };
      channel.on("data", pass("stdout"));
      channel.stderr.on("data", pass("stderr"));
      channel.on("error", () => {}); // 'close' follows
      channel.on("close", () => {
        const problem = exitText(exit) ?? (stdinSent ? undefined : "EOF");
        if (problem === undefined) resolve();
        else reject(new Failed(problem));
      });
      channel.on("finish", () => {
        stdinSent = true;
      });
      channel.end(stdin);
    });
  });
}

const SIGNALS: Record<string, number> = {
  ABRT: 6,
  ALRM: 14,
  FPE: 8,
  HUP: 1,
  ILL: 4,
  INT: 2,
  KILL: 9,
  PIPE: 13,
  QUIT: 3,
  SEGV: 11,
  TERM: 15,
};

function exitText({ code, signal, reason }: Exit): string | undefined {
  if (code === 0) return undefined;
  if (typeof code === "number") return `Process exited with status ${code}`;
  if (signal === undefined) return "wait: remote command exited without exit status or exit signal";
  const name = signal.replace(/^SIG/, "");
  const because = reason === undefined ? "" : `. Reason was: ${reason}`;
  return `Process exited with status ${128 + (SIGNALS[name] ?? 0)} from signal ${name}${because}`;
}

/** The parts of ssh2 that wait for an answer to `env`, which its own API never asks for. */
interface Internals {
  _protocol: {
    exec(channel: number, command: string, wantReply: boolean): void;
    env(channel: number, name: string, value: string, wantReply: boolean): void;
  };
  _chanMgr: {
    _channels: Record<string, { outgoing?: { id: number }; _callbacks: ((failed: boolean) => void)[]; close(): void }>;
  };
}

function setEnvironmentFirst(client: ssh2.Client, environment: readonly Variable[], abandon: (e: Error) => void): void {
  const { _protocol: protocol, _chanMgr: manager } = client as unknown as Internals;
  const exec = protocol.exec;
  protocol.exec = (id, command, wantReply) => {
    protocol.exec = exec;
    const channel = Object.values(manager._channels).find((each) => each.outgoing?.id === id);
    if (channel === undefined) throw new Error(`no channel ${id}`);
    const waiting = channel._callbacks.splice(0);
    const left = [...environment];
    const next = (): void => {
      const variable = left.shift();
      if (variable === undefined) {
        channel._callbacks.push(...waiting);
        exec.call(protocol, id, command, wantReply);
        return;
      }
      channel._callbacks.push((failed) => {
        const error = failed ? variable.refused() : undefined;
        if (error === undefined) {
          next();
          return;
        }
        channel.close();
        abandon(error);
      });
      protocol.env(id, variable.name, variable.value, true);
    };
    next();
  };
}
