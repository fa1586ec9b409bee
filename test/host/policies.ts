// Policies as a component renders them, written line by line: `policy('tls incoming >= TLSv1.2', 'destroy keep')`.
import { type Keyword, keywords, renderPolicy } from "../../src/policy/render.ts";

export const OWNER = "org/proj/dev/mailhost:index:PostfixHardening/mx";

/** What a policy must say, and this says unless told otherwise. */
const USUAL = [`owner ${OWNER}`, "activate reload", "destroy restore"];

export function policy(...lines: string[]): string {
  const given = lines.map(parse);
  const rest = USUAL.map(parse).filter((line) => !given.some(({ keyword }) => keyword === line.keyword));
  return renderPolicy([...given, ...rest]);
}

function parse(line: string): { keyword: Keyword; rest: string } {
  const at = line.indexOf(" ");
  const keyword = keywords.find((known) => known === line.slice(0, at));
  if (keyword === undefined) throw new Error(`no line of a policy: ${line}`);
  return { keyword, rest: line.slice(at + 1) };
}

/** The default of a component: the classic fix with its floors. */
export const CLASSIC = [
  "tls incoming >= TLSv1.2",
  "tls outgoing >= TLSv1",
  "tls submission >= TLSv1.2",
  "exclude incoming RC4 3DES MD5",
  "exclude outgoing RC4 3DES MD5",
  "exclude submission RC4 3DES MD5",
] as const;

/** What `tlsEvidence` asks for. */
export const LOGGING = [
  "evidence tls",
  "set lmtp_tls_loglevel = 1",
  "set smtp_tls_loglevel = 1",
  "set smtpd_tls_loglevel = 1",
] as const;
