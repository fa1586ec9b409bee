// Names that a zone answers for or not: a wildcard's, and those of a zone below it.
import { afterEach, describe, expect, test } from "vitest";
import { addZone, lookup, update, zoneRecords } from "../lab/bind.ts";
import { useDnsBench } from "./dnsBench.ts";

const bench = useDnsBench();
afterEach(() => bench.host.must("rm -rf /var/lib/mailhost"));

const mx = (domain: string): string[] => [
  `record ${domain}. 3600 MX 10 mx1.${domain}.`,
  `record mx1.${domain}. 3600 A 10.77.1.9`,
  `record mx1.${domain}. 3600 AAAA fd77:0:0:1::9`,
];

describe("a wildcard's answers", () => {
  test.each([
    ["an address", "* A 10.77.9.9"],
    ["an alias", "* CNAME www"],
  ])("are no records of the name (%s)", async (_, wildcard) => {
    const domain = await bench.domain({ records: ["www A 10.77.9.1", wildcard] });
    const before = await zoneRecords(bench.host, domain);
    await bench.apply(domain, ...mx(domain));
    expect(await lookup(bench.host, `mx1.${domain}`, "A")).toEqual(["10.77.1.9"]);
    await update(bench.host, domain, [`del mx1.${domain} A`, `del mx1.${domain} AAAA`]);
    expect((await bench.apply(domain, ...mx(domain), "repair 1")).changed).toBe(true);
    expect(await lookup(bench.host, `mx1.${domain}`, "A")).toEqual(["10.77.1.9"]);
    await bench.remove(domain, ...mx(domain));
    expect(await zoneRecords(bench.host, domain)).toEqual(before);
  });
});

describe("a name of another zone", () => {
  test("that was delegated is refused, for its records would be seen by nobody", async () => {
    const domain = await bench.domain({ records: ["mail NS ns1.elsewhere.test."] });
    const records = [`record ${domain}. 3600 MX 10 mx1.mail.${domain}.`, `record mx1.mail.${domain}. 3600 A 10.77.1.9`];
    expect(await bench.refused(domain, ...records)).toBe(
      `mx1.mail.${domain}. A belongs to the zone mail.${domain}., so nobody would see it in ${domain}.; name that zone; nothing was changed`,
    );
  });

  test("that the same server has is refused as well", async () => {
    const domain = await bench.domain();
    const child = `mail.${domain}`;
    await addZone(bench.host, child);
    const records = [`record ${domain}. 3600 MX 10 mx1.${child}.`, `record mx1.${child}. 3600 A 10.77.1.9`];
    expect(await bench.refused(domain, ...records)).toContain(`mx1.${child}. A belongs to the zone ${child}.`);
  });
});
