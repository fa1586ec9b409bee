// Each mistake that Postfix takes without a word (facts 3), as a policy: refused before it is live, in Postfix's own words.
import { describe, expect, test } from "vitest";
import type { Suite } from "../lab/roots.ts";
import { useBench } from "./bench.ts";
import { policy } from "./policies.ts";
import { offerTls } from "./tls.ts";

interface Mistake {
  lines: string[];
  error: RegExp;
  /** Only there. */
  on?: Suite[];
}

const mistakes: Mistake[] = [
  { lines: ["set smtpd_tls_protocols = TLSv9"], error: /^settings.smtpd_tls_protocols is "TLSv9"; use a list such as/ },
  {
    lines: ["set smtpd_tls_protocols = >=TLSv1.2"],
    error: /is ">=TLSv1.2"; use a list such as !SSLv2/,
    on: ["bullseye"],
  },
  { lines: ["set smtpd_tls_protocols = !SSLv2, !SSLv3 # old"], error: /is "!SSLv2, !SSLv3 # old"; use a list/ },
  { lines: ["option smtp/inet smtpd_tls_protocols = TLSv9"], error: /is "TLSv9"; use a list/ },
  { lines: ["set smtpd_tls_ciphers = strongest"], error: /is "strongest"; use one of high, medium/ },
  { lines: ["set smtpd_tls_security_level = maybe"], error: /is "maybe"; use one of none, may, encrypt/ },
  // A value that only Postfix can tell, so the stage is the judge.
  {
    lines: ["set our_list = TLSv9", "set smtpd_tls_protocols = $our_list"],
    error: /^pre-flight: smtp\/inet would complete no TLS handshake.* Invalid TLS protocol list "TLSv9"/,
  },
  {
    lines: ["option smtp/inet our_list = >=TLSv1.2", "option smtp/inet smtpd_tls_protocols = $our_list"],
    error: /Invalid TLS protocol list ">=TLSv1.2"/,
    on: ["bullseye"],
  },
  {
    lines: ["set our_grade = strongest", "set smtpd_tls_ciphers = $our_grade"],
    error: /warning: .* invalid cipher grade: "strongest"/,
  },
  {
    lines: ["set our_level = maybe", "set smtpd_tls_security_level = $our_level"],
    error: /fatal: Invalid TLS level "maybe"/,
  },
  {
    lines: ["set smtpd_tls_cert_file = /etc/ssl/none.pem"],
    error: /warning: (cannot get RSA certificate from|error opening chain) file:? "?\/etc\/ssl\/none.pem/,
  },
  {
    lines: ["empty tls_medium_cipherlist", "set smtpd_tls_ciphers = medium"],
    error: /fatal: bad string length 0 < 1: tls_medium_cipherlist/,
  },
  {
    lines: ["set smtpd_helo_required = perhaps"],
    error: /fatal: bad boolean configuration: smtpd_helo_required = perhaps/,
  },
  {
    lines: ["set smtpd_hard_error_limit = many"],
    error: /fatal: bad numerical configuration: smtpd_hard_error_limit = many/,
  },
  { lines: ["set smtpd_timeout = soon"], error: /fatal: invalid smtpd_timeout/ },
  { lines: ["set inet_interfaces = 192.0.2.99"], error: /no local interface found for 192.0.2.99/ },
  {
    lines: ["set smtpd_tls_nonsense = yes"],
    error: /^settings\.smtpd_tls_nonsense: Postfix 3\.\S+ knows no such parameter/,
    on: ["bookworm"],
  },
  {
    lines: ["service 2525/inet entry n - n - - nosuchd"],
    error: /2525\/inet: there is no daemon "nosuchd"/,
    on: ["bookworm"],
  },
  {
    lines: ["service nosuchname/inet entry n - n - - smtpd"],
    error: /^services: nosuchname\/inet does not resolve/,
    on: ["bookworm"],
  },
  {
    lines: ["service 127.0.0.1:25/inet entry n - n - - smtpd"],
    error: /^services: .*127\.0\.0\.1:25\/inet \(line \d+\) .*both listen on port 25; keep one/,
    on: ["bookworm"],
  },
  {
    lines: ["option nothere/unix smtp_helo_name = x"],
    error: /^services: nothere\/unix is no active entry/,
    on: ["bookworm"],
  },
  {
    lines: ["service nothere/unix enable"],
    error: /^services: nothere\/unix is .* neither as an entry nor as a commented one/,
    on: ["bookworm"],
  },
];

describe.each<Suite>(["bullseye", "bookworm", "trixie"])("%s", (suite) => {
  const bench = useBench({ suite }, offerTls);

  const here = mistakes.filter(({ on }) => on?.includes(suite) ?? true);
  test.each(here.map(({ lines, error }) => [lines.join("; "), lines, error] as const))(
    "%s",
    async (_, lines, error) => {
      const master = await bench.master();
      const said = await bench.refused(policy(...lines));
      expect(said).toMatch(error);
      expect(await bench.master()).toBe(master);
      expect((await bench.host.exec("test -e /var/lib/mailhost/ledger")).status).toBe(1);
    },
  );

  test("what a service said is told also where Postfix's log daemon comes late", async () => {
    const daemon = "/usr/lib/postfix/sbin/postlogd";
    await bench.host.must(
      `mv ${daemon} ${daemon}.real && printf '#!/bin/sh\\nsleep 0.7\\nexec %s.real "$@"\\n' ${daemon} >${daemon} && chmod 755 ${daemon}`,
    );
    try {
      expect(await bench.refused(policy("set smtpd_tls_cert_file = /etc/ssl/none.pem"))).toMatch(
        /^pre-flight: smtp\/inet would complete no TLS handshake any more \(.*\): .*\/etc\/ssl\/none.pem/,
      );
    } finally {
      await bench.host.must(`mv ${daemon}.real ${daemon}`);
    }
  });
});
