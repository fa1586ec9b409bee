// A zone's name servers: whether each answers over IPv4 and IPv6, whether they agree, and whether the zone is signed.
import { isWithin } from "../../dns/names";
import type { Asker } from "./asker";
import { type Finding, finding, type InternetNl, listed, type Remark, worstOf } from "./finding";
import { contentKey, type Lookup, type Step, type View, type Zone } from "./lookup";
import { familyOf } from "./names";
import type { Message } from "./wire";

export interface ZoneSeen {
  zone: Zone;
  views: View[];
  ds: Lookup;
  /** A resolver's answer, and what it would say without checking signatures. */
  checked: Message | string;
  unchecked: Message | string;
  /** The resolver verifies signatures. */
  verifies: boolean;
}

export async function seeZone(zone: Zone, asker: Asker): Promise<ZoneSeen> {
  const question = { name: zone.name, type: "SOA" } as const;
  const [views, ds, checked, unchecked, verifies] = await Promise.all([
    asker.views(zone, zone.name, "SOA"),
    asker.resolve(zone.name, "DS"),
    asker.resolver(question),
    asker.resolver({ ...question, unchecked: true }),
    asker.verifies(),
  ]);
  return { zone, views, ds, checked, unchecked, verifies };
}

/** `main`: the zone of the domain itself, whose servers Internet.nl looks at. */
export function judgeServers({ zone, views }: ZoneSeen, main: boolean): Finding {
  const { names, addressless, untold } = zone;
  const asked = views.filter(({ address }) => address !== "");
  const answers = views.filter(({ state }) => state === "answer");
  const remarks: Remark[] = [
    ...asked.flatMap(troubleOf),
    ...addressless.map((name) => ({ word: "failed", text: `${name} has no address` }) satisfies Remark),
    ...untold.map(({ name, type, why }) => ({ word: "not known", text: `${name} ${type}: ${why}` }) satisfies Remark),
  ];
  const serials = new Set(answers.map(({ records }) => records[0]?.split(" ")[2] ?? "none"));
  if (names.length === 1) remarks.push({ word: "warning", text: `${names.join("")} is the only name server` });
  if (serials.size > 1)
    remarks.push({
      word: "warning",
      text: `serial numbers differ (${[...serials].sort().join(", ")}): a change is on its way, or a transfer fails`,
    });
  if (answers.length > 0)
    remarks.push({
      word: "good",
      text: `${answers.length} of ${asked.length} addresses of ${names.length} servers answer${serials.size === 1 ? `, serial ${[...serials].join("")}` : ""}`,
    });
  if (asked.length === 0) remarks.push({ word: "not known", text: "no address of a name server is known" });
  return finding("name servers", zone.name, remarks, main ? overIpv6(asked, zone) : "not tested");
}

/** Internet.nl wants two name servers that answer over IPv6. */
function overIpv6(views: readonly View[], { untold }: Zone): InternetNl {
  const six = views.filter(({ address }) => familyOf(address) === "IPv6");
  const answering = new Set(six.filter(({ state }) => state === "answer").map(({ name }) => name));
  if (answering.size >= 2) return "passed";
  const unheard = six.some(({ state }) => state === "silent" || state === "noRoute");
  return unheard || untold.some(({ type }) => type === "AAAA") ? "not known" : "failed";
}

function troubleOf({ name, address, state, code }: View): Remark[] {
  const place = `${name} (${address})`;
  if (state === "lame") return [{ word: "failed", text: `${place} is lame: it answers ${code}` }];
  if (state === "refused") return [{ word: "failed", text: `${place} refuses: no name server listens there` }];
  if (state === "silent") return [{ word: "not known", text: `${place} does not answer` }];
  return state === "noRoute"
    ? [{ word: "not known", text: `${place} can't be asked: this machine has no ${familyOf(address)}` }]
    : [];
}

/** Servers that say different things of one name. `own`: the domain's zone; in others' zones addresses may be given out in turn. */
export function judgeAgreement(steps: readonly Step[], own: string): Finding[] {
  return steps.flatMap(({ name, type, zone, views }) => {
    const answers = views.filter(({ state }) => state === "answer");
    const [first] = answers;
    const other = answers.find((view) => first !== undefined && contentKey(view) !== contentKey(first));
    // Serial numbers are the name servers' own line.
    if (first === undefined || other === undefined || type === "SOA") return [];
    const text = `${contentOf(first)} at ${first.name} (${first.address}), ${contentOf(other)} at ${other.name} (${other.address})`;
    const inTurn = (type === "A" || type === "AAAA") && !isWithin(zone, own);
    const remark: Remark = inTurn
      ? { word: "warning", text: `servers of ${zone} differ, as some of others do on purpose: ${text}` }
      : { word: "failed", text: `servers of ${zone} differ: ${text}` };
    return [finding("agreement", `${name} ${type}`, [remark], "not tested")];
  });
}

function contentOf({ records, exists, alias }: View): string {
  if (!exists) return "no such name";
  if (alias !== null) return `CNAME to ${alias}`;
  return records.length === 0 ? "none" : listed(records);
}

export function judgeDnssec(seen: ZoneSeen): Finding {
  const { zone } = seen;
  const remarks = signatureRemarks(seen);
  // A signature that nobody is told of counts for nothing there.
  return finding("DNSSEC", zone.name, remarks, remarks.some(({ word }) => word === "warning") ? "failed" : "alike");
}

/** Whether senders can believe what the zone says, as far as is seen here; null where that is not known. */
export function isSecure(seen: ZoneSeen): boolean | null {
  const word = worstOf(signatureRemarks(seen).map((remark) => remark.word));
  return word === "not known" ? null : word === "good";
}

function signatureRemarks({ views, ds, checked, unchecked, verifies }: ZoneSeen): Remark[] {
  if (ds.records === null) return [{ word: "not known", text: ds.why }];
  const answers = views.filter(({ state }) => state === "answer");
  const signed = answers.filter((view) => view.signed);
  if (ds.records.length === 0)
    return signed.length === 0
      ? [{ word: "none", text: "the zone is not signed" }]
      : [
          {
            word: "warning",
            text: "the zone is signed, but the zone above has no DS record: nobody looks at the signatures",
          },
        ];
  if (answers.length === 0) return [{ word: "not known", text: "no server answers" }];
  const bare = answers.filter((view) => !view.signed);
  if (bare.length > 0)
    return [
      {
        word: "failed",
        text: `${bare.map(({ name, address }) => `${name} (${address})`).join(", ")} answers without signatures, and the zone above says that there are some`,
      },
    ];
  if (typeof checked === "string") return [{ word: "not known", text: checked }];
  const believed = typeof unchecked !== "string" && unchecked.code === "NOERROR";
  if (checked.code === "SERVFAIL" && believed)
    return [{ word: "failed", text: "the resolver finds the signatures wrong: whoever verifies gets no answer" }];
  if (checked.code !== "NOERROR") return [{ word: "not known", text: `the resolver says ${checked.code} of it` }];
  if (verifies && !checked.authentic)
    return [
      {
        word: "warning",
        text: "signed, with a DS record in the zone above, but the resolver takes it for unsigned: a zone further above is, or the algorithm is not known",
      },
    ];
  return [
    {
      word: "good",
      text: checked.authentic
        ? "signed, and the resolver verified it"
        : "signed, with a DS record in the zone above; this resolver does not verify",
    },
  ];
}
