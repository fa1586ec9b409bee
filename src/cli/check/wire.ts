// DNS messages: what is asked, and the answer with each record as text, as a zone file has it.
import {
  type Answer,
  type DecodedPacket,
  decode,
  encode,
  type OptAnswer,
  RECURSION_DESIRED,
  type TxtData,
} from "dns-packet";
import { plainAddress, plainName } from "./names";

export type Type = "A" | "AAAA" | "CAA" | "CNAME" | "DS" | "MX" | "NS" | "PTR" | "SOA" | "TLSA" | "TXT";

export interface Query {
  name: string;
  type: Type;
  /** Asks a resolver to find the answer; a zone's own server is asked without. */
  recursive: boolean;
  /** Asks a resolver for what it would not believe, too. */
  unchecked?: boolean;
  /** Without EDNS, which servers of before 1999 and some filters refuse. */
  plain?: boolean;
}

export interface ResourceRecord {
  name: string;
  type: string;
  ttl: number;
  /** Names in lower case and with their last dot, hashes in lower case; the strings of a TXT record joined. */
  text: string;
}

export interface Message {
  code: string;
  authoritative: boolean;
  truncated: boolean;
  /** The resolver says that it verified the signatures. */
  authentic: boolean;
  answers: ResourceRecord[];
  authorities: ResourceRecord[];
}

const codes = [
  "NOERROR",
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
  "YXDOMAIN",
  "YXRRSET",
  "NXRRSET",
  "NOTAUTH",
  "NOTZONE",
];
const checkingDisabled = 1 << 4;
/** What passes everywhere in one piece (DNS flag day 2020). */
const udpSize = 1_232;

const edns: OptAnswer = {
  type: "OPT",
  name: ".",
  udpPayloadSize: udpSize,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0x8000,
  flag_do: true,
  options: [],
};

export function encodeQuery(id: number, { name, type, recursive, unchecked, plain }: Query): Buffer {
  return encode({
    type: "query",
    id,
    flags: (recursive ? RECURSION_DESIRED : 0) | (unchecked ? checkingDisabled : 0),
    questions: [{ type, name, class: "IN" }],
    additionals: plain ? [] : [edns],
  });
}

/** Null for what is no answer to this question. */
export function decodeReply(bytes: Buffer, id: number, { name, type }: Query): Message | null {
  const packet = decoded(bytes);
  if (packet === null || !packet.flag_qr || packet.id !== id) return null;
  const [question] = packet.questions ?? [];
  // A server that refuses may leave the question out.
  if (question !== undefined && (plainName(question.name) !== name || question.type !== type)) return null;
  const code = (bytes[3] ?? 0) & 15;
  return {
    code: codes[code] ?? `RCODE${code}`,
    authoritative: packet.flag_aa,
    truncated: packet.flag_tc,
    authentic: packet.flag_ad,
    answers: (packet.answers ?? []).flatMap(recordOf),
    authorities: (packet.authorities ?? []).flatMap(recordOf),
  };
}

function decoded(bytes: Buffer): DecodedPacket | null {
  try {
    return decode(bytes);
  } catch {
    return null;
  }
}

function recordOf(answer: Answer): ResourceRecord[] {
  const text = textOf(answer);
  if (text === null || !("ttl" in answer)) return [];
  return [{ name: plainName(answer.name), type: answer.type, ttl: answer.ttl ?? 0, text }];
}

function textOf(answer: Answer): string | null {
  switch (answer.type) {
    case "A":
    case "AAAA":
      return plainAddress(answer.data);
    case "CNAME":
    case "NS":
    case "PTR":
      return dotted(answer.data);
    case "MX":
      return `${answer.data.preference ?? 0} ${dotted(answer.data.exchange)}`;
    case "SOA": {
      const { mname, rname, serial, refresh, retry, expire, minimum } = answer.data;
      return [dotted(mname), dotted(rname), serial, refresh, retry, expire, minimum].join(" ");
    }
    case "TXT":
      return joined(answer.data);
    case "TLSA": {
      const { usage, selector, matchingType, certificate } = answer.data;
      return `${usage} ${selector} ${matchingType} ${certificate.toString("hex")}`;
    }
    case "CAA":
      return `${answer.data.flags ?? 0} ${answer.data.tag.toLowerCase()} ${answer.data.value}`;
    case "DS": {
      const { keyTag, algorithm, digestType, digest } = answer.data;
      return `${keyTag} ${algorithm} ${digestType} ${digest.toString("hex")}`;
    }
    case "RRSIG":
      return answer.data.typeCovered;
    default:
      return null;
  }
}

function dotted(name: string): string {
  return `${plainName(name)}.`;
}

function joined(data: TxtData): string {
  const parts = Array.isArray(data) ? data : [data];
  return Buffer.concat(parts.map((part) => Buffer.from(part))).toString("utf8");
}
