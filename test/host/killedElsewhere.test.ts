// kill -9 where killed.test.ts does not look: without systemd, with a restart, and in the other verbs that write. Fewer instants each.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";
import { banner } from "../lab/smtp.ts";
import { Bench, PROGRAM } from "./bench.ts";
import { type AnyVerb, gated, installGate, type Step, trace } from "./gate.ts";
import { changesIn, Kills, LINES, numbersFrom } from "./kills.ts";
import { OWNER, policy } from "./policies.ts";
import { ProbeBench, probePolicy } from "./probeBench.ts";

const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);
const random = numbersFrom(seed);
const PATIENCE = 900_000;
const counts = new Map<string, number>();
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(async () => {
  await lab.close();
  process.stdout.write(`KILL_SEED=${seed} ${JSON.stringify(Object.fromEntries(counts))}\n`);
});

/** Some of the steps, another choice with each seed. */
function some(steps: readonly Step[], most: number): Step[] {
  const left = [...steps];
  return Array.from({ length: Math.min(most, left.length) }, () =>
    left.splice(Math.floor(random() * left.length), 1),
  ).flat();
}

function count(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

describe.each([
  ["without systemd", { init: "plain" as const }, LINES],
  ["without systemd, by a restart", { init: "plain" as const }, ["activate restart", ...LINES]],
  ["by a restart", {}, ["activate restart", ...LINES]],
])("a change and its removal %s", (what, options, lines) => {
  test("are whole at each instant, and the next run ends right", { timeout: PATIENCE }, async () => {
    const kills = new Kills(new Bench(await lab.boot(options)), lines);
    await kills.prepare();
    for (const verb of ["apply", "remove"] as const) {
      for (const step of some(kills.boundaries(verb), 3)) {
        if (verb === "remove") await kills.heal("apply");
        await kills.kill(verb, step);
        count(`${verb} ${what}`);
        await kills.heal(verb, step);
        if (verb === "apply") await kills.heal("remove");
      }
    }
  });
});

describe("other verbs", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = new Bench(await lab.boot());
    await bench.host.must("chown root:postfix /etc/postfix/main.cf && chmod 640 /etc/postfix/main.cf");
    await bench.prepare();
    await installGate(bench);
  });

  /** Each chosen instant: made ready, killed, looked at, healed. */
  async function each(
    verb: AnyVerb,
    stdin: string,
    { most, ready, healed }: { most: number; ready: () => Promise<unknown>; healed: (where: string) => Promise<void> },
  ): Promise<void> {
    await ready();
    const steps = changesIn(await trace(bench, verb, stdin), "take_lock");
    expect(steps.length).toBeGreaterThan(2);
    await healed("a run that nobody killed");
    for (const step of some(steps, most)) {
      await ready();
      await bench.host.exec(gated(verb, step, "kill -KILL $$ $BASHPID"), { stdin });
      count(verb === "secrets" || verb === "restore" ? verb : `${verb} of a probe`);
      const where = `${verb} killed before command ${step.at} "${step.text}", KILL_SEED=${seed}`;
      expect(await banner(bench.host), where).toMatch(/^220/);
      await healed(where);
    }
  }

  async function run(verb: string, stdin: string, where: string): Promise<string> {
    const { status, stderr } = await bench.run(verb, stdin);
    expect(status, `${where}\n${stderr}`).toBe(0);
    return stderr;
  }

  async function nothingLeft(where: string): Promise<void> {
    expect(await bench.leftBehind(), where).toBe("");
    expect(await bench.isPristine(), where).toBe(true);
    expect((await bench.host.must("ls -d /var/lib/mailhost* 2>/dev/null; :")).trim(), where).toBe("");
  }

  test("secrets: the next ones are whole, and reach main.cf", { timeout: PATIENCE }, async () => {
    const sent = (value: string, revision: number) =>
      `owner ${OWNER}\nrevision ${revision} smtpd_sasl_local_domain = ${value}\n`;
    const wanted = (revision: number) => policy(`secret smtpd_sasl_local_domain revision ${revision}`);
    await each("secrets", sent("second", 2), {
      most: 5,
      ready: async () => {
        await run("secrets", sent("first", 1), "ready");
        await run("apply", wanted(1), "ready");
      },
      healed: async (where) => {
        // Old or new, whole, and root's alone.
        const kept = await bench.host.must(
          "cat /var/lib/mailhost/secrets/*; stat -c %a /var/lib/mailhost/secrets /var/lib/mailhost/secrets/*",
        );
        expect(kept, where).toMatch(/smtpd_sasl_local_domain.(first|second)\n700\n600\n$/);
        await run("secrets", sent("second", 2), where);
        await run("apply", wanted(2), where);
        await run("remove", wanted(2), where);
        await nothingLeft(where);
      },
    });
  });

  test("restore: what is left is given back by the next one", { timeout: PATIENCE }, async () => {
    await each("restore", "", {
      most: 8,
      ready: () => run("apply", policy(...LINES), "ready"),
      healed: async (where) => {
        await bench.host.must(`sh ${PROGRAM} restore mx1`);
        await nothingLeft(where);
      },
    });
  });

  test("a probe's verbs: its rules are there once, or gone, after the next run", { timeout: PATIENCE }, async () => {
    const probe = new ProbeBench(bench.host);
    const before = await probe.dump();
    const gone = async (where: string): Promise<void> => {
      await run("remove", probePolicy(), where);
      expect(await probe.dump(), where).toBe(before);
      expect(await bench.host.must("ls /etc/systemd/system | grep mailhost || :"), where).toBe("");
      await nothingLeft(where);
    };
    const stands = async (where: string): Promise<void> => {
      await run("apply", probePolicy(), where);
      expect((await probe.dump()).match(/"mailhost 465 log"/g)?.length ?? 0, where).toBe(once);
      expect(await bench.host.must("systemctl is-active mailhost-evidence.timer"), where).toBe("active\n");
      await gone(where);
    };
    await run("apply", probePolicy(), "first");
    const once = (await probe.dump()).match(/"mailhost 465 log"/g)?.length ?? 0;
    expect(once).toBeGreaterThan(0);
    await gone("first");
    await each("apply", probePolicy(), { most: 5, ready: async () => undefined, healed: stands });
    await each("remove", probePolicy(), {
      most: 5,
      ready: () => run("apply", probePolicy(), "ready"),
      healed: gone,
    });
  });
});
