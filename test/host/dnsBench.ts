// A host from which records are published in the zones of a real BIND, its own.
import { afterAll, beforeAll } from "vitest";
import { type DnsReceipt, parseDnsReceipt } from "../../src/dnsReceipt.ts";
import { type Keyword, keywords, renderPolicy } from "../../src/policy/render.ts";
import { addZone, type Key, type ZoneOptions } from "../lab/bind.ts";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { PROGRAM } from "./bench.ts";
import { hostProgram } from "./program.ts";

export interface Run {
  status: number;
  stdout: string;
  stderr: string;
  /** The error of a run that failed, without the host's name. */
  error: string;
}

/** How a zone's server is reached: by a key in a file. */
export function zoneLine(zone: string, { key = "lab", port = 53 }: { key?: Key; port?: number } = {}): string {
  return `zone ${zone}. server 127.0.0.1 port ${port} key ${key}-key. file /etc/bind/${key}.key`;
}

/** The reverse name of an address of a lab's host, `fd77:0:0:N::2` or `10.77.N.2`. */
export function pointerOf(address: string): string {
  const four = address.split(".");
  if (four.length === 4) return `${four.toReversed().join(".")}.in-addr.arpa.`;
  const [, , , number = "", , last = ""] = address.split(":");
  const groups = ["fd77", "0", "0", number, "0", "0", "0", last].map((group) => group.padStart(4, "0"));
  return `${[...groups.join("")].toReversed().join(".")}.ip6.arpa.`;
}

/** Registers a host for the tests of the file that calls it, with the host program as `change` makes it. */
export function useDnsBench({ kind = "bind", change = (program: string) => program }: DnsBenchOptions = {}): DnsBench {
  const bench = new DnsBench();
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.open();
    bench.host = await lab.boot({ kind });
    await bench.host.write(PROGRAM, change(await hostProgram()), "755");
  });
  afterAll(() => lab.close());
  return bench;
}

export interface DnsBenchOptions {
  kind?: "bind" | "name-servers";
  change?: (program: string) => string;
}

export class DnsBench {
  #host: Host | undefined;
  #zones = 0;

  get host(): Host {
    if (this.#host === undefined) throw new Error("not booted yet");
    return this.#host;
  }

  set host(host: Host) {
    this.#host = host;
  }

  /** A domain of the test's own, with a zone of its own. */
  async domain(options: ZoneOptions = {}): Promise<string> {
    this.#zones += 1;
    const domain = `d${this.#zones}.test`;
    await addZone(this.host, domain, options);
    return domain;
  }

  /** The policy of a domain; a line given replaces the usual one of its keyword, but zones and records are added. */
  policy(domain: string, ...lines: string[]): string {
    const usual = [
      `owner org/proj/dev/mailhost:index:MailDns/${domain}`,
      `domain ${domain}.`,
      "phase settled",
      "lowered 300",
      zoneLine("77.10.in-addr.arpa"),
      zoneLine("7.7.d.f.ip6.arpa"),
      zoneLine(domain),
    ].map(parse);
    const given = lines.map(parse);
    const subject = ({ keyword, rest }: Parsed) => (keyword === "zone" ? `zone ${rest.split(" ")[0]}` : keyword);
    return renderPolicy([...given, ...usual.filter((line) => !given.some((one) => subject(one) === subject(line)))]);
  }

  async run(verb: string, policy: string): Promise<Run> {
    const { status, stdout, stderr } = await this.host.exec(`sh ${PROGRAM} ${verb} mx1`, { stdin: policy });
    const last = stderr.trimEnd().split("\n").at(-1) ?? "";
    return { status, stdout, stderr, error: last.startsWith("mx1: error: ") ? last.slice("mx1: error: ".length) : "" };
  }

  async done(verb: string, policy: string): Promise<DnsReceipt & { story: string }> {
    const { status, stdout, stderr } = await this.run(verb, policy);
    if (status !== 0) throw new Error(`${verb}: status ${status}\n${policy}${stderr}`);
    if (Buffer.byteLength(stdout.trimEnd()) > 1_024) throw new Error(`a receipt that is too long: ${stdout}`);
    return { ...parseDnsReceipt("mx1", stdout), story: stderr };
  }

  apply(domain: string, ...lines: string[]): Promise<DnsReceipt & { story: string }> {
    return this.done("apply", this.policy(domain, ...lines));
  }

  remove(domain: string, ...lines: string[]): Promise<DnsReceipt & { story: string }> {
    return this.done("remove", this.policy(domain, ...lines));
  }

  async refused(domain: string, ...lines: string[]): Promise<string> {
    const { status, error, stderr } = await this.run("apply", this.policy(domain, ...lines));
    if (status !== 1) throw new Error(`status ${status} instead of a refusal\n${stderr}`);
    return error;
  }
}

interface Parsed {
  keyword: Keyword;
  rest: string;
}

function parse(line: string): Parsed {
  const at = line.indexOf(" ");
  const keyword = keywords.find((known) => known === line.slice(0, at));
  if (keyword === undefined) throw new Error(`no line of a policy: ${line}`);
  return { keyword, rest: line.slice(at + 1) };
}
