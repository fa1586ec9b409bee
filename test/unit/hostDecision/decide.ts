import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keywords, type Line, renderPolicy } from "../../../src/policy/render.ts";
import { type Awk, awks, decisionParts, policyReader, runAwk, source } from "./awk.ts";
import { defaults, effective, table, type Version, versionNumber } from "./postfix.ts";

export const ports = "smtp 25/tcp mail\nsubmissions 465/tcp ssmtp smtps urd\nsubmission 587/tcp\n";
export const someOwner = "org/mail/prod/mailhost:index:PostfixHardening/mx1";

/** What the decision is made from; everything has a default but what a test is about. */
export interface Host {
  awk?: Awk;
  postfix?: Version;
  main?: string;
  master?: string;
  /** Lines of the policy, `KEYWORD REST`; owner, activate and destroy come by themselves. */
  policy?: readonly string[];
  /** How the two files are written; the policy always is UTF-8. */
  encoding?: BufferEncoding;
  /** `getent services` */
  ports?: string;
  /** `revision TAB name TAB value` lines. */
  secrets?: string;
  mode?: string;
  ledger?: string;
  owners?: string;
  owner?: string;
  /** Keys of the ledger that go back, or "unwanted": those that this owner alone holds and the policy does not want. */
  giveBack?: readonly string[] | "unwanted";
  /** Whether the owner goes for good. */
  leaving?: boolean;
}

/** The two files as they will be, and what the run says of them, a text for each line. */
export interface Decision {
  main: string;
  master: string;
  refusal: string | undefined;
  changes: string[];
  warnings: string[];
  overrides: string[];
  services: string[];
  keys: string[];
  ledger: string;
  owners: string;
}

export function policyText(lines: readonly string[], owner = someOwner): string {
  const wanted = lines.map(lineOf);
  const head = [lineOf(`owner ${owner}`), lineOf("activate reload"), lineOf("destroy keep")];
  const own = new Set(wanted.map(({ keyword }) => keyword));
  return renderPolicy([...head.filter(({ keyword }) => !own.has(keyword)), ...wanted]);
}

function lineOf(text: string): Line {
  const [word = "", ...rest] = text.split(" ");
  const keyword = keywords.find((known) => known === word);
  if (keyword === undefined) throw new Error(`"${word}" is no keyword of a policy`);
  return { keyword, rest: rest.join(" ") };
}

const read = new Map<string, string>();

/** The words that policy.awk reads from a policy; throws what it refuses. */
export function policyWords(policy: string, awk: Awk = awks[0] ?? ["awk"]): string {
  const known = read.get(`${awk} ${policy}`);
  if (known !== undefined) return known;
  const { status, stdout, stderr } = runAwk(awk, policyReader, policy);
  if (stderr !== "") throw new Error(stderr);
  if (status !== 0) throw new Error(stdout.trimEnd().split("\n").at(-1));
  read.set(`${awk} ${policy}`, stdout);
  return stdout;
}

