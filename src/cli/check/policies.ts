// Records that are a list of tags: DMARC, MTA-STS and its policy file, TLS-RPT.
import type { Remark } from "./finding";

/** `v=X; a=b; c=d` as a map; null for text that is of another kind. */
export function tags(text: string, version: string): Map<string, string> | null {
  const parts = text.split(";").map((part) => part.trim());
  if (parts[0]?.replace(/\s*=\s*/, "=") !== `v=${version}`) return null;
  const pairs = parts
    .slice(1)
    .filter(Boolean)
    .map((part): [string, string] => {
      const [name = "", ...value] = part.split("=");
      return [name.trim().toLowerCase(), value.join("=").trim()];
    });
  return new Map(pairs);
}

const policies = new Set(["none", "quarantine", "reject"]);

/** What makes a policy milder than it reads. */
export function dmarcExceptions(text: string, inherited: boolean): Remark[] {
  const found = tags(text, "DMARC1") ?? new Map<string, string>();
  const value = (name: string) => found.get(name)?.toLowerCase();
  if (((inherited ? value("sp") : undefined) ?? value("p")) === "none") return [];
  const texts = [];
  const share = value("pct") ?? "100";
  if (/^\d{1,2}$/.test(share)) texts.push(`pct=${share}: receivers let the rest of the mail off`);
  if (value("t") === "y") texts.push("t=y: receivers only try it, and are milder by one step");
  if (value("np") === "none" && !inherited) texts.push("np=none leaves names below it open that do not exist");
  return texts.map((text) => ({ word: "warning", text }));
}

/** `inherited`: the record is of a name above the domain. */
export function judgeDmarc(text: string, inherited: boolean): Remark[] {
  const found = tags(text, "DMARC1");
  if (found === null) return [{ word: "failed", text: "the record does not begin with v=DMARC1" }];
  const p = found.get("p");
  const policy = (inherited ? found.get("sp") : undefined) ?? p;
  if (policy === undefined || !policies.has(policy.toLowerCase()))
    return [{ word: "failed", text: policy === undefined ? "it has no policy (p=)" : `p=${policy} is no policy` }];
  const remarks: Remark[] = [
    { word: policy.toLowerCase() === "none" ? "warning" : "good", text: `policy ${policy.toLowerCase()}` },
  ];
  if (policy.toLowerCase() === "none")
    remarks.push({
      word: "warning",
      text: "receivers are asked to do nothing: use quarantine or reject once the reports are clean",
    });
  if (found.get("sp")?.toLowerCase() === "none" && !inherited)
    remarks.push({ word: "warning", text: "sp=none leaves names below it open" });
  const reports = (found.get("rua") ?? "")
    .split(",")
    .map((uri) => uri.trim())
    .filter(Boolean);
  if (reports.some((uri) => !/^(mailto:[^@\s]+@[^@\s]+|https?:\/\/\S+)$/i.test(uri)))
    remarks.push({ word: "failed", text: `rua=${found.get("rua")} is no address for reports` });
  if (reports.length === 0) remarks.push({ word: "good", text: "no reports are asked for (rua)" });
  return remarks;
}

export interface StsPolicy {
  mode: string;
  maxAge: number;
  patterns: string[];
}

export function parseStsPolicy(text: string): StsPolicy | string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const pairs = lines.map((line) => /^([A-Za-z0-9_]+)\s*:\s*(.*?)\s*$/.exec(line));
  const value = (name: string) => pairs.find((pair) => pair?.[1] === name)?.[2];
  if (value("version") !== "STSv1") return "the policy has no line version: STSv1";
  const [mode = "", age = ""] = [value("mode"), value("max_age")];
  if (!["enforce", "testing", "none"].includes(mode))
    return `mode is ${JSON.stringify(mode)}, not enforce, testing or none`;
  if (!/^\d{1,10}$/.test(age) || Number(age) > 31_557_600)
    return `max_age is ${JSON.stringify(age)}, not a number of seconds up to 31557600`;
  const patterns = pairs.flatMap((pair) =>
    pair?.[1] === "mx" && pair[2] !== undefined ? [pair[2].toLowerCase().replace(/\.$/, "")] : [],
  );
  if (patterns.length === 0 && mode !== "none") return "the policy names no mx";
  return { mode, maxAge: Number(age), patterns };
}

/** RFC 8461, section 4.1: `*.` stands for one label, the first. */
export function matchesPattern(host: string, pattern: string): boolean {
  return pattern.startsWith("*.")
    ? host.includes(".") && host.slice(host.indexOf(".")) === pattern.slice(1)
    : host === pattern;
}

export function judgeSts(policy: StsPolicy, hosts: readonly string[], duration: (seconds: number) => string): Remark[] {
  const { mode, maxAge, patterns } = policy;
  if (mode === "none") return [{ word: "good", text: "mode none: senders forget an earlier policy" }];
  const missing = hosts.filter((host) => !patterns.some((pattern) => matchesPattern(host, pattern)));
  const unused = patterns.filter((pattern) => !hosts.some((host) => matchesPattern(host, pattern)));
  const remarks: Remark[] = [
    {
      word: mode === "enforce" ? "good" : "warning",
      text: mode === "enforce" ? "mode enforce" : "mode testing: nothing is held back yet",
    },
  ];
  if (missing.length > 0)
    remarks.push({
      word: "failed",
      text: `the policy does not name ${missing.join(", ")}: senders that keep to it deliver nothing there`,
    });
  if (unused.length > 0) remarks.push({ word: "good", text: `names besides no MX host: ${unused.join(", ")}` });
  if (maxAge < 86_400)
    remarks.push({
      word: "warning",
      text: `max_age is ${duration(maxAge)}: a policy that is soon forgotten protects little`,
    });
  remarks.push({
    word: "good",
    text: `senders keep it for ${duration(maxAge)}, however short the TTLs are: name a new MX host in it before it is published`,
  });
  return remarks;
}

export function judgeTlsRpt(text: string): Remark[] {
  const found = tags(text, "TLSRPTv1");
  if (found === null) return [{ word: "failed", text: "the record does not begin with v=TLSRPTv1" }];
  const rua = (found.get("rua") ?? "")
    .split(",")
    .map((uri) => uri.trim())
    .filter(Boolean);
  if (rua.length === 0) return [{ word: "failed", text: "it names no address for reports (rua)" }];
  const wrong = rua.filter((uri) => !/^(mailto:[^@\s]+@[^@\s]+|https:\/\/\S+)$/i.test(uri));
  return wrong.length > 0
    ? [{ word: "failed", text: `${wrong.join(", ")} is no address for reports: use mailto: or https:` }]
    : [{ word: "good", text: `reports to ${rua.join(", ")}` }];
}
