// MailDns components as wanted.json describes them.
import { readFileSync } from "node:fs";
import * as mailhost from "@postmaster/mailhost";

interface Wanted {
  name: string;
  args: mailhost.MailDnsArgs;
  formerName?: string;
}

const wanted: Wanted[] = JSON.parse(readFileSync(`${__dirname}/wanted.json`, "utf8"));

for (const { name, args, formerName } of wanted) {
  const aliases = formerName === undefined ? undefined : [{ name: formerName }];
  const { records, waiting, expectedPointers, warnings } = new mailhost.MailDns(name, args, { aliases });
  exports[name] = { records, waiting, expectedPointers, warnings };
}
