// A removal finds the probe's rules wherever they are, whatever is left of our notes, and touches no others.
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { useBench } from "./bench.ts";
import { ProbeBench } from "./probeBench.ts";

const bench = useBench({ kind: "firewalls" });
let probes: ProbeBench;
let before: string;

/** As if others had made them: like ours, but for another port, or without the whole comment. */
const THEIRS = ["mailhost 4650 count", "mailhost 465 counted", "mailhost 46 log"].map(
  (comment) => `iptables -A INPUT -p tcp --dport 465 -m comment --comment "${comment}"`,
);

beforeAll(async () => {
  probes = new ProbeBench(bench.host);
  await bench.host.must(`${THEIRS.join(";")}; ip6tables -A INPUT -p tcp --dport 465; nft add table inet mailhost_46`);
  before = await probes.dump();
});
afterEach(() => bench.host.must("rm -rf /var/lib/mailhost"));

test.each(["iptables", "nft"])("in %s, with any of the notes gone", async (backend) => {
  for (const gone of ["465", "465.place", "465 465.place", "465*"]) {
    await probes.apply(`backend ${backend}`);
    await bench.host.must(`cd /var/lib/mailhost/probes && rm ${gone}`);
    const { story } = await probes.done("remove", `backend ${backend}`);
    expect(story, gone).toContain("mx1: the probe of port 465 is gone from ");
    expect(await probes.dump(), gone).toBe(before);
    expect(await bench.host.must("ls /var/lib/mailhost/probes 2>/dev/null || :"), gone).toBe("");
  }
});

describe("after the alternatives were switched", () => {
  const use = (kind: "nft" | "legacy") =>
    bench.host.must(
      `for tool in iptables ip6tables; do update-alternatives --quiet --set $tool /usr/sbin/$tool-${kind}; done`,
    );
  /** Ours, by the tool that has them. */
  const ours = async (kind: "nft" | "legacy") =>
    (await probes.rules("INPUT", `iptables-${kind}`)).filter((rule) => /"mailhost 465 (count|log)"/.test(rule)).length;
  afterEach(() => use("nft"));

  test.each([
    ["nft", "legacy"],
    ["legacy", "nft"],
  ] as const)("from %s to %s, with all of them", async (first, second) => {
    await use(first);
    await probes.apply("backend iptables");
    expect(await ours(first)).toBeGreaterThan(0);
    await use(second);
    await probes.done("remove", "backend iptables");
    expect([await ours("nft"), await ours("legacy")]).toEqual([0, 0]);
  });

  test("a run puts them in one place and leaves none in the other", async () => {
    await probes.apply("backend iptables");
    await use("legacy");
    await probes.apply("backend iptables");
    expect(await ours("legacy")).toBeGreaterThan(0);
    expect(await ours("nft")).toBe(0);
    await probes.done("remove", "backend iptables");
    expect([await ours("nft"), await ours("legacy")]).toEqual([0, 0]);
  });
});
