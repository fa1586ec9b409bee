import { floorGuardLines, floorGuardMembers, type WhenRefused } from "./guard";
import { flag, knownMembers, list, oneOf, refuse, text } from "./refusal";
import { compareBytes, type Line } from "./render";

/** Versions of TLS, oldest first, by the names that Postfix uses (postconf(5), `smtpd_tls_protocols`). */
export const TlsVersion = {
  /** TLS 1.0 (RFC 2246) and later: the classic fix, which closes SSL 2.0 and 3.0 only (RFC 6176, RFC 7568). */
  Tls10: "TLSv1",
  /** TLS 1.1 (RFC 4346) and later. */
  Tls11: "TLSv1.1",
  /** TLS 1.2 (RFC 5246) and later; RFC 8996 deprecates everything before it. */
  Tls12: "TLSv1.2",
  /** TLS 1.3 (RFC 8446) and later. */
  Tls13: "TLSv1.3",
} as const;
export type TlsVersion = (typeof TlsVersion)[keyof typeof TlsVersion];

/** Mozilla's levels of the Server Side TLS guideline, version 6.0. */
export const TlsProfile = {
  /** TLS 1.2 and later with the six ECDHE suites of the guideline. */
  Intermediate: "intermediate",
  /** TLS 1.3 only. */
  Modern: "modern",
} as const;
export type TlsProfile = (typeof TlsProfile)[keyof typeof TlsProfile];

/**
 * TLS of mail that other servers bring, on port 25 (`smtpd_tls_*` in main.cf). main.cf is for all: a service on another port
 * follows it too, unless it has such options of its own in master.cf.
 */
export interface IncomingTls {
  /**
   * The oldest TLS version accepted on port 25. Default: TLSv1.2. TLSv1.3 is refused unless `refuseOldPeers` is true.
   * Source: postconf(5), `smtpd_tls_protocols` and `smtpd_tls_mandatory_protocols`; RFC 8996.
   */
  minimumVersion?: TlsVersion;
  /**
   * A level of Mozilla's guideline 6.0: its floor and its cipher suites. Default: none, the cipher rules stay as they
   * are. With `minimumVersion` as well, the stricter floor holds. `Modern` is refused unless `refuseOldPeers` is
   * true.
   */
  profile?: TlsProfile;
  /**
   * Ciphers that are not used, by OpenSSL's names (`RC4`, `AES128-SHA`), added to those that the host excludes
   * already. Default: 3DES, DES, EXPORT, IDEA, MD5, RC2, RC4, SEED, eNULL. An empty list excludes nothing more. Other
   * characters than letters, digits and `_ . + -` are refused. Source: postconf(5), `smtpd_tls_exclude_ciphers`; RFC
   * 7465.
   */
  excludeCiphers?: string[];
  /**
   * Whether servers without TLS 1.3 may be refused on port 25. They do not get a safer connection then: they fall
   * back to plaintext, or their mail waits and is lost. Default: false.
   */
  refuseOldPeers?: boolean;
  /**
   * Days, 1 to 3650, for which the evidence must show that nobody used an older version than the floor on any port that follows
   * main.cf, before the floor is raised to it. Default: no guard. The raised floor and the profile's cipher rules are then a
   * resource of its own that runs after everything else of the component; it is refused, before anything is touched, while the
   * evidence shows such a client in that time, covers less of it, or has a gap. Until then nothing is lowered: SSL is off, and a
   * stricter setting stays. It needs `tlsEvidence` on the host, and is refused with a floor of TLSv1 and with `allowWeaker`.
   */
  onlyIfUnusedForDays?: number;
  /** What happens where the evidence refuses. Default: `fail`. Without `onlyIfUnusedForDays` it is refused. */
  whenRefused?: WhenRefused;
  /**
   * A reason for raising the floor whatever the evidence says; it stands in the policy that a preview shows. Default: none.
   * Without `onlyIfUnusedForDays` it is refused.
   */
  despiteEvidence?: string;
}

/**
 * TLS of mail that users submit: every smtpd service on port 587 and 465, whatever its name in master.cf (RFC 6409,
 * RFC 8314).
 */
