// What the mail servers themselves say at their published addresses: STARTTLS, and the certificate against TLSA records.
import { type Finding, finding, type InternetNl, listed, type Remark } from "./finding";
import type { Lookup } from "./lookup";
import { familyOf } from "./names";
import type { Chain } from "./smtp";
import { canBeUsed, judgeTlsa, type Live } from "./tlsa";
import type { Meeting } from "./visits";

/** One line for each address, whatever names lead there. */
export function judgeSessions(meetings: readonly Meeting[]): Finding[] {
  const addresses = [...new Set(meetings.map(({ address }) => address))];
  return addresses.map((address) => {
    const own = meetings.filter((meeting) => meeting.address === address);
    const others = meetings.filter((meeting) => meeting.address !== address);
    return finding("STARTTLS", address, namedRemarks(own, others));
  });
}

/** A remark that is not of all names says of which it is. */
function namedRemarks(own: readonly Meeting[], others: readonly Meeting[]): Remark[] {
  const hosts = new Map<string, string[]>();
  const remarks = own.flatMap((meeting) =>
    sessionRemarks(meeting, others).map((remark) => {
      hosts.set(remark.text, [...(hosts.get(remark.text) ?? []), meeting.host]);
      return remark;
    }),
  );
  const unique = [...new Map(remarks.map((remark) => [remark.text, remark])).values()];
  return unique.map(({ word, text }) => {
    const of = hosts.get(text) ?? [];
    return { word, text: of.length === own.length ? text : `${listed(of)}: ${text}` };
  });
}

/** `others`: what the other addresses said, which tells a filter here from one there. */
function sessionRemarks({ address, session }: Meeting, others: readonly Meeting[]): Remark[] {
  const published = familyOf(address) === "IPv6" ? "AAAA" : "A";
  switch (session.state) {
    case "refused":
      return [
        {
          word: "failed",
          text: `${session.text} on port 25, although the ${published} record is published: ${consequence(published)}`,
        },
      ];
    case "silent":
      return [{ word: "not known", text: `${session.text} on port 25; ${vantage(address, others)}` }];
    case "noRoute":
      return [{ word: "not known", text: `this machine has no ${familyOf(address)}` }];
    case "away":
      return [{ word: "not known", text: `${session.text}, which tells nothing of its TLS` }];
    case "greets":
    case "broken":
      return [{ word: "failed", text: session.text }];
    case "encrypted":
      return certificateRemarks(session.chain);
  }
}

function consequence(published: string): string {
  return published === "AAAA"
    ? "senders that try IPv6 first are delayed, and those with IPv6 only can't deliver"
    : "senders can't deliver there";
}

/** Many networks let no one out to port 25, so that silence says more about here than about there. */
function vantage(address: string, others: readonly Meeting[]): string {
  const heard = others
    .filter(({ session: { state } }) => state !== "silent" && state !== "noRoute")
    .map((other) => familyOf(other.address));
  if (heard.length === 0) return "no mail server answers from here at all: this network may let nobody out to port 25";
  if (!heard.includes(familyOf(address)))
    return `others answer over ${heard[0]}: a filter there, or no way out over ${familyOf(address)} here`;
  return `others answer over ${familyOf(address)}, so a filter before it is likely`;
}

function certificateRemarks({ version, validTo, expired, distrust, misnamed }: Chain): Remark[] {
  const remarks: Remark[] = [
    { word: version === "TLSv1" || version === "TLSv1.1" ? "warning" : "good", text: version },
  ];
  remarks.push(
    expired
      ? { word: "warning", text: `the certificate is not valid now (until ${validTo})` }
      : { word: "good", text: `certificate until ${validTo}` },
  );
  if (distrust !== null)
    remarks.push({ word: "good", text: `of no public authority (${distrust}), which only MTA-STS needs` });
  if (misnamed !== null)
    remarks.push({ word: "good", text: "it does not name the host, which only MTA-STS and 2 x x records need" });
  return remarks;
}

/** Where a host sent no certificate. */
export interface Unseen {
  place: string;
  /** What it says instead of TLS; null where that is not known. */
  without: string | null;
}

export function judgeDane(
  host: string,
  lookup: Lookup,
  secure: boolean | null,
  live: Live,
  unseen: readonly Unseen[],
): Finding[] {
  const subject = `_25._tcp.${host}`;
  const { records, why } = lookup;
  if (records === null) return [finding("TLSA", subject, [{ word: "not known", text: why }])];
  if (records.length === 0)
    return [
      finding("TLSA", subject, [
        { word: "none", text: "none: senders can't tell the right certificate from another (DANE)" },
      ]),
    ];
  const remarks = judgeTlsa(records, live);
  if (secure === null) remarks.push({ word: "not known", text: "whether the zone is signed is not known" });
  if (secure === false)
    remarks.push({ word: "failed", text: "the zone is not signed, or not rightly: senders ignore the records" });
  remarks.push(...unseenRemarks(unseen, live, secure === true));
  return [finding("TLSA", subject, remarks, daneWord(remarks, records))];
}

/** `believed`: the records count, and by them a host without TLS gets no mail (RFC 7672, section 2.2). */
function unseenRemarks(unseen: readonly Unseen[], live: Live, believed: boolean): Remark[] {
  const closed = unseen.filter(({ without }) => believed && without !== null);
  const others = unseen.filter((of) => !closed.includes(of)).map(({ place }) => place);
  const remarks = closed.map(
    ({ place, without }) =>
      ({ word: "failed", text: `${place}: ${without}: senders with DANE keep the mail back` }) satisfies Remark,
  );
  if (live.size === 0 && closed.length === 0) return [{ word: "not known", text: "no certificate could be seen" }];
  if (others.length === 0) return remarks;
  return [...remarks, { word: "not known", text: `no certificate could be seen at ${listed(others)}` }];
}

/** For Internet.nl a lone record is a remark only, and records that can't be used are none. */
function daneWord(remarks: readonly Remark[], records: readonly string[]): InternetNl | "alike" {
  const words = remarks.map(({ word }) => word);
  if (words.includes("failed") || words.includes("not known")) return "alike";
  if (!records.some(canBeUsed)) return "failed";
  return records.length === 1 ? "warning" : "passed";
}
