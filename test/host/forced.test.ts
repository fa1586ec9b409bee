// Each mistake of Postfix's that a check refuses, forced past all checks: seen from outside, undone, and the greeting is back in time.
import { beforeAll, describe, expect, test } from "vitest";
import type { HostOptions } from "../lab/host.ts";
import { sleep, until } from "../lab/run.ts";
import { banner } from "../lab/smtp.ts";
import { type Bench, useBench } from "./bench.ts";
import { DAMAGE, DAMAGING, FORCED, writeForced } from "./forced.ts";
import { policy } from "./policies.ts";

interface Mistake {
  name: string;
  /** What a policy may ask for; SMTPD stands for the service whose smtpd answers on port 25. */
  lines?: string[];
  /** What no policy can ask for: a shell script that damages $work/main.cf or $work/master.cf. */
  damage?: string;
  /** The error with all checks. */
  refused: RegExp;
  /** In the error without them, beside the end of it: Postfix's own line. */
  undone: RegExp;
}

const BACK = "the old configuration is back and answers as before";
const POSTFIX = /(postfix\S*|master)\[\d+\]: (fatal|error|warning): |postfix reload failed: \S/;
/** Most that a client may wait for the greeting from the moment when verify decides. */
const BACK_WITHIN_MS = 5_000;

const mistakes: Mistake[] = [
  {
    name: "an unknown version in a protocol list",
    lines: ["set smtpd_tls_protocols = TLSv9"],
    refused: /^settings.smtpd_tls_protocols is "TLSv9"/,
    undone: /Invalid TLS protocol list "TLSv9"/,
  },
  {
    name: "a certificate that is not there",
    lines: ["set smtpd_tls_cert_file = /etc/none.pem", "unset smtpd_tls_chain_files"],
    refused: /^pre-flight: .*\/etc\/none.pem/,
    undone: /\/etc\/none.pem/,
  },
  {
    name: "a chain of certificates that is not there, which leaves anonymous ciphers",
    lines: ["set smtpd_tls_chain_files = /etc/none.pem", "unset smtpd_tls_cert_file", "unset smtpd_tls_key_file"],
    refused: /^pre-flight: .*\/etc\/none.pem/,
    undone: /completes no TLS handshake any more: .*\/etc\/none.pem/,
  },
  {
    name: "an unknown cipher grade",
    lines: ["set smtpd_tls_ciphers = strongest"],
    refused: /^settings.smtpd_tls_ciphers is "strongest"/,
    undone: /invalid cipher grade: "strongest"/,
  },
  {
    name: "an empty cipher list",
    lines: ["empty tls_medium_cipherlist", "set smtpd_tls_ciphers = medium"],
    refused: /^pre-flight: .*bad string length 0 < 1: tls_medium_cipherlist/,
    undone: /bad string length 0 < 1: tls_medium_cipherlist/,
  },
  {
    name: "an unknown security level",
    lines: ["set smtpd_tls_security_level = maybe"],
    refused: /^settings.smtpd_tls_security_level is "maybe"/,
    undone: /Invalid TLS level "maybe"/,
  },
  {
    name: "a bad boolean",
    lines: ["set smtpd_helo_required = perhaps"],
    refused: /^pre-flight: .*bad boolean configuration: smtpd_helo_required = perhaps/,
    undone: /bad boolean configuration: smtpd_helo_required = perhaps/,
  },
  {
    name: "a line of main.cf without =",
    damage: `echo 'no equals sign' >>"$work/main.cf"`,
    refused: /^Postfix can't read the new files: .*missing '=' after attribute name: "no equals sign"/,
    undone: /missing '=' after attribute name: "no equals sign"/,
  },
  {
    name: "a line of master.cf with too few fields",
    damage: `echo 'smtpx inet n - y' >>"$work/master.cf"`,
    refused: /^Postfix can't read the new files: .*master.cf: line \d+: bad field count/,
    undone: /postfix reload failed: .*master.cf: line \d+: bad field count/,
  },
  {
    name: "an unknown type in master.cf",
    damage: `echo 'smtpx internet n - y - - smtpd' >>"$work/master.cf"`,
    refused: /^Postfix can't read the new files: .*invalid type field "internet"/,
    undone: /postfix reload failed: .*invalid type field "internet"/,
  },
  {
    name: "a bad private field in master.cf",
    damage: `echo 'smtpx unix maybe - y - - smtpd' >>"$work/master.cf"`,
    refused: /^Postfix can't read the new files: .*invalid private field "maybe"/,
    undone: /postfix reload failed: .*invalid private field "maybe"/,
  },
  {
    name: "an unknown daemon",
    lines: ["service SMTPD entry n - y - - nosuchd"],
    refused: /^services: \S+: there is no daemon "nosuchd"/,
    undone: /^smtp\/inet does not answer on port 25: .*(nosuchd|cannot connect to service private\/smtpd)/,
  },
  {
    name: "an option without a value",
    // The reader refuses it, so that the decision never sees it.
    lines: ["service SMTPD entry n - y - - smtpd -o"],
    damage: `sed -i 's/^\\(smtpd* .*smtpd\\)$/\\1 -o/' "$work/master.cf"`,
    refused: /^policy line \d+: ".* smtpd -o" has an -o option; write option lines/,
    undone: /^smtp\/inet does not answer on port 25: .*invalid/,
  },
  {
    name: "a service name without a port",
    lines: ["service nosuchname/inet entry n - n - - smtpd"],
    refused: /^services: nosuchname\/inet does not resolve/,
    undone: /fatal: .*nosuchname/,
  },
  {
    name: "an entry of master.cf a second time, without TLS",
    damage: `sed -n 's/^\\(smtp .*smtpd\\|submission .*smtpd\\)$/\\1 -o smtpd_tls_security_level=none/p' "$work/master.cf" >>"$work/master.cf"`,
    refused: /^pre-flight: (smtp|submission)\/inet would complete no TLS handshake any more \(notls\)/,
    undone: /^(smtp|submission)\/inet no longer offers STARTTLS: .*duplicate master.cf entry/,
  },
];