export interface SubmissionTls {
  /**
   * The oldest TLS version accepted on ports 587 and 465. Default: TLSv1.2 (RFC 8314, section 4.1).
   * Anything but `TLSv1`, `TLSv1.1`, `TLSv1.2` and `TLSv1.3` is refused.
   */
  minimumVersion?: TlsVersion;
  /**
   * A level of Mozilla's guideline 6.0: its floor and its cipher suites. Default: none, the cipher rules stay as they
   * are. With `minimumVersion` as well, the stricter floor holds.
   */
  profile?: TlsProfile;
  /**
   * Ciphers that are not used, by OpenSSL's names, added to those that the host excludes already. Default: 3DES, DES,
   * EXPORT, IDEA, MD5, RC2, RC4, SEED, eNULL. An empty list excludes nothing more. Other characters than letters,
   * digits and `_ . + -` are refused. Source: postconf(5), `smtpd_tls_exclude_ciphers`.
   */
  excludeCiphers?: string[];
  /**
   * Days, 1 to 3650, for which the evidence must show that no client used an older version than the floor, before the floor is
   * raised to it. Default: no guard. The raised floor and the profile's cipher rules are then a resource of its own that runs
   * after everything else of the component; it is refused, before anything is touched, while the evidence shows such a
   * client in that time, covers less of it, or has a gap. Until then nothing is lowered: SSL is off, and a stricter setting
   * stays. It needs `tlsEvidence` on the host, and is refused with a floor of TLSv1 and with `allowWeaker`.
   */
  onlyIfUnusedForDays?: number;
  /** What happens where the evidence refuses. Default: `fail`. Without `onlyIfUnusedForDays` it is refused. */
  whenRefused?: WhenRefused;
  /**
   * A reason for raising the floor whatever the evidence says; it stands in the policy that a preview shows. Default: none.
   * Without `onlyIfUnusedForDays` it is refused.
   */
  despiteEvidence?: string;
}

/** TLS of mail that this host sends (`smtp_tls_*` and `lmtp_tls_*` in main.cf). */
export interface OutgoingTls {
  /**
   * The oldest TLS version used towards other servers. Default: TLSv1, the classic fix: a server that has nothing
   * newer would otherwise get the mail in plaintext. Source: postconf(5), `smtp_tls_protocols` and
   * `smtp_tls_mandatory_protocols`.
   */
  minimumVersion?: TlsVersion;
  /**
   * A level of Mozilla's guideline 6.0: its floor and its cipher suites. Default: none, the cipher rules stay as they
   * are. With `minimumVersion` as well, the stricter floor holds. Servers below it get the mail in plaintext, or not
   * at all where TLS is mandatory.
   */
  profile?: TlsProfile;
  /**
   * Ciphers that are not used, by OpenSSL's names, added to those that the host excludes already.
   * Default: 3DES, DES, EXPORT, IDEA, MD5, RC2, RC4, SEED, eNULL. An empty list excludes nothing more.
   * Other characters than letters, digits and `_ . + -` are refused. Source: postconf(5), `smtp_tls_exclude_ciphers`.
   */
  excludeCiphers?: string[];
  /**
   * Days, 1 to 3650, for which the evidence must show that no server used an older version than the floor, before the floor is
   * raised to it. Default: no guard. The raised floor and the profile's cipher rules are then a resource of its own that runs
   * after everything else of the component; it is refused, before anything is touched, while the evidence shows such a
   * server in that time, covers less of it, or has a gap. Until then nothing is lowered: SSL is off, and a stricter setting
   * stays. It needs `tlsEvidence` on the host, and is refused with a floor of TLSv1 and with `allowWeaker`.
   */
  onlyIfUnusedForDays?: number;
  /** What happens where the evidence refuses. Default: `fail`. Without `onlyIfUnusedForDays` it is refused. */
  whenRefused?: WhenRefused;
  /**
   * A reason for raising the floor whatever the evidence says; it stands in the policy that a preview shows. Default: none.
   * Without `onlyIfUnusedForDays` it is refused.
   */
  despiteEvidence?: string;
}

/** Obsolete TLS, closed in three blocks. A block that is not named is left alone. */
export interface Tls {
  /** Mail that other servers bring, on port 25, and whatever else follows main.cf. Not named: left alone. */
  incoming?: IncomingTls;
  /**
   * Mail that users submit, on ports 587 and 465. Not named: these services get no options; those without `smtpd_tls_*` options
   * of their own follow `incoming`, for main.cf is for all.
   */
  submission?: SubmissionTls;
  /** Mail that this host sends. Not named: left alone. */
  outgoing?: OutgoingTls;
}

export const blockNames = ["incoming", "submission", "outgoing"] as const;
export type BlockName = (typeof blockNames)[number];

