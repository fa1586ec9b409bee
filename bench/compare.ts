// The same task by this package, by plain ssh, by Ansible and by pyinfra, on the same hosts in one run.
import { cpus, loadavg } from "node:os";
import { findEngine } from "../test/lab/engine.ts";
import { ansible } from "./compare/ansible.ts";
import { bars } from "./compare/bars.ts";
import { type Contender, steps } from "./compare/contender.ts";
import { Fleet } from "./compare/fleet.ts";
import { busy } from "./compare/processors.ts";
import { pyinfra } from "./compare/pyinfra.ts";
import { rawSsh } from "./compare/rawSsh.ts";
import { IdleProgram, ThisPackage } from "./compare/throughPulumi.ts";
import { columns, type Figure, Figures } from "./measure.ts";
import { worked } from "./subject.ts";

const [sizes = "1,100", repetitions = "3"] = process.argv.slice(2);
if (!/^\d+(,\d+)*$/.test(sizes) || !/^[1-9]\d*$/.test(repetitions)) {
  process.stderr.write("usage: node bench/compare.ts [HOSTS,HOSTS…] [REPETITIONS]\n");
  process.exit(2);
}

const engine = await findEngine();
const onHosts = ", processor time on the hosts";
const here = ", processor time here";
let missed = false;
for (const size of sizes.split(",").map(Number)) {
  const figures = new Figures();
  const fleet = await Fleet.boot(size);
  const contenders: Contender[] = [
    rawSsh(fleet),
    new ThisPackage(engine, fleet),
    IdleProgram.empty(engine, fleet),
    IdleProgram.bare(engine, fleet),
    await pyinfra(fleet),
    await ansible(fleet, 5),
    await ansible(fleet, 50),
  ];
  try {
    for (let round = 1; round <= Number(repetitions); round += 1) {
      for (const contender of contenders) {
        process.stderr.write(`bench: ${size} hosts, ${round} of ${repetitions}: ${contender.name}\n`);
        await once(figures, fleet, contender);
      }
    }
  } finally {
    for (const contender of contenders) await contender.close();
    await fleet.close();
  }
  const all = figures.all();
  const judged = bars(size, all);
  missed ||= judged.some(({ met }) => !met);
  process.stdout.write(`${size} hosts\n${seconds(all)}\n\n${judged.map(({ text }) => `${text}\n`).join("")}\n`);
  const about = { hosts: size, engine: engine.version, provider: engine.provider, node: process.version };
  const machine = { processors: cpus().length, load: loadavg()[0] };
  process.stdout.write(`${JSON.stringify({ ...about, ...machine, figures: all, bars: judged })}\n`);
}
process.exitCode = missed ? 1 : 0;

/** A line a step. */
function seconds(all: readonly Figure[]): string {
  const least = (name: string): string =>
    ((all.find((figure) => figure.name === name)?.minimum ?? Number.NaN) / 1000).toFixed(1);
  const rows = all
    .filter(({ name }) => !name.endsWith(onHosts) && !name.endsWith(here))
    .map(({ name, median, repetitions }) => [
      name,
      least(name),
      (median / 1000).toFixed(1),
      String(repetitions),
      least(`${name}${onHosts}`),
      least(`${name}${here}`),
    ]);
  return columns([["seconds", "minimum", "median", "runs", "processors on hosts", "and here"], ...rows]);
}

/** Every step from the state that the one before left. */
async function once(figures: Figures, fleet: Fleet, contender: Contender): Promise<void> {
  await fleet.reset();
  await contender.prepare();
  for (const step of steps) {
    const what = `${contender.name}: ${step}`;
    const result = await busy(fleet, () => figures.time(what, () => worked(what, contender.run(step))));
    figures.add(`${what}${onHosts}`, "ms", result.hosts);
    figures.add(`${what}${here}`, "ms", result.here);
    if (!(contender instanceof IdleProgram)) await fleet.verify(step !== "first apply" && step !== "nothing to do");
  }
}
