// What a run of the host program costs the host, seen on its console, without ssh.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Host } from "../test/lab/host.ts";
import { must } from "../test/lab/run.ts";

/** Where the bench puts policies; it is the lab's host, and goes with it. */
export const ON_HOST = "/root/bench";
/** The program that `up` brought, as a shell finds it. */
export const UPLOADED = "/var/lib/mailhost/bin/.mailhost-*.sh";

/** getrusage(2) by its number, for perl-base has no module for it: the largest process that was waited for. */
const PEAK = `
  my $number = (\`uname -m\` =~ /aarch64/) ? 165 : 98;
  my $pid = fork // die;
  if (!$pid) { exec @ARGV or die }
  waitpid $pid, 0;
  my $status = $?;
  my $usage = "\\0" x 144;
  syscall($number, -1, $usage) == 0 or die $!;
  print STDOUT +(unpack "q*", $usage)[4], "\\n";
  exit $status >> 8`;

const apply = (policy: string): string => `sh ${UPLOADED} apply mx1 <${ON_HOST}/${policy}`;

/** Milliseconds on the host's own clock. */
export async function timeOnHost(host: Host, policy: string): Promise<number> {
  const text = await host.must(
    `s=$(date +%s%N); ${apply(policy)} >/dev/null 2>&1 || exit 1; e=$(date +%s%N); echo $(((e - s) / 1000000))`,
  );
  return Number(text);
}

/** Kilobytes that the largest process of a run had at its peak: the shell, an awk, an openssl or a Postfix tool. */
export async function peakOnHost(host: Host, policy: string): Promise<number> {
  await host.write(`${ON_HOST}/peak.pl`, PEAK);
  return Number(await host.must(`perl ${ON_HOST}/peak.pl sh -c '${apply(policy)} >/dev/null 2>&1'`));
}

/** Programs started by a run, those of the pre-flight's Postfix included; undefined where there is no strace here. */
export async function commandsOnHost(host: Host, policy: string): Promise<number | undefined> {
  if (!(process.env.PATH ?? "").split(delimiter).some((dir) => existsSync(join(dir, "strace")))) return undefined;
  const dir = mkdtempSync(join(host.dir, "strace-"));
  const trace = join(dir, "trace");
  const enter = ["nsenter", "--target", String(host.leader), "--all", "--root", "--wd"];
  const shell = ["/bin/sh", "-c", `exec ${apply(policy)} >/dev/null 2>&1`];
  await must(["strace", "-f", "-qq", "-e", "trace=execve", "-o", trace, ...enter, ...shell]);
  const started = readFileSync(trace, "utf8").match(/^.*execve\(.*\) = 0$/gm) ?? [];
  rmSync(dir, { recursive: true });
  // nsenter, the shell that enters, and the shell that is the program itself.
  return started.length - 3;
}
