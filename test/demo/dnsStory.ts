// The names of the same host, published in its own BIND: over IPv4 first, over IPv6 once the host really answers there, and taken back.
import type { Desk } from "./desk.ts";
import { print, promise, section } from "./terminal.ts";

const ZONES = ["lab.test", "77.10.in-addr.arpa", "7.7.d.f.ip6.arpa"];
const pulumi = "pulumi -C mail-dns";

export async function dnsStory(desk: Desk): Promise<void> {
  const { address, address6 } = desk.host;
  section(
    "Its names in the DNS",
    "The host is the name server of lab.test and of its own reverse zones: a BIND that takes updates by a key.",
    "The program is examples/mail-dns, the zones' other records are somebody else's.",
  );
  const before = await zones(desk);
  await configure(desk);
  const { stdout } = await desk.run(`${pulumi} up --yes --skip-preview`);
  promise("one update for each zone, reverse names first", order(stdout) === ZONES.toReversed().join(), stdout);
  await leadsTo(desk, "lab.test MX", "10 mx1.lab.test.");
  await leadsTo(desk, "mx1.lab.test A", address);
  await leadsTo(desk, "mx1.lab.test AAAA", "");
  await leadsTo(desk, `-x ${address}`, "mx1.lab.test.");

  section(
    "A wave of IPv6",
    "The number is raised. Before the AAAA record, a gate looks on the host: Postfix, STARTTLS, the way out, the reverse name.",
  );
  await desk.run(`${pulumi} config set publishedWave 1`);
  const wave = await desk.run(`${pulumi} up --yes --skip-preview`);
  promise("the gate saw Postfix answer over IPv6", wave.stdout.includes(`gate: Postfix answers on [${address6}]:25`));
  await leadsTo(desk, "mx1.lab.test AAAA", address6);
  await leadsTo(desk, `-x ${address6}`, "mx1.lab.test.");

  section(
    "The zones as they were",
    "A domain's mail is protected from deletion until allowLargeChange says that it shall go.",
  );
  await desk.run(`${pulumi} config set allowLargeChange true`);
  await desk.run(`${pulumi} up --yes --skip-preview`);
  await desk.run(`${pulumi} destroy --yes --skip-preview`);
  promise("all that is left in the zones is what was there", (await zones(desk)) === before);
  const left = await desk.host.must("ls -d /var/lib/mailhost /root/.mailhost* 2>/dev/null || true");
  promise("nothing of ours is left on the host", left === "", left);
  await desk.run(`${pulumi} stack rm --yes demo`);
}

async function configure(desk: Desk): Promise<void> {
  const { address, address6, hostKey } = desk.host;
  await desk.run(`${pulumi} stack init demo`);
  const values = {
    domain: "lab.test",
    host: address,
    hostKey,
    ipv4: address,
    ipv6: address6,
    keyName: "lab-key",
    keyFile: "/etc/bind/lab.key",
    reverseZones: ZONES.slice(1).join(),
    allowSpecialPurposeAddresses: "true",
  };
  const words = Object.entries(values).map(([name, value]) => `--plaintext '${name}=${value}'`);
  await desk.run(`${pulumi} config set-all ${words.join(" ")}`);
  await desk.run(`${pulumi} config set --secret privateKey <id_ed25519`);
}

/** In which order the host told of its updates. */
function order(story: string): string {
  const told = [...story.matchAll(/ (\S+)\. updated at /g)].flatMap(([, zone]) => zone ?? []);
  return [...new Set(told)].join();
}

async function leadsTo(desk: Desk, question: string, answer: string): Promise<void> {
  const { stdout } = await desk.run(`ssh -F ssh_config ${desk.host.address} dig +short @127.0.0.1 ${question}`);
  promise(
    `${question.replace("-x ", "the reverse name of ")} is ${answer || "not there"}`,
    stdout.trim() === answer,
    stdout,
  );
}

/** All records of the zones, but what counts their changes. */
async function zones(desk: Desk): Promise<string> {
  const transfers = ZONES.map((zone) => `${zone} AXFR`).join(" ");
  const { stdout } = await desk.run(
    `ssh -F ssh_config ${desk.host.address} 'dig +noall +answer @127.0.0.1 ${transfers}' | grep -v SOA | sort`,
  );
  print();
  return stdout;
}
