/** For tests: OpenSSH's sshd as a child process on a loopback port, with its own configuration and keys. */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sshdProgram } from "../sshd.ts";

export interface SshHost {
  port: number;
  user: string;
  /** Scratch space for whatever a test's commands write. */
  directory: string;
  /** Host keys as one would paste them, by type. */
  hostKeys: { ed25519: string; ecdsa: string; rsa: string };
  /** The private key that may log in. */
  key: string;
  keyFile: string;
  /** What sshd wrote about itself. */
  log(): string;
  stop(): Promise<void>;
}

export interface KeyPair {
  file: string;
  privateKey: string;
  publicKey: string;
}

export function makeKey(directory: string, name: string, type: string, passphrase = "", format?: string): KeyPair {
  const file = join(directory, name);
  const options = format === undefined ? [] : ["-m", format];
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", name, "-f", file, ...options]);
  return { file, privateKey: readFileSync(file, "utf8"), publicKey: readFileSync(`${file}.pub`, "utf8").trim() };
}

/** `extra` are lines of sshd_config. */
export async function startSshHost(
  extra: readonly string[] = [],
  moreKeys: readonly string[] = [],
  { sftp = true } = {},
): Promise<SshHost> {
  const sshd = await sshdProgram();
  const base = mkdtempSync(join(tmpdir(), "mailhost-sshd-"));
  chmodSync(base, 0o755);
  const directory = join(base, "scratch");
  mkdirSync(directory);
  const hostKeys = {
    ed25519: makeKey(base, "host_ed25519", "ed25519"),
    ecdsa: makeKey(base, "host_ecdsa", "ecdsa"),
    rsa: makeKey(base, "host_rsa", "rsa"),
  };
  const login = makeKey(base, "login", "ed25519");
  writeFileSync(join(base, "authorized"), [login.publicKey, ...moreKeys, ""].join("\n"));
  const port = await freePort();
  writeFileSync(
    join(base, "config"),
    [
      ...extra, // sshd takes the first value of a keyword
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      ...Object.values(hostKeys).map(({ file }) => `HostKey ${file}`),
      `AuthorizedKeysFile ${join(base, "authorized")}`,
      `PidFile ${join(base, "pid")}`,
      "UsePAM no",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PermitRootLogin prohibit-password",
      "StrictModes no",
      "MaxStartups 200",
      ...(sftp ? ["Subsystem sftp internal-sftp"] : []),
      "",
    ].join("\n"),
  );
  if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true });
  // The shell ends it when told to, and also when this process dies: then its standard input ends.
  const script = '"$0" -D -e -f "$1" & cat > /dev/null; kill $!; wait';
  const child = spawn("sh", ["-c", script, sshd, join(base, "config")], { stdio: ["pipe", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk;
  });
  await answering(port, () => log);
  return {
    port,
    user: userInfo().username,
    directory,
    hostKeys: {
      ed25519: hostKeys.ed25519.publicKey,
      ecdsa: hostKeys.ecdsa.publicKey,
      rsa: hostKeys.rsa.publicKey,
    },
    key: login.privateKey,
    keyFile: login.file,
    log: () => log,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.stdin.end();
      await ended;
      rmSync(base, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answering(port: number, log: () => string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("close", () => socket.destroy());
      setTimeout(() => socket.destroy(), 500).unref();
    });
    if (open) return;
    await sleep(25);
  }
  throw new Error(`sshd does not answer: ${log()}`);
}
