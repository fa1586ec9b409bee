// pyinfra with the operations that its users take for this: files.line, files.replace, and a shell that reloads.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureVenv } from "../../test/lab/venv.ts";
import type { Contender, Step } from "./contender.ts";
import { change, type Fleet, option, parallel, settings } from "./fleet.ts";

function deploy(changed: boolean): string {
  const lines = Object.entries({ ...settings, ...(changed ? { [change.name]: change.value } : {}) });
  return `from pyinfra.operations import files, server

done = []
for name, value in ${JSON.stringify(lines)}:
    done.append(files.line(path="/etc/postfix/main.cf", line=rf"^{name}\\s*=.*", replace=f"{name} = {value}"))
done.append(files.replace(path="/etc/postfix/master.cf", text=r"^\\(smtp  *inet .*smtpd\\)$", replace=r"\\1 -o ${option.name}=${option.value}"))
server.shell(commands=["postfix reload"], _if=lambda: any(one.did_change() for one in done))
`;
}

export async function pyinfra(fleet: Fleet): Promise<Contender> {
  const venv = await ensureVenv("pyinfra", ["pyinfra==3.10.*"]);
  const file = (name: string) => join(fleet.dir, name);
  const run = (script: string, ...more: string[]) =>
    fleet.lab.run(
      [join(venv, "bin", "pyinfra"), "-y", "--parallel", String(parallel), ...more, file("inventory.py"), file(script)],
      { timeoutMs: 900_000, env: { ...process.env, LC_ALL: "C.UTF-8", HOME: fleet.dir } },
    );
  const runs: Record<Step, () => ReturnType<typeof run>> = {
    "first apply": () => run("wanted.py"),
    "nothing to do": () => run("wanted.py"),
    "one line changed": () => run("changed.py"),
    audit: () => run("changed.py", "--dry"),
  };
  return {
    name: "pyinfra",
    async prepare() {
      const login = { ssh_user: "root", ssh_key: fleet.key, ssh_known_hosts_file: fleet.knownHosts };
      const hosts = fleet.hosts.map(({ address }) => `    ("${address}", ${JSON.stringify(login)}),\n`).join("");
      writeFileSync(file("inventory.py"), `hosts = [\n${hosts}]\n`);
      writeFileSync(file("wanted.py"), deploy(false));
      writeFileSync(file("changed.py"), deploy(true));
    },
    run: (step) => runs[step](),
    async close() {},
  };
}
