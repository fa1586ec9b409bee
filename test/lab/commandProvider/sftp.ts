/** The few sftp requests that an upload needs, with the error texts of Go's `pkg/sftp`. */
import type ssh2 from "ssh2";

export type Kind = "file" | "directory";

export interface Sftp {
  kind(path: string): Promise<Kind | undefined>;
  mkdir(path: string): Promise<void>;
  /** Truncates the file and writes into it. */
  write(path: string, content: Buffer): Promise<void>;
}

const CHUNK = 32 * 1024;
const TEXTS: Record<number, string> = {
  1: "EOF",
  2: "file does not exist",
  3: "permission denied",
  4: 'sftp: "Failure" (SSH_FX_FAILURE)',
  8: 'sftp: "Operation unsupported" (SSH_FX_OP_UNSUPPORTED)',
};

export async function openSftp(client: ssh2.Client): Promise<Sftp> {
  const wrapper = await new Promise<ssh2.SFTPWrapper>((resolve, reject) => {
    client.sftp((error, opened) => (error ? reject(new Error(startText(error))) : resolve(opened)));
  });
  const ask = <T>(request: (done: (error: Error | null | undefined, answer?: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      const lost = () => reject(new Error("connection lost"));
      wrapper.once("close", lost);
      request((error, answer) => {
        wrapper.removeListener("close", lost);
        if (error) reject(withGoText(error));
        else resolve(answer as T);
      });
    });
  return {
    kind: (path) =>
      ask<ssh2.Stats>((done) => wrapper.stat(path, done)).then(
        (stats) => (stats.isDirectory() ? "directory" : "file"),
        (error: Error) => {
          if (error.message === TEXTS[2]) return undefined;
          throw new Error(`failed to stat remote path ${path}: ${error.message}`);
        },
      ),
    mkdir: (path) => ask((done) => wrapper.mkdir(path, done)),
    write: async (path, content) => {
      const handle = await ask<Buffer>((done) => wrapper.open(path, "w+", done)).catch((error: Error) => {
        throw new Error(`failed to create remote file ${path}: ${error.message}`);
      });
      try {
        for (let at = 0; at < content.length; at += CHUNK) {
          const length = Math.min(CHUNK, content.length - at);
          await ask<void>((done) => wrapper.write(handle, content, at, length, at, done));
        }
      } finally {
        await ask<void>((done) => wrapper.close(handle, done)).catch(() => {});
      }
    },
  };
}

function withGoText(error: Error & { code?: number | string }): Error {
  return new Error(TEXTS[Number(error.code)] ?? error.message);
}

/** A subsystem that is not there, or one whose first bytes are a text that its user's shell printed. */
function startText({ message }: Error): string {
  if (!message.startsWith("Packet length")) return "ssh: subsystem request failed";
  return "error receiving version packet from server: packet too long";
}
