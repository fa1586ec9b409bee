import type * as pulumi from "@pulumi/pulumi";
import { naming } from "./errors";
import { checkedInTheOpen, refuseOutput, refuseOutputsWithin } from "./inputs";
import { formerOwner, ownerLines, ownerName } from "./owner";
import { chainName, destinationLine, logPrefix, network, networkLength, portRange, probeLines } from "./policy/probe";
import { flag, knownMembers, list, oneLine, oneOf, Refusal, refuse, wholeNumber } from "./policy/refusal";
import type { Line } from "./policy/render";
import {
  LogLevel,
  PacketFilter,
  ProbeOnDestroy,
  probeArgumentNames,
  type Smtps465ProbeArgs,
} from "./smtps465ProbeArgs";

/** What a probe wants of its host: every argument checked, every default filled in. */
export interface WantedProbe {
  owner: string;
  lines: pulumi.Input<Line>[];
  /** The lines that give the service its own name in Postfix's log, none where the host's own stays. */
  syslogName: Line[];
  repair: number;
}

/** Checks all arguments but the connection, without touching any host. */
export function normalizeProbe(
  label: string,
  type: string,
  name: string,
  args: Smtps465ProbeArgs,
  aliases: unknown,
): WantedProbe {
  return naming(label, () => {
    refuseWrongShape(args);
    const owners = ownerLines(type, name, aliases, list("formerly", args.formerly, formerOwner));
    const port = wholeNumber("port", args.port ?? 465, 1, 65_535);
    const repair = wholeNumber("repair", args.repair ?? 0, 0, 1_000_000_000);
    return {
      owner: ownerName(type, name),
      repair,
      lines: [
        ...owners,
        ...probeLines(settings(args, port)),
        ...destinations(label, args),
        { keyword: "destroy", rest: oneOf("onDestroy", args.onDestroy ?? ProbeOnDestroy.KeepEvidence, ProbeOnDestroy) },
        ...repairLine(repair),
      ],
      syslogName: syslogNameLines(args, port, owners),
    };
  });
}

function refuseWrongShape(args: Smtps465ProbeArgs): void {
  knownMembers("", args, probeArgumentNames);
  const { connection: _, destinations: addresses, ...plain } = args;
  for (const [name, value] of Object.entries(plain)) refuseOutputsWithin(name, value);
  refuseOutput("destinations", addresses);
}

function settings(args: Smtps465ProbeArgs, port: number) {
  const backend = oneOf("backend", args.backend ?? PacketFilter.Auto, PacketFilter);
  return {
    port,
    backend,
    chain: chainName("chain", args.chain ?? "INPUT"),
    sourcePorts: portRange("sourcePorts", args.sourcePorts ?? "1024:65535"),
    level: oneOf("level", args.level ?? LogLevel.Debug, LogLevel),
    prefix: logPrefix("prefix", args.prefix ?? "SERVICE MONITORING: ", backend),
    ratePerMinute: wholeNumber("ratePerMinute", args.ratePerMinute ?? 30, 1, 10_000),
    rateBurst: wholeNumber("rateBurst", args.rateBurst ?? 60, 1, 10_000),
    persist: flag("persist", args.persist, true),
    ipv4NetworkLength: networkLength("ipv4NetworkLength", args.ipv4NetworkLength ?? 24, 32),
    ipv6NetworkLength: networkLength("ipv6NetworkLength", args.ipv6NetworkLength ?? 48, 128),
    ignoreNetworks: list("ignoreNetworks", args.ignoreNetworks, network),
    retainDays: wholeNumber("retainDays", args.retainDays ?? 400, 1, 3650),
  };
}

/** An empty list would watch everything, which is what leaving it out says. */
function destinations(label: string, args: Smtps465ProbeArgs): pulumi.Input<Line>[] {
  const given = args.destinations;
  if (given === undefined) return [];
  if (!Array.isArray(given)) refuse("destinations", given, "use a list");
  if (given.length === 0)
    throw new Refusal("destinations", "is empty; leave it out to watch all addresses of the host");
  return given.map((value, at) =>
    checkedInTheOpen(label, `destinations[${at}]`, value, (known) => destinationLine(`destinations[${at}]`, known)),
  );
}

function syslogNameLines(args: Smtps465ProbeArgs, port: number, owners: Line[]): Line[] {
  if (args.syslogName === undefined) return [];
  const name = oneLine("syslogName", args.syslogName);
  if (!/^[A-Za-z0-9][A-Za-z0-9_./-]*$/.test(name)) refuse("syslogName", name, "use a name such as postfix/smtps");
  return [
    ...owners,
    { keyword: "option", rest: `${port}/inet syslog_name = ${name}` },
    { keyword: "activate", rest: "reload" },
    { keyword: "destroy", rest: "restore" },
  ];
}

function repairLine(repair: number): Line[] {
  return repair > 0 ? [{ keyword: "repair", rest: String(repair) }] : [];
}
