// Runs that meet somebody else, or their own end, at the very moment of an update.
import { describe, expect, test } from "vitest";
import { lookup, zoneRecords } from "../lab/bind.ts";
import { pointerOf, useDnsBench } from "./dnsBench.ts";

const bench = useDnsBench({
  change: (program) =>
    program
      .replace("\tnsupdate -v", "\twatched_update -v")
      .replace(
        "\nverb=",
        '\nwatched_update() { . /root/before; nsupdate "$@"; sent=$?; . /root/after; return $sent; }\nverb=',
      ),
});

/** What happens before and after the update of this number is sent. */
async function at(moment: "before" | "after" | "never", number: number, deed: string): Promise<void> {
  const count = `n=$(($(cat /root/n) + 1)); echo $n >/root/n; [ $n != ${number} ] || { ${deed}; }`;
  await bench.host.write("/root/before", moment === "before" ? count : ":");
  await bench.host.write("/root/after", moment === "after" ? count : ":");
  await bench.host.write("/root/n", "0\n");
}

function mx(domain: string, last: number): string[] {
  const host = `mx1.${domain}.`;
  return [
    `record ${domain}. 3600 MX 10 ${host}`,
    `record ${host} 3600 A 10.77.1.${last}`,
    `record ${host} 3600 AAAA fd77:0:0:1::${last}`,
    `record ${pointerOf(`10.77.1.${last}`)} 3600 PTR ${host}`,
    `record ${pointerOf(`fd77:0:0:1::${last}`)} 3600 PTR ${host}`,
  ];
}

async function all(domain: string): Promise<string[]> {
  const zones = [domain, "77.10.in-addr.arpa", "7.7.d.f.ip6.arpa"];
  return (await Promise.all(zones.map((zone) => zoneRecords(bench.host, zone)))).flat();
}

describe("an update", () => {
  test("that somebody forestalls changes nothing in that zone, and the next run shows theirs", async () => {
    const domain = await bench.domain();
    const theirs = `printf 'server 127.0.0.1\\nzone ${domain}\\nadd ${domain}. 60 MX 5 theirs.test.\\nsend\\n' | nsupdate -k /etc/bind/lab.key`;
    await at("before", 3, theirs);
    const { status, error } = await bench.run("apply", bench.policy(domain, ...mx(domain, 4)));
    expect(status).toBe(3);
    expect(error).toContain("somebody else changed one of these records at the same moment (YXRRSET)");
    expect(await zoneRecords(bench.host, domain)).toEqual([
      `${domain}. 3600 NS ns1.lab.test.`,
      `${domain}. 60 MX 5 theirs.test.`,
    ]);
    await at("never", 0, ":");
    expect(await bench.refused(domain, ...mx(domain, 4))).toContain("published by others: 5 theirs.test.");
    await bench.apply(domain, ...mx(domain, 4), "adopt yes");
    await bench.remove(domain, ...mx(domain, 4));
  });

  test.each([1, 2, 3].flatMap((number) => (["before", "after"] as const).map((moment) => ({ moment, number }))))(
    "of a run that is killed $moment sending number $number is made or not made, and the next run is right",
    async ({ moment, number }) => {
      const domain = await bench.domain();
      const before = await all(domain);
      await at(moment, number, "kill -KILL $$");
      expect((await bench.run("apply", bench.policy(domain, ...mx(domain, 5)))).status).toBe(137);
      await at("never", 0, ":");
      await bench.apply(domain, ...mx(domain, 5));
      expect(await lookup(bench.host, `mx1.${domain}`, "AAAA")).toEqual(["fd77:0:0:1::5"]);
      expect((await bench.apply(domain, ...mx(domain, 5))).changed).toBe(false);
      // The same while values change: six updates, as old reverse names go last.
      await at(moment, number + 1, "kill -KILL $$");
      expect((await bench.run("apply", bench.policy(domain, ...mx(domain, 6)))).status).toBe(137);
      await at("never", 0, ":");
      expect((await bench.apply(domain, ...mx(domain, 6))).warnings.map(({ code }) => code)).not.toContain("edited");
      expect(await lookup(bench.host, pointerOf("fd77:0:0:1::5"), "PTR")).toEqual([]);
      await at(moment, 1, "kill -KILL $$");
      expect((await bench.run("remove", bench.policy(domain, ...mx(domain, 6)))).status).toBe(137);
      await at("never", 0, ":");
      await bench.remove(domain, ...mx(domain, 6));
      expect(await all(domain)).toEqual(before);
      expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
    },
  );
});
