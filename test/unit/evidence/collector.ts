// The host program's collector on a directory of its own: log files, a state, a clock and a Postfix that the test makes up.
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const build = fileURLToPath(new URL("../../../tools/build-host-program.mjs", import.meta.url));
let functions: string | undefined;

/** The program without what its call does. */
function programFunctions(): string {
  if (functions !== undefined) return functions;
  const target = mkdtempSync(join(tmpdir(), "mailhost-program-"));
  execFileSync(process.execPath, [build, target]);
  const program = readFileSync(join(target, "mailhost.sh"), "utf8");
  // Without what stands before its first function: these tests have an environment of their own.
  functions = program.slice(program.indexOf("\nawk_"), program.indexOf("\nverb="));
  rmSync(target, { recursive: true });
  return functions;
}

export const PROBE = `policy   1
owner    org/mail/prod/mailhost:index:Smtps465Probe/mx1
probe    tcp 465
log      debug SERVICE MONITORING: |
networks 24 48
ignore   203.0.113.7
retain   400
`;

export const SERVICES = `smtp inet n - y - - smtpd
submission inet n - y - - smtpd -o syslog_name=postfix/submission
smtps inet n - y - - smtpd -o syslog_name=postfix/smtps -o smtpd_tls_wrappermode=yes
pickup unix n - y 60 1 pickup
`;

export const OPTIONS = `submission/inet/syslog_name = postfix/submission
smtps/inet/syslog_name = postfix/smtps
smtps/inet/smtpd_tls_wrappermode = yes
`;

export interface CollectorOptions {
  awk?: readonly string[];
  shell?: readonly string[];
  zone?: string;
  services?: string;
  options?: string;
  /** The options with what their parameters refer to, where that is something else. */
  expanded?: string;
  clientPorts?: boolean;
  /** Whether Postfix's files are as new as they really are; else they are as old as they say. */
  realChanges?: boolean;
  /** Whether handshakes of mail that goes out are logged. */
  outgoing?: boolean;
  /** Postfix's own log file, among the others or by its whole path. */
  maillogFile?: string;
  /** Whether rsyslog may leave lines out. */
  limited?: boolean;
}

export class Collector {
  readonly dir = mkdtempSync(join(tmpdir(), "mailhost-collect-"));
  /** The host's clock, in seconds. */
  now = Date.parse("2026-11-25T12:00:00Z") / 1000;
  counters = "";
  readonly #options: CollectorOptions;

