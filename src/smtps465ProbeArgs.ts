import type * as pulumi from "@pulumi/pulumi";
import type { Connection } from "./connectionArgs";

/** Which tool puts the rules into the packet filter. */
export const PacketFilter = {
  /**
   * iptables where a rule in the chain sees every connection, else a table of our own by nft, which stands before all
   * others.
   */
  Auto: "auto",
  /** iptables, whatever it is on the host. */
  Iptables: "iptables",
  /** iptables-legacy. */
  Legacy: "legacy",
  /** A table of our own, by nft. */
  Nft: "nft",
} as const;
export type PacketFilter = (typeof PacketFilter)[keyof typeof PacketFilter];

/** The kernel's level of a log line (syslog(3)). */
export const LogLevel = {
  /** Level 7. */
  Debug: "debug",
  /** Level 6. */
  Info: "info",
  /** Level 5. */
  Notice: "notice",
  /** Level 4. */
  Warning: "warning",
} as const;
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

/** What destroying a probe does to the host. */
export const ProbeOnDestroy = {
  /** The rules go, the evidence stays. */
  KeepEvidence: "keep",
  /** The rules and the evidence go. */
  RemoveEvidence: "remove",
} as const;
export type ProbeOnDestroy = (typeof ProbeOnDestroy)[keyof typeof ProbeOnDestroy];

/** Arguments of `Smtps465Probe`. */
export interface Smtps465ProbeArgs {
  /** How the host is reached, and as whom. */
  connection: Connection;
  /**
   * Addresses whose connections are watched, IPv4 or IPv6. Default: all addresses of the host but loopback. One that is
   * neither the host's own nor translated there is refused, such as a cloud's public address: use the inner one.
   */
  destinations?: pulumi.Input<string>[];
  /** The TCP port, 1 to 65535. Default: 465. */
  port?: number;
  /**
   * The chain of the filter table that gets the rules where packets pass it. Default: `INPUT`. Another one, such as
   * `INPUT_ETH0`, must exist on the host, and nothing in it may end a packet's way before the probe.
   */
  chain?: string;
  /** Source ports of the connections, `FIRST:LAST`. Default: `1024:65535`. */
  sourcePorts?: string;
  /**
   * What the kernel's log lines begin with, printable ASCII without `"`, `\` and `|`. Default: `SERVICE MONITORING: `.
   * More than 29 characters are refused for iptables, more than 126 for nft.
   */
  prefix?: string;
  /** The level of the log lines. Default: `debug`. */
  level?: LogLevel;
  /** Log lines a minute and destination, 1 to 10000. Default: 30. What is more is counted and not logged. */
  ratePerMinute?: number;
  /** Log lines that may come at once, 1 to 10000. Default: 60. */
  rateBurst?: number;
  /** Which tool puts the rules into the packet filter. Default: `auto`. */
  backend?: PacketFilter;
  /** Whether the rules come back after a reboot, or after another tool removed them. Default: true. */
  persist?: boolean;
  /** Length of the IPv4 networks that evidence keeps instead of addresses, 8 to 32. Default: 24. */
  ipv4NetworkLength?: number;
  /** Length of the IPv6 networks that evidence keeps instead of addresses, 8 to 128. Default: 48. */
  ipv6NetworkLength?: number;
  /** Networks of own monitors, `ADDRESS/LENGTH`, that are no users. Default: none. */
  ignoreNetworks?: string[];
  /** Days that evidence is kept, 1 to 3650. Default: 400. */
  retainDays?: number;
  /**
   * A name for the service in Postfix's log, such as `postfix/smtps` (`syslog_name`, postconf(5)): an `-o` option of the
   * service on this port. Without one of its own, Postfix's log lines do not say which port they are about. Default: the
   * host's own stays.
   */
  syslogName?: string;
  /** What destroying the component does to the host. Default: `keep`, the rules go and the evidence stays. */
  onDestroy?: ProbeOnDestroy;
  /**
   * Former owners whose probe is taken over, `ORGANIZATION/PROJECT/STACK/TYPE/NAME`, as after `pulumi stack rename`. Names
   * from the option `aliases` are taken over anyway. A preview and `up` that would forget one are refused, and name it.
   * Default: none.
   */
  formerly?: string[];
  /** Raise it to upload the program again and put the rules right; 0 to 1000000000. Default: 0. */
  repair?: number;
}

export const probeArgumentNames = [
  "connection",
  "destinations",
  "port",
  "chain",
  "sourcePorts",
  "prefix",
  "level",
  "ratePerMinute",
  "rateBurst",
  "backend",
  "persist",
  "ipv4NetworkLength",
  "ipv6NetworkLength",
  "ignoreNetworks",
  "retainDays",
  "syslogName",
  "onDestroy",
  "formerly",
  "repair",
];
