// Two of the jobs, shown: a stock Postfix loses obsolete TLS by `pulumi up`, and gets it back by `pulumi destroy`; its names are published and taken back.
// Every command is printed and run as printed; every promise is checked; the last line is for scripts.
import { findEngine } from "../lab/engine.ts";
import { Lab } from "../lab/lab.ts";
import { Desk } from "./desk.ts";
import { dnsStory } from "./dnsStory.ts";
import { story } from "./story.ts";
import { Broken, print, section } from "./terminal.ts";

const started = Date.now();
const seconds = (): number => Math.round((Date.now() - started) / 1_000);
let lab: Lab | undefined;
let ending = false;

function end(line: string, status: number): void {
  if (ending) return;
  ending = true;
  print();
  void (lab?.close() ?? Promise.resolve()).finally(() => {
    print(line);
    process.exit(status);
  });
}

// The lab's end also ends what runs in it, such as a `pulumi` under way.
for (const [signal, status] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.on(signal, () => end(`demo: interrupted seconds=${seconds()}`, status));
}

try {
  section(
    "A mail host",
    "Debian 12 with a Postfix as it is installed, and a BIND, in a network namespace of its own on this machine.",
  );
  const engine = await findEngine();
  lab = await Lab.open();
  const booting = Date.now();
  const host = await lab.boot({ kind: "bind" });
  const postfix = (await host.must("postconf -h mail_version")).trim();
  print(`  Postfix ${postfix} at ${host.address}, booted in ${((Date.now() - booting) / 1_000).toFixed(1)} s`);
  print(`  The commands below run where that address can be reached: ip netns exec ${lab.netns}`);
  const desk = new Desk(engine, host);
  const { before, after } = await story(desk);
  await dnsStory(desk);
  end(
    `demo: ok before=${before.join(",")} after=${after.join(",")} noop=yes restored=yes dns=yes seconds=${seconds()}`,
    0,
  );
} catch (error) {
  const reason =
    error instanceof Broken ? `broken promise: ${error.message}` : error instanceof Error ? error.stack : String(error);
  if (!ending) process.stderr.write(`\ndemo: ${reason}\n`);
  end(`demo: failed seconds=${seconds()}`, 1);
}
