// The same program under each shell and each awk that Debian has: the same files, byte for byte, and the same receipts.
import { describe, expect, test } from "vitest";
import type { Suite } from "../lab/roots.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { CLASSIC, policy } from "./policies.ts";

/** Everything that a policy can say, on a host that has something of everything. */
const LINES = [
  ...CLASSIC,
  "override fix",
  "ciphers submission intermediate",
  'set mail_name = it\'s `a` "name" \\n & %s $mydomain',
  "set message_size_limit = 30000000",
  "empty smtpd_reject_footer",
  "unset recipient_delimiter",
  "service smtps/inet disable",
  "service 2525/inet entry n - y - 5 smtpd",
  "option 2525/inet smtpd_banner = two words",
  "option submission/inet smtpd_timeout = 200s",
  "drop submission/inet milter_macro_daemon_name",
];

const others: [string, string][] = [
  ["bash", "gawk"],
  ["busybox sh", "busybox"],
];

describe.each<Suite>(["bullseye", "trixie"])("lived-in %s", (suite) => {
  const bench = useBench({ suite, kind: "lived-in" });

  async function cycle(shell: string, awk: string): Promise<string[]> {
    await bench.host.must(`ln -sf "$(command -v ${awk})" /usr/bin/awk`);
    const options = { shell };
    try {
      const first = await bench.done("apply", policy(...LINES), options);
      const files = await bench.fingerprint();
      const full = await bench.host.must('cat /var/lib/mailhost/receipts/*.json | sed \'s/"at":"[^"]*"//\'');
      expect(first.changed).toBe(true);
      expect(await acceptedVersions(bench.host, 587)).toEqual(["TLSv1.2", "TLSv1.3"]);
      expect((await bench.done("apply", policy(...LINES), options)).changed).toBe(false);
      expect((await bench.run("audit", policy(...LINES), options)).status).toBe(0);
      // Shells differ most in traps and jobs, so a fault that is rolled back is part of it.
      const fault = ["service 10.0.0.1:2626/inet entry n - n - - smtpd"];
      if (suite === "bullseye")
        expect(await bench.refused(policy(...LINES, ...fault), options)).toMatch(
          /Cannot assign requested address.*the old configuration is back/,
        );
      const { story } = await bench.done("remove", policy(...LINES), options);
      expect(story).not.toMatch(/not found|syntax error|[Kk]illed|awk:/);
      expect(first.story).not.toMatch(/not found|syntax error|[Kk]illed|awk:/);
      expect(await bench.isPristine()).toBe(true);
      return [files, full, first.story.replace(/\d{4}-\d\d-\S+Z/g, "")];
    } finally {
      await bench.host.must("ln -sf /etc/alternatives/awk /usr/bin/awk");
    }
  }

  test("dash with mawk, bash with gawk, busybox with its own", async () => {
    const usual = await cycle("dash", "mawk");
    for (const [shell, awk] of others) expect(await cycle(shell, awk), `${shell} with ${awk}`).toEqual(usual);
  });
});
