// A configuration that is gone, or only not mounted: nothing is blocked by it, and nothing is lost before someone says so.
import { beforeAll, describe, expect, test } from "vitest";
import { type Outcome, useBench } from "./bench.ts";
import { policy } from "./policies.ts";
import { addSecondInstance } from "./secondInstance.ts";

const SET = "set mail_name = Mail";

const bench = useBench({}, addSecondInstance);

const ledgers = (): Promise<string> => bench.host.must("cd /var/lib/mailhost && ls ledger 2>/dev/null || :");
const nothingOfOurs = async (): Promise<boolean> => (await bench.host.exec("test -e /var/lib/mailhost")).status === 1;

async function ended(status: number, verb: string, stdin = ""): Promise<Outcome> {
  const outcome = await bench.run(verb, stdin);
  expect(outcome.status, outcome.stderr).toBe(status);
  return outcome;
}

describe("an instance", () => {
  const INSTANCE = "config /etc/postfix-in";
  const ABSENT = 'configDirectory is "/etc/postfix-in"; it must hold main.cf and master.cf';
  const remove = () =>
    bench.host.must(
      "postmulti -i postfix-in -p stop; rm -rf /run/away && cp -a /etc/postfix-in /run/away && rm -r /etc/postfix-in",
    );
  const mount = () => bench.host.must("cp -a /run/away /etc/postfix-in && postmulti -i postfix-in -p start");

  test.each(["keep", "restore"])("that is gone keeps no destroy from its end: %s", async (destroy) => {
    await bench.apply(INSTANCE, SET, `destroy ${destroy}`);
    await remove();
    const { stderr } = await ended(0, "remove", policy(INSTANCE, SET, `destroy ${destroy}`));
    expect(stderr).toContain("what was there before stays in /var/lib/mailhost/ledger");
    if (destroy === "restore") expect(stderr).toContain(`mx1: ${ABSENT}, so there is nothing to give back to\n`);
    expect(await ledgers()).toBe("+etc+postfix-in\n");

    // It was only not mounted.
    await mount();
    await ended(0, "restore");
    await bench.host.must("diff -r /etc/postfix-in /root/pristine-in");
    expect(await nothingOfOurs()).toBe(true);
  });

  test("that is gone is forgotten by a restore only where that is asked for", async () => {
    await bench.apply("config /etc/postfix", SET);
    await bench.apply(INSTANCE, SET);
    await remove();
    expect((await ended(4, "restore-plan")).stdout).toContain(
      `mx1: ${ABSENT}; a restore with --forget-gone forgets what would go back there\n`,
    );
    const { stderr, last } = await ended(3, "restore");
    expect(stderr).toContain(
      `mx1: error: ${ABSENT}; mount it, or where it is gone for good restore with --forget-gone: what would go back is in /var/lib/mailhost/ledger/+etc+postfix-in\n`,
    );
    expect(last).toBe(
      "mx1: error: not given back, for the reasons above: /etc/postfix-in; run again when they are mended",
    );
    expect(await bench.isPristine()).toBe(true);
    expect(await ledgers()).toBe("+etc+postfix-in\n");
    expect((await ended(0, "restore-forget")).stderr).toContain(
      `mx1: ${ABSENT}; what would have gone back there is forgotten\n`,
    );
    expect(await nothingOfOurs()).toBe(true);
    await mount();
    await bench.host.must(
      "rm -r /etc/postfix-in && cp -a /root/pristine-in /etc/postfix-in && postfix -c /etc/postfix-in reload",
    );
  });

  test("that went in the middle of a change blocks nothing either", async () => {
    await bench.apply(INSTANCE, SET);
    await bench.host.must(`cd /var/lib/mailhost && mkdir journal && cp /etc/postfix-in/main.cf /etc/postfix-in/master.cf journal/ &&
      for f in main master; do cp /etc/postfix-in/$f.cf journal/$f.new; done && : >journal/before && : >journal/services &&
      printf '%s\\n' /etc/postfix-in /etc/postfix-in/main.cf /etc/postfix-in/master.cf reload main '' >journal/where`);
    await remove();
    await ended(0, "remove", policy(INSTANCE, SET));
    expect((await ended(1, "restore")).stderr).toContain(`mx1: error: ${ABSENT}; mount it, or`);
    await ended(0, "restore-forget");
    expect(await nothingOfOurs()).toBe(true);
    await mount();
    await bench.host.must(
      "rm -r /etc/postfix-in && cp -a /root/pristine-in /etc/postfix-in && postfix -c /etc/postfix-in reload",
    );
  });
});

describe("a Postfix that was purged", () => {
  beforeAll(() => bench.host.must("postmulti -i postfix-in -p stop"));

  test("blocks neither destroy nor restore", async () => {
    await bench.apply("config /etc/postfix", SET);
    await bench.host.must(
      "mkdir /run/purged && mv /usr/sbin/postconf /usr/sbin/postfix /run/purged/ && mv /etc/postfix /run/purged/etc",
    );
    try {
      expect((await ended(0, "remove", policy(SET))).stderr).toMatch(
        /^mx1: no Postfix here: .*, so there is nothing to give back to$/m,
      );
      expect(await ledgers()).toBe("+etc+postfix\n");
      expect((await ended(1, "restore")).last).toMatch(
        /^mx1: error: no Postfix here: .* --forget-gone: what would go back is in/,
      );
      await ended(0, "restore-forget");
      expect(await nothingOfOurs()).toBe(true);
    } finally {
      await bench.host.must("mv /run/purged/etc /etc/postfix; mv /run/purged/* /usr/sbin/; rm -r /run/purged");
    }
  });
});