/** What one block asks for, with every default filled in. */
export interface TlsBlock {
  block: BlockName;
  floor: TlsVersion;
  profile: TlsProfile | undefined;
  excludeCiphers: string[];
  /** The lines that guard the floor; undefined where it holds without asking the evidence. */
  guard: Line[] | undefined;
}

const defaultFloor: Record<BlockName, TlsVersion> = { incoming: "TLSv1.2", submission: "TLSv1.2", outgoing: "TLSv1" };
const profileFloor: Record<TlsProfile, TlsVersion> = { intermediate: "TLSv1.2", modern: "TLSv1.3" };
const oldestFirst = Object.values(TlsVersion);

/**
 * Broken or export-grade (RFC 7465, RFC 4757, CVE-2016-2183), by names that OpenSSL knows or, where compiled without,
 * ignores.
 */
export const brokenCiphers: readonly string[] = ["3DES", "DES", "EXPORT", "IDEA", "MD5", "RC2", "RC4", "SEED", "eNULL"];

const cipherName = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/;

/** The blocks that are asked for: all three by default, else those that are named. */
export function normalizeTls(tls: unknown): TlsBlock[] {
  if (tls === undefined) return blockNames.map((block) => normalizeBlock(block, {}));
  knownMembers("tls", tls, blockNames);
  const asked: Tls = tls ?? {};
  return blockNames.flatMap((block) => (asked[block] === undefined ? [] : [normalizeBlock(block, asked[block])]));
}

function normalizeBlock(block: BlockName, asked: IncomingTls): TlsBlock {
  const path = `tls.${block}`;
  const common = ["minimumVersion", "profile", "excludeCiphers", ...floorGuardMembers];
  knownMembers(path, asked, block === "incoming" ? [...common, "refuseOldPeers"] : common);
  const profile = asked.profile === undefined ? undefined : oneOf(`${path}.profile`, asked.profile, TlsProfile);
  const given = stricter(
    asked.minimumVersion === undefined ? undefined : oneOf(`${path}.minimumVersion`, asked.minimumVersion, TlsVersion),
    profile && profileFloor[profile],
  );
  const mayRefuse = flag(`${path}.refuseOldPeers`, asked.refuseOldPeers, false);
  const floor = given ?? defaultFloor[block];
  if (block === "incoming" && floor === TlsVersion.Tls13 && !mayRefuse) refuseModernPort25(path, asked.profile);
  return {
    block,
    floor,
    profile,
    guard: floorGuardLines(block, floor, asked),
    excludeCiphers:
      asked.excludeCiphers === undefined
        ? [...brokenCiphers]
        : list(`${path}.excludeCiphers`, asked.excludeCiphers, cipher),
  };
}

function stricter(a: TlsVersion | undefined, b: TlsVersion | undefined): TlsVersion | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return oldestFirst.indexOf(a) > oldestFirst.indexOf(b) ? a : b;
}

function refuseModernPort25(path: string, profile: TlsProfile | undefined): never {
  const [argument, asked] = profile === TlsProfile.Modern ? ["profile", profile] : ["minimumVersion", TlsVersion.Tls13];
  refuse(
    `${path}.${argument}`,
    asked,
    "on port 25 servers without TLS 1.3 fall back to plaintext or their mail is lost: use intermediate or TLSv1.2, or say refuseOldPeers: true",
  );
}

function cipher(argument: string, value: unknown): string {
  const name = text(argument, value);
  if (!cipherName.test(name)) refuse(argument, name, 'use an OpenSSL cipher name, such as "RC4" or "AES128-SHA"');
  return name;
}

/** The lines of the blocks. A floor that evidence guards is the classic one here, which takes nothing from a stricter setting. */
export function tlsLines(blocks: readonly TlsBlock[]): Line[] {
  return blocks.flatMap((block) => {
    const lines = block.guard === undefined ? floorLines(block) : floorLines({ ...block, ...classic });
    const ciphers = [...new Set(block.excludeCiphers)].sort(compareBytes);
    if (ciphers.length > 0) lines.push({ keyword: "exclude", rest: `${block.block} ${ciphers.join(" ")}` });
    return lines;
  });
}

const classic = { floor: TlsVersion.Tls10, profile: undefined };

/** The floor of a block, and the cipher rules that come with it. */
export function floorLines({ block, floor, profile }: Pick<TlsBlock, "block" | "floor" | "profile">): Line[] {
  const lines: Line[] = [{ keyword: "tls", rest: `${block} >= ${floor}` }];
  if (profile !== undefined) lines.push({ keyword: "ciphers", rest: `${block} ${profile}` });
  return lines;
}
