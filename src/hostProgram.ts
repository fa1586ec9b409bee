import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import type { Privilege } from "./connectionArgs";
import { MailhostError } from "./errors";
import { shortHash } from "./hash";
import { ownerHash } from "./owner";

export type Verb = "apply" | "remove" | "secrets";

/** The host program as one component uploads and calls it. */
export interface HostProgram {
  file: string;
  /** The first 128 bits of its SHA-256, which nobody can match with another program. */
  hash: string;
  /** How its name begins in the login's home; an upload for a policy has that policy's hash behind it. */
  upload: string;
}

/** From `src/` as from `dist/`. */
const builtProgram = path.join(__dirname, "..", "dist", "host", "mailhost.sh");

/**
 * The built program for one owner. The upload's name carries the owner, for an upload is written in place and two
 * components on one host must not write the same file at once.
 */
export function hostProgram(label: string, owner: string): HostProgram {
  if (!existsSync(builtProgram))
    throw new MailhostError(label, "", `the host program ${builtProgram} is not built; run "npm run build"`);
  const hash = shortHash(readFileSync(builtProgram), 32);
  return {
    file: builtProgram,
    hash,
    upload: `.mailhost-${hash.slice(0, 12)}-${ownerHash(owner).slice(0, 8)}.sh`,
  };
}

/**
 * Where it is uploaded for these texts, a change of which has commands run. With another path the provider uploads again, so no
 * changed policy meets a host where the copy was removed or changed since. The engine itself could not see that.
 */
export function uploadPath({ upload }: HostProgram, texts: readonly string[]): string {
  return `${upload}.${shortHash(JSON.stringify(texts), 8)}`;
}

/**
 * The shell command that runs the program as root. A failing command is printed whole, so it is as short as can be;
 * any login shell reads it, so it is two quoted texts for sh. The first, as the login, becomes root or says why it
 * cannot. The second, as root, copies the upload to where only root writes and runs that copy, only if the copy is
 * the expected program. Uploads go when the copy is right, so that nothing of ours stays in the login's home. There is
 * more than one where an earlier command did not come that far.
 */
export function programCall(program: HostProgram, privilege: Privilege, verb: Verb, host: string): string {
  const { probe, become, advice } = ways[privilege];
  const asLogin = `cd;${probe}||{ echo "$4: $(id -un) ${advice}">&2;exit 1;};${become}sh -c "$0" "$@"`;
  return `sh -c '${asLogin}' '${asRoot(verb)}' ${program.hash} ${program.upload} ${verb} ${host}`;
}

/**
 * The shell command that runs a program which root put there, with arguments that sudoers can list word by word. Where
 * sudo does not allow it, its own words name neither host nor login.
 */
export function installedCall(path: string, privilege: Privilege, verb: Verb, host: string): string {
  const missing = '[ -x $0 ]||{ echo "$2: no program at $0; root must install it first">&2;exit 65;}';
  const refused =
    '{ s=$?;sudo -n -l $0 $1 $2 >/dev/null 2>&1 <&-||echo "$2: $(id -un) needs NOPASSWD in sudoers for $0 $1 $2">&2;exit $s;}';
  const run = `${ways[privilege].become}$0 $1 $2${privilege === "sudo" ? `||${refused}` : ""}`;
  return `sh -c '${missing};${run}' ${path} ${verb} ${host}`;
}

interface Way {
  probe: string;
  become: string;
  advice: string;
}

/** Never a question for a password: nobody is there to answer. The probe must not read the policy on standard input. */
const ways: Record<Privilege, Way> = {
  none: { probe: "[ $(id -u) = 0 ]", become: "", advice: "is not root; set privilege" },
  sudo: { probe: "sudo -n true<&-", become: "sudo -n ", advice: "needs NOPASSWD in sudoers" },
  doas: { probe: "doas -n true<&-", become: "doas -n ", advice: "needs nopass in doas.conf" },
};

/** Here $0 is the expected hash, $1 the upload, $2 the verb and $3 the host. What only one verb needs only its call has. */
const asRoot = (verb: Verb): string =>
  [
    "d=/var/lib/mailhost",
    "p=$d/bin/$1",
    // A removal that is tried again after it was done: nothing of ours is left to remove (bin, dns, ledger or probes), and no
    // program to do it. The call is short, so a pattern names them; no other entry there has such a name.
    ...(verb === "remove" ? ["ls -d $d/[bdlp][einr][dnos]*>/dev/null 2>&1||{ rm -rf $d.gone;exit;}"] : []),
    ...(verb === "remove" ? [] : ["mkdir -pm711 $d"]),
    "mkdir -pm700 $d/bin",
    "h(){ sha256sum<$p|grep -q ^$0;}",
    // Several uploads where an earlier call did not come to its end. The program itself syncs this copy and removes them.
    'for f in $1*;do h||cp "$f" $p;done 2>&-',
    'h||{ echo "$3: no program; raise repair">&2',
    "exit 65",
    "}",
    "sh $p $2 $3",
  ].join(";");
