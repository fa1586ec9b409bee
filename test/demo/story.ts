// The demo's story, step by step, from a stock Postfix to a hardened one and back.
import type { Version } from "../lab/tls.ts";
import { versions } from "../lab/tls.ts";
import type { Desk } from "./desk.ts";
import { acceptedNow, fingerprint, mailArrives, standing } from "./seen.ts";
import { print, promise, section } from "./terminal.ts";

const WANTED: readonly Version[] = ["TLSv1.2", "TLSv1.3"];
const same = (a: readonly string[], b: readonly string[]): boolean => a.join() === b.join();

/** The engine's own count at the end of its output. */
const tail = (text: string): string => text.slice(text.lastIndexOf("Resources:"));

export interface Told {
  before: Version[];
  after: Version[];
}

export async function story(desk: Desk): Promise<Told> {
  section("What it accepts now", "One handshake for each TLS version, from outside.");
  const before = await acceptedNow(desk.host);
  promise(`a stock Postfix accepts all of ${versions.join(", ")}`, same(before, versions), before.join(", "));
  await mailArrives(desk.host, "demo-before");
  const original = await fingerprint(desk);

  await configure(desk);
  await preview(desk, original);
  const after = await harden(desk, original);
  await repeat(desk);
  await changeOneLine(desk);
  await restore(desk, original, before);
  return { before, after };
}

async function configure(desk: Desk): Promise<void> {
  const { address } = desk.host;
  section("A stack for it", "The program is examples/single-host; the root's Pulumi.yaml describes each value.");
  print("  The state is a file here: PULUMI_BACKEND_URL=file://… PULUMI_CONFIG_PASSPHRASE=demo");
  await desk.run("pulumi stack init demo");
  await desk.run(`pulumi config set host ${address}`);
  const key = await desk.run(`ssh-keyscan -t ed25519 ${address} 2>/dev/null | ssh-keygen -lf -`);
  const console = await desk.host.must("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub");
  promise(
    "the key's fingerprint is the one that the host's console shows",
    key.stdout.split(" ")[1] === console.split(" ")[1],
    console,
  );
  await desk.run(`pulumi config set hostKey "$(ssh-keyscan -t ed25519 ${address} 2>/dev/null)"`);
  await desk.run("pulumi config set --secret privateKey <id_ed25519");
}

async function preview(desk: Desk, original: string): Promise<void> {
  section(
    "What would change",
    "Look at the policy: all that is wanted of the host, one fact a line. Nothing runs there yet.",
  );
  const untouched = await standing(desk.host);
  const { stdout, stderr } = await desk.run("pulumi preview --diff");
  const shown = stdout + stderr;
  for (const line of [
    "tls      incoming >= TLSv1.2",
    "tls      submission >= TLSv1.2",
    "tls      outgoing >= TLSv1",
    "activate reload",
  ]) {
    promise(`the policy says "${line}"`, shown.split("\n").includes(line));
  }
  promise("the preview shows no private key", !shown.includes("PRIVATE KEY"));
  promise("the host was not even contacted", (await standing(desk.host)) === untouched);
  promise("/etc/postfix is as it was", (await fingerprint(desk)) === original);
}

async function harden(desk: Desk, original: string): Promise<Version[]> {
  section(
    "The change",
    "The host's own lines tell the story: tried out beside the live service, committed, reloaded, verified.",
  );
  const { stdout } = await desk.run("pulumi up --yes --skip-preview");
  promise("the host verified it by handshakes with every listener", stdout.includes("verified by handshakes"));
  const { stdout: outputs } = await desk.run("pulumi stack output --json", { show: false });
  const { protocols, effectiveAt } = JSON.parse(outputs) as {
    protocols: { port: number; protocols: string[] }[];
    effectiveAt: string;
  };
  print(
    `  effectiveAt ${effectiveAt}; port 25 accepts ${protocols.find(({ port }) => port === 25)?.protocols.join(", ")}`,
  );

  section("What it accepts now");
  const after = await acceptedNow(desk.host);
  promise(`only ${WANTED.join(" and ")} are left`, same(after, WANTED), after.join(", "));
  promise(
    'the output "protocols" says the same',
    same(protocols.find(({ port }) => port === 25)?.protocols ?? [], after),
    outputs,
  );
  await mailArrives(desk.host, "demo-after");
  promise("/etc/postfix has changed", (await fingerprint(desk)) !== original);
  return after;
}

async function repeat(desk: Desk): Promise<void> {
  section("Again", "The same program once more: nothing to do, and the host is not contacted.");
  const untouched = await standing(desk.host);
  const preview = await desk.run("pulumi preview --expect-no-changes", { mustWork: false });
  promise("the preview is empty", preview.status === 0);
  const { stdout } = await desk.run("pulumi up --yes --skip-preview --expect-no-changes");
  promise(
    "nothing was created, updated or deleted",
    /Resources:\s+\d+ unchanged/.test(stdout) && !/created|updated|deleted|replaced/.test(tail(stdout)),
  );
  promise(
    "no login on the host; the master process and the files' inodes and times are the same",
    (await standing(desk.host)) === untouched,
  );
}

async function changeOneLine(desk: Desk): Promise<void> {
  section(
    "One line of the policy",
    "By default a destroyed component leaves the host hardened. Here it shall give back what was there.",
  );
  await desk.run("pulumi config set onDestroy restore");
  const { stdout } = await desk.run("pulumi preview --diff");
  const changed = stdout
    .split("\n")
    .filter((line) => /^\s*[-+]\s+(policy|owner|tls|ciphers|exclude|set|activate|destroy)\s/.test(line));
  promise(
    "the diff is one line of the policy, before and after",
    changed.length === 2 && changed.every((line) => line.includes("destroy")),
    changed.join(" | "),
  );
  const { stdout: up } = await desk.run("pulumi up --yes --skip-preview");
  promise("the host says that Postfix itself needs no change", up.includes("nothing to change"));
}

async function restore(desk: Desk, original: string, before: readonly Version[]): Promise<void> {
  section("The way back", "destroy obeys the last policy that was applied: restore.");
  await desk.run("pulumi destroy --yes --skip-preview");
  const now = await fingerprint(desk);
  promise("/etc/postfix is what it was, to the byte, mode and owner", now === original, `${now}, not ${original}`);
  const accepted = await acceptedNow(desk.host);
  promise("it accepts what it accepted at first", same(accepted, before), accepted.join(", "));
  await mailArrives(desk.host, "demo-restored");
  const left = await desk.host.must(`ls -d /var/lib/mailhost /root/.mailhost* 2>/dev/null || true`);
  promise("nothing of ours is left on the host", left === "", left);
  await desk.run("pulumi stack rm --yes demo");
}
