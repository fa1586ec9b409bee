// A booted host to try the host program on. Every test finds it as Debian made it, and must leave nothing of ours behind.
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { parseReceipt, type Receipt } from "../../src/receipt.ts";
import type { Host, HostOptions, User } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { until } from "../lab/run.ts";
import { banner } from "../lab/smtp.ts";
import { policy } from "./policies.ts";
import { hostProgram } from "./program.ts";

export const PROGRAM = "/usr/local/sbin/mailhost";

export interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
  /** The last line of the story. */
  last: string;
}

export interface CallOptions {
  /** Default the program under test. */
  program?: string;
  /** What reads the program; default `sh`. */
  shell?: string;
  /** Over ssh as this user; default root on the console, which is faster. */
  user?: User;
  /** Called with each piece of the story. */
  onOutput?: (text: string) => void;
  /** A prefix such as `sudo -n` or `env A=b`. */
  prefix?: string;
}

// All that a restore owes: names, kinds, modes, owners, links, ACLs and content; not times.
const FINGERPRINT = `cd /etc/postfix && find . -printf '%p %y %m %U:%G %n %l\\n' | sort && find . -type f -exec sha256sum {} + | sort && getfacl -Rs .`;

const LEFT_BEHIND = `
  ls -d /var/lib/mailhost/run.* /var/lib/mailhost/stage /var/lib/mailhost/journal /var/lib/mailhost.gone 2>/dev/null
  find /etc/postfix \\( -name '*.mailhost' -o -name '*.tmp' \\) 2>/dev/null
  grep -lz ^MAIL_CONFIG=/var/lib/mailhost /proc/[0-9]*/environ 2>/dev/null
  ls -d /tmp/pwned* 2>/dev/null; true`;

const RESTORE = `
  set -e
  rm -rf /var/lib/mailhost
  find /etc/postfix -mindepth 1 -delete
  cp -a /root/pristine/. /etc/postfix/`;

export class Bench {
  host!: Host;
  #pristine = "";

  constructor(host?: Host) {
    if (host) this.host = host;
  }

  async prepare(): Promise<void> {
    await this.host.must("cp -a /etc/postfix /root/pristine");
    await this.host.write(PROGRAM, await hostProgram(), "755");
    this.#pristine = await this.fingerprint();
  }

  /** One run as a user's command makes it: the policy on standard input. */
  async run(
    verb: string,
    stdin: string,
    { program = PROGRAM, shell = "sh", user, prefix = "", onOutput }: CallOptions = {},
  ): Promise<Outcome> {
    const command = `${prefix} ${shell} ${program} ${verb} mx1`;
    const { status, stdout, stderr } = await (user
      ? this.host.ssh(command, { stdin, user, onOutput })
      : this.host.exec(command, { stdin, onOutput }));
    return { status, stdout, stderr, last: stderr.trimEnd().split("\n").at(-1) ?? "" };
  }

  /** A run that must work. */
  async done(verb: string, stdin: string, options?: CallOptions): Promise<Receipt & { story: string }> {
    const outcome = await this.run(verb, stdin, options);
    if (outcome.status !== 0) throw new Error(`${verb}: status ${outcome.status}\n${stdin}${outcome.stderr}`);
    expect(Buffer.byteLength(outcome.stdout.trimEnd()), outcome.stdout).toBeLessThanOrEqual(1_024);
    return { ...parseReceipt("mx1", outcome.stdout), story: outcome.stderr };
  }

  apply(...lines: string[]): Promise<Receipt & { story: string }> {
    return this.done("apply", policy(...lines));
  }

  remove(...lines: string[]): Promise<Receipt & { story: string }> {
    return this.done("remove", policy(...lines));
  }

  /** A run that must refuse, or put all back: status 1, the configuration as it was, the server answering. Gives the error. */
  async refused(
    stdin: string,
    { verb = "apply", ports = [25], ...options }: CallOptions & { verb?: string; ports?: number[] } = {},
  ): Promise<string> {
    const before = await this.fingerprint();
    const outcome = await this.run(verb, stdin, options);
    const ended = Date.now();
    expect(outcome, outcome.stderr).toMatchObject({ status: 1, stdout: "" });
    for (const port of ports)
      await until(`the banner on ${port}`, async () => (await banner(this.host, port)).startsWith("220") || undefined, {
        timeoutMs: 5_000,
      });
    expect(Date.now() - ended).toBeLessThan(5_000);
    expect(await this.fingerprint()).toBe(before);
    expect(outcome.last).toMatch(/^mx1: error: /);
    return outcome.last.slice("mx1: error: ".length);
  }

  fingerprint(): Promise<string> {
    return this.host.must(FINGERPRINT);
  }

  /** Whether the configuration is byte for byte what it was before the test. */
  async isPristine(): Promise<boolean> {
    return (await this.fingerprint()) === this.#pristine;
  }

  postconf(name: string): Promise<string> {
    return this.host.must(`postconf -h ${name}`).then((text) => text.trimEnd());
  }

  async master(): Promise<string> {
    return (await this.host.must("cat /var/spool/postfix/pid/master.pid")).trim();
  }

  /** As at the start of the file, whatever a test did. */
  async reset(): Promise<void> {
    const { status } = await this.host.exec("test -e /var/lib/mailhost");
    if (status !== 0 && (await this.isPristine()) && (await this.#answers(5_000))) return;
    await this.host.must(RESTORE);
    await this.host.exec("postfix reload");
    if (await this.#answers(3_000)) return;
    // A service that was throttled comes back at once only by a restart.
    await this.restart();
    if (!(await this.#answers(20_000))) throw new Error(`${this.host.name}: Postfix does not come back`);
  }

  async restart(): Promise<void> {
    const systemd = "systemctl reset-failed postfix postfix@- 2>/dev/null; systemctl restart postfix";
    await this.host.must(`if [ -d /run/systemd/system ]; then ${systemd}; else postfix stop; postfix start; fi`);
  }

  async #answers(timeoutMs: number): Promise<boolean> {
    const attempt = async (): Promise<true | undefined> =>
      (await banner(this.host, 25, 2_000)).startsWith("220") || undefined;
    return until("220", attempt, { timeoutMs }).catch(() => false);
  }

  async leftBehind(): Promise<string> {
    return this.host.must(LEFT_BEHIND);
  }
}

/** Registers a host for the tests of the file or the `describe` that calls it. */
export function useBench(options: HostOptions, prepare?: (host: Host) => Promise<void>): Bench {
  const bench = new Bench();
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.open();
    bench.host = await lab.boot(options);
    await prepare?.(bench.host);
    await bench.prepare();
  });
  afterAll(() => lab.close());
  beforeEach(() => bench.reset());
  afterEach(async () => expect(await bench.leftBehind()).toBe(""));
  return bench;
}
