// What a command and all that it starts cost: time, processor time, and the memory of the largest of its processes.
import { execFileSync } from "node:child_process";

// getrusage(2) of all that was waited for, by its number, for perl-base has no module for it.
const USAGE = `
  my $number = (\`uname -m\` =~ /aarch64/) ? 165 : 98;
  my $usage = "\\0" x 144;
  open STDOUT, ">&", STDERR or die;
  system(@ARGV) == 0 or exit 1;
  syscall($number, -1, $usage) == 0 or die $!;
  open my $out, ">&=", 3 or die;
  print $out join " ", unpack "q5", $usage`;

export interface Cost {
  milliseconds: number;
  processor: number;
  /** In kB. */
  peak: number;
}

export function costOf(argv: readonly string[], env: NodeJS.ProcessEnv): Cost {
  const began = performance.now();
  const shell = ["-c", 'exec 3>&1 >&2; exec perl -e "$0" "$@"', USAGE, ...argv];
  const numbers = execFileSync("sh", shell, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const milliseconds = performance.now() - began;
  const [user = 0, userMicro = 0, system = 0, systemMicro = 0, peak = 0] = numbers.split(" ").map(Number);
  return { milliseconds, processor: (user + system) * 1_000 + (userMicro + systemMicro) / 1_000, peak };
}
