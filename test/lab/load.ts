// Steady load on a host from inside its lab, and what came of every connection and every mail.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Host } from "./host.ts";
import { labDir } from "./places.ts";
import { until } from "./run.ts";

export interface LoadPlan {
  /** What the ids of this run begin with. */
  run: string;
  host: string;
  port: number;
  to: string;
  /** The clients' addresses, each used in turn. */
  sources: string[];
  /** Connections a second, each with one mail, as far as `most` allows. */
  rate: number;
  /** Most connections of the load at a time: on a slow machine it is a slower load, and no flood. */
  most: number;
  /** Sessions that are open from before the load to its end, by kind. */
  stays: Partial<Record<Stay["kind"], number>>;
}

export interface Stay {
  kind: "idle" | "chatty" | "slow" | "stalled" | "dotted";
  /** Address and port. */
  client: string;
  lastedMs: number;
  /** When it ended, by the clock. */
  endedAt: number;
  /** Why it ended before the load did. */
  ended?: string;
}

export interface LoadReport {
  connections: number;
  refused: number;
  failed: string[];
  /** Ids of mails that the server answered for. */
  accepted: string[];
  /** Ids of mails whose final dot had no answer. */
  unanswered: string[];
  /** From its first packet to its end: the longest that any connection of the load took. */
  longestMs: number;
  stays: Stay[];
}

const SOURCES = 20;
let runs = 0;

export class Load {
  readonly run: string;
  readonly #host: Host;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #output = "";

  private constructor(host: Host, run: string, child: ChildProcess) {
    this.run = run;
    this.#host = host;
    this.#child = child;
    this.#exited = once(child, "exit");
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
    });
  }

  /** Under way, with all sessions that stay open. */
  static async start(host: Host, plan: Pick<LoadPlan, "rate" | "most" | "stays">): Promise<Load> {
    const run = `load${process.pid}x${++runs}`;
    const network = host.clientAddress.replace(/\d+$/, "");
    // One client may not have more than 50 connections at a time (smtpd_client_connection_count_limit).
    const sources = Array.from({ length: SOURCES }, (_, at) => `${network}${200 + at}`);
    const link = `ve-${host.name}`;
    for (const address of sources) await host.lab.run(["ip", "address", "replace", `${address}/24`, "dev", link]);
    const whole: LoadPlan = { ...plan, run, host: host.address, port: 25, to: "user@lab.test", sources };
    const argv = host.lab.inside([process.execPath, join(labDir, "loadClient.ts"), JSON.stringify(whole)]);
    const [file, ...args] = argv;
    const load = new Load(host, run, spawn(file as string, args, { stdio: ["pipe", "pipe", "inherit"] }));
    await until("the load", async () => load.#output.startsWith("ready\n") || undefined, { timeoutMs: 60_000 });
    return load;
  }

  /** No more connections; those that are open finish. */
  async stop(): Promise<LoadReport> {
    this.#child.stdin?.end();
    await this.#exited;
    return JSON.parse(this.#output.slice("ready\n".length)) as LoadReport;
  }

  /** The end of a test that failed, too. */
  destroy(): void {
    this.#child.kill("SIGKILL");
  }

  /** How often each mail of the run lies in a mailbox, once the queue is empty. */
  async delivered(): Promise<Map<string, number>> {
    // What met a restart waits in the queue, where it is safe.
    const idle = async (): Promise<true | undefined> =>
      (await this.#host.exec("postqueue -p | grep -q 'is empty' || { postqueue -f; false; }")).status === 0 ||
      undefined;
    await until("an empty queue", idle, { timeoutMs: 240_000, everyMs: 500 });
    const text = await this.#host.must(
      `grep -raoh '^Message-I[Dd]: <${this.run}-[0-9]*@' /var/vmail /var/mail 2>/dev/null || true`,
    );
    const found = new Map<string, number>();
    for (const [, id] of text.matchAll(/<(\S+)@/g)) found.set(id as string, (found.get(id as string) ?? 0) + 1);
    return found;
  }
}
