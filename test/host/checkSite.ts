// Two BINDs and two mail servers, with a domain of which all is right: where `mailhost check` is tried.
import { join } from "node:path";
import { addZone, update } from "../lab/bind.ts";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { checkout } from "../lab/places.ts";
import { type Result, until } from "../lab/run.ts";

export interface Finding {
  check: string;
  subject: string;
  result: string;
  internetNl: string;
  text: string;
}
interface Report {
  domains: { domain: string; result: string; findings: Finding[]; safeFrom: string | null }[];
}

export interface CheckSite {
  lab: Lab;
  first: Host;
  second: Host;
  /** Of the mail server's key. */
  keyHash: string;
}

export async function openCheckSite(): Promise<CheckSite> {
  const lab = await Lab.open();
  const [first, second] = [await lab.boot({ kind: "bind" }), await lab.boot({ kind: "bind" })];
  const keyHash = await certificates(first);
  await goodDomain(first, second, keyHash);
  return { lab, first, second, keyHash };
}

const program = [process.execPath, join(checkout, "dist/cli/main.js"), "check"];
const here = ["--timeout", "2", "--allow-special-purpose"];
const env = ({ first }: CheckSite) => ({ ...process.env, NODE_EXTRA_CA_CERTS: join(first.root, "srv/ca.pem") });

/** The built command in the lab, with the first BIND, which has its own root, as resolver. */
export function check(site: CheckSite, ...words: string[]): Promise<Result> {
  const resolver = words.includes("--resolver") ? [] : ["--resolver", site.first.address];
  return site.lab.run([...program, ...here, ...resolver, ...words], { env: env(site) });
}

/** A line with that command as a page has it, by a user whose home and directory are the lab's. */
export function typed(site: CheckSite, line: string): Promise<Result> {
  const npx = `npx() { [ "$1 $2" = "@postmaster/mailhost check" ] && shift 2 && command ${[...program, ...here].join(" ")} --resolver ${site.first.address} "$@"; }`;
  const { dir } = site.lab;
  return site.lab.run(["sh", "-c", `${npx}\n${line}`], { env: { ...env(site), HOME: dir }, cwd: dir });
}

export async function findings(
  site: CheckSite,
  domain: string,
  ...words: string[]
): Promise<{ status: number; all: Finding[]; of: (check: string, subject?: string) => Finding }> {
  const { status, stdout, stderr } = await check(site, domain, "--json", ...words);
  if (stderr !== "") throw new Error(stderr);
  const report: Report = JSON.parse(stdout);
  const all = report.domains[0]?.findings ?? [];
  const of = (name: string, subject?: string) => {
    const found = all.find(
      (finding) => finding.check === name && (subject === undefined || finding.subject === subject),
    );
    if (found === undefined) throw new Error(`no ${name} of ${subject} in ${JSON.stringify(all, null, 1)}`);
    return found;
  };
  return { status, all, of };
}

/** An authority, a certificate of its for the mail host and the policy's, and the servers that show it. */
async function certificates(first: Host): Promise<string> {
  const ec = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
  const names = "subjectAltName=DNS:mx1.good.test,DNS:mta-sts.good.test,DNS:mta-sts.six.test";
  await first.must(`cd /srv && openssl req -x509 ${ec} -subj /CN=lab -keyout ca.key -out ca.pem -days 30 &&
    openssl req -x509 ${ec} -subj /CN=mx1.good.test -addext ${names} -CA ca.pem -CAkey ca.key -keyout own.key -out own.pem -days 30 &&
    chmod 644 ca.pem own.pem && mkdir -p www/.well-known &&
    printf 'version: STSv1\\nmode: enforce\\nmx: mx1.good.test\\nmax_age: 604800\\n' >www/.well-known/mta-sts.txt &&
    postconf -e smtpd_tls_cert_file=/srv/own.pem smtpd_tls_key_file=/srv/own.key smtpd_tls_security_level=may && postfix reload &&
    systemd-run --quiet --unit=policy --working-directory=/srv/www openssl s_server -accept 443 -WWW -cert ../own.pem -key ../own.key`);
  const spki =
    "openssl x509 -in /srv/own.pem -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1";
  return (await first.must(spki)).trim();
}

/** On both servers, signed, with all that a mail domain should have. */
async function goodDomain(first: Host, second: Host, keyHash: string): Promise<void> {
  await addZone(first, "good.test", {
    signed: true,
    records: [
      "@ NS ns2.good.test.",
      `ns2 A ${second.address}`,
      `ns2 AAAA ${second.address6}`,
      "@ 300 MX 10 mx1",
      `mx1 300 A ${first.address}`,
      `mx1 300 AAAA ${first.address6}`,
      `_25._tcp.mx1 TLSA 3 1 1 ${keyHash}`,
      `_25._tcp.mx1 TLSA 3 1 1 ${"a".repeat(64)}`,
      `@ TXT "v=spf1 mx ip4:10.99.0.0/16 include:spf.good.test -all"`,
      `spf TXT "v=spf1 ip6:fd99::/16 ~all"`,
      `_dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@good.test"`,
      `_mta-sts TXT "v=STSv1; id=20261128"`,
      "mta-sts CNAME mx1",
      `_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@good.test"`,
      `@ CAA 0 issue "ca.test"`,
      // More than fits into one UDP packet.
      ...Array.from({ length: 12 }, (_, n) => `@ TXT "${`${n}`.padEnd(200, "x")}"`),
    ],
  });
  await second.must(`rndc addzone good.test '{ type secondary; primaries { ${first.address}; }; file "good.test"; };'`);
  await pointer(first, first.address, "mx1.good.test.");
  await pointer(first, first.address6, "mx1.good.test.");
  await until("the zone's signatures, and its transfer", async () => {
    await second.must("rndc retransfer good.test");
    const [one, other] = await Promise.all(
      [first, second].map((host) =>
        host.must("dig +dnssec +short @127.0.0.1 _25._tcp.mx1.good.test TLSA good.test SOA"),
      ),
    );
    return (one?.includes("TLSA") && one === other) || undefined;
  });
  const ds = await first.must("dig @127.0.0.1 good.test DNSKEY | dnssec-dsfromkey -2 -f - good.test");
  await first.must("cat >>/var/lib/bind/lab/root && rndc reload .", { stdin: `good.test. NS ns1.lab.test.\n${ds}` });
  await until(
    "the DS record",
    async () => (await first.must("dig +short @127.0.0.1 good.test DS")) !== "" || undefined,
  );
}

export async function pointer(host: Host, address: string, name: string): Promise<void> {
  const zone = address.includes(":") ? "7.7.d.f.ip6.arpa" : "77.10.in-addr.arpa";
  const [owner] = (await host.must(`dig -x ${address} | sed -n 's/^;\\(.*arpa\\.\\).*/\\1/p'`)).split("\n");
  await update(host, zone, [`add ${owner} 300 PTR ${name}`]);
}

/** A domain whose policy has two addresses, and nobody listens on the one of IPv6. */
export function addHalfPolicy({ first, second }: CheckSite, zone: string): Promise<void> {
  const policy = [`mta-sts A ${first.address}`, `mta-sts AAAA ${second.address6}`];
  return addZone(first, zone, { records: ["@ MX 10 mx1.good.test.", `_mta-sts TXT "v=STSv1; id=1"`, ...policy] });
}
