// Runs that are stopped at an exact command of the program, for a test to do something there.
import { type Bench, type Outcome, PROGRAM } from "./bench.ts";

export type Verb = "apply" | "remove";
/** Every verb that writes. */
export type AnyVerb = Verb | "secrets" | "restore";

// bash calls the trap before each simple command, in functions and subshells too; those in subshells don't count.
// The program forgets the environment, so the gate keeps it in variables of its own.
// A step is known by its text and by how often that came before, for loops that wait don't always turn equally often.
export const GATE = "/usr/local/sbin/gate";
const gate = `gate_trace=$TRACE gate_at=$AT gate_step=$STEP gate_how=$HOW gate_count=0
rm -f /run/gate
set -T
see() {
  # What a restore attempts has a shell of its own, which can't tell the program's own what it counted.
  case " \${FUNCNAME[*]} " in *" attempt "*) gate_depth=1 ;; *) gate_depth=0 ;; esac
  [ "$BASH_SUBSHELL" -le "$gate_depth" ] || return 0
  if [ -n "$gate_trace" ]; then printf "%s\\n" "\${BASH_COMMAND%%
*}" >>"$gate_trace"; return; fi
  [ -z "$gate_step" ] || [ "$gate_step" = "\${BASH_COMMAND%%
*}" ] || return 0
  [ ! -f /run/gate ] || read -r gate_count </run/gate
  echo $((gate_count += 1)) >/run/gate
  [ "$gate_count" != "$gate_at" ] || eval "$gate_how"
}
trap see DEBUG
. ${PROGRAM}
`;

/** Before the `at`th command with this text, or the `at`th of all. */
export interface Step {
  at: number;
  text: string;
}

/** Once a host. */
export async function installGate(bench: Bench): Promise<void> {
  await bench.host.write(GATE, gate);
}

/** The command that makes a run do `what`, in the shell of the program, before a step. */
export function gated(verb: AnyVerb, step: Step, what: string): string {
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  return `export AT=${step.at} STEP=${quote(step.text)} HOW=${quote(what)}; setsid -w bash ${GATE} ${verb} mx1`;
}

/** A whole run with something done before a step. */
export async function disturbed(bench: Bench, verb: Verb, stdin: string, step: Step, what: string): Promise<Outcome> {
  const { status, stdout, stderr } = await bench.host.exec(gated(verb, step, what), { stdin });
  return { status, stdout, stderr, last: stderr.trimEnd().split("\n").at(-1) ?? "" };
}

/** The commands of a run that must work. */
export async function trace(bench: Bench, verb: AnyVerb, stdin: string): Promise<Step[]> {
  const command = `rm -f /run/trace; TRACE=/run/trace bash ${GATE} ${verb} mx1`;
  await bench.host.must(command, { stdin });
  const before = new Map<string, number>();
  const lines = (await bench.host.read("/run/trace")).trimEnd().split("\n");
  return lines.map((text) => {
    const at = (before.get(text) ?? 0) + 1;
    before.set(text, at);
    return { at, text };
  });
}

/** The last command that begins so. */
export function find(steps: readonly Step[], text: string): Step {
  const step = steps.findLast((step) => step.text.startsWith(text));
  if (step === undefined) throw new Error(`no command ${text}`);
  return step;
}
