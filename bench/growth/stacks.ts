// The same hosts in many stacks, each with its part, driven by the Automation API.
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";

export interface Part {
  name: string;
  config: Record<string, string>;
}

export interface Parts {
  parts: readonly Part[];
  /** The directory of the program. */
  workDir: string;
  env: Record<string, string>;
  privateKey: string;
  /** So many stacks at a time. */
  sideBySide: number;
}

/** Gives the stacks' states. */
export async function upAll({ parts, workDir, env, privateKey, sideBySide }: Parts): Promise<string[]> {
  const waiting = [...parts];
  const states: string[] = [];
  const work = async (): Promise<void> => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const stack = await LocalWorkspace.createOrSelectStack({ stackName: part.name, workDir }, { envVars: env });
      for (const [key, value] of Object.entries(part.config)) await stack.setConfig(key, { value });
      await stack.setConfig("privateKey", { value: privateKey, secret: true });
      await stack.up({ parallel: 32, color: "never" });
      states.push(JSON.stringify(await stack.exportStack()));
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
  return states;
}
