// `mailhost report` of 100 names by the system's ssh: four real hosts with 25 addresses each and half a year of evidence, beside as many bare logins.
// Real hosts work on processors of their own, so the bar is for hosts that wait as long as one alone works, and then give its answer.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { writeDays } from "../test/host/dayFiles.ts";
import type { Host } from "../test/lab/host.ts";
import { Lab } from "../test/lab/lab.ts";
import { checkout } from "../test/lab/places.ts";
import { Figures, table } from "./measure.ts";

const [repetitions = "3"] = process.argv.slice(2);
if (!/^[1-9]\d*$/.test(repetitions)) {
  process.stderr.write("usage: node bench/report.ts [REPETITIONS]\n");
  process.exit(2);
}
const machines = 4;
const names = 100;
const days = 180;
const USER = "login\t465\tpostfix/smtps\t4\t192.0.2.0/24\talice@example.com\t9";
const PROGRAM = "/usr/local/sbin/mailhost";
const PROBE = `policy   1
owner    bench/report/dev/mailhost:index:Smtps465Probe/mx
probe    tcp 465
chain    INPUT
source   1024:65535
log      debug SERVICE MONITORING: |
rate     30/minute burst 60
backend  auto
persist  yes
networks 24 48
retain   400
destroy  remove
`;
/** Seconds. */
const bar = 10;

const onTheirOwn = `report of ${names} hosts, each at work on its own`;
const evidenceOf = (host: Host): Promise<string> => host.must(`sh ${PROGRAM} evidence mx 465 ${days}`);

const lab = await Lab.open();
const figures = new Figures();
try {
  const hosts = [];
  for (let at = 0; at < machines; at += 1) {
    const host = await lab.boot({ kind: "lived-in", addresses: names / machines });
    await host.write(PROGRAM, readFileSync(join(checkout, "dist/host/mailhost.sh"), "utf8"), "755");
    await host.must(`sh ${PROGRAM} apply mx${at}`, { stdin: PROBE });
    await host.must("systemctl stop mailhost-evidence.timer");
    const scanners = Array.from({ length: 4 }, (_, net) => `syn\t465\t-\t4\t198.51.${net}.0/24\t-\t9`);
    await writeDays(host, days, ["cover\t465\tpostfix/smtps\t-\t-\tmail\t1", ...scanners], [[3, USER]]);
    hosts.push(host);
    const login = readFileSync(`${hosts[0]?.keys.ed25519}.pub`, "utf8");
    await host.must("cat >>/root/.ssh/authorized_keys", { stdin: login });
  }
  const known = join(lab.dir, "known");
  const all = hosts.flatMap(({ addresses, hostKey }) => addresses.map((address) => ({ address, hostKey })));
  writeFileSync(known, all.map(({ address, hostKey }) => `${address} ${hostKey}\n`).join(""));
  const options = [`IdentityFile=${hosts[0]?.keys.ed25519}`, "IdentitiesOnly=yes", `UserKnownHostsFile=${known}`];
  const ssh = options.flatMap((option) => ["-o", option]);
  const logins = all.map(({ address }) => `root@${address}`);
  const report = [process.execPath, join(checkout, "dist/cli/main.js"), "report", "--days", `${days}`, "--json"];
  const bare = 'xargs -P 16 -I HOST ssh -o BatchMode=yes "$@" HOST true';
  const [first] = hosts;
  if (first === undefined) throw new Error("no host");
  for (let run = 0; run < Number(repetitions); run += 1) {
    await figures.time("evidence of one host, on the host", () => evidenceOf(first));
    await figures.time(`report of ${names} hosts, all at work on these processors`, told);
    await figures.time(`${names} bare logins`, () =>
      lab.run(["sh", "-c", bare, "-", ...ssh], { stdin: logins.join("\n") }),
    );
  }
  const [alone] = figures.all();
  const answer = `mailhost: begun\n${await evidenceOf(first)}`;
  for (const host of hosts) {
    await host.write("/root/answer", answer);
    const elsewhere = `cat >/dev/null; sleep ${(alone?.median ?? 0) / 1_000}; cat /root/answer`;
    await host.must(`sed -i 's|^ssh-|command="${elsewhere}" ssh-|' /root/.ssh/authorized_keys`);
  }
  for (let run = 0; run < Number(repetitions); run += 1) await figures.time(onTheirOwn, told);

  async function told(): Promise<void> {
    const { stdout, stderr } = await lab.run([...report, ...logins, ...ssh]);
    const kept = stdout.match(/"word": *"keep"/g)?.length;
    if (kept !== names) throw new Error(`${kept} of ${names} hosts say keep\n${stderr}`);
  }
} finally {
  await lab.close();
}
const mine = figures.all().find(({ name }) => name === onTheirOwn);
const seconds = (mine?.median ?? Number.NaN) / 1_000;
const met = seconds < bar;
const about = { processors: cpus().length, load: loadavg()[0] };
process.stdout.write(`${table(figures.all())}\n${met ? "met" : "MISSED"}: ${seconds.toFixed(1)} s; under ${bar}\n`);
process.stdout.write(`${JSON.stringify({ figures: figures.all(), ...about })}\n`);
process.exitCode = met ? 0 : 1;
