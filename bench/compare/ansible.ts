// Ansible with the modules that its users take for this: lineinfile, replace, and a handler that reloads.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureVenv } from "../../test/lab/venv.ts";
import type { Contender, Step } from "./contender.ts";
import { change, type Fleet, option, settings } from "./fleet.ts";

function playbook(changed: boolean): string {
  const lines = Object.entries({ ...settings, ...(changed ? { [change.name]: change.value } : {}) });
  return `- hosts: all
  tasks:
    - ansible.builtin.lineinfile:
        path: /etc/postfix/main.cf
        regexp: "^{{ item.name }}\\\\s*="
        line: "{{ item.name }} = {{ item.value }}"
      loop:
${lines.map(([name, value]) => `        - { name: ${name}, value: ${JSON.stringify(value)} }`).join("\n")}
      notify: reload
    - ansible.builtin.replace:
        path: /etc/postfix/master.cf
        regexp: "^(smtp +inet .*smtpd)$"
        replace: "\\\\1 -o ${option.name}=${option.value}"
      notify: reload
  handlers:
    - name: reload
      ansible.builtin.command: postfix reload
`;
}

export async function ansible(fleet: Fleet, forks: number): Promise<Contender> {
  const venv = await ensureVenv("ansible", ["ansible-core==2.19.*"]);
  const file = (name: string) => join(fleet.dir, name);
  const play = (book: string, ...more: string[]) =>
    fleet.lab.run(
      [join(venv, "bin", "ansible-playbook"), "-i", file("inventory"), "-f", String(forks), file(book), ...more],
      {
        timeoutMs: 1_800_000,
        env: { ...process.env, LC_ALL: "C.UTF-8", HOME: fleet.dir, ANSIBLE_LOCAL_TEMP: file("ansible") },
      },
    );
  const runs: Record<Step, () => ReturnType<typeof play>> = {
    "first apply": () => play("wanted.yml"),
    "nothing to do": () => play("wanted.yml"),
    "one line changed": () => play("changed.yml"),
    audit: () => play("changed.yml", "--check"),
  };
  return {
    name: `Ansible, ${forks} forks`,
    async prepare() {
      const options = `-o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=${fleet.knownHosts}`;
      const all = `ansible_user=root ansible_ssh_private_key_file=${fleet.key} ansible_python_interpreter=/usr/bin/python3 ansible_ssh_common_args="${options}"`;
      writeFileSync(file("inventory"), fleet.hosts.map(({ address }) => `${address} ${all}\n`).join(""));
      writeFileSync(file("wanted.yml"), playbook(false));
      writeFileSync(file("changed.yml"), playbook(true));
    },
    run: (step) => runs[step](),
    async close() {},
  };
}
