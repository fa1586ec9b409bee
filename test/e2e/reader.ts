// A reader of the pages, who types what they say: in a directory of their own, with names, keys and an ssh that the pages suppose.
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { checkout, scratch } from "../lab/places.ts";
import { must, type Result } from "../lab/run.ts";
import type { Site } from "./site.ts";

export class Reader {
  readonly site: Site;
  /** What the pages call "a directory of your own". */
  readonly dir: string;
  readonly #base: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(site: Site, base: string, env: NodeJS.ProcessEnv) {
    this.site = site;
    this.#base = base;
    this.dir = join(base, "mail");
    this.#env = env;
  }

  static async open(site: Site, names: Record<string, string>): Promise<Reader> {
    const base = scratch("programs", "reader");
    for (const part of ["mail", "mailhost", "bin", "home/.ssh"]) mkdirSync(join(base, part), { recursive: true });
    const { host, engine } = site;
    writeFileSync(join(base, "mail", "Pulumi.yaml"), "name: other\nruntime: nodejs\n");
    const stack = await engine.stack({ program: join(base, "mail"), name: "other" });
    const hosts = Object.entries(names).map(([name, address]) => `${address} ${name} ${name.split(".")[0]}`);
    writeFileSync(join(base, "hosts"), `127.0.0.1 localhost\n${hosts.join("\n")}\n`);
    const known = Object.keys(names).map((name) => `${name},${name.split(".")[0]} ${host.hostKey}\n`);
    writeFileSync(join(base, "known_hosts"), known.join(""));
    cpSync(host.keys.ed25519, join(base, "home/.ssh/id_ed25519"));
    const options = [
      "IdentitiesOnly yes",
      `IdentityFile ${base}/home/.ssh/id_ed25519`,
      `UserKnownHostsFile ${base}/known_hosts`,
    ];
    writeFileSync(join(base, "ssh_config"), `${options.join("\n")}\n`);
    const ssh = (await must(["sh", "-c", "command -v ssh"])).stdout.trim();
    writeFileSync(join(base, "bin/ssh"), `#!/bin/sh\nexec ${ssh} -F ${base}/ssh_config "$@"\n`, { mode: 0o755 });
    return new Reader(site, base, {
      ...stack.env,
      PATH: [join(base, "bin"), stack.env.PATH].join(delimiter),
      HOME: join(base, "home"),
      SSH_AUTH_SOCK: "",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      // The reader says yes to what is asked.
      PULUMI_SKIP_CONFIRMATIONS: "true",
    });
  }

  /** Where a registry is to be reached, which a lab has no way to. */
  async outside(command: string): Promise<void> {
    await must(["npm", "pack", "--silent", "--pack-destination", join(this.#base, "mailhost")], { cwd: checkout });
    await must(["sh", "-ec", command], { cwd: this.dir, timeoutMs: 600_000 });
  }

  /** In the lab, with the names of the pages; `where` is a directory beside the reader's own. */
  run(command: string, where = "mail"): Promise<Result> {
    const enter = 'mount --bind "$1" /etc/hosts && cd "$2" && exec sh -c "$3"';
    const argv = ["unshare", "--mount", "--propagation", "private", "sh", "-c", enter, "-"];
    const words = [join(this.#base, "hosts"), join(this.#base, where), command];
    return this.site.lab.run([...argv, ...words], { env: this.#env, timeoutMs: 600_000 });
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.#base, file), text);
  }

  /** Another directory of the reader's own, where the same packages are installed. */
  directory(name: string): void {
    mkdirSync(join(this.#base, name));
    symlinkSync(join(this.dir, "node_modules"), join(this.#base, name, "node_modules"));
  }

  async close(): Promise<void> {
    await must(["rm", "-rf", this.#base]);
  }
}
