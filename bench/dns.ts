// The preview of many mail domains beside that of as many resources, by the same engine in one run.
import { delimiter, join } from "node:path";
import { findEngine } from "../test/lab/engine.ts";
import { labDir } from "../test/lab/places.ts";
import { writeProgram } from "../test/lab/program.ts";
import { Figures, table } from "./measure.ts";
import { worked } from "./subject.ts";

const [domains = "1000", repetitions = "3"] = process.argv.slice(2);
if (!/^[1-9]\d*$/.test(domains) || !/^[1-9]\d*$/.test(repetitions)) {
  process.stderr.write("usage: node bench/dns.ts [DOMAINS] [REPETITIONS]\n");
  process.exit(2);
}
/** At most so many times the engine's own time. */
const bar = 3;

const head = `import * as pulumi from "@pulumi/pulumi";\nconst domains = Array.from({ length: ${domains} }, (_, at) => at);\n`;
const ours = `import { MailDns } from "@postmaster/mailhost";
${head}
for (const at of domains) {
  const domain = \`d\${at}.example.com\`;
  const byte = \`\${at >> 8}.\${at & 255}\`;
  new MailDns(domain, {
    domain,
    route53: { zoneId: "Z1", reverseZones: [{ zone: "10.in-addr.arpa", zoneId: "Z4" }, { zone: "8.b.d.0.1.0.0.2.ip6.arpa", zoneId: "Z6" }] },
    hosts: [{ name: \`mx.\${domain}\`, preference: 10, ipv4: [\`10.1.\${byte}\`], ipv6: [\`2001:db8::\${at.toString(16)}:1\`] }],
    allowSpecialPurposeAddresses: true,
  });
}
export const done = pulumi.output(domains.length);
`;
/** A component and five records a domain. */
const empty = `${head}
class Empty extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("bench:index:Empty", name, {}, opts);
    this.registerOutputs({});
  }
}
for (const at of domains) {
  const parent = new Empty(\`d\${at}\`);
  for (const child of ["a", "aaaa", "ptr4", "ptr6", "mx"]) new Empty(\`d\${at}-\${child}\`, { parent });
}
`;
/** The same records without this package: what the engine and the provider cost. */
const bare = `import { Record } from "@pulumi/aws/route53";
${head}
for (const at of domains) {
  const parent = new pulumi.ComponentResource("bench:index:Bare", \`d\${at}\`, {});
  let dependsOn: Record[] = [];
  for (const child of ["ptr4", "ptr6", "a", "aaaa", "mx"]) {
    const name = \`\${child}.d\${at}.example.com\`;
    const records = ["192.0.2.1"];
    dependsOn = [new Record(name, { zoneId: "Z1", name, type: "A", ttl: 60, records }, { parent, dependsOn })];
  }
}
`;

const engine = await findEngine();
// Else the engine writes the whole state down at each resource, in a preview too, and that is all one measures.
const checkpoints = { PULUMI_SKIP_CHECKPOINTS: process.env.PULUMI_SKIP_CHECKPOINTS ?? "true" };
const env = {
  PULUMI_NODEJS_TRANSPILE_ONLY: "true",
  ...checkpoints,
  PATH: [join(labDir, "awsProvider"), engine.path].join(delimiter),
};
const figures = new Figures();
for (let run = 1; run <= Number(repetitions); run += 1) {
  const programs = { MailDns: ours, "as many empty resources": empty, "as many records of @pulumi/aws": bare };
  for (const [name, text] of Object.entries(programs)) {
    const program = writeProgram(text, { name: "dns" });
    const stack = await engine.stack({ program: program.dir, env });
    const { stdout } = await figures.time(`preview of ${domains} domains: ${name}`, () =>
      worked(name, stack.preview()),
    );
    // Six resources a domain, and the stack.
    const created = Number(/^ +\+ (\d+) to create$/m.exec(stdout)?.[1]);
    if (created !== 6 * Number(domains) + 1) throw new Error(`${name}: ${created} resources\n${stdout.slice(-2_000)}`);
    await stack.remove();
    program.remove();
  }
}
const all = figures.all();
const [mine = Number.NaN, theirs = Number.NaN] = all.map(({ minimum }) => minimum);
const ratio = mine / theirs;
const how = `with PULUMI_SKIP_CHECKPOINTS=${checkpoints.PULUMI_SKIP_CHECKPOINTS}`;
const verdict = ratio <= bar ? "met" : "MISSED";
process.stdout.write(`${table(all)}\n${verdict}: ${ratio.toFixed(2)} times ${how}; at most ${bar}\n`);
process.stdout.write(`${JSON.stringify({ figures: all, ratio, bar, ...checkpoints })}\n`);
process.exitCode = ratio <= bar ? 0 : 1;
