// A restore of a whole host, part by part: what can't be given back keeps nothing else from it.
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { useBench } from "./bench.ts";
import { ProbeBench } from "./probeBench.ts";
import { addSecondInstance } from "./secondInstance.ts";

const OTHER = ["owner org/proj/dev/mailhost:index:Smtps465Probe/other", "probe tcp 587", "backend nft"];
/** What a change refuses; nothing else of the host minds. */
const HINDER = "ln /etc/postfix/main.cf /etc/postfix/linked";
const SET = "set mail_name = Mail";

const bench = useBench({ kind: "firewalls" }, addSecondInstance);
let probes: ProbeBench;
let empty: string;

beforeAll(async () => {
  probes = new ProbeBench(bench.host);
  empty = await probes.dump();
});
afterEach(() => bench.run("restore", ""));

const ours = (part: string): Promise<string> => bench.host.must(`ls /var/lib/mailhost/${part} 2>/dev/null || :`);

describe("a restore", () => {
  const NFT = "/usr/sbin/nft";
  const breakNft = (what: string): Promise<unknown> =>
    bench.host.must(`mv ${NFT} ${NFT}.real; cat >${NFT}; chmod 755 ${NFT}`, {
      stdin: `#!/bin/sh\ncase "$*" in ${what}) echo "Error: no" >&2; exit 1 ;; esac\nexec ${NFT}.real "$@"\n`,
    });

  test("gives back all else, says at the end what stays, and the next one does the rest", async () => {
    await bench.apply("config /etc/postfix", SET);
    await bench.apply("config /etc/postfix-in", SET);
    await probes.apply("backend nft");
    await probes.apply(...OTHER);
    await bench.host.must(HINDER);
    await breakNft('"delete table inet mailhost_465"');
    const { status, stderr, stdout, last } = await bench.run("restore", "");
    expect(status, stderr).toBe(3);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toContain("mx1: error: /etc/postfix/main.cf has hard links");
    expect(stderr).toContain("mx1: error: the rules of port 465 can't be removed: Error: no\n");
    expect(last, stderr).toBe(
      "mx1: error: not given back, for the reasons above: /etc/postfix, the probe of port 465; run again when they are mended",
    );
    await bench.host.must("diff -r /etc/postfix-in /root/pristine-in");
    expect(await ours("ledger")).toBe("+etc+postfix\n");
    expect((await ours("probes")).split("\n").filter((name) => !name.startsWith("465"))).toEqual([""]);
    expect(await probes.dump()).not.toContain("mailhost_587");

    await bench.host.must(`mv ${NFT}.real ${NFT}; rm /etc/postfix/linked`);
    const again = await bench.run("restore", "");
    expect(again.status, again.stderr).toBe(0);
    expect(await bench.isPristine()).toBe(true);
    expect(await probes.dump()).toBe(empty);
    expect((await ours("ledger")) + (await ours("probes"))).toBe("");
  });

  test("that can't even begin with one part has changed nothing, and says why", async () => {
    await bench.apply("config /etc/postfix", SET);
    await bench.host.must(HINDER);
    const outcome = await bench.run("restore", "");
    expect(outcome).toMatchObject({ status: 1, stdout: "" });
    expect(outcome.last).toMatch(/^mx1: error: \/etc\/postfix\/main.cf has hard links/);
    await bench.host.must("rm /etc/postfix/linked");
  });

  test("that has nothing but a journal to undo does so", async () => {
    await bench.apply("config /etc/postfix-in", SET);
    await bench.host.must(`cd /var/lib/mailhost && mkdir journal && cp /etc/postfix/main.cf /etc/postfix/master.cf journal/ &&
      for f in main master; do cp /etc/postfix/$f.cf journal/$f.new; done && : >journal/before && : >journal/services &&
      printf '%s\\n' /etc/gone /etc/gone/main.cf /etc/gone/master.cf reload main '' >journal/where`);
    await probes.apply("backend nft");
    const { status, stderr, last } = await bench.run("restore", "");
    expect(status, stderr).toBe(3);
    expect(stderr).toContain("mx1: the probe of port 465 is gone from nft\n");
    expect(stderr).toContain(
      "mx1: error: /etc/postfix-in waits until what an earlier run left in /var/lib/mailhost/journal",
    );
    expect(last, stderr).toBe(
      "mx1: error: not given back, for the reasons above: /var/lib/mailhost/journal, /etc/postfix-in; run again when they are mended",
    );
    await bench.host.must("rm -r /var/lib/mailhost/journal");
    expect((await bench.run("restore", "")).status).toBe(0);
  });
});

test("a probe whose rules can't be put back keeps no other out", async () => {
  await probes.apply("backend iptables");
  await probes.apply(...OTHER);
  await probes.stopTimer();
  await bench.host.must(
    "iptables -F; ip6tables -F; iptables -A INPUT -p tcp --dport 465 -j ACCEPT; nft delete table inet mailhost_587",
  );
  const story = await probes.collect();
  expect(story).toContain("put the probe of port 587 back in nft\n");
  expect(story).toContain('chain INPUT: "-A INPUT -p tcp -m tcp --dport 465 -j ACCEPT" comes before the probe would');
  expect(story).toContain("the packet filter rules could not be restored\n");
  expect(await probes.dump()).toContain("mailhost_587");
  await bench.host.must("iptables -F");
});
