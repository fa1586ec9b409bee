// One Debian host in a lab: a copy of a clean root, booted by systemd-nspawn.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HostFiles, prepareFiles } from "./hostFiles.ts";
import type { Lab } from "./lab.ts";
import { labDir } from "./places.ts";
import { ensureRoot, isKind, type Kind, type Suite } from "./roots.ts";
import { must, type Result, type RunOptions, run, until } from "./run.ts";
import { readBanner } from "./smtp.ts";

export interface HostOptions {
  /** Default bookworm. */
  suite?: Suite;
  /** Default stock. */
  kind?: Kind;
  /** `plain` has no systemd running: sshd, rsyslog and `postfix start` under a stub init. */
  init?: "systemd" | "plain";
  /** More than 1 lets one host stand for many. */
  addresses?: number;
}

export type User = "root" | "deploy" | "locked" | "dora" | "plain";

/** The password of the users `locked` (whose sudo asks for it) and `plain` (who may become nobody else). */
export const PASSWORD = "lab-sesame";

export interface SshOptions extends RunOptions {
  user?: User;
  key?: "ed25519" | "rsa";
}

const ENVIRONMENT = {
  HOME: "/root",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
};

// Layers over the root's own directories: to copy so many files would take most of the time of a boot.
const SHARED = ["usr", "var/lib/dpkg"] as const;

// An smtpd that starts before Dovecot's socket is there dies, and is throttled for a minute.
const LIVED_IN_READY = `cd /var/spool/postfix/private && test -S auth && test -S dovecot-lmtp &&
  ss -Hltn | grep -q :10024 && ss -Hltn | grep -q :8891`;

export class Host {
  readonly lab: Lab;
  readonly options: Required<HostOptions>;
  /** The machine's name, and what its interface in the lab is named after. */
  readonly name: string;
  readonly address: string;
  /** All of them, `address` first. */
  readonly addresses: readonly string[];
  readonly address6: string;
  /** The lab's own address as this host sees it. */
  readonly clientAddress: string;
  readonly dir: string;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
  /** Paths of private keys that log in as every user. */
  readonly keys: HostFiles["keys"];
  readonly #gateway6: string;
  #nspawn: ChildProcess | undefined;
  #expected = false;

  private constructor(lab: Lab, number: number, options: Required<HostOptions>, dir: string) {
    const net = `10.77.${number}`;
    this.lab = lab;
    this.options = options;
    this.name = `m${lab.id}h${number}`;
    this.dir = dir;
    this.address = `${net}.2`;
    this.addresses = [this.address, ...Array.from({ length: options.addresses - 1 }, (_, i) => `${net}.${101 + i}`)];
    this.clientAddress = `${net}.1`;
    this.address6 = `fd77:0:0:${number}::2`;
    this.#gateway6 = `fd77:0:0:${number}::1`;
    const files = prepareFiles({
      dir,
      addresses: this.addresses,
      gateway: this.clientAddress,
      address6: this.address6,
      gateway6: this.#gateway6,
    });
    this.hostKey = files.hostKey;
    this.keys = files.keys;
  }

  /** Copied and configured, not yet booted. */
  static async create(lab: Lab, number: number, options: HostOptions): Promise<Host> {
    const full = { suite: "bookworm", kind: "stock", init: "systemd", addresses: 1, ...options } as const;
    const base = await ensureRoot(full.suite, full.kind);
    const dir = join(lab.dir, "hosts", `h${number}`);
    for (const layer of ["upper", "work"])
      for (const part of SHARED) mkdirSync(join(dir, layer, part), { recursive: true });
    mkdirSync(join(dir, "root"));
    symlinkSync(base, join(dir, "base"));
    const others = SHARED.map((part) => `--exclude=${part}/*`);
    // Not the root itself, for another run may set its time meanwhile, which tar takes for a fault.
    const copy =
      'cd "$1"; to=$2; shift 2; tar --xattrs --acls --anchored "$@" -c -- * | tar -C "$to" --xattrs --acls -xp';
    await must(["bash", "-o", "pipefail", "-euc", copy, "-", base, join(dir, "root"), ...others]);
    return new Host(lab, number, full, dir);
  }

  get root(): string {
    return join(this.dir, "root");
  }

  /** The network namespace that clients of this host run in. */
  get netns(): string {
    return this.lab.netns;
  }

