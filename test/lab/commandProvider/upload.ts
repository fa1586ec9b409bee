/** Files, directories and texts to a remote path. Parent directories are made, as by the newest real provider. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import type { Sftp } from "./sftp.ts";

export async function writeText(sftp: Sftp, text: string, remote: string): Promise<void> {
  if ((await sftp.kind(remote)) === "directory") {
    throw new Error(`remote path ${remote} is a directory; when using a text asset, remotePath must be a file path`);
  }
  await makeParents(sftp, remote);
  await sftp.write(remote, Buffer.from(text)).catch((error: Error) => {
    throw explain(error, `failed to write text content to remote path ${remote}`);
  });
}

/**
 * A file goes to the remote path, or into it where it is a directory. Of a directory, the content goes there if the
 * local path ends in a slash, else the directory itself.
 */
export async function copyPath(sftp: Sftp, local: string, remote: string): Promise<void> {
  const there = await sftp.kind(remote);
  if (!isLocalDirectory(local)) {
    if (there === undefined) await makeParents(sftp, remote);
    await copyFile(sftp, local, there === "directory" ? posix.join(remote, posix.basename(local)) : remote);
    return;
  }
  if (there === undefined) {
    await makeAll(sftp, remote).catch((error: Error) => {
      throw new Error(`failed to create remote directory ${remote}: ${error.message}`);
    });
  }
  await copyDirectory(sftp, local, local.endsWith("/") ? remote : posix.join(remote, posix.basename(local)));
}

async function copyDirectory(sftp: Sftp, local: string, remote: string): Promise<void> {
  const there = await sftp.kind(remote);
  if (there === "file") throw new Error(`remote path ${remote} exists but is not a directory`);
  if (there === undefined) {
    await sftp.mkdir(remote).catch((error: Error) => {
      throw new Error(`failed to create remote directory ${remote}: ${error.message}`);
    });
  }
  for (const entry of readdirSync(local, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const [from, to] = [posix.join(local, entry.name), posix.join(remote, entry.name)];
    await (entry.isDirectory() ? copyDirectory(sftp, from, to) : copyFile(sftp, from, to));
  }
}

async function copyFile(sftp: Sftp, local: string, remote: string): Promise<void> {
  const content = readLocal(local, () => readFileSync(local));
  await sftp.write(remote, content).catch((error: Error) => {
    throw explain(error, `failed to copy file ${local} to remote path ${remote}`);
  });
}

function explain(error: Error, what: string): Error {
  return error.message.startsWith("failed to create") ? error : new Error(`${what}: ${error.message}`);
}

async function makeParents(sftp: Sftp, path: string): Promise<void> {
  await makeAll(sftp, posix.dirname(path)).catch((error: Error) => {
    throw new Error(`failed to create parent directories for ${path}: ${error.message}`);
  });
}

async function makeAll(sftp: Sftp, path: string): Promise<void> {
  const there = await sftp.kind(path);
  if (there === "directory") return;
  if (there === "file") throw new Error(`mkdir ${path}: not a directory`);
  if (posix.dirname(path) !== path) await makeAll(sftp, posix.dirname(path));
  await sftp.mkdir(path).catch(async (error: Error) => {
    // Another upload may have made it meanwhile.
    if ((await sftp.kind(path)) !== "directory") throw error;
  });
}

function isLocalDirectory(path: string): boolean {
  return readLocal(path, () => statSync(path).isDirectory());
}

function readLocal<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = { ENOENT: "no such file or directory", EACCES: "permission denied" };
    throw new Error(`open ${path}: ${reasons[code ?? ""] ?? message}`);
  }
}
