import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** One command of `mailhost`; each is a file of its own. */
export interface Command {
  name: string;
  /** What stands behind the name in a call. */
  call: string;
  /** What it does, in one line. */
  summary: string;
  /** All that `mailhost NAME --help` says besides. */
  help: string;
  /** The exit status; throws a UsageError for a call that is wrong. */
  run(words: string[]): Promise<number>;
}

/** The call itself was wrong: nothing was reached. */
export class UsageError extends Error {}

/** A call's options and other words by Node's own parser; what it refuses is the call's fault. */
export function parseWords<T extends ParseArgsOptionsConfig>(words: string[], options: T) {
  try {
    return parseArgs({ args: words, allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
