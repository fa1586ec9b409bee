// Whose processor time a step takes: real hosts work on their own processors, these share the tool's.
import { readFileSync } from "node:fs";
import type { Fleet } from "./fleet.ts";

/** In milliseconds. */
export interface Busy {
  hosts: number;
  /** All the rest of this machine: the tool and its ssh. */
  here: number;
}

export async function busy(fleet: Fleet, work: () => Promise<unknown>): Promise<Busy> {
  const before = { hosts: await onHosts(fleet), all: onThisMachine() };
  await work();
  const all = onThisMachine() - before.all;
  const hosts = (await onHosts(fleet)) - before.hosts;
  return { hosts, here: all - hosts };
}

async function onHosts({ hosts }: Fleet): Promise<number> {
  let microseconds = 0;
  for (const host of hosts)
    microseconds += Number(/^usage_usec (\d+)$/m.exec(await host.read("/sys/fs/cgroup/cpu.stat"))?.[1]);
  return Math.round(microseconds / 1000);
}

/** proc_stat(5), whose unit is USER_HZ: 10 ms. */
function onThisMachine(): number {
  const [, user, nice, system, , , irq, softirq] = readFileSync("/proc/stat", "utf8").split(/\s+/, 8).map(Number);
  return [user, nice, system, irq, softirq].reduce<number>((sum, ticks) => sum + 10 * (ticks ?? Number.NaN), 0);
}
