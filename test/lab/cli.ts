// By hand: `node test/lab/cli.ts boot bookworm stock` keeps a host up until ctrl-C or the end of its input.
import { findEngine } from "./engine.ts";
import { Lab } from "./lab.ts";
import { ensureMoto } from "./moto.ts";
import { say } from "./places.ts";
import { allRoots, ensureRoot, type Kind, kinds, mayBeMissing, type Suite, suites } from "./roots.ts";
import { ensureSslyze } from "./sslyze.ts";

const usage = `usage: node test/lab/cli.ts boot [${suites.join("|")}] [${kinds.join("|")}] [systemd|plain] [ADDRESSES]
       node test/lab/cli.ts roots [SUITE] [KIND]
       node test/lab/cli.ts prepare [all|demo]`;

function pick<T extends string>(what: string, accepted: readonly T[], given: string | undefined, otherwise: T): T {
  const value = given ?? otherwise;
  const found = accepted.find((one) => one === value);
  if (found === undefined) {
    process.stderr.write(`${what}: ${value} is not one of ${accepted.join(", ")}\n${usage}\n`);
    process.exit(2);
  }
  return found;
}

async function boot(args: string[]): Promise<void> {
  const lab = await Lab.open();
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
    process.stdin.once("end", resolve).resume();
  });
  try {
    const started = Date.now();
    const host = await lab.boot({
      suite: pick<Suite>("suite", suites, args[0], "bookworm"),
      kind: pick<Kind>("kind", kinds, args[1], "stock"),
      init: pick("init", ["systemd", "plain"] as const, args[2], "systemd"),
      addresses: Number(args[3] ?? 1),
    });
    const lines = {
      ready: `after ${Date.now() - started} ms`,
      address: host.address,
      "host key": host.hostKey,
      "login key": host.keys.ed25519,
      ssh: lab.inside(host.sshArgv()).join(" "),
      inside: `${lab.inside(["COMMAND"]).join(" ")}   (any client: openssl, pulumi)`,
      console: `nsenter -t ${host.leader} -a -r -w`,
    };
    for (const [name, value] of Object.entries(lines)) process.stdout.write(`${name.padEnd(10)} ${value}\n`);
    await stopped;
  } finally {
    await lab.close();
  }
}

/** All that a run needs and that takes long, side by side: one part waits for the network, another for the processor. */
async function prepare(what: "all" | "demo"): Promise<void> {
  const open = new Map<string, number>();
  const step = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    open.set(name, Date.now());
    await work();
    open.delete(name);
  };
  const tick = setInterval(() => {
    const running = [...open].map(([name, since]) => `${name} (${Math.round((Date.now() - since) / 1000)} s)`);
    say(`still at work: ${running.join(", ")}`);
  }, 30_000);
  try {
    const roots = async (): Promise<void> => {
      for (const [suite, kind] of what === "all" ? allRoots : [["bookworm", "bind"] as const]) {
        await step(`${suite} ${kind}`, () => ensureRoot(suite, kind)).catch((error: unknown) => {
          if (!mayBeMissing(suite, kind)) throw error;
          say(`${suite} ${kind} cannot be built today, so nothing is tried on it: ${error}`);
        });
      }
    };
    const tools = async (): Promise<void> => {
      if (what === "all") await step("sslyze", ensureSslyze);
      if (what === "all") await step("moto", ensureMoto);
      await step("engine", findEngine);
    };
    await Promise.all([roots(), tools()]);
  } finally {
    clearInterval(tick);
  }
}

const [verb, ...args] = process.argv.slice(2);
switch (verb) {
  case "boot":
    await boot(args);
    break;
  case "roots":
    for (const [suite, kind] of allRoots) {
      if ((args[0] ?? suite) !== suite || (args[1] ?? kind) !== kind) continue;
      process.stdout.write(`${await ensureRoot(suite, kind)}\n`);
    }
    break;
  case "prepare":
    await prepare(pick("what", ["all", "demo"] as const, args[0], "all"));
    break;
  default:
    process.stderr.write(`${usage}\n`);
    process.exitCode = 2;
}