  constructor(options: CollectorOptions = {}) {
    this.#options = options;
    for (const name of ["bin", "log", "state/probes", "state/evidence", "etc"])
      mkdirSync(join(this.dir, name), { recursive: true });
    writeFileSync(join(this.dir, "state/probes/465"), PROBE);
    for (const name of ["main.cf", "master.cf"]) {
      writeFileSync(join(this.dir, "etc", name), "");
      utimesSync(join(this.dir, "etc", name), 1_700_000_000, 1_700_000_000);
    }
    this.#tool("awk", `exec ${(options.awk ?? ["mawk"]).join(" ")} "$@"`);
    this.#tool(
      "postconf",
      `case $1 in
-h) echo ${this.dir}/etc ;;
-M) cat <<'END'
${options.services ?? SERVICES}END
;;
-P) case $2 in -x) cat <<'END'
${options.expanded ?? options.options ?? OPTIONS}END
;; *) cat <<'END'
${options.options ?? OPTIONS}END
;; esac ;;
-x) printf '%s\\n' postfix ${options.clientPorts ? "yes" : "no"} 1 ${options.outgoing ? 1 : 0} '${this.#maillog()}' ;;
esac`,
    );
  }

  #maillog(): string {
    const { maillogFile = "" } = this.#options;
    return maillogFile === "" || maillogFile.startsWith("/") ? maillogFile : this.path(maillogFile);
  }

  #tool(name: string, text: string): void {
    writeFileSync(join(this.dir, "bin", name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(this.dir, "bin", name), 0o755);
  }

  path(name: string): string {
    return join(this.dir, "log", name);
  }

  write(name: string, ...lines: string[]): void {
    writeFileSync(this.path(name), lines.map((line) => `${line}\n`).join(""), { flag: "a" });
  }

  /** When a file was last written, for lines that name no year. */
  touch(name: string, date: string): void {
    const time = Date.parse(date) / 1000;
    utimesSync(this.path(name), time, time);
  }

  in(command: string): void {
    execFileSync("sh", ["-euc", command], { cwd: join(this.dir, "log") });
  }

  get script(): string {
    return `${programFunctions()}
host=mx1
state=${this.dir}/state
evidence=$state/evidence
usual_mail_files() { echo ${this.path("mail.log")}; }
kernel_files() { echo ${this.path("kern.log")}; }
has_journal() { return 1; }
${this.#options.realChanges ? "" : 'changed_at() { stat -L -c %Y "$1"; }'}
read_counters() { cat ${this.dir}/counters 2>/dev/null; }
listener() { echo postfix; }
syslog_limits() { ${this.#options.limited ? "true" : "false"}; }
date() { if [ "$1" = +%s ]; then echo ${this.now}; else command date "$@"; fi; }
`;
  }

  get env(): NodeJS.ProcessEnv {
    return { PATH: `${this.dir}/bin:${process.env.PATH}`, LC_ALL: "C", TZ: this.#options.zone ?? "UTC" };
  }

  run(command: string): string {
    writeFileSync(join(this.dir, "counters"), this.counters);
    const [shell = "sh", ...args] = this.#options.shell ?? ["sh"];
    return execFileSync(shell, [...args, this.scriptFile(command)], { encoding: "utf8", env: this.env });
  }

  /** The program with one command at its end. */
  scriptFile(command: string): string {
    const file = join(this.dir, "script");
    writeFileSync(file, `${this.script}${command}\n`);
    return file;
  }

  /** A run that is killed after some milliseconds. */
  async killed(after: number): Promise<void> {
    const child = spawn("sh", [this.scriptFile("collect_now")], { env: this.env, detached: true, stdio: "ignore" });
    const ended = new Promise((resolve) => child.once("close", resolve));
    await new Promise((resolve) => setTimeout(resolve, after));
    try {
      process.kill(-(child.pid as number), "SIGKILL");
    } catch {
      // It had ended before.
    }
    await ended;
  }

  /** The rows after a run, "DAY KIND PORT SERVICE FAMILY NETWORK WHAT COUNT", fields parted by one blank; FIRST and LAST are left out. */
  collect(seconds = 300): string[] {
    this.now += seconds;
    this.run("collect_now");
    return this.rows();
  }

  rows(): string[] {
    return this.whole().map((row) => row.split("\t").slice(0, -2).join(" "));
  }

  whole(): string[] {
    const directory = join(this.dir, "state/evidence");
    const days = readdirSync(directory).filter((name) => /^\d{4}-\d\d-\d\d\.tsv$/.test(name));
    return days.sort().flatMap((name) => {
      const [head, ...rows] = readFileSync(join(directory, name), "utf8").trimEnd().split("\n");
      if (head !== "# mailhost evidence 1") throw new Error(`${name}: ${head}`);
      if (rows.join() !== [...rows].sort().join()) throw new Error(`${name} is not sorted`);
      return rows.map((row) => `${name.slice(0, 10)}\t${row}`);
    });
  }

  /** The sum of a kind's counts. */
  total(kind: string): number {
    return this.whole()
      .map((row) => row.split("\t"))
      .filter((row) => row[1] === kind)
      .reduce((sum, row) => sum + Number(row[7]), 0);
  }

  evidence(port = 465, days = 180): string[] {
    return this.run(`take_evidence_lock() { :; }; evidence ${port} ${days}`).trimEnd().split("\n");
  }

  verdict(port = 465, days = 180): string {
    const line = this.evidence(port, days).find((text) => text.startsWith("verdict\t"));
    return line?.split("\t").slice(1).join(": ") ?? "";
  }

  /** What is said of a TLS floor. */
  floor(block: string, days: number, version = "TLSv1.2"): string {
    const lines = this.evidence(465, days).map((text) => text.split("\t"));
    const found = lines.find(([kind, of, at]) => kind === "floor" && of === block && at === version);
    return found?.slice(3).join(": ") ?? "";
  }

  get leftovers(): string[] {
    return ["new", "ready", "work"].filter((name) => existsSync(join(this.dir, "state/evidence", name)));
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Postfix's lines of one session on 465. */
export function session(time: string, pid: number, client: string, account?: string, mails = 1): string[] {
  const at = (text: string) => `${time} mx1 postfix/smtps/smtpd[${pid}]: ${text}`;
  if (account === undefined)
    return [
      at(`connect from ${client}`),
      at(`lost connection after CONNECT from ${client}`),
      at(`disconnect from ${client} commands=0/0`),
    ];
  const sent = Array.from({ length: mails }, (_, i) =>
    at(`4Fx${pid}${i}: client=${client}, sasl_method=PLAIN, sasl_username=${account}`),
  );
  return [
    at(`connect from ${client}`),
    ...sent,
    at(`disconnect from ${client} ehlo=1 auth=1 mail=${mails} quit=1 commands=${mails + 3}`),
  ];
}

export function packet(time: string, source: string, port = 51234, more = ""): string {
  return `${time} mx1 kernel: ${more}SERVICE MONITORING: IN=eth0 OUT= MAC=52:54:00:12:34:56:08:00 SRC=${source} DST=192.0.2.1 LEN=60 TOS=0x00 PREC=0x00 TTL=50 ID=4711 DF PROTO=TCP SPT=${port} DPT=465 WINDOW=64240 RES=0x00 SYN URGP=0 `;
}