/** The times in ms that a client waited for the greeting: over all of `change`, and from the moment when verify decides. */
async function watched<T>(
  bench: Bench,
  change: (onOutput: (text: string) => void) => Promise<T>,
): Promise<{ result: T; gapMs: number; backMs: number }> {
  const greetings: number[] = [Date.now()];
  let decided = 0;
  let over = false;
  const greeted = async (): Promise<void> => {
    const text = await banner(bench.host, 25, 3_000).catch(() => "");
    if (text.startsWith("220")) greetings.push(Date.now());
  };
  const clients: Promise<void>[] = [];
  const watch = (async () => {
    while (!over) {
      clients.push(greeted());
      await sleep(100);
    }
  })();
  const result = await change((text) => {
    if (decided === 0 && text.includes("putting the old configuration back")) decided = Date.now();
  });
  const isBack = (): boolean => greetings.some((at) => at > decided);
  await until("a greeting", async () => isBack() || undefined);
  over = true;
  await watch;
  await Promise.all(clients);
  const gaps = greetings.slice(1).map((at, before) => at - (greetings[before] ?? at));
  return { result, gapMs: Math.max(...gaps), backMs: (greetings.find((at) => at > decided) ?? Infinity) - decided };
}

const hosts: [string, HostOptions, string][] = [
  ["bookworm", {}, "smtp/inet"],
  ["lived-in bookworm", { kind: "lived-in" }, "smtpd/pass"],
];

describe.each(hosts)("%s", (place, options, smtpd) => {
  const bench = useBench(options);
  beforeAll(() => writeForced(bench));

  test.each(mistakes.map((mistake) => [mistake.name, mistake] as const))("%s", async (name, mistake) => {
    const harmless = policy("set mail_name = changed");
    const asked = mistake.lines && policy(...mistake.lines.map((line) => line.replace("SMTPD", smtpd)));
    const master = await bench.master();
    const before = await bench.fingerprint();
    await bench.host.write(DAMAGE, asked ? ":" : (mistake.damage ?? ":"));
    const checked = await bench.run("apply", asked ?? harmless, { program: DAMAGING });
    expect(checked.stdout).toBe("");
    expect(checked.last.replace("mx1: error: ", "")).toMatch(mistake.refused);
    expect(checked.stderr).not.toContain("committing");
    expect(await bench.fingerprint()).toBe(before);
    expect(await bench.master()).toBe(master);

    await bench.host.write(DAMAGE, mistake.damage ?? ":");
    const text = mistake.damage === undefined ? (asked ?? harmless) : harmless;
    const { result, gapMs, backMs } = await watched(bench, (onOutput) =>
      bench.refused(text, { program: FORCED, onOutput }),
    );
    expect(result).toMatch(mistake.undone);
    expect(result).toMatch(POSTFIX);
    expect(result).toContain(BACK);
    process.stderr.write(`${place}, ${name}: greeting back after ${backMs} ms; longest time without one ${gapMs} ms\n`);
    expect(backMs).toBeLessThan(BACK_WITHIN_MS);
  });

  test.runIf(options.kind === "lived-in")("what could not be checked before is no regression", async () => {
    // One service that speaks only behind a proxy, one that dies at once, one that asks for a client's certificate.
    const entries = [
      "2525 inet n - y - - smtpd -o smtpd_upstream_proxy_protocol=haproxy",
      "2526 inet n - y - - smtpd -o smtpd_sasl_auth_enable=yes -o smtpd_sasl_type=nosuch",
      "2527 inet n - y - - smtpd -o smtpd_tls_req_ccert=yes -o smtpd_tls_security_level=encrypt",
    ];
    await bench.host.must(`printf '%s\\n' '${entries.join("' '")}' >>/etc/postfix/master.cf && postfix reload`);
    const { changed, story } = await bench.apply("tls incoming >= TLSv1.2");
    expect(changed).toBe(true);
    expect(story).toContain("verified by handshakes with every listener but 2525/inet, 2526/inet\n");
    const whole = await bench.host.must("cat /var/lib/mailhost/receipts/*.json");
    for (const service of ["2525/inet", "2526/inet"])
      expect(whole).toContain(`${service} could not be checked on port ${service.slice(0, 4)}: it greets nobody`);
  });
});
