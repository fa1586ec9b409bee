// Where the demo's commands run: a directory that looks like the checkout, with a state and keys that go with the lab.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../lab/engine.ts";
import type { Host } from "../lab/host.ts";
import { checkout } from "../lab/places.ts";
import { copyExample } from "../lab/program.ts";
import type { Result } from "../lab/run.ts";
import { Broken, command, indenter, took } from "./terminal.ts";

/** What a user has in the checkout and these commands need; `pulumi config set` then writes beside them, not into it. */
const CHECKOUT = ["Pulumi.yaml", "examples", "package.json", "tsconfig.json", "node_modules", "src", "dist"];

export interface CallOptions {
  /** Default true: the output is printed as it comes. */
  show?: boolean;
  /** Default true: another status than 0 ends the demo. */
  mustWork?: boolean;
}

export class Desk {
  readonly host: Host;
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;

  constructor(engine: Engine, host: Host) {
    this.host = host;
    this.dir = join(host.lab.dir, "desk");
    for (const part of ["state", "home"]) mkdirSync(join(this.dir, part), { recursive: true });
    for (const name of CHECKOUT) symlinkSync(join(checkout, name), join(this.dir, name));
    copyExample("mail-dns", join(this.dir, "mail-dns"));
    if (engine.plugins !== undefined) symlinkSync(engine.plugins, join(this.dir, "home", "plugins"));
    symlinkSync(host.keys.ed25519, join(this.dir, "id_ed25519"));
    writeFileSync(join(this.dir, "known_hosts"), `${host.address} ${host.hostKey}\n`);
    writeFileSync(
      join(this.dir, "ssh_config"),
      `Host *\n  User root\n  IdentityFile id_ed25519\n  IdentitiesOnly yes\n  UserKnownHostsFile known_hosts\n  StrictHostKeyChecking yes\n  BatchMode yes\n`,
    );
    const inherited = Object.entries(process.env).filter(
      ([key]) => !/^(PULUMI_|VITEST|NODE_OPTIONS$|SSH_AUTH_SOCK$)/.test(key),
    );
    this.env = {
      ...Object.fromEntries(inherited),
      PATH: engine.path,
      NO_COLOR: "1",
      PULUMI_HOME: join(this.dir, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.dir, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "demo",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...(engine.provider === "stand-in" ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } : {}),
    };
  }

  /** Prints a command and runs exactly that, as a shell in this directory would. */
  async run(line: string, { show = true, mustWork = true }: CallOptions = {}): Promise<Result> {
    command(line);
    const output = indenter();
    const started = Date.now();
    const result = await this.host.outside(["sh", "-c", line], {
      cwd: this.dir,
      env: this.env,
      timeoutMs: 600_000,
      ...(show ? { onOutput: output.add } : {}),
    });
    output.end();
    took(Date.now() - started);
    if (mustWork && result.status !== 0) {
      throw new Broken(
        `"${line}" ended with status ${result.status}${show ? "" : `\n${result.stdout}${result.stderr}`}`,
      );
    }
    return result;
  }
}
