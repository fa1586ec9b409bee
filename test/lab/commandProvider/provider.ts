/** The verbs of both resources, in the engine's values: check, diff, create, update, delete. */
import { randomBytes } from "node:crypto";
import { type CommandInputs, shape as commandShape, execute, type Outputs } from "./command.ts";
import type { Context } from "./connection.ts";
import { type CopyInputs, checkSource, shape as copyShape, needsCopy, upload } from "./copyToRemote.ts";
import { type Changes, diff, equal } from "./diff.ts";
import { checkShape, type Failure, type Shape, withDefaults } from "./inputs.ts";
import { mapValues, reveal, UNKNOWN, type Value, type Values } from "./values.ts";

interface Resource {
  shape: Shape;
  check(inputs: Values): Failure[];
  /** What the resource has besides its inputs. */
  computed: readonly string[];
  idPrefix(name: string): string;
  create(inputs: Values, context: Context): Promise<Values>;
  update(state: Values, inputs: Values, context: Context): Promise<Values>;
  delete(state: Values, context: Context): Promise<void>;
}

const RESOURCES: Record<string, Resource> = {
  "command:remote:Command": {
    shape: commandShape,
    check: () => [],
    computed: ["stderr", "stdout"],
    idPrefix: (name) => name,
    create: async (values, context) => {
      const inputs = command(values);
      return { ...(await execute(inputs, inputs.create, { stdout: "", stderr: "" }, context)) };
    },
    update: async (state, values, context) => {
      const inputs = command(values);
      return { ...(await execute(inputs, inputs.update ?? inputs.create, printed(state), context)) };
    },
    delete: async (state, context) => {
      const old = command(state);
      await execute(old, old.delete, printed(state), context);
    },
  },
  "command:remote:CopyToRemote": {
    shape: copyShape,
    check: checkSource,
    computed: [],
    idPrefix: () => "",
    create: async (values, context) => {
      await upload(copy(values), context);
      return {};
    },
    update: async (state, values, context) => {
      if (needsCopy(copy(state), copy(values))) await upload(copy(values), context);
      return {};
    },
    delete: async () => {},
  },
};

const REPLACE_ON_CHANGES = ["triggers"];

export function check(type: string, given: Values): { inputs: Values; failures: Failure[] } {
  const resource = find(type);
  const failures = checkShape(given, resource.shape);
  if (failures.length > 0) return { inputs: given, failures };
  return { inputs: withDefaults(given), failures: resource.check(given) };
}

/** Inputs against state: there is no reading of the host, so drift is never seen. */
export function differences(type: string, state: Values, inputs: Values, ignored: readonly string[]): Changes {
  const fields = Object.keys(find(type).shape.fields);
  const olds = Object.fromEntries(fields.map((field) => [field, state[field] ?? null]));
  return diff(olds, ignore(ignored, state, inputs), REPLACE_ON_CHANGES);
}

export async function create(
  type: string,
  name: string,
  inputs: Values,
  preview: boolean,
  context: Context,
): Promise<{ id: string; state: Values }> {
  const resource = find(type);
  const outputs = preview ? unknowns(resource) : await resource.create(plain(inputs), context);
  const id = resource.idPrefix(name) + randomBytes(4).toString("hex");
  return { id: preview && resource.computed.length === 0 ? "" : id, state: { ...inputs, ...outputs } };
}

export async function update(
  type: string,
  state: Values,
  given: Values,
  ignored: readonly string[],
  preview: boolean,
  context: Context,
): Promise<Values> {
  const resource = find(type);
  const inputs = ignore(ignored, state, given);
  if (!preview) return { ...inputs, ...(await resource.update(plain(state), plain(inputs), context)) };
  const fields = Object.keys(resource.shape.fields);
  const changed = fields.some((field) => !equal(state[field] ?? null, inputs[field] ?? null));
  const old = Object.fromEntries(resource.computed.map((name) => [name, state[name] ?? ""]));
  return { ...inputs, ...(changed ? unknowns(resource) : old) };
}

export async function remove(type: string, state: Values, context: Context): Promise<void> {
  await find(type).delete(plain(state), context);
}

function find(type: string): Resource {
  const resource = RESOURCES[type];
  if (resource === undefined) throw new Error(`the stand-in for @pulumi/command has no ${type}`);
  return resource;
}

function ignore(ignored: readonly string[], state: Values, inputs: Values): Values {
  const kept = ignored
    .filter((key) => state[key] !== undefined)
    .map((key): [string, Value] => [key, state[key] ?? null]);
  return { ...inputs, ...Object.fromEntries(kept) };
}

function unknowns(resource: Resource): Values {
  return Object.fromEntries(resource.computed.map((name) => [name, UNKNOWN]));
}

function plain(values: Values): Values {
  return mapValues(values, reveal);
}

function command(values: Values): CommandInputs {
  return values as unknown as CommandInputs;
}

function copy(values: Values): CopyInputs {
  return values as unknown as CopyInputs;
}

function printed(state: Values): Outputs {
  return { stdout: String(state.stdout ?? ""), stderr: String(state.stderr ?? "") };
}
