import * as pulumi from "@pulumi/pulumi";
import { Refusal } from "./policy/refusal";
import { visible } from "./policy/visible";

/**
 * The one error of this package. Pulumi prints a `RunError` as its message alone; the stack is dropped as well,
 * for a component that another language hosts would print it, and the mistake is in the program's arguments, not here.
 */
export class MailhostError extends pulumi.RunError {
  /** The host, or the component's name where the host is not known yet. */
  readonly host: string;
  /** The argument that was refused, "" where the trouble is none. */
  readonly argument: string;

  constructor(host: string, argument: string, problem: string) {
    super(visible(`${host}: ${argument === "" ? "" : `${argument} `}${problem}`));
    this.name = "MailhostError";
    this.host = host;
    this.argument = argument;
    const line = this.message;
    this.stack = line;
    // The SDK would put the names of its own properties before the message, one for each place that waits for the value.
    Object.defineProperty(this, "message", { get: () => line, set: () => undefined });
  }
}

/** Runs checks that know no host, and names it in what they refuse. */
export function naming<T>(host: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof Refusal) throw new MailhostError(host, error.argument, error.problem);
    throw error;
  }
}
