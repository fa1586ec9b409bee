// A lab: one network namespace that holds any number of hosts, and everything that must go when it ends.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { Host, type HostOptions } from "./host.ts";
import { labDir, labsDir, makeParent } from "./places.ts";
import { must, type Result, type RunOptions, run } from "./run.ts";

let counter = 0;

export class Lab {
  /** Unique on this machine; short, because interface names are. */
  readonly id: string;
  readonly netns: string;
  readonly dir: string;
  readonly hosts: Host[] = [];
  readonly #reaper: ChildProcess;
  #relay: ChildProcess | undefined;
  #numbered = 0;

  private constructor(id: string) {
    this.id = id;
    this.netns = `mailhost-${id}`;
    this.dir = join(labsDir, id);
    makeParent(labsDir);
    mkdirSync(join(this.dir, "hosts"), { recursive: true, mode: 0o755 });
    writeFileSync(join(this.dir, "netns"), this.netns);
    // Renamed into place: another run that looks for orphans must not see it half-written.
    writeFileSync(join(this.dir, "owner.part"), `${process.pid} ${startTime(process.pid)}`);
    renameSync(join(this.dir, "owner.part"), join(this.dir, "owner"));
    // In a session of its own, so that ctrl-C ends us and not it; end of input means that we are gone, however.
    this.#reaper = spawn("sh", ["-c", 'cat >/dev/null; exec sh "$@"', "-", join(labDir, "teardown.sh"), this.dir], {
      detached: true,
      stdio: ["pipe", "ignore", "inherit"],
    });
    this.#reaper.stdin?.on("error", () => {});
    this.#reaper.unref();
  }

  static async open(): Promise<Lab> {
    if (process.platform !== "linux" || process.getuid?.() !== 0) throw new Error("a lab needs Linux and root");
    removeOrphans();
    counter += 1;
    const lab = new Lab(`${process.pid.toString(36)}x${counter}`);
    await lab.#start();
    return lab;
  }

  async #start(): Promise<void> {
    await must(["ip", "netns", "add", this.netns]);
    await must(this.inside(["ip", "link", "set", "lo", "up"]));
    // Hosts reach one another through this namespace, and nothing beyond it.
    const forward = "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding";
    await must(this.inside(["sh", "-c", forward]));
    const [ip, ...args] = this.inside([process.execPath, join(labDir, "relay.ts"), this.#relayPath]);
    this.#relay = spawn(ip as string, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#relay.unref();
    await once(this.#relay.stdout as NonNullable<ChildProcess["stdout"]>, "data");
    for (const stream of [this.#relay.stdin, this.#relay.stdout, this.#reaper.stdin])
      (stream as Socket | null)?.unref();
  }

  get #relayPath(): string {
    return join(this.dir, "relay");
  }

  /** The command line that runs `argv` inside the lab, as a client of its hosts. */
  inside(argv: readonly string[]): string[] {
    return ["ip", "netns", "exec", this.netns, ...argv];
  }

  /** Run a client inside the lab: ssh, openssl, pulumi. */
  run(argv: readonly string[], options?: RunOptions): Promise<Result> {
    return run(this.inside(argv), options);
  }

  /** A TCP connection made inside the lab. `source` is one of the lab's own addresses. */
  async connect(host: string, port: number, source = ""): Promise<Socket> {
    const socket = connect(this.#relayPath);
    socket.write(`${host} ${port}${source ? ` ${source}` : ""}\n`);
    const answer = await firstLine(socket);
    if (answer !== "ok") {
      socket.destroy();
      throw Object.assign(new Error(`${host}:${port}: ${answer}`), { code: answer });
    }
    return socket;
  }

  /** A fresh host, booted and answering. */
  async boot(options: HostOptions = {}): Promise<Host> {
    this.#numbered += 1;
    const host = await Host.create(this, this.#numbered, options);
    this.hosts.push(host);
    await host.boot();
    return host;
  }

  /** End and remove all of it. */
  async close(): Promise<void> {
    for (const host of this.hosts) host.expectEnd();
    const ended = this.#reaper.exitCode === null ? once(this.#reaper, "exit") : undefined;
    this.#reaper.ref();
    this.#relay?.stdin?.end();
    this.#reaper.stdin?.end();
    await ended;
  }
}

// What a lab left whose process and reaper were both killed. Only directories of ours name what may go.
export function removeOrphans(): void {
  if (!existsSync(labsDir)) return;
  for (const id of readdirSync(labsDir)) {
    const owner = join(labsDir, id, "owner");
    if (!existsSync(owner)) continue;
    const [pid, started] = readFileSync(owner, "utf8").split(" ");
    if (startTime(Number(pid)) === started) continue;
    execFileSync("flock", [join(labsDir, "..", "orphans.lock"), "sh", join(labDir, "teardown.sh"), join(labsDir, id)]);
  }
}

/** Tells a process from a later one with the same number. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

// By `readable` events, which leave the stream as new: a `data` listener would have to be undone by pause.
function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const done = (): void => {
      socket.off("readable", onReadable).off("error", onError).off("end", onEnd);
    };
    const onError = (error: Error): void => {
      done();
      reject(error);
    };
    const onEnd = (): void => onError(new Error("the lab is gone"));
    const onReadable = (): void => {
      text += (socket.read() as Buffer | null)?.toString("latin1") ?? "";
      const end = text.indexOf("\n");
      if (end < 0) return;
      done();
      if (end + 1 < text.length) socket.unshift(Buffer.from(text.slice(end + 1), "latin1"));
      resolve(text.slice(0, end));
    };
    socket.on("readable", onReadable).on("error", onError).on("end", onEnd);
  });
}
