// Two stacks at once in one process, each with a program of its own in the process: both up, both up again, both gone.

import { OnDestroy, PostfixHardening } from "@postmaster/mailhost";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";

const { host = "", hostKey = "", privateKey = "" } = JSON.parse(process.env.MAIL_HOST ?? "{}");
const wanted = { helo: { smtpd_helo_required: "yes" }, banner: { mail_name: "Mail" } };

const stacks = await Promise.all(
  Object.entries(wanted).map(([stackName, settings]) =>
    LocalWorkspace.createOrSelectStack({
      projectName: "automation",
      stackName,
      program: async () => {
        const connection = { host, hostKey, privateKey: pulumi.secret(privateKey) };
        const { changes } = new PostfixHardening("mx", { connection, settings, onDestroy: OnDestroy.Restore });
        return { changed: changes.apply((all) => all.map(({ name }) => name)) };
      },
    }),
  ),
);

const all = async <T,>(run: (stack: Stack) => Promise<T>): Promise<void> => {
  process.stdout.write(`${JSON.stringify(await Promise.all(stacks.map(run)))}\n`);
};
const up = async (stack: Stack) => {
  const { outputs, summary, stdout } = await stack.up();
  return { changed: outputs.changed?.value, did: summary.resourceChanges, hooks: !stdout.includes("no-hooks") };
};
await all(up);
await all(up);
await all(async (stack) => (await stack.destroy()).summary.result);
