/** Stand-in for the plugin of @pulumi/command 1.2: `command:remote:Command` and `command:remote:CopyToRemote` over ssh2. */
import { serve } from "./service.ts";

// The engine passes its own address, after flags that we have no use for.
const flagsWithValue = ["--tracing"];
const address = process.argv
  .slice(2)
  .find((arg, i, args) => !arg.startsWith("-") && !flagsWithValue.includes(args[i - 1] ?? ""));

const port = await serve(address);
process.stdout.write(`${port}\n`);
