import { MailhostError } from "./errors";
import { shown } from "./policy/refusal";
import { visible } from "./policy/visible";

/**
 * What the host program printed, as far as it can be read: nothing is believed that has another shape. Before it there may
 * stand what a login's shell says at each start (`echo` in `.bashrc`).
 */
export function parseAnswer(host: string, output: string): Place {
  const whole = new Place(host, "", parseJson(host, output));
  if (whole.member("protocol").value !== 1) {
    whole.member("protocol").refuse("this version of the package reads protocol 1");
  }
  return whole;
}

/** Whether a command answered at all: the stand-in of a program's own unit tests runs none, and tells nothing unless it is told to. */
export function isAnswer(output: unknown): output is string {
  return typeof output === "string";
}

function parseJson(host: string, output: string): unknown {
  const at = output.lastIndexOf('{"protocol":');
  try {
    return JSON.parse(output.slice(Math.max(at, 0)));
  } catch {
    throw new MailhostError(host, "", `answered ${shown(output)} instead of a receipt`);
  }
}

/** A value within a receipt, which knows where it stands for the error that may follow. */
export class Place {
  readonly host: string;
  readonly path: string;
  readonly value: unknown;

  constructor(host: string, path: string, value: unknown) {
    this.host = host;
    this.path = path;
    this.value = value;
  }

  member(name: string): Place {
    if (typeof this.value !== "object" || this.value === null || Array.isArray(this.value))
      this.refuse("an object is expected");
    const members = new Map<string, unknown>(Object.entries(this.value));
    return new Place(this.host, this.path === "" ? name : `${this.path}.${name}`, members.get(name));
  }

  list<T>(item: (place: Place) => T): T[] {
    if (!Array.isArray(this.value)) this.refuse("a list is expected");
    return this.value.map((value, at) => item(new Place(this.host, `${this.path}[${at}]`, value)));
  }

  /** Null is how the host writes "there is none"; a member that is missing is a fault. */
  optional<T>(read: (place: Place) => T): T | undefined {
    return this.value === null ? undefined : read(this);
  }

  text(): string {
    if (typeof this.value !== "string") this.refuse("a text is expected");
    return visible(this.value);
  }

  word(accepted: readonly string[]): string {
    const word = this.text();
    if (!accepted.includes(word)) this.refuse(`one of ${accepted.join(", ")} is expected`);
    return word;
  }

  flag(): boolean {
    if (typeof this.value !== "boolean") this.refuse("true or false is expected");
    return this.value;
  }

  count(): number {
    if (typeof this.value !== "number" || !Number.isInteger(this.value) || this.value < 0)
      this.refuse("a whole number is expected");
    return this.value;
  }

  refuse(expected: string): never {
    const place = this.path === "" ? "it" : this.path;
    throw new MailhostError(
      this.host,
      "",
      `answered with a receipt that cannot be read: ${place} is ${shown(this.value)}; ${expected}`,
    );
  }
}
