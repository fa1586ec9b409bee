// Runs that are killed at an exact command of the program, and what must hold from that moment on.
import { expect } from "vitest";
import { until } from "../lab/run.ts";
import { sendMail } from "../lab/smtp.ts";
import { handshake } from "../lab/tls.ts";
import type { Bench } from "./bench.ts";
import { GATE, gated, installGate, type Step, trace, type Verb } from "./gate.ts";
import { policy } from "./policies.ts";

/** Both files change, so that there is a state between the two renames. */
export const LINES = ["tls incoming >= TLSv1.2", "option smtp/inet smtpd_helo_required = yes"];

/** What happens at the instant; `$$` is the program's own process, 0 its process group. */
export const HOW = {
  program: "kill -KILL $$ $BASHPID",
  "program and its children": "kill -KILL 0",
  "sshd's session": "pkill -KILL -f '[s]shd(-session)?: root@notty'",
  host: ": >/run/reached; sleep 600",
} as const;
export type How = keyof typeof HOW;

// What writes outside the run's own directory, or tells another process to. In its last function, called at its exit,
// bash names every command by the one that called it, which is the dot of the gate.
const CHANGES = /^(\.|find|mv|rm|rmdir|mkdir|exec|postfix|setsid|cp) /;
const OWN_WORK = /^(rm|mkdir|cp|touch|chmod) .*(\$work\/|\$kept|\$@)/;

export class Kills {
  readonly bench: Bench;
  readonly steps: Record<Verb, Step[]> = { apply: [], remove: [] };
  readonly counts = new Map<string, number>();
  #files: Record<"old" | "new", string[]> = { old: [], new: [] };
  readonly #policy: string;
  #hardened = "";
  #mails = 0;

  constructor(bench: Bench, lines: readonly string[] = LINES) {
    this.bench = bench;
    this.#policy = policy(...lines);
  }

  /** What an undisturbed life looks like: its commands, its files. */
  async prepare(): Promise<void> {
    await this.bench.prepare();
    await installGate(this.bench);
    this.#files.old = await this.#sums();
    this.steps.apply = await this.trace("apply");
    this.#files.new = await this.#sums();
    this.#hardened = await this.bench.fingerprint();
    this.steps.remove = await this.trace("remove");
    await this.#ended("remove");
  }

  /** The commands of a run now. */
  trace(verb: Verb): Promise<Step[]> {
    return trace(this.bench, verb, this.#policy);
  }

  /** The commands that change something, from the commit to the end. */
  boundaries(verb: Verb): Step[] {
    return changesIn(this.steps[verb], "trap ''");
  }

  /** Those of a run that first finds the journal of one that was killed. */
  recovery(steps: Step[]): Step[] {
    return changesIn(steps, "recover", "take_over_names");
  }

  /** A run that meets its end before this step. */
  async kill(verb: Verb, step: Step, how: How = "program"): Promise<void> {
    const command = gated(verb, step, HOW[how]);
    const options = { stdin: this.#policy };
    const { host } = this.bench;
    const is = async (test: string): Promise<true | undefined> => (await host.exec(test)).status === 0 || undefined;
    if (how === "host") {
      const ended = host.exec(command, options);
      await until(`the host at ${step.text}`, () => is("test -e /run/reached"));
      await host.cutPower();
      await ended;
      await host.boot();
    } else if (how === "sshd's session") {
      await host.ssh(command, options);
      await until("the end of the run", () => is(`! pgrep -f '[b]ash ${GATE}'`));
    } else {
      await host.exec(command, options);
    }
    await this.#stands(verb, step, how);
  }

  /** Each file is the old or the new one, whole, and Postfix reads them, runs, and takes mail. */
  async #stands(verb: Verb, step: Step, how: How): Promise<void> {
    const { old, new: new_ } = this.#files;
    const state = (await this.#sums()).map((sum, i) => (sum === old[i] ? "old" : sum === new_[i] ? "new" : "broken"));
    const what = `${verb}, ${how} killed: main.cf ${state[0]}, master.cf ${state[1]}`;
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
    const where = `${what}, before ${tell(step)}`;
    expect(state, where).not.toContain("broken");
    const { status, stdout } = await this.bench.host.exec("postconf >/dev/null && postfix status 2>&1");
    expect(status, where + stdout).toBe(0);
    await sendMail(this.bench.host, { id: `killed${process.pid}x${++this.#mails}` }).catch((error: Error) => {
      throw new Error(`${where}: ${error.message}`);
    });
  }

  /** The next run, which needs no hand and ends right. */
  async heal(verb: Verb, step?: Step): Promise<void> {
    const { status, stderr } = await this.bench.run(verb, this.#policy);
    const where = `after ${verb} was killed before ${tell(step)}\n${stderr}`;
    expect(status, where).toBe(0);
    await this.#ended(verb, where);
  }

  async #ended(verb: Verb, where: string = verb): Promise<void> {
    expect(await this.bench.leftBehind(), where).toBe("");
    const { outcome } = await handshake(this.bench.host, { version: "TLSv1" });
    expect(outcome, where).toBe(verb === "apply" ? "refused" : "accepted");
    if (verb === "apply") {
      expect(await this.bench.fingerprint(), where).toBe(this.#hardened);
      // A ledger that took our own undone change for someone else's edit would give back line by line.
      expect(await this.bench.host.must("ls /var/lib/mailhost/ledger/*/"), where).not.toContain("linewise");
    } else {
      expect(await this.bench.isPristine(), where).toBe(true);
      expect((await this.bench.host.must("ls -d /var/lib/mailhost* 2>/dev/null; :")).trim(), where).toBe("");
    }
  }

  #sums(): Promise<string[]> {
    const look =
      "cd /etc/postfix && for f in main.cf master.cf; do echo $(sha256sum <$f) $(stat -c '%a %U:%G' $f); done";
    return this.bench.host.must(look).then((text) => text.trimEnd().split("\n"));
  }
}

const tell = (step?: Step): string => (step ? `command ${step.at} "${step.text}"` : "none");

/** Of the commands from `from` to `to`, those that change something. */
export function changesIn(steps: Step[], from: string, to?: string): Step[] {
  const first = steps.findIndex(({ text }) => text.startsWith(from));
  const end = to === undefined ? steps.length : steps.findIndex(({ text }) => text.startsWith(to));
  return steps.slice(first, end).filter(({ text }) => CHANGES.test(text) && !OWN_WORK.test(text));
}

/** Numbers from 0 to below 1, the same ones for the same seed (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
