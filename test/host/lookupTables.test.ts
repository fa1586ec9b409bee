// Lookup tables that Postfix could not use: it greets all the same, and then answers each client with 451 or defers the mail.
import { describe, expect, test } from "vitest";
import type { Suite } from "../lab/roots.ts";
import { useBench } from "./bench.ts";
import { OWNER, policy } from "./policies.ts";

const T = "/etc/postfix/lab";
const clients = (table: string): string => `set smtpd_client_restrictions = check_client_access ${table}`;

interface Refused {
  lines: string[];
  error: RegExp;
  /** Only there. */
  on?: Suite[];
}

const refused: Refused[] = [
  {
    lines: [clients(`pcre:${T}/pcre`)],
    error:
      /^settings\.smtpd_client_restrictions: this Postfix has no lookup table type "pcre", which pcre:\/etc\/postfix\/lab\/pcre is of; install its package, or use one of .*cidr/,
  },
  {
    lines: [clients(`hash:${T}/unmapped`)],
    error:
      /^settings\.smtpd_client_restrictions: hash:\/etc\/postfix\/lab\/unmapped can't be looked up \(open database \/etc\/postfix\/lab\/unmapped\.db: No such file or directory\); make it with postmap first$/,
  },
  {
    lines: ["set virtual_alias_maps = hash:/etc/postfix/lab/good, regexp:/etc/postfix/lab/none"],
    error:
      /^settings\.virtual_alias_maps: regexp:\/etc\/postfix\/lab\/none can't be looked up \(open \/etc\/postfix\/lab\/none: No such file or directory\); make that file first$/,
  },
  {
    lines: [`set our_table = cidr:${T}/none`, clients("$our_table")],
    error: /^settings\.(our_table|smtpd_client_restrictions): cidr:\S+ can't be looked up/,
  },
  {
    lines: [`option smtp/inet smtpd_client_restrictions = check_client_access hash:${T}/unmapped`],
    error: /^services\.smtp\/inet\.options\.smtpd_client_restrictions: hash:\S+ can't be looked up/,
  },
  {
    lines: [
      "service 2525/inet entry n - n - - smtpd",
      `option 2525/inet smtpd_helo_restrictions = check_helo_access,texthash:${T}/none`,
    ],
    error: /^services\.2525\/inet\.options\.smtpd_helo_restrictions: texthash:\S+ can't be looked up/,
  },
  {
    lines: ["set transport_maps = proxy:unionmap:{static:x, lmdbb:/x}"],
    error:
      /^settings\.transport_maps: unionmap:\{static:x, lmdbb:\/x\} can't be looked up \(unsupported dictionary type: lmdbb/,
    on: ["bookworm"],
  },
  { lines: ["set transport_maps = hsah:/x"], error: /no lookup table type "hsah"/, on: ["bookworm"] },
  { lines: ["set transport_maps = proxy:mysql:/etc/x.cf"], error: /no lookup table type "mysql"/, on: ["bookworm"] },
];

describe.each<Suite>(["bullseye", "bookworm", "sid"])("%s", (suite) => {
  const bench = useBench({ suite }, async (host) => {
    await host.must(`mkdir ${T} && cd ${T} && echo 'a b' >good && cp good texthash && cp good unmapped && echo '/a/ b' >regexp &&
      echo '192.0.2.0/24 OK' >cidr && touch pcre && postmap hash:${T}/good`);
  });

  const here = refused.filter(({ on }) => on?.includes(suite) ?? true);
  test.each(here.map(({ lines, error }) => [lines.join("; "), lines, error] as const))(
    "%s is refused before anything is touched",
    async (_, lines, error) => {
      expect(await bench.refused(policy(...lines))).toMatch(error);
      expect(await bench.refused(policy(...lines), { verb: "plan" })).toMatch(error);
      expect(await bench.isPristine()).toBe(true);
    },
  );

  test("those that can be looked up are taken, and so are caches, sockets and what the host would make itself", async () => {
    const lines = [
      `set virtual_alias_maps = hash:${T}/good, proxy:hash:${T}/good texthash:${T}/texthash inline:{ a=b, c=d } static:{ x y }`,
      `set header_checks = regexp:${T}/regexp`,
      `set smtpd_client_restrictions = { check_client_access cidr:${T}/cidr }`,
      "set smtpd_recipient_restrictions = reject_unauth_destination, { check_policy_service unix:private/none, default_action=DUNNO }",
      "set smtpd_end_of_data_restrictions = check_policy_service { inet:127.0.0.1:9, default_action=DUNNO }",
      "set smtp_tls_session_cache_database = btree:$data_directory/new_cache",
      "set smtpd_milters = inet:127.0.0.1:9 unix:/none",
      "set milter_default_action = accept",
      "set relayhost = [127.0.0.1]:9",
      "set content_filter = smtp:[127.0.0.1]:9",
      "set local_recipient_maps = proxy:unix:passwd.byname $alias_maps",
      "set smtpd_sender_restrictions = check_sender_access fail:on_purpose",
    ];
    await bench.apply(...lines);
    await bench.remove(...lines);
    expect(await bench.isPristine()).toBe(true);
  });

  test("of a secret table only the type is tried, and its value is in no line", async () => {
    await bench.host.must("chown root:postfix /etc/postfix/main.cf && chmod 640 /etc/postfix/main.cf");
    const wanted = policy("secret local_recipient_maps revision 1");
    await bench.run("secrets", `owner ${OWNER}\nrevision 1 local_recipient_maps = hsah:/hidden/place\n`);
    expect(await bench.refused(wanted)).toMatch(
      /^secretSettings\.local_recipient_maps: this Postfix has no lookup table type "hsah", which hsah: is of/,
    );
    const { stdout, stderr } = await bench.run("apply", wanted);
    expect(stdout + stderr).not.toContain("hidden");
    await bench.host.must("chown root:root /etc/postfix/main.cf && chmod 644 /etc/postfix/main.cf");
  });

  test("one that was there before is nobody's fault, and may come back", async () => {
    await bench.host.must(`postconf -e 'smtpd_helo_restrictions = check_helo_access hash:${T}/unmapped'`);
    const before = await bench.host.read("/etc/postfix/main.cf");
    const lines = ["set smtpd_helo_restrictions = permit", "set smtpd_helo_required = yes"];
    await bench.apply(...lines);
    await bench.apply("set smtpd_helo_required = yes", "destroy restore");
    await bench.remove("set smtpd_helo_required = yes");
    expect(await bench.host.read("/etc/postfix/main.cf")).toBe(before);
    await bench.host.must("postconf -X smtpd_helo_restrictions");
  });
});