  /** Start, and wait until ssh and SMTP answer. */
  async boot({ waitForSmtp = true } = {}): Promise<void> {
    const link = `ve-${this.name}`;
    const linked = async () => (await this.lab.run(["ip", "link", "show", link])).status === 0;
    // The kernel removes the interface of the host's former life some time after its last process.
    await until(`the end of the old ${link}`, async () => !(await linked()) || undefined);
    const launch = ["unshare", "--mount", "--propagation", "private", "sh", join(labDir, "launch.sh")];
    const [ip, ...args] = this.lab.inside([...launch, this.dir, this.name, this.options.init, ...SHARED]);
    const log = openSync(join(this.dir, "console.log"), "a");
    this.#expected = false;
    this.#nspawn = spawn(ip as string, args, { stdio: ["ignore", log, log] });
    this.#nspawn.unref();
    await this.#wait("interface", async () => (await linked()) || undefined);
    const commands = [
      `address add ${this.clientAddress}/24 dev ${link}`,
      `address add ${this.#gateway6}/64 dev ${link} nodad`,
      `link set ${link} up`,
    ];
    await must(this.lab.inside(["ip", "-batch", "-"]), { stdin: `${commands.join("\n")}\n` });
    await this.#wait("ssh", async () => (await this.#banner(22)).startsWith("SSH-") || undefined);
    if (waitForSmtp) await this.waitForSmtp();
    if (isKind(this.options.kind, "lived-in"))
      await this.#wait("filter, milter and mailboxes", async () => {
        const { status } = await this.exec(LIVED_IN_READY);
        return status === 0 || undefined;
      });
    if (isKind(this.options.kind, "bind"))
      await this.#wait("name server", async () => {
        const { status } = await this.exec("dig +time=1 +tries=1 @127.0.0.1 signed.test RRSIG | grep -q 'SOA'");
        return status === 0 || undefined;
      });
  }

  async waitForSmtp(port = 25): Promise<void> {
    await this.#wait(`SMTP on ${port}`, async () => (await this.#banner(port)).startsWith("220") || undefined);
  }

  async #banner(port: number): Promise<string> {
    const socket = await this.lab.connect(this.address, port);
    try {
      return await readBanner(socket, 5_000);
    } finally {
      socket.destroy();
    }
  }

  #wait(what: string, attempt: () => Promise<true | undefined>): Promise<true> {
    return until(
      `${this.name}: ${what}`,
      async () => {
        const status = this.#nspawn?.exitCode;
        if (typeof status === "number" && !this.#expected) {
          const log = readFileSync(join(this.dir, "console.log"), "utf8").slice(-2_000);
          throw new Error(`${this.name} ended with status ${status}\n${log}`);
        }
        return attempt();
      },
      { timeoutMs: 120_000 },
    );
  }

  /** The host's PID 1, as this machine numbers it. */
  get leader(): number {
    const nspawn = this.#nspawn?.pid;
    const children = readFileSync(`/proc/${nspawn}/task/${nspawn}/children`, "utf8").trim().split(" ");
    const leader = children.find((pid) => /^NSpid:.*\s1$/m.test(readFileSync(`/proc/${pid}/status`, "utf8")));
    if (leader === undefined) throw new Error(`${this.name} is not running`);
    return Number(leader);
  }

  /** As root on the host's console, without ssh. */
  exec(command: string, options?: RunOptions): Promise<Result> {
    const enter = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd"];
    const argv = ["nsenter", "--target", String(this.leader), ...enter];
    return run([...argv, "--", "/bin/sh", "-c", command], { ...options, env: ENVIRONMENT });
  }

  /** `exec` for steps that must work; gives the standard output. */
  async must(command: string, options?: RunOptions): Promise<string> {
    const result = await this.exec(command, options);
    if (result.status !== 0) {
      throw new Error(`${this.name}: ${command}: status ${result.status}\n${result.stdout}${result.stderr}`);
    }
    return result.stdout;
  }

  read(path: string): Promise<string> {
    return this.must(`cat -- '${path}'`);
  }

  async write(path: string, content: string, mode = "644"): Promise<void> {
    await this.must(`cat >'${path}' && chmod ${mode} '${path}'`, { stdin: content });
  }

  /** The command line of an ssh to this host, to be run inside the lab. */
  sshArgv({ user = "root", key = "ed25519" }: SshOptions = {}): string[] {
    const known = join(this.dir, "known_hosts");
    writeFileSync(known, [...this.addresses, this.address6].map((address) => `${address} ${this.hostKey}\n`).join(""));
    const options = ["BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=yes", `UserKnownHostsFile=${known}`];
    return ["ssh", "-F", "none", "-i", this.keys[key], ...options.flatMap((o) => ["-o", o]), `${user}@${this.address}`];
  }

  ssh(command: string, options: SshOptions = {}): Promise<Result> {
    return this.lab.run([...this.sshArgv(options), command], options);
  }

  /** Run a client of this host inside the lab. */
  outside(argv: readonly string[], options?: RunOptions): Promise<Result> {
    return this.lab.run(argv, options);
  }

  /** An orderly reboot. */
  async reboot(): Promise<void> {
    if (this.options.init === "plain") return this.cutPower().then(() => this.boot());
    const ended = this.#ended();
    await this.exec("systemctl reboot");
    await ended;
    await this.boot();
  }

  /** Everything on it ends at once; its files stay, and `boot` starts it again. */
  async cutPower(): Promise<void> {
    const ended = this.#ended();
    await must(["sh", join(labDir, "teardown.sh"), this.lab.dir, this.dir.slice(this.dir.lastIndexOf("/") + 1)], {
      env: { ...process.env, KEEP_FILES: "1" },
    });
    await ended;
  }

  /** Ended and removed. */
  async stop(): Promise<void> {
    const ended = this.#ended();
    await must(["sh", join(labDir, "teardown.sh"), this.lab.dir, this.dir.slice(this.dir.lastIndexOf("/") + 1)]);
    await ended;
  }

  /** From here its end is no surprise. */
  expectEnd(): void {
    this.#expected = true;
  }

  #ended(): Promise<void> {
    this.expectEnd();
    const child = this.#nspawn;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    child.ref();
    return new Promise((resolve) => child.once("exit", () => resolve()));
  }
}
