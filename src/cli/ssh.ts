import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { UsageError } from "./command";
import { relay, writeLine } from "./terminal";

/** How to become root on a host. */
export type Become = "none" | "sudo" | "doas";

export interface Target {
  /** What the system's ssh knows the host by: an alias, `user@host`, an address. */
  host: string;
  become: Become;
  /** Options for ssh, as behind its `-o`. */
  options: readonly string[];
}

/** What the host program shall do there. */
export interface Errand {
  verb: "restore" | "restore-forget" | "restore-plan" | "evidence" | "flow" | "audit" | "plan";
  /** Stand behind the host's name. */
  numbers?: readonly number[];
  /** The program's standard input. */
  input?: string;
  /** Where root put the program, for it not to be brought along; null or nothing where it is. */
  installed?: string | null;
  /** Hears what is said of it: the program's story, and ssh's and our own errors. */
  tell?: (line: string) => void;
}

/** How a run of the host program ended. */
export interface Ending {
  status: number;
  /** Whether a command ran there at all. */
  reached: boolean;
  /** Its standard output; its standard error was shown as it came. */
  lines: string[];
}

/** From `src/` as from `dist/`. */
const builtProgram = path.join(__dirname, "..", "..", "dist", "host", "mailhost.sh");

/** The first line from a host once the login worked, whatever its shell's own files print before. */
const begun = "mailhost: begun";

export function hostArgument(words: readonly string[]): string {
  const [host, ...more] = words;
  if (host === undefined) throw new UsageError("HOST is missing; name one host");
  if (more.length > 0) throw new UsageError(`"${more.join(" ")}" is one host too many; name one host`);
  return checkedHost(host);
}

/** ssh hands a host's name to programs of its configuration, and those to shells. */
export function isHost(host: string): boolean {
  return /^[A-Za-z0-9._:%@[\]/+-]+$/.test(host) && !/(^|@|\/)-/.test(host);
}

export function checkedHost(host: string): string {
  if (!isHost(host))
    throw new UsageError(
      `HOST is ${JSON.stringify(host)}; use a name that ssh knows, such as mx1.example.com or root@192.0.2.1`,
    );
  return host;
}

/**
 * What the login's shell runs: a few words, of which none comes from a user. The host's name and then the program come on standard
 * input, and `read` takes no byte more than the first line.
 */
export function remoteCommand({ verb, numbers = [] }: Errand, become: Become): string {
  const { probe, prefix, advice } = ways[become];
  const refused = `{ echo "$host: error: $(id -un) ${advice}">&2;exit 1;}`;
  return `sh -c 'echo "${begun}";IFS= read -r host;${probe}||${refused};exec ${prefix}sh -s "$0" "$host" "$@"' ${[verb, ...numbers].join(" ")}`;
}

/** The program that root put there, as sudoers name it: a key that may do only this gets it whatever is asked for. */
function installedCommand(path: string, verb: string, host: string, become: Become): string {
  return `${ways[become].prefix}${path} ${verb} ${nameOf(host)}`;
}

/** The host alone, without login and port. */
export function nameOf(host: string): string {
  const [, name = host] = /^(?:ssh:\/\/)?(?:[^@]*@)?(.*)$/.exec(host) ?? [];
  if (!host.startsWith("ssh://")) return name;
  return name
    .replace(/\/$/, "")
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1");
}

/**
 * The program's text and what it shall read, in one stream: a shell that reads a program from a pipe reads on into what follows it, so
 * the program is one command with a document behind it.
 */
export function programWithInput(program: string, input: string): string {
  if (input.split("\n").includes(endOfInput)) throw new Error(`a policy has no line "${endOfInput}"`);
  return `{\n${program}\n} <<'${endOfInput}'\n${input}${endOfInput}\n`;
}

/** Where a host is, as words for ssh, which takes no IPv6 address in a URI. */
export function destination(host: string): string[] {
  const [, login = "", address, port] = /^ssh:\/\/([^@]*@)?\[([^\]]+)\](?::(\d+))?\/?$/.exec(host) ?? [];
  if (address === undefined) return ["--", host];
  return [...(port === undefined ? [] : ["-p", port]), "--", `${login}${address}`];
}

