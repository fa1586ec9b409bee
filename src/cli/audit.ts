import { type Command, UsageError } from "./command";
import { compareCall, optionsHelp, runCompare, statusHelp } from "./compare/call";

export const audit: Command = {
  name: "audit",
  call: "HOST… --policy FILE | --stack STACK… [--json] [--sudo | --doas] [--installed PATH] [-o OPTION]…",
  summary: "say what on a host differs from what is wanted of it, who holds it, and since when",
  help: `HOST is what ssh knows a host by. ssh's own configuration, agent, jump hosts and known hosts count; it never asks.
Nothing is changed there. Of each difference it says what it is and what is wanted, and whether someone else changed it since.

  --policy FILE            what is wanted, as a component's output "policy" has it; - is standard input
  --stack STACK            every host of a Pulumi stack, with what was applied there last; may be repeated
${optionsHelp}

Exit status: 0 all is as wanted; 1 something differs; ${statusHelp}`,
  run: (words) => {
    const call = compareCall("audit", words);
    if (call.stacks.length === 0 && call.policy === null)
      throw new UsageError("--policy is missing; name the file that says what is wanted, or a --stack");
    return runCompare(call, () => "");
  },
};
