// The words of `mailhost audit` and `mailhost plan`, which take the same.
import { parseWords, UsageError } from "../command";
import { checkedHost } from "../ssh";
import { plain, writeLine } from "../terminal";
import { reachOf, reachOptions } from "../words";
import type { Verb } from "./outcome";
import { ownerOf, policyOfFile } from "./policies";
import { compare, type Manner } from "./run";
import { type Asked, policiesOfStack, together } from "./stackPolicies";

export interface CompareCall extends Manner {
  hosts: string[];
  stacks: string[];
  /** The policy's file; null where there is none. */
  policy: string | null;
}

export const optionsHelp = `  --json                   for programs: a list, one item for each policy and host
  --sudo, --doas           become root there that way
  --installed PATH         run the program that root put there, and bring none along; so with a key that may only audit
  -o, --ssh-option OPTION  an option for ssh, such as User=auditor; may be repeated`;

export const statusHelp =
  "2 the call was wrong; 3 a host could not be compared or a stack not read, whatever the others say.";

export function compareCall(verb: Verb, words: string[]): CompareCall {
  const { values, positionals } = parseWords(words, optionTypes);
  const reach = reachOf(values);
  const stacks = values.stack ?? [];
  const policy = values.policy ?? null;
  if (positionals.length + stacks.length === 0)
    throw new UsageError("HOST is missing; name at least one host, or a --stack");
  if (positionals.length > 0 && stacks.length > 0)
    throw new UsageError("HOST and --stack are two ways to name hosts; a stack names its own");
  if (stacks.length > 0 && policy !== null)
    throw new UsageError("--stack and --policy are two places of a policy; a stack has its own");
  return {
    verb,
    hosts: positionals.map(checkedHost),
    stacks,
    policy,
    json: values.json ?? false,
    installed: values.installed === undefined ? null : installedPath(values.installed),
    ...reach,
  };
}

const optionTypes = {
  stack: { type: "string", multiple: true },
  policy: { type: "string" },
  json: { type: "boolean" },
  installed: { type: "string" },
  ...reachOptions,
} as const;

/** A shell on the host reads it. */
function installedPath(path: string): string {
  if (!/^(\/[A-Za-z0-9._+-]+)+$/.test(path))
    throw new UsageError(
      `--installed is ${JSON.stringify(path)}; use an absolute path such as /usr/local/sbin/mailhost`,
    );
  return path;
}

/** `otherwise` is the policy where none is named. */
export async function runCompare(call: CompareCall, otherwise: () => string): Promise<number> {
  const asked = await askedBy(call, otherwise);
  return asked === null ? 3 : compare(call, asked);
}

/** Null where a stack can't be read: an answer would not be whole. */
async function askedBy({ hosts, stacks, policy: file }: CompareCall, otherwise: () => string): Promise<Asked | null> {
  if (hosts.length > 0) {
    const policy = file === null ? otherwise() : policyOfFile(file);
    return { questions: hosts.map((host) => ({ host, owner: ownerOf(policy), policy })), unasked: [] };
  }
  try {
    return together(await Promise.all(stacks.map(policiesOfStack)));
  } catch (error) {
    writeLine(process.stderr, `mailhost: error: ${plain(error instanceof Error ? error.message : String(error))}`);
    return null;
  }
}
