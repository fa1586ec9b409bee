// MailDns components as wanted.json describes them.
import { readFileSync } from "node:fs";
import * as mailhost from "@postmaster/mailhost";
import * as pulumi from "@pulumi/pulumi";

interface Wanted {
  name: string;
  args: mailhost.MailDnsArgs;
  formerName?: string;
  /** The name of a component that it stands under since it was published. */
  under?: string;
  retainOnDelete?: boolean;
}

const wanted: Wanted[] = JSON.parse(readFileSync(`${__dirname}/wanted.json`, "utf8"));

for (const { name, args, formerName, under, retainOnDelete } of wanted) {
  const parent = under === undefined ? undefined : new pulumi.ComponentResource("test:index:Site", under);
  const aliases: pulumi.Alias[] = [
    ...(formerName === undefined ? [] : [{ name: formerName }]),
    ...(parent === undefined ? [] : [{ parent: pulumi.rootStackResource }]),
  ];
  const { records, waiting, expectedPointers, warnings } = new mailhost.MailDns(name, args, {
    aliases,
    parent,
    retainOnDelete,
  });
  exports[name] = { records, waiting, expectedPointers, warnings };
}
