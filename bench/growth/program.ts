// The program that grows: one component a host, of a part of the hosts in a file.
import { type Program, writeProgram } from "../../test/lab/program.ts";
import type { Endpoint } from "./hosts.ts";

const index = `import { readFileSync } from "node:fs";
import { PostfixHardening } from "@postmaster/mailhost";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const privateKey = config.requireSecret("privateKey");
const hostKey = config.require("hostKey");
const from = config.requireNumber("from");
const hosts: { host: string; port: number }[] = JSON.parse(readFileSync(\`\${__dirname}/hosts.json\`, "utf8"));
for (const { host, port } of hosts.slice(from, from + config.requireNumber("count"))) {
  new PostfixHardening(host, {
    connection: { host, port, hostKey, privateKey },
    tls: { incoming: {}, submission: {}, outgoing: {} },
    settings: { smtpd_helo_required: "yes", disable_vrfy_command: "yes" },
  });
}
`;

export function growingProgram(hosts: readonly Endpoint[]): Program {
  const program = writeProgram(index, { name: "growth" });
  program.write("hosts.json", JSON.stringify(hosts));
  return program;
}
