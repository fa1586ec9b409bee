#!/usr/bin/env node
import { audit } from "./audit";
import { check } from "./check";
import { type Command, UsageError } from "./command";
import { plan } from "./plan";
import { report } from "./report";
import { restore } from "./restore";
import { forgiveClosedPipe, writeLine } from "./terminal";

const commands: readonly Command[] = [plan, audit, check, report, restore];

const usage = [
  "usage: mailhost COMMAND …",
  "",
  ...commands.map(({ name, call, summary }) => `  ${name} ${call}\n      ${summary}`),
  "",
  "mailhost COMMAND --help says more.",
].join("\n");

async function main([name, ...words]: string[]): Promise<number> {
  const command = commands.find((known) => known.name === name);
  if (name === "--help" || name === "-h") return help(usage);
  if (command === undefined) {
    writeLine(
      process.stderr,
      name === undefined ? usage : `mailhost: error: there is no command ${JSON.stringify(name)}\n${usage}`,
    );
    return 2;
  }
  const call = `usage: mailhost ${command.name} ${command.call}`;
  if (words.includes("--help") || words.includes("-h")) return help(`${call}\n\n${command.summary}\n\n${command.help}`);
  try {
    return await command.run(words);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    writeLine(process.stderr, `mailhost: error: ${error.message}\n${call}`);
    return 2;
  }
}

function help(text: string): number {
  writeLine(process.stdout, text);
  return 0;
}

for (const stream of [process.stdout, process.stderr]) forgiveClosedPipe(stream);
void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
