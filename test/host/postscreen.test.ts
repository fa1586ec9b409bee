// A port 25 behind postscreen, which lets a stranger wait before it greets him: so it treats this host, too, where no list lets it in.
import { expect, test } from "vitest";
import { useBench } from "./bench.ts";
import { whileOthersDie } from "./deaths.ts";

const FLOOR = "tls incoming >= TLSv1.2";
const bench = useBench({ kind: "lived-in" });

test("is verified however long the greeting takes by default, and whatever other service dies meanwhile", async () => {
  await bench.host.must(
    `postconf -e postscreen_access_list= && postconf -X postscreen_greet_wait &&
      systemctl stop postfix@- && rm -f /var/lib/postfix/postscreen_cache.* && systemctl start postfix@-`,
  );
  const before = await bench.fingerprint();
  const { services, story } = await whileOthersDie(bench.host, () => bench.apply(FLOOR), [
    ["postfix/submission/smtpd[4716]", "fatal: no SASL authentication mechanisms"],
    ["postfix/master[4714]", "warning: /usr/lib/postfix/sbin/smtpd: bad command startup -- throttling"],
  ]);
  expect(story).toContain("verified by handshakes with every listener\n");
  expect(services).toContainEqual({
    name: "smtp/inet",
    port: 25,
    protocols: ["TLSv1.2", "TLSv1.3"],
    starttls: "starttls",
  });
  await bench.remove(FLOOR);
  expect(await bench.fingerprint()).toBe(before);
});
