// Programs that die while a run looks at slow listeners: only a death of what answers there is one.
import { expect, test } from "vitest";
import { useBench } from "./bench.ts";
import { whileOthersDie } from "./deaths.ts";
import { policy } from "./policies.ts";

const FLOOR = "tls incoming >= TLSv1.2";
const bench = useBench({});

const dies = ["set smtpd_recipient_restrictions = permit", "set smtpd_relay_restrictions = permit"];

test("a slow greeting is waited for, whatever else has a fatal error meanwhile", async () => {
  await bench.host.must("postconf -e smtpd_delay_reject=no 'smtpd_client_restrictions=sleep 2' && postfix reload");
  const before = await bench.fingerprint();
  const { services, story } = await whileOthersDie(bench.host, () => bench.apply(FLOOR));
  expect(story).toContain("verified by handshakes with every listener\n");
  expect(services).toMatchObject([{ name: "smtp/inet", protocols: ["TLSv1.2", "TLSv1.3"], starttls: "starttls" }]);
  await bench.remove(FLOOR);
  expect(await bench.fingerprint()).toBe(before);
});

test("a listener that does die is not waited for", async () => {
  const started = Date.now();
  const error = await bench.refused(policy(...dies));
  expect(error).toMatch(/^smtp\/inet does not answer on port 25: postfix\/smtpd\[\d+\]: fatal: /);
  // Ten seconds are what it takes to wait in vain for it twice.
  expect(Date.now() - started).toBeLessThan(10_000);
});

test("what died is told whatever name it logs under", async () => {
  await bench.host.must("postconf -e syslog_name=mx-out && postfix reload");
  expect(await bench.refused(policy(...dies))).toMatch(
    /^smtp\/inet does not answer on port 25: mx-out\/smtpd\[\d+\]: fatal: /,
  );
});
