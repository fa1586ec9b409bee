// A load of SMTP clients, run inside a lab's network namespace: `loadClient.ts PLAN`, a JSON text of LoadPlan.
// It says "ready" once the sessions that stay are open, goes on until the end of its input, and then prints a LoadReport.
import { connect, type Socket } from "node:net";
import type { LoadPlan, LoadReport, Stay } from "./load.ts";

const plan = JSON.parse(process.argv[2] ?? "") as LoadPlan;
const report: LoadReport = {
  connections: 0,
  refused: 0,
  failed: [],
  accepted: [],
  unanswered: [],
  longestMs: 0,
  stays: [],
};
const stopped = new Promise<void>((resolve) => process.stdin.once("end", resolve).resume());
let stopping = false;
let numbered = 0;
let underWay = 0;

class Session {
  readonly socket: Socket;
  readonly opened = performance.now();
  closedAt: number | undefined;
  #text = "";
  #error: string | undefined;
  #wake = (): void => {};

  constructor() {
    numbered += 1;
    const localAddress = plan.sources[numbered % plan.sources.length];
    this.socket = connect({ host: plan.host, port: plan.port, localAddress });
    this.socket.setNoDelay(true);
    const end = (reason: string): void => {
      this.#error ??= reason;
      this.closedAt ??= Date.now();
      this.#wake();
    };
    this.socket.on("data", (chunk) => {
      this.#text += chunk.toString("latin1");
      this.#wake();
    });
    this.socket.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    this.socket.on("close", () => end("closed"));
  }

  async reply(): Promise<string> {
    for (;;) {
      const match = /^(?:\d{3}-.*\r\n)*(\d{3}).*\r\n/.exec(this.#text);
      if (match) {
        this.#text = this.#text.slice(match[0].length);
        return match[1] ?? "";
      }
      if (this.#error) throw new Error(this.#error);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async say(line: string, code: string): Promise<void> {
    this.socket.write(`${line}\r\n`);
    const answer = await this.reply();
    if (answer !== code) throw new Error(`${line.slice(0, 20)}: ${answer}`);
  }

  async greeted(): Promise<void> {
    const answer = await this.reply();
    if (answer !== "220") throw new Error(`greeting: ${answer}`);
    await this.say("EHLO client.test", "250");
  }

  async begin(from = "sender@client.test"): Promise<void> {
    await this.say(`MAIL FROM:<${from}>`, "250");
    await this.say(`RCPT TO:<${plan.to}>`, "250");
  }

  head(id: string): void {
    this.socket.write(`From: <sender@client.test>\r\nMessage-ID: <${id}@client.test>\r\n\r\n`);
  }

  /** The answer to the final dot: without it nobody knows whether the mail was taken. */
  async finish(id: string): Promise<void> {
    report.unanswered.push(id);
    await this.say(".", "250");
    report.unanswered.splice(report.unanswered.indexOf(id), 1);
    report.accepted.push(id);
  }

  async end(): Promise<void> {
    await this.say("QUIT", "221").catch(() => {});
    this.socket.destroy();
  }
}

const nextId = (): string => `${plan.run}-${numbered}`;

async function oneMail(): Promise<void> {
  report.connections += 1;
  underWay += 1;
  const session = new Session();
  const id = nextId();
  try {
    await session.greeted();
    await session.begin();
    await session.say("DATA", "354");
    session.head(id);
    await session.finish(id);
    await session.end();
  } catch (error) {
    const { message } = error as Error;
    if (message === "ECONNREFUSED") report.refused += 1;
    else report.failed.push(message);
    session.socket.destroy();
  }
  underWay -= 1;
  report.longestMs = Math.max(report.longestMs, Math.round(performance.now() - session.opened));
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What each kind of session does until the load ends; whatever ends it earlier is reported. */
const ways: Record<Stay["kind"], (session: Session, id: string) => Promise<void>> = {
  async idle(session) {
    await Promise.race([session.reply(), stopped]);
  },
  async chatty(session) {
    while (!stopping) {
      await session.say("NOOP", "250");
      await Promise.race([pause(5_000), stopped]);
    }
  },
  async slow(session, id) {
    await session.begin();
    await session.say("DATA", "354");
    session.head(id);
    while (!stopping) {
      session.socket.write("one more line\r\n");
      await Promise.race([pause(2_000), stopped]);
    }
    await session.finish(id);
  },
  /** Stalled within its text, for longer than an idle session may last. */
  async stalled(session, id) {
    await session.begin();
    await session.say("DATA", "354");
    session.head(id);
    await stopped;
    await session.finish(id);
  },
  /** Between the final dot and its answer, which the host gives late to this sender. */
  async dotted(session, id) {
    await session.begin("late@client.test");
    await session.say("DATA", "354");
    session.head(id);
    await session.finish(id);
  },
};

async function stay(kind: Stay["kind"], ready: () => void): Promise<void> {
  const session = new Session();
  const id = nextId();
  const seen: Stay = { kind, client: "", lastedMs: 0, endedAt: 0 };
  report.stays.push(seen);
  try {
    await session.greeted();
    seen.client = `${session.socket.localAddress}:${session.socket.localPort}`;
    ready();
    await ways[kind](session, id);
    if (kind !== "idle") await session.end();
  } catch (error) {
    seen.ended = (error as Error).message;
  }
  seen.lastedMs = Math.round(performance.now() - session.opened);
  seen.endedAt = session.closedAt ?? Date.now();
  session.socket.destroy();
}

const kinds = Object.entries(plan.stays) as [Stay["kind"], number][];
const stays: Promise<void>[] = [];
const open = kinds.flatMap(([kind, number]) =>
  Array.from({ length: number }, () => new Promise<void>((ready) => stays.push(stay(kind, ready)))),
);
await Promise.all(open);
await pause(200);
process.stdout.write("ready\n");

const mails: Promise<void>[] = [];
const every = 1000 / plan.rate;
let due = performance.now();
const ended = stopped.then(() => {
  stopping = true;
});
while (!stopping) {
  for (; due < performance.now(); due += every) if (underWay < plan.most) mails.push(oneMail());
  await Promise.race([pause(10), ended]);
}
await Promise.all([...mails, ...stays]);
process.stdout.write(`${JSON.stringify(report)}\n`);
