// The domain's TXT records that receivers and senders read, and CAA.
import type { Asker } from "./asker";
import { duration, type Finding, finding, type InternetNl, listed, type Remark } from "./finding";
import { type Ask, type Lookup, upwards } from "./lookup";
import { familyOf } from "./names";
import { dmarcExceptions, judgeDmarc, judgeSts, judgeTlsRpt, parseStsPolicy, type StsPolicy, tags } from "./policies";
import { fetchPolicy } from "./policyFile";
import { lastWord, mostLookups, mostVoids, type Node, openTo, resultFor, type Spf } from "./spf";
import type { Meeting } from "./visits";

export function judgeSpf(domain: string, spf: Spf, addresses: readonly string[]): Finding {
  const remarks = spfRemarks(spf, addresses);
  const bad = remarks.some(({ word }) => word === "failed");
  const last = spf.root === null ? null : lastWord(spf.root);
  const strict = last === "-" || last === "~";
  const unsure = spf.root === null && spf.unknown.length > 0 && !bad;
  return finding("SPF", domain, remarks, bad ? "failed" : unsure ? "not known" : strict ? "passed" : "failed");
}

function spfRemarks(spf: Spf, addresses: readonly string[]): Remark[] {
  const { root, records, errors, idle, unknown, lookups, voids } = spf;
  const unsure: Remark[] = [...new Set(unknown)].map((text) => ({ word: "not known", text }));
  const broken: Remark[] = errors.map((text) => ({ word: "failed", text }));
  if (records.length === 0 && unsure.length > 0) return unsure;
  if (records.length === 0) return [{ word: "failed", text: "no record: receivers can't tell who may send" }];
  if (root === null) return [...broken, ...unsure];
  const counted = `${lookups} of ${mostLookups} look-ups, ${voidWords(voids)}`;
  const remarks: Remark[] = [...broken, ...unsure];
  if (lookups > mostLookups)
    remarks.push({ word: "failed", text: "too many look-ups: receivers take the record for an error" });
  remarks.push(...voidRemarks(voids), ...idle.map((text) => ({ word: "warning", text }) satisfies Remark));
  return [...remarks, { word: "good", text: counted }, ...endRemarks(root), ...sourceRemarks(root, addresses)];
}

function voidWords({ IPv4, IPv6 }: Spf["voids"]): string {
  return `${IPv4} of ${mostVoids} void${IPv4 === IPv6 ? "" : `, ${IPv6} over IPv6`}`;
}

function voidRemarks(voids: Spf["voids"]): Remark[] {
  const over = (["IPv4", "IPv6"] as const).filter((kind) => voids[kind] > mostVoids);
  if (over.length === 0) return [];
  const error = "receivers take the record for an error";
  return over.length === 2
    ? [{ word: "failed", text: `too many look-ups that find nothing: ${error}` }]
    : [{ word: "warning", text: `too many look-ups find nothing for a client with ${over.join("")}: ${error} there` }];
}

function endRemarks(root: Node): Remark[] {
  const last = lastWord(root);
  if (last === "+") return [{ word: "failed", text: "+all lets everybody send" }];
  const open = openTo(root);
  if (open.length > 0) return [{ word: "failed", text: `it lets everybody send over ${listed(open)}` }];
  if (last === null || last === "?")
    return [{ word: "warning", text: "it ends without -all or ~all, and so forbids nobody" }];
  return [{ word: "good", text: `ends in ${last}all` }];
}

/** A host that has IPv6 sends over it, whatever its AAAA record says: where IPv4 may send and IPv6 may not, mail is lost. */
function sourceRemarks(root: Node, addresses: readonly string[]): Remark[] {
  const passing = (kind: string) =>
    addresses.filter((address) => familyOf(address) === kind && resultFor(root, address) === "pass");
  if (passing("IPv4").length === 0) return [];
  const refused = addresses.filter(
    (address) => familyOf(address) === "IPv6" && ["fail", "softfail", "neutral"].includes(resultFor(root, address)),
  );
  return refused.map((address) => ({
    word: "warning",
    text: `${address} may not send, while an IPv4 address of the mail hosts may: add ip6:${address} if that host sends`,
  }));
}

/** The domain's own DMARC record, or the nearest of a name above it. */
export async function checkDmarc(domain: string, asker: Asker): Promise<Finding> {
  for (const name of upwards(domain)) {
    const { records, why } = await asker.near(domain)(`_dmarc.${name}`, "TXT");
    if (records === null) return finding("DMARC", domain, [{ word: "not known", text: why }]);
    const policies = records.filter((text) => tags(text, "DMARC1") !== null);
    const [only] = policies;
    if (only === undefined) continue;
    if (policies.length > 1)
      return finding("DMARC", domain, [
        { word: "failed", text: `_dmarc.${name} has ${policies.length} records: receivers take none` },
      ]);
    const remarks = judgeDmarc(only, name !== domain);
    const word = dmarcWord(remarks);
    remarks.push(...dmarcExceptions(only, name !== domain));
    if (name !== domain) remarks.push({ word: "good", text: `from _dmarc.${name}` });
    return finding("DMARC", domain, remarks, word);
  }
  return finding("DMARC", domain, [
    { word: "failed", text: "no record: receivers do as they like with mail that is not the domain's" },
  ]);
}

/** Internet.nl takes only a policy that asks for something. */
function dmarcWord(remarks: readonly Remark[]): InternetNl {
  return remarks.every(({ word }) => word === "good") ? "passed" : "failed";
}

