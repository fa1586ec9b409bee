import type * as pulumi from "@pulumi/pulumi";
import type { Connection } from "./connectionArgs";

/** Where a change of published addresses stands. A program has no clock, so a person says it. */
export const TtlPhase = {
  /** The old values, with the short TTL, until the answers with the long one have run out. */
  Lowered: "lowered",
  /** The new values, still with the short TTL. */
  Changed: "changed",
  /** The values stay, with the long TTL. */
  Settled: "settled",
} as const;
export type TtlPhase = (typeof TtlPhase)[keyof typeof TtlPhase];

/** How an update is signed (RFC 8945). */
export const TsigAlgorithm = {
  /** HMAC with SHA-256. */
  HmacSha256: "hmac-sha256",
  /** HMAC with SHA-384. */
  HmacSha384: "hmac-sha384",
  /** HMAC with SHA-512. */
  HmacSha512: "hmac-sha512",
} as const;
export type TsigAlgorithm = (typeof TsigAlgorithm)[keyof typeof TsigAlgorithm];

/** A name that receives mail, with what belongs to it: its addresses, their reverse names, its certificates' hashes. */
export interface MailHost {
  /** Its name, such as `mx1.example.com`; in any case, with or without the last dot, also an internationalized one. */
  name: string;
  /**
   * The preference of the domain's MX record to it, 0 to 65535, the lowest first (RFC 5321, section 5.1). Default: none,
   * the name gets its addresses and is no MX host of the domain.
   */
  preference?: number;
  /**
   * Its IPv4 addresses, one or more of the host's own. Default: none. Private, documentation and other special-purpose
   * ones are refused unless `allowSpecialPurposeAddresses` is set.
   */
  ipv4?: pulumi.Input<string>[];
  /**
   * Its IPv6 addresses. Default: none. They are published when the domain's wave is, or at once where the component has
   * no wave or the host no preference. `::ffff:` forms are refused.
   */
  ipv6?: pulumi.Input<string>[];
  /**
   * Whether the name's addresses are published elsewhere: by another component of this program, which is the name's
   * one owner, or by others. Default: false, and a name without an address is refused.
   */
  external?: boolean;
  /**
   * Where domains share the host: another name of it, with A and AAAA, to which the domain's MX record moves when its
   * wave is published. Default: none.
   */
  dualStackName?: string;
  /**
   * Whether the addresses' reverse names lead to this name. An address has one, so set it to false on all but one of
   * the names of an address. Default: true, false for an external name.
   */
  reverse?: boolean;
  /**
   * The allocation of the Elastic IP that is the first address of `ipv4`: AWS then keeps its reverse name. Needs
   * `route53`. Default: none.
   */
  ipv4AllocationId?: pulumi.Input<string>;
  /**
   * TLSA records of its port 25 (RFC 7672): `3 1 1 HASH` or `2 1 1 HASH`, the current and the next one. The hash of
   * nothing, a hash of a wrong length, and a zone that is not signed are refused. Default: none.
   */
  tlsa?: pulumi.Input<string>[];
  /**
   * How the host is reached for the gate: before an AAAA record is published, it is seen on the host that Postfix answers
   * on the address with STARTTLS, sends from it, and that its reverse name is this one. Default: none, and no gate.
   */
  connection?: Connection;
  /** Whether the gate holds where there is a connection. Default: true. */
  gate?: boolean;
  /**
   * The name server that the gate asks for reverse names, as the host reaches it, a name or an address: one that has not
   * just remembered that there is none. Default: the host's own resolver.
   */
  resolver?: string;
}

/** When a domain's mail hosts get IPv6. */
export interface Ipv6Wave {
  /** The domain's wave, 1 to 1000: spamtrap domains first, then small ones, then the rest. */
  wave: number;
  /** The wave up to which AAAA records are published, 0 to 1000, from the stack's configuration. Default: 0, none. */
  publishedWave?: number;
}

/** A zone of reverse names at Route 53. */
export interface Route53ReverseZone {
  /** Its name, such as `2.0.192.in-addr.arpa`. */
  zone: string;
  /** The hosted zone's id, such as `Z123`. */
  zoneId: pulumi.Input<string>;
  /**
   * The network of a classless zone such as `0/25.2.0.192.in-addr.arpa` (RFC 2317), as `192.0.2.0/25`. Default: the one
   * that the zone's name says.
   */
  network?: string;
}

