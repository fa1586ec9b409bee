// kill -9 at every step of a change and of its removal: files whole, mail taken, and the next run ends right by itself.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";
import { Bench } from "./bench.ts";
import { find, type Step, type Verb } from "./gate.ts";
import { type How, Kills, numbersFrom } from "./kills.ts";

const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);
const random = numbersFrom(seed);
const RANDOM_KILLS = 12;
const PATIENCE = 900_000;
const started = Date.now();
const hosts: Kills[] = [];
let lab: Lab;

// Two hosts share the instants, for a host at work mostly waits.
beforeAll(async () => {
  lab = await Lab.open();
  const benches = [new Bench(await lab.boot()), new Bench(await lab.boot())];
  hosts.push(...benches.map((bench) => new Kills(bench)));
  await Promise.all(hosts.map((host) => host.prepare()));
});
afterAll(async () => {
  await lab.close();
  const counts = new Map<string, number>();
  for (const [what, count] of hosts.flatMap((host) => [...host.counts]))
    counts.set(what, (counts.get(what) ?? 0) + count);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const lines = [...counts].sort().map(([what, count]) => `${String(count).padStart(5)}  ${what}\n`);
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stdout.write(`${total} instants in ${seconds} s, KILL_SEED=${seed}\n${lines.join("")}`);
});

type Job = (host: Kills) => Promise<void>;

/** Each host takes the next job as soon as it is free. */
async function share(jobs: Job[]): Promise<void> {
  const left = [...jobs];
  await Promise.all(
    hosts.map(async (host) => {
      for (let job = left.shift(); job; job = left.shift()) await job(host);
    }),
  );
}

function instants(host: Kills, verb: Verb): Step[] {
  const anywhere = { length: RANDOM_KILLS };
  return [
    ...host.boundaries(verb),
    ...Array.from(anywhere, () => ({ at: Math.ceil(random() * host.steps[verb].length), text: "" })),
  ];
}

/** A life of one policy that is cut short in its change, in its removal, or in both. */
function life(how: How, apply?: Step, remove?: Step): Job {
  return async (host) => {
    if (apply) await host.kill("apply", apply, how);
    await host.heal("apply", apply);
    if (remove) await host.kill("remove", remove, how);
    await host.heal("remove", remove);
  };
}

function lives(how: How[], apply: Step[], remove: Step[]): Job[] {
  return Array.from({ length: Math.max(apply.length, remove.length) }, (_, i) =>
    life(how[i % how.length] ?? "program", apply[i], remove[i]),
  );
}

test("the program, before every command that changes something and anywhere", { timeout: PATIENCE }, async () => {
  const [host] = hosts as [Kills];
  await share(lives(["program", "program and its children"], instants(host, "apply"), instants(host, "remove")));
});

test("the session of sshd, and the whole host", { timeout: PATIENCE }, async () => {
  const [host] = hosts as [Kills];
  const some = (verb: Verb) =>
    ["mv -f", 'mv "$work/done"', 'clear "$ledger"'].map((text) => find(host.steps[verb], text));
  await share([
    ...lives(["host"], some("apply"), some("remove")),
    ...lives(["sshd's session"], [...some("apply"), find(host.steps.apply, "take_lock")], some("remove")),
  ]);
});

test.each([
  ["undoes", "postfix -c"],
  ["finishes", 'clear "$ledger"'],
])("the next run, while it %s what the killed one began", { timeout: PATIENCE }, async (_, text) => {
  const [host] = hosts as [Kills];
  const at = find(host.steps.apply, text);
  await host.kill("apply", at);
  const steps = host.recovery(await host.trace("apply"));
  expect(steps.length).toBeGreaterThan(5);
  await host.heal("remove");
  await share(
    steps.map((step) => async (host) => {
      await host.kill("apply", at);
      await host.kill("apply", step);
      await host.heal("apply", step);
      await host.heal("remove");
    }),
  );
});
