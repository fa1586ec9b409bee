// The system's ssh, as many at a time as the others, running the same host program.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../test/lab/places.ts";
import type { Contender, Step } from "./contender.ts";
import { type Fleet, parallel, policyText } from "./fleet.ts";

const upload = "/root/mailhost.sh";

export function rawSsh(fleet: Fleet): Contender {
  const file = (name: string) => join(fleet.dir, name);
  const ssh = `ssh -F none -i ${fleet.key} -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=${fleet.knownHosts}`;
  const each = (command: string) =>
    fleet.lab.run(["sh", "-c", `tr ' ' '\\n' <${file("hosts")} | xargs -P ${parallel} -I HOST sh -c '${command}'`], {
      timeoutMs: 900_000,
    });
  const call = (verb: string, changed: boolean) =>
    `${ssh} root@HOST "sh ${upload} ${verb} HOST" <${file(changed ? "changed" : "wanted")} >/dev/null 2>&1`;
  const commands: Record<Step, string> = {
    "first apply": `${ssh} root@HOST "cat >${upload}" <${join(checkout, "dist", "host", "mailhost.sh")} && ${call("apply", false)}`,
    "nothing to do": call("apply", false),
    "one line changed": call("apply", true),
    audit: call("audit", true),
  };
  return {
    name: "ssh and the host program",
    async prepare() {
      writeFileSync(file("hosts"), fleet.hosts.map(({ address }) => address).join(" "));
      writeFileSync(file("wanted"), policyText(false));
      writeFileSync(file("changed"), policyText(true));
    },
    run: (step) => each(commands[step]),
    async close() {},
  };
}