const endOfInput = "mailhost: end of input";

/** Never a question for a password: nobody is there to answer. */
const ways: Record<Become, { probe: string; prefix: string; advice: string }> = {
  none: { probe: '[ "$(id -u)" = 0 ]', prefix: "", advice: "is not root; use --sudo or --doas" },
  sudo: { probe: "sudo -n true<&-", prefix: "sudo -n ", advice: "needs NOPASSWD in sudoers" },
  doas: { probe: "doas -n true<&-", prefix: "doas -n ", advice: "needs nopass in doas.conf" },
};

/** For ssh, of which the first word on an option counts: the user's own go before ours. A host that is silent for a minute is given up. */
export function sshWords(options: readonly string[]): string[] {
  const patience = ["ConnectTimeout=60", "ServerAliveInterval=20", "ServerAliveCountMax=3"];
  return ["BatchMode=yes", ...options, ...patience].flatMap((option) => ["-o", option]);
}

/** Runs the host program over the system's ssh, with that one's configuration, agent and known hosts. */
export async function runOnHost(target: Target, errand: Errand): Promise<Ending> {
  const { host, become, options } = target;
  const { tell = toTerminal } = errand;
  const { verb, input, installed = null } = errand;
  const command = installed === null ? remoteCommand(errand, become) : installedCommand(installed, verb, host, become);
  const child = spawn("ssh", ["-T", ...sshWords(options), ...destination(host), command], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? 255));
  });
  // A host that hangs up reads no more; its exit status says why.
  child.stdin.on("error", () => {});
  child.stdin.end(installed === null ? `${host}\n${programText(input)}` : input);
  const heard: string[] = [];
  try {
    const [status] = await Promise.all([
      ended,
      relay(child.stdout, (line) => heard.push(line)),
      relay(child.stderr, tell),
    ]);
    return judge(host, status, installed === null || status === 255 ? heard : [begun, ...heard], tell);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    tell(complaint(host, `ssh does not start (${problem}); install OpenSSH's client`));
    return { status: 1, reached: false, lines: [] };
  }
}

function programText(input: string | undefined): string {
  const program = readFileSync(builtProgram, "utf8");
  return input === undefined ? program : programWithInput(program, input);
}

/** Of ssh's own failures it says why itself; this says what it means. */
function judge(host: string, status: number, heard: readonly string[], tell: (line: string) => void): Ending {
  const at = heard.indexOf(begun);
  const lines = heard.slice(at + 1);
  if (at < 0) {
    tell(
      complaint(
        host,
        `no command could be run there by ssh; nothing was done. "${sshCall(host)}" must work without a question`,
      ),
    );
    return { status: 1, reached: false, lines: [] };
  }
  if (status !== 255) return { status, reached: true, lines };
  tell(
    complaint(
      host,
      "the connection was lost; what was under way ends by itself or is undone by the next run. Run the same again",
    ),
  );
  return { status: 3, reached: true, lines };
}

/** What a user can type to see why ssh does not get there. */
function sshCall(host: string): string {
  return ["ssh", ...destination(host).filter((word) => word !== "--"), "true"].join(" ");
}

/** Where no command ran, ssh's own last words, before ours; else the error of the host program. */
export function errorOf(host: string, said: readonly string[], reached: boolean): string {
  const lines = said.map((line) => line.trim()).filter(Boolean);
  const last = lines.at(reached ? -1 : -2) ?? lines.at(-1) ?? "it did not say why";
  const ours = [`${host}: error: `, `${nameOf(host)}: error: `].find((words) => last.startsWith(words));
  return ours === undefined ? last : last.slice(ours.length);
}

export function complaint(host: string, problem: string): string {
  return `${host}: error: ${problem}`;
}

function toTerminal(line: string): void {
  writeLine(process.stderr, line);
}
