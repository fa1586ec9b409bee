// An sshd to start on loopback: the machine's own program, else one of a Debian root, never one that is installed for it.
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cache } from "./places.ts";
import { ensureRoot } from "./roots.ts";

const OWN = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"];

/** The path of a program that takes sshd's arguments, and sees what lies under the temporary directory. */
export async function sshdProgram(): Promise<string> {
  return OWN.find((path) => existsSync(path)) ?? inRoot(await ensureRoot("bookworm", "stock"));
}

// Installing openssh-server would start a service that nobody asked for.
function inRoot(root: string): string {
  const dir = join(cache, "sshd");
  mkdirSync(dir, { recursive: true });
  const script = join(dir, `${root.slice(root.lastIndexOf("/") + 1)}.sh`);
  writeFileSync(
    `${script}.${process.pid}`,
    `#!/bin/sh
# The root stays as it is: what is written to it, but not to the temporary directory, goes with the mount namespace.
exec unshare --mount --propagation private sh -euc '
  root=$1 shared=$2
  shift 2
  mount -t tmpfs tmpfs /mnt
  mkdir /mnt/upper /mnt/work
  mount -t overlay overlay -o "lowerdir=$root,upperdir=/mnt/upper,workdir=/mnt/work" "$root"
  mount --rbind /dev "$root/dev"
  mount -t proc proc "$root/proc"
  mount -t tmpfs tmpfs "$root/run"
  mkdir -p "$root/run/sshd" "$root$shared"
  mount --bind "$shared" "$root$shared"
  exec chroot "$root" /usr/sbin/sshd "$@"
' - '${root}' '${tmpdir()}' "$@"
`,
    { mode: 0o755 },
  );
  renameSync(`${script}.${process.pid}`, script);
  return script;
}
