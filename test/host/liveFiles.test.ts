// What the live server has on its disk under a full path: the second Postfix of the pre-flight keeps away from it.
import { beforeAll, expect, test } from "vitest";
import { until } from "../lab/run.ts";
import { useBench } from "./bench.ts";
import { disturbed, installGate } from "./gate.ts";
import { policy } from "./policies.ts";

const FILES = ["smtp_scache.db", "smtpd_scache.db", "lmtp_scache.db", "prng_exch"].map(
  (name) => `/var/lib/postfix/${name}`,
);
const LOOK = `stat -c '%n %i %s %y' ${FILES.join(" ")}; sha256sum ${FILES.join(" ")}`;
// The live listeners are asked only then, and the live tlsmgr, which may write there, comes with the first of them.
const PREFLIGHT_ENDED = { at: 1, text: 'probe_services "$work/services.old" "$work/before"' };
const bench = useBench({});

beforeAll(() => installGate(bench));

test("the caches of TLS sessions and the random seed", async () => {
  const caches = ["smtp", "smtpd", "lmtp"].map(
    (name) => `${name}_tls_session_cache_database=btree:/var/lib/postfix/${name}_scache`,
  );
  await bench.host.must(
    `postconf -e ${caches.join(" ")} tls_random_exchange_name=/var/lib/postfix/prng_exch && postfix reload`,
  );
  await until("the end of tlsmgr", async () => (await bench.host.exec("! pgrep -x tlsmgr")).status === 0 || undefined);
  await bench.host.must(`for f in ${FILES.join(" ")}; do head -c 1024 /dev/urandom >$f; chown postfix $f; done`);
  const before = await bench.host.must(LOOK);
  const lines = policy("tls incoming >= TLSv1.2");
  const { status, stderr } = await disturbed(bench, "apply", lines, PREFLIGHT_ENDED, `{ ${LOOK}; } >/run/seen`);
  expect(status, stderr).toBe(0);
  expect(stderr).toContain("pre-flight on a stage without any port");
  expect(await bench.host.read("/run/seen")).toBe(before);
});
