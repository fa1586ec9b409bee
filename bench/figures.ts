import { cpus, loadavg } from "node:os";
import { findEngine } from "../test/lab/engine.ts";
import type { Host } from "../test/lab/host.ts";
import { Lab } from "../test/lab/lab.ts";
import { writeProgram } from "../test/lab/program.ts";
import type { Stack } from "../test/lab/stack.ts";
import { Figures, table } from "./measure.ts";
import { commandsOnHost, ON_HOST, peakOnHost, timeOnHost, UPLOADED } from "./onHost.ts";
import { configured, type Login, PROGRAM, stateBytes, worked } from "./subject.ts";

const repetitions = Number(process.argv[2] ?? 5);
if (!Number.isInteger(repetitions) || repetitions < 1) {
  process.stderr.write("usage: node bench/figures.ts [REPETITIONS]\n");
  process.exit(2);
}

const figures = new Figures();
const engine = await findEngine();
const program = writeProgram(PROGRAM, { name: "bench" });
const lab = await Lab.open();
try {
  const host = await lab.boot();
  await host.must(`mkdir -p ${ON_HOST} && cp -a /etc/postfix/main.cf ${ON_HOST}/main.cf`);
  for (let run = 1; run <= repetitions; run += 1) {
    process.stderr.write(`bench: ${run} of ${repetitions}\n`);
    await oneCycle(host);
  }
  const logins: [string, Login][] = [
    ["ed25519", {}],
    ["RSA 2048", { key: "rsa" }],
    ["ed25519 and bastion", { bastion: true }],
    ["RSA 2048 and bastion", { key: "rsa", bastion: true }],
  ];
  for (const [name, login] of logins) await stateOf(host, name, login);
  report(host, (await host.must("postconf -h mail_version")).trim());
} finally {
  await lab.close();
  program.remove();
}

/** From nothing to nothing: what a user does, then the same by plain ssh. */
async function oneCycle(host: Host): Promise<void> {
  const stack = await configured(engine, program, host);
  await figures.time("first up", () => worked("first up", stack.up()));
  await figures.time("up without changes", () => worked("no-op up", stack.up({ args: ["--expect-no-changes"] })));
  await stack.config("helo", "yes");
  await figures.time("up, one line changed", () => worked("changed up", stack.up()));
  const policy = await policyOf(stack);
  const back = policy.replace("smtpd_helo_required = yes", "smtpd_helo_required = no");
  await host.write(`${ON_HOST}/yes`, policy);
  await host.write(`${ON_HOST}/no`, back);

  const apply = (stdin: string) => worked("apply by ssh", host.ssh(`sh ${UPLOADED} apply mx1`, { stdin }));
  await figures.time("the same line by ssh and the host program", () => apply(back));
  await figures.time("the host program by ssh, nothing to change", () => apply(back));
  const plain = "postconf -e 'smtpd_helo_required = yes' && postfix reload";
  await host.must(`cp -a /etc/postfix/main.cf ${ON_HOST}/ours.cf`);
  await figures.time("the same line by ssh, postconf -e and reload", () => worked("postconf by ssh", host.ssh(plain)));
  await host.must(`cp -a ${ON_HOST}/ours.cf /etc/postfix/main.cf && postfix reload`);

  await onTheHost(host);
  await figures.time("destroy with restore", () => worked("destroy", stack.destroy()));
  await host.must(`cmp /etc/postfix/main.cf ${ON_HOST}/main.cf && test ! -e /var/lib/mailhost`);
  await stack.remove();
}

/** Begins and ends with helo = no. */
async function onTheHost(host: Host): Promise<void> {
  figures.add("on the host, nothing to change", "ms", await timeOnHost(host, "no"));
  figures.add("on the host, one line changed", "ms", await timeOnHost(host, "yes"));
  figures.add("peak of its largest process, one line changed", "kB", await peakOnHost(host, "no"));
  figures.add("peak of its largest process, nothing to change", "kB", await peakOnHost(host, "no"));
  const idle = await commandsOnHost(host, "no");
  const busy = await commandsOnHost(host, "yes");
  if (idle !== undefined) figures.add("external commands, nothing to change", "commands", idle);
  if (busy !== undefined) figures.add("external commands, one line changed", "commands", busy);
  await timeOnHost(host, "no");
}

async function stateOf(host: Host, name: string, login: Login): Promise<void> {
  const stack = await configured(engine, program, host, login);
  await worked(`up with ${name}`, stack.up());
  const { stored, compact } = await stateBytes(stack);
  figures.add(`state of one component, ${name}, compact`, "bytes", compact);
  figures.add(`state of one component, ${name}, as the file backend writes it`, "bytes", stored);
  await worked("destroy", stack.destroy());
  await stack.remove();
}

async function policyOf(stack: Stack): Promise<string> {
  const { policy } = await stack.outputs();
  if (typeof policy !== "string") throw new Error("the stack has no policy");
  return policy;
}

function report(host: Host, postfix: string): void {
  const about = {
    postfix,
    suite: host.options.suite,
    engine: engine.version,
    provider: engine.provider,
    node: process.version,
    processors: cpus().length,
    load: loadavg()[0],
  };
  const all = figures.all();
  process.stdout.write(`${table(all)}\n\n${JSON.stringify({ ...about, figures: all })}\n`);
}
