/** The resource `command:remote:Command`. */
import { type Connection, type Context, dial } from "./connection.ts";
import { quote } from "./goText.ts";
import type { Shape } from "./inputs.ts";
import { LineSplitter } from "./lines.ts";
import { Failed, run, type Variable } from "./run.ts";

export const shape: Shape = {
  name: "remote.CommandInputs",
  fields: {
    addPreviousOutputInEnv: "bool",
    connection: "connection",
    create: "string",
    delete: "string",
    environment: "strings",
    logging: "string",
    stdin: "string",
    triggers: "list",
    update: "string",
  },
  required: ["connection"],
};

export interface CommandInputs {
  connection: Connection;
  create?: string;
  update?: string;
  delete?: string;
  stdin?: string;
  environment?: Record<string, string>;
  addPreviousOutputInEnv?: boolean;
  logging?: string;
}

export interface Outputs {
  stdout: string;
  stderr: string;
}

/** Runs one of the verbs' commands; `previous` is what the last one printed. */
export async function execute(
  inputs: CommandInputs,
  command: string | undefined,
  previous: Outputs,
  context: Context,
): Promise<Outputs> {
  if (command === undefined) return previous;
  const client = await dial(inputs.connection, context);
  const { logging = "stdoutAndStderr" } = inputs;
  const collected = { stdout: [] as Buffer[], stderr: [] as Buffer[], both: [] as Buffer[] };
  const lines = new LineSplitter((line) => context.log.status("INFO", line));
  try {
    await run(client, {
      command,
      ...(inputs.stdin ? { stdin: inputs.stdin } : {}),
      environment: variables(inputs, previous, context),
      onOutput: (stream, chunk) => {
        collected[stream].push(chunk);
        collected.both.push(chunk);
        if (logging === stream || logging === "stdoutAndStderr") lines.write(chunk);
      },
    }).catch((error: Error) => {
      if (!(error instanceof Failed)) throw error;
      const output = Buffer.concat(collected.both).toString();
      throw new Error(`${error.message}: running ${quote(command)}:\n${output}`);
    });
    lines.end();
  } finally {
    client.end();
    await context.log.flush();
  }
  return { stdout: text(collected.stdout), stderr: text(collected.stderr) };
}

/** Outputs are text for the engine, less one final newline. What is no UTF-8 can't be sent to it. */
function text(chunks: readonly Buffer[]): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks)).replace(/\n$/, "");
  } catch {
    throw new Error("grpc: error while marshaling: string field contains invalid UTF-8");
  }
}

function variables(inputs: CommandInputs, previous: Outputs, { log }: Context): Variable[] {
  const advice = (name: string) =>
    `Unable to set '${name}'. This only works if your SSH server is configured to accept\n` +
    "\tthese variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could\n" +
    "\tprefix the command itself with the variables in the form 'VAR=value command'";
  const needed = Object.entries(inputs.environment ?? {}).map(([name, value]) => ({
    name,
    value,
    refused: () => {
      log.message("ERROR", advice(name));
      return new Error(`could not set environment variable ${quote(name)}: ssh: setenv failed`);
    },
  }));
  if (inputs.addPreviousOutputInEnv === false) return needed;
  const tried = [
    { name: "PULUMI_COMMAND_STDOUT", value: previous.stdout },
    { name: "PULUMI_COMMAND_STDERR", value: previous.stderr },
  ].filter(({ value }) => value !== "");
  return [
    ...needed,
    ...tried.map(({ name, value }) => ({
      name,
      value,
      refused: () => {
        log.message("WARNING", advice(name));
        return undefined;
      },
    })),
  ];
}
