// Components as wanted.json describes them. A key given there is a plain text in the program, as `readFileSync` would give it.
import { readFileSync } from "node:fs";
import * as mailhost from "@postmaster/mailhost";
import * as pulumi from "@pulumi/pulumi";

interface Wanted {
  name: string;
  args: mailhost.PostfixHardeningArgs;
  formerName?: string;
  after?: string;
  protect?: boolean;
  retainOnDelete?: boolean;
}

const config = new pulumi.Config();
const wanted: Wanted[] = JSON.parse(readFileSync(`${__dirname}/wanted.json`, "utf8"));
const made = new Map<string, mailhost.PostfixHardening>();

for (const { name, args, formerName, after, protect, retainOnDelete } of wanted) {
  const privateKey = args.connection.privateKey ?? config.getSecret("privateKey");
  const before = after === undefined ? undefined : made.get(after);
  made.set(
    name,
    new mailhost.PostfixHardening(
      name,
      { ...args, connection: { ...args.connection, privateKey } },
      {
        protect,
        retainOnDelete,
        aliases: formerName === undefined ? undefined : [{ name: formerName }],
        dependsOn: before,
      },
    ),
  );
}

for (const [name, { changes, effectiveAt, endpoint, overridesLeft, postfixVersion, protocols, warnings }] of made) {
  exports[name] = { changes, effectiveAt, endpoint, overridesLeft, postfixVersion, protocols, warnings };
}
