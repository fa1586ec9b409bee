// The host program with its checks taken out, to show what the last of them does: verify, and the way back.
import type { Bench } from "./bench.ts";
import { hostProgram } from "./program.ts";

export const FORCED = "/usr/local/sbin/mailhost-forced";
export const DAMAGING = "/usr/local/sbin/mailhost-damaging";
/** Sourced by both programs after their decision: damages that no policy can ask for. */
export const DAMAGE = "/run/damage.sh";

/** What no policy can do, done to the new files. */
const damage = `check_files() { [ ! -f ${DAMAGE} ] || . ${DAMAGE}; }`;
/** Nothing is refused any more before the change. */
const blind = `preflight() { :; }\npreflight_middle() { :; }\ncheck_names() { :; }\nnot_preflighted() { :; }`;

/** Where the program has all its functions and has begun nothing. */
const BEGIN = "\ncase $verb in\napply ";

function replaced(program: string, from: string, to: string): string {
  if (program.split(from).length !== 2) throw new Error(`the host program has not one "${from}"`);
  return program.replace(from, () => to);
}

/** Puts both programs on a host: DAMAGING has all its checks, FORCED has none. */
export async function writeForced(bench: Bench): Promise<void> {
  const program = await hostProgram();
  const damaging = replaced(program, BEGIN, `\n${damage}${BEGIN}`);
  const unrefusing = replaced(damaging, "\tif (refused) return\n", "\treturn\n");
  await bench.host.write(DAMAGING, damaging, "755");
  await bench.host.write(FORCED, replaced(unrefusing, BEGIN, `\n${blind}${BEGIN}`), "755");
}
