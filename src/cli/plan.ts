import type { Command } from "./command";
import { compareCall, optionsHelp, runCompare, statusHelp } from "./compare/call";
import { defaultPolicy } from "./compare/policies";

export const plan: Command = {
  name: "plan",
  call: "HOST… [--policy FILE] | --stack STACK… [--json] [--sudo | --doas] [--installed PATH] [-o OPTION]…",
  summary: "say what a policy would change on a host, and change nothing",
  help: `HOST is what ssh knows a host by. ssh's own configuration, agent, jump hosts and known hosts count; it never asks.
No stack is needed, and nothing is changed there. Without a policy it says what a component without arguments would do.

  --policy FILE            a policy: lines such as "set smtpd_helo_required = yes", see docs/policy.md; - is standard input
  --stack STACK            every host of a Pulumi stack, with what was applied there last: what a raised repair would do
${optionsHelp}

Exit status: 0 nothing would change; 1 something would; ${statusHelp}`,
  run: (words) => runCompare(compareCall("plan", words), defaultPolicy),
};
