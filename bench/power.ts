// Power loss: a machine in QEMU whose power is cut while the host program changes it, or gives back, and that boots again.
// `npm run bench:power`, or `-- 20 4711` for 20 instants and that seed. Needs the packages qemu-system-x86 and e2fsprogs; about two minutes an instant.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostProgram } from "../test/host/program.ts";
import { cache } from "../test/lab/places.ts";
import { ensureRoot } from "../test/lab/roots.ts";
import { type Disks, Machine } from "./power/machine.ts";

const instants = Number(process.argv[2] ?? 8);
let seed = Number(process.argv[3] ?? Date.now() % 100_000);
if (!(instants >= 1) || !(seed >= 0)) {
  process.stderr.write("usage: node bench/power.ts [INSTANTS [SEED]]\n");
  process.exit(2);
}
process.stdout.write(`seed ${seed}\n`);

const root = await ensureRoot("bookworm", "stock");
const recipe = ["build.sh", "init.sh", "guest.sh"].map((name) =>
  readFileSync(join(import.meta.dirname, "power", name)),
);
const digest = createHash("sha256").update(root).update(Buffer.concat(recipe)).digest("hex");
const built = join(cache, `power-${digest.slice(0, 12)}`);
execFileSync("sh", [join(import.meta.dirname, "power/build.sh"), root, built], { stdio: ["ignore", 2, 2] });
const work = mkdtempSync(join(tmpdir(), "mailhost-power-"));
const disks: Disks = { built, disk: join(work, "disk"), brought: join(work, "brought.tar") };
writeFileSync(join(work, "mailhost"), edited(await hostProgram()));
writeFileSync(
  join(work, "policy"),
  `policy   1
owner    org/proj/dev/mailhost:index:PostfixHardening/mx
tls      incoming >= TLSv1.2
set      smtpd_helo_required = yes
option   smtp/inet smtpd_timeout = 200s
activate reload
destroy  restore
`,
);
execFileSync("tar", ["-C", work, "-cf", disks.brought, "mailhost", "policy"]);

/** POWER_PROGRAM_EDIT is for seeing that this bench can fail: 's/ && sync "$2.mailhost"//' takes a sync away, and both files are empty after the cut. */
function edited(text: string): string {
  const edit = process.env.POWER_PROGRAM_EDIT;
  return edit === undefined ? text : execFileSync("sed", ["-e", edit], { input: text, encoding: "utf8" });
}

/** The next of a row of numbers from 0 to 1 that the seed decides. */
function random(): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
  return seed / 2 ** 31;
}

const STEPS = [/said mx1: reload done/, /said mx1: committing/, /said mx1: pre-flight/];

const copy = (from: string, to: string): void => void execFileSync("cp", ["--sparse=always", from, to]);

async function whole(verb: string): Promise<Machine> {
  const machine = new Machine(disks, verb);
  await machine.ended();
  if (!machine.lines.includes("done")) throw new Error(`${verb} did not end:\n${machine.lines.join("\n")}`);
  return machine;
}

try {
  copy(join(built, "disk"), disks.disk);
  const first = await whole("apply");
  const [before, after] = [first.told("found"), first.told("made")];
  if (before.join() === after.join()) throw new Error(`nothing was changed:\n${first.lines.join("\n")}`);
  const hardened = join(work, "hardened");
  copy(disks.disk, hardened);
  let wrong = 0;
  for (let n = 0; n < instants; n += 1) {
    const verb = n % 2 === 0 ? "apply" : "remove";
    copy(verb === "apply" ? join(built, "disk") : hardened, disks.disk);
    const machine = new Machine(disks, verb);
    // In the seconds after it, as fast as the machine may be.
    const step = STEPS[Math.floor(n / 2) % STEPS.length] ?? /begin/;
    if (!(await machine.says(step))) throw new Error(`${verb} never came to it:\n${machine.lines.join("\n")}`);
    const wait = Math.round(random() ** 2 * 6_000);
    await new Promise((resolve) => setTimeout(resolve, wait));
    await machine.cutPower();
    const again = await whole(verb);
    const trouble = judge(again, verb === "apply" ? [before, after] : [after, before]);
    wrong += trouble === "" ? 0 : 1;
    const found = again
      .told("found")
      .map((line) => (before.includes(line) ? "original" : after.includes(line) ? "hardened" : "torn"));
    process.stdout.write(
      `${verb}, power cut ${wait} ms after ${step.source.slice(10)}: main.cf ${found[0]}, master.cf ${found[1]}; ${trouble || "right after the next run"}\n`,
    );
  }
  process.stdout.write(`${instants} instants, ${wrong} wrong\n`);
  process.exitCode = wrong === 0 ? 0 : 1;
} finally {
  rmSync(work, { recursive: true });
}

function judge(again: Machine, [old, wanted]: string[][]): string {
  const found = again.told("found");
  const troubles = [
    found.every((line, i) => line === old?.[i] || line === wanted?.[i])
      ? ""
      : `a file is neither old nor new: ${found}`,
    again.told("banner")[0]?.startsWith("220 ") ? "" : "Postfix did not answer after the boot",
    again.told("made").join() === wanted?.join() ? "" : `the next run did not end right: ${again.told("said").at(-1)}`,
    again.told("answer")[0]?.startsWith("220 ") ? "" : "Postfix did not answer after the next run",
    again.told("left").length === 0 ? "" : `left behind: ${again.told("left")}`,
  ];
  return troubles.filter(Boolean).join("; ");
}
