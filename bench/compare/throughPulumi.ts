// This package through the engine, and beside it programs with as many resources that do nothing: empty ones, and the provider's own.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../../test/lab/engine.ts";
import { checkout } from "../../test/lab/places.ts";
import { type Program, writeProgram } from "../../test/lab/program.ts";
import type { Result } from "../../test/lab/run.ts";
import type { Stack } from "../../test/lab/stack.ts";
import type { Contender, Step } from "./contender.ts";
import { change, type Fleet, option, parallel, policyText, settings } from "./fleet.ts";

const ours = `import { readFileSync } from "node:fs";
import { PostfixHardening, TlsVersion } from "@postmaster/mailhost";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const { hosts, cipherList } = JSON.parse(readFileSync(\`\${__dirname}/fleet.json\`, "utf8"));
const privateKey = config.requireSecret("privateKey");
const changed = config.getBoolean("changed") ? { ${change.name}: "${change.value}" } : {};
export const policies = hosts.map(({ host, hostKey }: { host: string; hostKey: string }) =>
  new PostfixHardening(host, {
    connection: { host, hostKey, privateKey },
    tls: {
      incoming: { minimumVersion: TlsVersion.Tls12, excludeCiphers: [] },
      outgoing: { minimumVersion: TlsVersion.Tls10, excludeCiphers: [] },
    },
    settings: { tls_medium_cipherlist: cipherList, ...changed },
    services: { "smtp/inet": { options: { ${option.name}: "${option.value}" } } },
  }).policy);
`;

const nothing = `import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

class Empty extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("bench:index:Empty", name, {}, opts);
    this.registerOutputs({});
  }
}

for (const { host } of JSON.parse(readFileSync(\`\${__dirname}/fleet.json\`, "utf8")).hosts) {
  const parent = new Empty(host);
  for (const child of ["program", "policy"]) new Empty(\`\${host}-\${child}\`, { parent });
}
`;

/** What the provider of remote commands takes by itself. */
const bare = `import { readFileSync } from "node:fs";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

const privateKey = new pulumi.Config().requireSecret("privateKey");
const source = new pulumi.asset.FileAsset(\`\${__dirname}/fleet.json\`);
for (const { host, hostKey } of JSON.parse(readFileSync(\`\${__dirname}/fleet.json\`, "utf8")).hosts) {
  const connection = { host, hostKey, privateKey, user: "root", port: 22 };
  const parent = new pulumi.ComponentResource("bench:index:Bare", host, {});
  const upload = new remote.CopyToRemote(\`\${host}-program\`, { connection, source, remotePath: "bench.json" }, { parent });
  const call = { connection, create: "true", delete: "true", stdin: "nothing\\n" };
  new remote.Command(\`\${host}-policy\`, call, { parent, dependsOn: upload });
}
`;

abstract class ThroughPulumi implements Contender {
  abstract readonly name: string;
  abstract run(step: Step): ReturnType<Stack["up"]>;
  protected readonly fleet: Fleet;
  readonly #engine: Engine;
  readonly #program: Program;
  #stack: Stack | undefined;

  constructor(engine: Engine, fleet: Fleet, index: string) {
    this.#engine = engine;
    this.fleet = fleet;
    this.#program = writeProgram(index, { name: "compare" });
    const hosts = fleet.hosts.map(({ address, hostKey }) => ({ host: address, hostKey }));
    this.#program.write("fleet.json", JSON.stringify({ hosts, cipherList: settings.tls_medium_cipherlist }));
  }

  /** Each time from nothing. */
  async prepare(): Promise<void> {
    await this.#stack?.remove();
    const env = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
    this.#stack = await this.#engine.stack({ program: this.#program.dir, lab: this.fleet.lab, env });
    await this.#stack.config("privateKey", readFileSync(this.fleet.key, "utf8"), { secret: true });
  }

  get stack(): Stack {
    if (this.#stack === undefined) throw new Error("not prepared");
    return this.#stack;
  }

  up(): ReturnType<Stack["up"]> {
    return this.stack.up({ args: ["--parallel", String(parallel)] });
  }

  async close(): Promise<void> {
    await this.#stack?.remove();
    this.#program.remove();
  }
}

export class ThisPackage extends ThroughPulumi {
  readonly name = "this package";

  constructor(engine: Engine, fleet: Fleet) {
    super(engine, fleet, ours);
  }

  /** The policy is the same for all, but for the owner that each host knows. */
  #audit(): Promise<Result> {
    const { lab, hosts, key, knownHosts } = this.fleet;
    const options = ["User=root", `IdentityFile=${key}`, "IdentitiesOnly=yes", `UserKnownHostsFile=${knownHosts}`];
    const addresses = hosts.map(({ address }) => address);
    const command = [process.execPath, join(checkout, "dist", "cli", "main.js"), "audit", ...addresses];
    return lab.run([...command, "--policy", "-", ...options.flatMap((option) => ["-o", option])], {
      stdin: policyText(true),
      timeoutMs: 900_000,
    });
  }

  async run(step: Step): ReturnType<Stack["up"]> {
    if (step === "audit") return this.#audit();
    if (step === "one line changed") await this.stack.config("changed", "true");
    return this.up();
  }
}

/** Resources that leave the hosts as they are. */
export class IdleProgram extends ThroughPulumi {
  readonly name: string;

  private constructor(name: string, engine: Engine, fleet: Fleet, index: string) {
    super(engine, fleet, index);
    this.name = name;
  }

  static empty(engine: Engine, fleet: Fleet): IdleProgram {
    return new IdleProgram("as many empty resources", engine, fleet, nothing);
  }

  static bare(engine: Engine, fleet: Fleet): IdleProgram {
    return new IdleProgram("as many bare commands", engine, fleet, bare);
  }

  run(step: Step): ReturnType<Stack["up"]> {
    return step === "audit" ? this.stack.preview() : this.up();
  }
}