export async function checkSts(
  domain: string,
  hosts: readonly string[],
  meetings: readonly Meeting[],
  asker: Asker,
  patience: number,
): Promise<Finding> {
  const found = await stsRecord(domain, asker.ask);
  if (found !== null) return finding("MTA-STS", domain, [found], "not tested");
  const host = `mta-sts.${domain}`;
  const [four, six] = await Promise.all([asker.ask(host, "A"), asker.ask(host, "AAAA")]);
  const addresses = [...(six.records ?? []), ...(four.records ?? [])];
  if (addresses.length === 0) {
    const unsure = [four, six].find(({ records }) => records === null);
    return finding(
      "MTA-STS",
      domain,
      [
        unsure === undefined
          ? { word: "failed", text: `${host} has no address` }
          : { word: "not known", text: unsure.why },
      ],
      "not tested",
    );
  }
  const { text, remarks } = await fetchPolicy(host, addresses, patience);
  if (text === null) return finding("MTA-STS", domain, remarks, "not tested");
  const policy = parseStsPolicy(text);
  if (typeof policy === "string") return finding("MTA-STS", domain, [{ word: "failed", text: policy }], "not tested");
  return finding(
    "MTA-STS",
    domain,
    [...judgeSts(policy, hosts, duration), ...remarks, ...certificateRemarks(policy, meetings)],
    "not tested",
  );
}

/** Null where there is one good record, so that the policy counts. */
async function stsRecord(domain: string, ask: Ask): Promise<Remark | null> {
  const { records, why } = await ask(`_mta-sts.${domain}`, "TXT");
  if (records === null) return { word: "not known", text: why };
  const policies = records.map((text) => tags(text, "STSv1")).filter((found) => found !== null);
  if (policies.length === 0) return { word: "none", text: "no record" };
  if (policies.length > 1) return { word: "failed", text: `${policies.length} records: senders take none` };
  const id = policies[0]?.get("id") ?? "";
  return /^[A-Za-z0-9]{1,32}$/.test(id)
    ? null
    : { word: "failed", text: `id is ${JSON.stringify(id)}; use up to 32 letters and digits` };
}

/** Senders that keep to a policy want a certificate of a public authority that names the host. */
export function certificateRemarks({ mode }: StsPolicy, meetings: readonly Meeting[]): Remark[] {
  if (mode === "none") return [];
  return meetings.flatMap(({ host, address, session }): Remark[] => {
    const word = mode === "enforce" ? "failed" : "warning";
    const place = `${host} (${address})`;
    if (session.state === "greets" || session.state === "broken") return [{ word, text: `${place}: ${session.text}` }];
    if (session.state !== "encrypted") return [{ word: "not known", text: `${place}: no certificate could be seen` }];
    const { misnamed, byCommonName, distrust } = session.chain;
    const why =
      misnamed ?? (byCommonName ? "only its common name is the host's, which MTA-STS does not take" : distrust);
    return why === null ? [] : [{ word, text: `${place}: the certificate will not do: ${why}` }];
  });
}

export async function checkTlsRpt(domain: string, ask: Ask): Promise<Finding> {
  const { records, why } = await ask(`_smtp._tls.${domain}`, "TXT");
  if (records === null) return finding("TLS-RPT", domain, [{ word: "not known", text: why }], "not tested");
  const own = records.filter((text) => tags(text, "TLSRPTv1") !== null);
  const [only] = own;
  if (only === undefined) return finding("TLS-RPT", domain, [{ word: "none", text: "no record" }], "not tested");
  const remarks: Remark[] =
    own.length > 1 ? [{ word: "failed", text: `${own.length} records: senders take none` }] : judgeTlsRpt(only);
  return finding("TLS-RPT", domain, remarks, "not tested");
}

/** The nearest name upwards with CAA records rules (RFC 8659). */
export async function checkCaa(host: string, zone: string, asker: Asker): Promise<Finding> {
  for (const name of upwards(host)) {
    const lookup = await asker.near(zone)(name, "CAA");
    if (lookup.records === null || lookup.records.length > 0) return judgeCaa(host, name, lookup);
  }
  return finding("CAA", host, [{ word: "none", text: "none: any authority may give out a certificate" }], "warning");
}

const knownTags = new Set(["issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"]);

export function judgeCaa(host: string, name: string, { records, why }: Pick<Lookup, "records" | "why">): Finding {
  if (records === null) return finding("CAA", host, [{ word: "not known", text: why }]);
  const parsed = records.map((text) => /^(\d+) (\S+) (.*)$/s.exec(text)).filter((found) => found !== null);
  const odd = parsed.filter(([, flags, tag]) => Number(flags) >= 128 && !knownTags.has(tag ?? ""));
  const issue = parsed
    .filter(([, , tag]) => tag === "issue")
    .map(([, , , value = ""]) => value.split(";")[0]?.trim() ?? "");
  const remarks: Remark[] = odd.map(([, , tag]) => ({
    word: "warning",
    text: `${tag} is critical, and no authority knows it: none gives out a certificate`,
  }));
  const allowed = issue.filter(Boolean);
  if (issue.length > 0 && allowed.length === 0)
    remarks.push({ word: "warning", text: "no authority may give out a certificate: the next renewal fails" });
  else
    remarks.push({
      word: "good",
      text:
        allowed.length > 0
          ? `${listed(allowed)} may give out certificates`
          : "every authority may give out certificates",
    });
  if (name !== host) remarks.push({ word: "good", text: `from ${name}` });
  return finding("CAA", host, remarks);
}