/** Publishes at Amazon's Route 53, with the program's own AWS provider. */
export interface Route53 {
  /** The id of the hosted zone that holds the domain, such as `Z123`. */
  zoneId: pulumi.Input<string>;
  /** The zone's name, where the domain is a name below it. Default: the domain. */
  zone?: string;
  /** Zones of reverse names that are ours. Default: none. */
  reverseZones?: Route53ReverseZone[];
  /** Whether the zone is signed, which TLSA records need. Default: false. */
  dnssec?: boolean;
}

/** The key with which updates are signed: with its secret, or a file on the host that has it. */
export interface TsigKey {
  /** Its name, as the name server has it, with or without the last dot. */
  name: string;
  /** Its algorithm. Default: `hmac-sha256`. */
  algorithm?: TsigAlgorithm;
  /** Its secret in base64, kept secret whatever is passed. Default: none, `file` says where it is. */
  secret?: pulumi.Input<string>;
  /** The path of a file on the host as BIND's tools read it (`nsupdate -k`). Default: none. */
  file?: string;
}

/** A zone of reverse names that takes updates. */
export interface Rfc2136ReverseZone {
  /** Its name, such as `8.b.d.0.1.0.0.2.ip6.arpa`. */
  zone: string;
  /**
   * The network of a classless zone such as `0/25.2.0.192.in-addr.arpa` (RFC 2317), as `192.0.2.0/25`. Default: the one
   * that the zone's name says.
   */
  network?: string;
  /** Its primary name server, as `connection`'s host reaches it. Default: the one of the forward zone. */
  server?: string;
  /** The server's port, 1 to 65535. Default: the one of the forward zone. */
  port?: number;
  /** The key for this zone. Default: the one of the forward zone. */
  key?: TsigKey;
}

/** Publishes by DNS update (RFC 2136) with `nsupdate`, which runs on a host that reaches the name server. */
export interface Rfc2136 {
  /**
   * The host where `nsupdate` runs: often the name server itself. It knows what was published, so another machine is refused
   * without `adopt`.
   */
  connection: Connection;
  /** The primary name server, as that host reaches it, a name or an address. Default: `127.0.0.1`. */
  server?: string;
  /** Its port, 1 to 65535. Default: 53. */
  port?: number;
  /** The zone that holds the domain. Default: the domain. */
  zone?: string;
  /** The key that signs updates (RFC 8945). Default: none, the server knows the host by its address. */
  key?: TsigKey;
  /** Zones of reverse names that are ours. Default: none. */
  reverseZones?: Rfc2136ReverseZone[];
}

/** Arguments of `MailDns`. */
export interface MailDnsArgs {
  /** The mail domain, such as `example.com`: the name that gets the MX records. */
  domain: string;
  /** The names that receive its mail. Default: none, which `nullMx` must say is meant. */
  hosts?: MailHost[];
  /** Whether the domain takes no mail at all (RFC 7505); hosts with a preference are refused then. Default: false. */
  nullMx?: boolean;
  /** Publishes at Route 53. Default: none; one of `route53` and `rfc2136` is needed. */
  route53?: Route53;
  /** Publishes by DNS update. Default: none; one of `route53` and `rfc2136` is needed. */
  rfc2136?: Rfc2136;
  /** When the domain gets IPv6. Default: none, AAAA records are published at once. */
  ipv6?: Ipv6Wave;
  /** Seconds that answers may be kept once all is settled, 30 to 604800. Default: 3600. */
  ttl?: number;
  /** The same while addresses change, 30 to 604800, not more than `ttl`. Default: 300. */
  loweredTtl?: number;
  /** Where a change of addresses stands. Default: `settled`. `mailhost check` says from when the next one is safe. */
  ttlPhase?: TtlPhase;
  /** Whether records that are there already, made by others, are taken over instead of refused. Default: false. */
  adopt?: boolean;
  /**
   * Whether a change may take away the domain's MX record, its last address, or more than a third of its addresses.
   * Default: false, it is refused where the old ones can be known, and the records are protected from deletion.
   */
  allowLargeChange?: boolean;
  /** Whether private, documentation and other special-purpose addresses may be published (RFC 6890). Default: false. */
  allowSpecialPurposeAddresses?: boolean;
  /**
   * Former owners whose records are taken over, `ORGANIZATION/PROJECT/STACK/TYPE/NAME`; only for `rfc2136`. Names from
   * the option `aliases` are taken over anyway. Default: none.
   */
  formerly?: string[];
  /** Raise it to compare with the name server again and put right what is ours; only for `rfc2136`. Default: 0. */
  repair?: number;
}
