// A host whose packet filter a probe goes into. Nothing but the probe may change what the dumps of it say.

import { type Keyword, keywords, renderPolicy } from "../../src/policy/render.ts";
import { type ProbeReceipt, parseProbeReceipt } from "../../src/probeReceipt.ts";
import type { Host } from "../lab/host.ts";
import { PROGRAM } from "./bench.ts";
import { hostProgram } from "./program.ts";

const USUAL = [
  "owner org/proj/dev/mailhost:index:Smtps465Probe/mx",
  "probe tcp 465",
  "chain INPUT",
  "source 1024:65535",
  "log debug SERVICE MONITORING: |",
  "rate 30/minute burst 60",
  "backend auto",
  "persist yes",
  "networks 24 48",
  "retain 400",
  "destroy remove",
];

/** The policy of a probe; a line given replaces the usual one of its keyword. */
export function probePolicy(...lines: string[]): string {
  const given = lines.map(parse);
  const usual = USUAL.map(parse).filter(({ keyword }) => !given.some((line) => line.keyword === keyword));
  return renderPolicy([...given, ...usual]);
}

function parse(line: string): { keyword: Keyword; rest: string } {
  const at = line.indexOf(" ");
  const keyword = keywords.find((known) => known === line.slice(0, at));
  if (keyword === undefined) throw new Error(`no line of a policy: ${line}`);
  return { keyword, rest: line.slice(at + 1) };
}

/** Everything that both backends say, but what changes by itself: counts and times. */
const DUMP = `{ iptables-save; ip6tables-save; nft list ruleset
  for names in ip ip6; do [ ! -s /proc/net/\${names}_tables_names ] || { iptables-legacy-save; ip6tables-legacy-save; }; done
  } 2>/dev/null | sed '/^#/d; s/\\[[0-9]*:[0-9]*\\]//; s/packets [0-9]* bytes [0-9]*//'`;

export class ProbeBench {
  readonly host: Host;

  constructor(host: Host) {
    this.host = host;
  }

  async prepare(): Promise<void> {
    await this.host.write(PROGRAM, await hostProgram(), "755");
  }

  async run(
    verb: string,
    ...lines: string[]
  ): Promise<{ status: number; stdout: string; stderr: string; last: string }> {
    const result = await this.host.exec(`sh ${PROGRAM} ${verb} mx1`, { stdin: probePolicy(...lines) });
    return { ...result, last: result.stderr.trimEnd().split("\n").at(-1) ?? "" };
  }

  async done(verb: string, ...lines: string[]): Promise<ProbeReceipt & { story: string }> {
    const { status, stdout, stderr } = await this.run(verb, ...lines);
    if (status !== 0) throw new Error(`${verb}: status ${status}\n${stderr}`);
    return { ...parseProbeReceipt("mx1", stdout), story: stderr };
  }

  apply(...lines: string[]): Promise<ProbeReceipt & { story: string }> {
    return this.done("apply", ...lines);
  }

  dump(): Promise<string> {
    return this.host.must(DUMP);
  }

  /** Our rules of the chain, as iptables prints them. */
  async rules(chain = "INPUT", tool = "iptables"): Promise<string[]> {
    return (await this.host.must(`${tool} -S ${chain} | grep mailhost || true`)).split("\n").filter(Boolean);
  }

  /** Connections that the counting rules have seen. */
  async counted(): Promise<number> {
    const dump = await this.host.must("iptables-save -c; ip6tables-save -c; nft list ruleset 2>/dev/null; true");
    const iptables = [...dump.matchAll(/^\[(\d+):\d+\] .*"mailhost 465 count"/gm)];
    const nft = [...dump.matchAll(/counter packets (\d+) bytes \d+ comment "mailhost 465 count"/g)];
    return [...iptables, ...nft].reduce((sum, [, number]) => sum + Number(number), 0);
  }

  /** One SYN from outside, whether or not somebody answers it: the kernel would send the next a second later. */
  async knock(address = this.host.address, port = 465): Promise<void> {
    const connection = this.host.lab.connect(address, port).then(
      (socket) => socket.destroy(),
      () => {},
    );
    await Promise.race([connection, new Promise((resolve) => setTimeout(resolve, 500))]);
  }

  /** Whether a connection from outside is counted. */
  async counts(address?: string): Promise<boolean> {
    const before = await this.counted();
    await this.knock(address);
    return (await this.counted()) === before + 1;
  }

  /** The collector runs when a test says so. */
  async stopTimer(): Promise<void> {
    await this.host.must("systemctl stop mailhost-evidence.timer mailhost-evidence.service");
  }

  collect(): Promise<string> {
    return this.host.must(`sh ${PROGRAM} collect 2>&1`);
  }
}
