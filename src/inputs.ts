import * as pulumi from "@pulumi/pulumi";
import { naming } from "./errors";
import { Refusal } from "./policy/refusal";

/** Checks an input at once when it is plain, which fails in one line, and else as soon as it is known. */
export function checked<T>(host: string, value: unknown, check: (value: unknown) => T): pulumi.Input<T> {
  const run = (known: unknown) => naming(host, () => check(known));
  if (pulumi.Output.isInstance(value)) return value.apply(run);
  return value instanceof Promise ? value.then(run) : run(value);
}

/** The same for what must not be a secret, since a policy is shown in previews and kept in state. */
export function checkedInTheOpen<T>(
  host: string,
  argument: string,
  value: unknown,
  check: (value: unknown) => T,
): pulumi.Input<T> {
  if (!pulumi.Output.isInstance(value)) return checked(host, value, check);
  const open = pulumi.output(pulumi.isSecret(value));
  return open.apply((secret) => {
    naming(host, () => refuseSecret(argument, secret));
    return value.apply((known) => naming(host, () => check(known)));
  });
}

function refuseSecret(argument: string, secret: boolean): void {
  if (secret) {
    throw new Refusal(
      argument,
      "is a secret, and a policy is shown in previews; use secretSettings, or pulumi.unsecret where it is none",
    );
  }
}

/** Refuses an output where the answer decides which resources exist; YAML and JavaScript programs can pass one. */
export function refuseOutput(argument: string, value: unknown): void {
  if (pulumi.Output.isInstance(value) || value instanceof Promise)
    throw new Refusal(argument, "is an output; use a plain value, known before anything runs");
}

/** The same for a value and all that it holds, except the places that may be outputs. */
export function refuseOutputsWithin(argument: string, value: unknown): void {
  refuseOutput(argument, value);
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    refuseOutputsWithin(Array.isArray(value) ? `${argument}[${name}]` : `${argument}.${name}`, member);
  }
}
