// `mailhost audit` and `mailhost plan`, as built, in the lab, with nothing of this machine's own ssh configuration.
import { join } from "node:path";
import { checkout } from "../lab/places.ts";
import type { Result } from "../lab/run.ts";
import type { Stack } from "../lab/stack.ts";
import type { Site } from "./site.ts";

export interface Call {
  words: readonly string[];
  /** Standard input. */
  policy?: string;
  /** Its backend and passphrase are those of the stack. */
  stack?: Stack;
}

export function compareOn({ lab, host, engine }: Site, { words, policy = "", stack }: Call): Promise<Result> {
  const known = host.sshArgv().find((word) => word.startsWith("UserKnownHostsFile=")) ?? "";
  const options = ["IdentitiesOnly=yes", `IdentityFile=${host.keys.ed25519}`, "ConnectTimeout=5", known];
  const argv = [process.execPath, join(checkout, "dist/cli/main.js"), ...words];
  const env = stack?.env ?? { ...process.env, PATH: engine.path };
  return lab.run([...argv, ...options.flatMap((option) => ["-o", option])], { stdin: policy, env, cwd: stack?.dir });
}
