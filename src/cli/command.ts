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