export function decide(host: Host): Decision {
  const work = mkdtempSync(join(tmpdir(), "mailhost-decide-"));
  try {
    return decideIn(work, host);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function decideIn(work: string, host: Host): Decision {
  const awk = host.awk ?? awks[0] ?? ["awk"];
  const { main = "", master = "", postfix = "3.7", owner = someOwner, encoding = "utf8" } = host;
  const file = (name: string) => join(work, name);
  const read = (name: string) => (existsSync(file(name)) ? readFileSync(file(name), encoding) : "");
  const lines = (name: string) => read(name).split("\n").slice(0, -1);
  const inputs: Record<string, string> = {
    wanted: policyWords(policyText(host.policy ?? [], owner), awk),
    "main.old": main,
    "master.old": master,
    effective: table(effective(postfix, main)),
    defaults: table(defaults(postfix)),
    ports: host.ports ?? ports,
    secrets: host.secrets ?? "",
    entries: host.ledger ?? "",
    owners: host.owners ?? "",
    mine: `${owner}\n`,
    heirs: "",
  };
  for (const [name, text] of Object.entries(inputs))
    writeFileSync(file(name), text, name.endsWith(".old") || name === "effective" ? encoding : "utf8");

  const run = (back: string) => {
    for (const name of ["refusal", "overrides", "ledger"]) rmSync(file(name), { force: true });
    for (const name of ["warnings", "changes", "keys"]) writeFileSync(file(name), "");
    const variables = {
      wanted: file("wanted"),
      giveBackFile: back,
      out: work,
      mainFile: file("main.old"),
      masterFile: file("master.old"),
      effectiveFile: file("effective"),
      defaultsFile: file("defaults"),
      ports: file("ports"),
      secretsFile: file("secrets"),
      ledgerFile: file("entries"),
      ownersFile: file("owners"),
      mineFile: file("mine"),
      postfixNumber: versionNumber(postfix),
      mainMode: host.mode ?? "640",
      mainBare: /[^\n]$/.test(main) ? 1 : 0,
      masterBare: /[^\n]$/.test(master) ? 1 : 0,
    };
    const args = Object.entries(variables).flatMap(([name, value]) => ["-v", `${name}=${value}`]);
    const { status, stdout, stderr } = runAwk(awk, [...args, ...decisionParts.flatMap((part) => ["-f", part])]);
    if (status !== 0 || stdout !== "" || stderr !== "")
      throw new Error(`${awk.join(" ")}: ${status} ${stdout}${stderr}`);
  };

  run("");
  if (host.giveBack !== undefined) {
    const back =
      host.giveBack === "unwanted"
        ? ledgerShell(work, host, 'keys_to_give_back "$work/keys"')
        : host.giveBack.map((key) => `${key}\n`).join("");
    writeFileSync(file("back"), back);
    if (back !== "") run(file("back"));
    ledgerShell(work, host, 'next_owners "$work/keys" "$work/ledger"');
  }
  const named = (text: string) =>
    text.replaceAll(file("main.old"), "main.cf").replaceAll(file("master.old"), "master.cf");
  return {
    main: read("main.cf"),
    master: read("master.cf"),
    refusal: existsSync(file("refusal")) ? named(read("refusal").trimEnd()) : undefined,
    changes: lines("changes").map((line) => {
      const [where, name, wasSet, from, isSet, to] = line.split("\t");
      const shown = (set = "", value = "") => (set !== "1" ? "(unset)" : value === "" ? "(empty)" : value);
      return `${where} ${name}: ${shown(wasSet, from)} -> ${shown(isSet, to)}`;
    }),
    warnings: lines("warnings").map((line) => named(line.replace("\t", ": "))),
    overrides: lines("overrides").map((line) => line.replace("\t", ":").replace("\t", " = ")),
    services: lines("services"),
    keys: lines("keys"),
    ledger: read("ledger"),
    owners: read("owners.new"),
  };
}

/** The host program's own way to know what goes back and who owns what. */
function ledgerShell(work: string, { owner = someOwner, leaving = false }: Host, command: string): string {
  const script = `work=$1 owner=$2 leaving=$3 awk_ledgerKeys=$(cat "$4") awk_heirs=$(cat "$5"); . "$6"; ${command}`;
  const files = ["ledgerKeys.awk", "heirs.awk", "ledger.sh"].map(source);
  const args = [work, owner, leaving ? "1" : "0", ...files];
  return execFileSync("sh", ["-c", script, "sh", ...args], { encoding: "utf8" });
}

/** A host that lives through several runs, each owner with its own policy. */
export class LivingHost {
  ledger = "";
  owners = "";
  readonly host: Host;
  main: string;
  master: string;

  constructor(host: Host) {
    this.host = host;
    this.main = host.main ?? "";
    this.master = host.master ?? "";
  }

  /** What a run of this owner would do; nothing changes. */
  preview(policy: readonly string[], more: Partial<Host> = {}): Decision {
    const { main, master, ledger, owners } = this;
    return decide({ ...this.host, main, master, ledger, owners, policy, giveBack: "unwanted", ...more });
  }

  /** A run of this owner; a refusal throws and changes nothing. */
  apply(policy: readonly string[], more: Partial<Host> = {}): Decision {
    const decision = this.preview(policy, more);
    if (decision.refusal !== undefined) throw new Error(decision.refusal);
    ({ main: this.main, master: this.master, ledger: this.ledger, owners: this.owners } = decision);
    return decision;
  }

  /** `remove` with destroy = restore. */
  remove(more: Partial<Host> = {}): Decision {
    return this.apply([], { leaving: true, ...more });
  }
}
