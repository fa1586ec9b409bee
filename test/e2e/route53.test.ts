import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { MailDnsArgs } from "../../src/index.ts";
import { findEngine } from "../lab/engine.ts";
import { Moto } from "../lab/moto.ts";
import { labDir } from "../lab/places.ts";
import { copyProgram, type Program } from "../lab/program.ts";
import type { Stack } from "../lab/stack.ts";
import { said } from "./site.ts";

let moto: Moto;
let program: Program;
let stack: Stack;
let zoneId: string;
let reverse4: string;
let reverse6: string;
let log: string;

beforeAll(async () => {
  moto = await Moto.start();
});

beforeEach(async () => {
  [zoneId, reverse4, reverse6] = await Promise.all([
    moto.createZone("example.com"),
    moto.createZone("2.0.192.in-addr.arpa"),
    moto.createZone("8.b.d.0.1.0.0.2.ip6.arpa"),
  ]);
  await stack?.remove();
  program?.remove();
  program = copyProgram(join(import.meta.dirname, "programs", "mailDns"));
  log = join(program.dir, "route53.log");
  const engine = await findEngine();
  const path = [join(labDir, "awsProvider"), engine.path].join(delimiter);
  const env = { PULUMI_NODEJS_TRANSPILE_ONLY: "true", ...moto.env, PATH: path, ROUTE53_LOG: log };
  stack = await engine.stack({ program: program.dir, env });
});

afterAll(async () => {
  await stack?.remove();
  program?.remove();
  await moto?.stop();
});

const mx1 = { name: "mx1.example.com", preference: 10, ipv4: ["192.0.2.1"], ipv6: ["2001:db8::1"] };
const pointer6 = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.";

function want(args: Partial<MailDnsArgs> = {}, { name = "mail", formerName = undefined as string | undefined } = {}) {
  program.write("wanted.json", JSON.stringify([{ name, args: whole(args), formerName }]));
}

function whole(args: Partial<MailDnsArgs>): MailDnsArgs {
  return {
    domain: "example.com",
    route53: {
      zoneId,
      reverseZones: [
        { zone: "2.0.192.in-addr.arpa", zoneId: reverse4 },
        { zone: "8.b.d.0.1.0.0.2.ip6.arpa", zoneId: reverse6 },
      ],
    },
    hosts: [mx1],
    allowSpecialPurposeAddresses: true,
    ...args,
  };
}

async function up() {
  writeFileSync(log, "");
  const result = await stack.up();
  expect(result.status, said(result)).toBe(0);
  return { text: said(result), changes: readFileSync(log, "utf8").trim().split("\n").filter(Boolean) };
}

const wave = (publishedWave: number): Partial<MailDnsArgs> => ({ ipv6: { wave: 1, publishedWave } });

describe("MailDns at Route 53 through the engine", () => {
  test("grows from reverse names to mail, does nothing a second time, and shrinks the other way round", async () => {
    want({ allowLargeChange: true });
    const first = await up();
    expect(first.changes.map((line) => line.split(" ")[2]).join(" ")).toMatch(/^PTR PTR (A AAAA|AAAA A) MX$/);
    expect(await moto.records(zoneId)).toEqual([
      "example.com. 3600 MX 10 mx1.example.com.",
      "mx1.example.com. 3600 A 192.0.2.1",
      "mx1.example.com. 3600 AAAA 2001:db8::1",
    ]);
    expect(await moto.records(reverse4)).toEqual(["1.2.0.192.in-addr.arpa. 3600 PTR mx1.example.com."]);
    expect(await moto.records(reverse6)).toEqual([`${pointer6} 3600 PTR mx1.example.com.`]);
    expect((await up()).changes).toEqual([]);
    writeFileSync(log, "");
    const gone = await stack.destroy();
    expect(gone.status, said(gone)).toBe(0);
    const removed = readFileSync(log, "utf8").trim().split("\n");
    expect(removed.map((line) => line.split(" ")[2]).join(" ")).toMatch(/^MX (A AAAA|AAAA A) PTR PTR$/);
    expect(await moto.records(zoneId)).toEqual([]);
  });

  test("a raised wave is one line of a preview and one record, and goes back as one", async () => {
    want(wave(0));
    await up();
    want(wave(1));
    const preview = said(await stack.preview({ diff: true }));
    expect(preview.match(/^ {4}[+~-] .*Record.*/gm)).toHaveLength(1);
    expect(preview).toContain("mail-mx1.example.com-AAAA");
    expect((await up()).changes).toEqual(["CREATE mx1.example.com AAAA"]);
    want(wave(0));
    expect((await up()).changes).toEqual(["DELETE mx1.example.com AAAA"]);
  });

  test("a change says how long old answers live, and the phase lowered only shortens them", async () => {
    want();
    await up();
    const moved = { ...mx1, ipv4: ["192.0.2.7"] };
    want({ hosts: [moved], ttlPhase: "lowered" });
    const refused = await stack.up();
    expect(refused.status).not.toBe(0);
    expect(said(refused)).toContain(
      "example.com: ttlPhase is lowered, and mx1.example.com A changes in the phase lowered; go on to changed for that",
    );
    expect(await moto.records(zoneId)).toContain("mx1.example.com. 3600 A 192.0.2.1");
    want({ hosts: [moved] });
    expect(said(await stack.preview())).toContain(
      "mx1.example.com A changes while its published TTL is 3600 seconds: old answers live that long",
    );
    want({ ttlPhase: "lowered" });
    await up();
    want({ hosts: [moved], ttlPhase: "changed" });
    expect((await up()).text).not.toContain("old answers live");
    expect(await moto.records(zoneId)).toContain("mx1.example.com. 300 A 192.0.2.7");
  });

  test("what others published is refused, and taken over where that is asked", async () => {
    await moto.put(zoneId, "example.com", "MX", "10 old.example.com.");
    want();
    const refused = await stack.up();
    expect(refused.status).not.toBe(0);
    expect(said(refused)).toContain("already exists");
    expect(said(refused)).toContain("mail-example.com-MX");
    expect(await moto.records(zoneId)).toContain("example.com. 60 MX 10 old.example.com.");
    want({ adopt: true });
    await up();
    expect(await moto.records(zoneId)).toContain("example.com. 3600 MX 10 mx1.example.com.");
  });

  test("a rename with an alias moves nothing", async () => {
    want();
    await up();
    want({}, { name: "renamed", formerName: "mail" });
    expect((await up()).changes).toEqual([]);
  });

  test("a host that gets another name keeps its reverse names, changed in their places", async () => {
    want({ allowLargeChange: true });
    await up();
    want({ allowLargeChange: true, hosts: [{ ...mx1, name: "smtp.example.com" }] });
    const { changes } = await up();
    expect(changes.filter((change) => change.includes(".arpa"))).toEqual([
      expect.stringMatching(/^UPSERT .*arpa/),
      expect.stringMatching(/^UPSERT .*arpa/),
    ]);
    expect(await moto.records(reverse4)).toEqual(["1.2.0.192.in-addr.arpa. 3600 PTR smtp.example.com."]);
    expect(await moto.records(reverse6)).toEqual([`${pointer6} 3600 PTR smtp.example.com.`]);
  });

  test("a host goes from one component to another in the two steps of the page, and nothing is deleted", async () => {
    const mx2 = { name: "mx2.example.com", ipv4: ["192.0.2.2"] };
    const all = (first: Partial<MailDnsArgs>, second: Partial<MailDnsArgs>) =>
      program.write(
        "wanted.json",
        JSON.stringify([
          { name: "mail", args: whole(first), retainOnDelete: true },
          {
            name: "other",
            args: whole({
              domain: "other.example.com",
              nullMx: true,
              route53: { zoneId, zone: "example.com" },
              ...second,
            }),
          },
        ]),
      );
    all({ hosts: [mx1, mx2] }, { hosts: [] });
    await up();
    all({ hosts: [mx1] }, { hosts: [{ ...mx2, reverse: false }], adopt: true });
    expect((await up()).changes.join("\n")).not.toContain("DELETE");
    expect(await moto.records(zoneId)).toContain("mx2.example.com. 3600 A 192.0.2.2");
  });

  test("mail waits for the name that it is to come to, whichever component has it, before or after it", async () => {
    await moto.put(reverse6, pointer6, "PTR", "somebody.example.net.");
    const second = { name: "mx6.example.com", ipv4: ["192.0.2.1"], ipv6: ["2001:db8::1"] };
    const first = { name: "mx1.example.com", preference: 10, ipv4: ["192.0.2.2"], dualStackName: "mx6.example.com" };
    const customer: MailDnsArgs = {
      ...whole({}),
      domain: "customer.example.com",
      route53: { zoneId, zone: "example.com" },
      hosts: [{ name: "mx6.example.com", preference: 10, external: true }],
    };
    const mail = whole({ ...wave(1), hosts: [first, second] });
    program.write(
      "wanted.json",
      JSON.stringify([
        { name: "customer", args: customer },
        { name: "mail", args: mail },
      ]),
    );
    const refused = await stack.up();
    expect(refused.status).not.toBe(0);
    expect(said(refused)).toContain("mail-PTR-2001:db8::1");
    expect(readFileSync(log, "utf8")).not.toContain(" MX");
  });

  test("the order of addresses and hosts moves nothing", async () => {
    const two = { ...mx1, ipv4: ["192.0.2.1", "192.0.2.2"] };
    const other = { name: "mx2.example.com", preference: 20, ipv4: ["192.0.2.3"] };
    want({ hosts: [two, other] });
    await up();
    want({ hosts: [other, { ...two, ipv4: two.ipv4.toReversed() }] });
    expect((await up()).changes).toEqual([]);
  });

  test("a set that loses more than a third of the domain's addresses, or of its mail hosts, is refused in the preview", async () => {
    const many = { name: "mx1.example.com", preference: 10, ipv4: ["192.0.2.1", "192.0.2.2", "192.0.2.3"] };
    const other = { name: "mx2.example.com", preference: 20, ipv4: ["192.0.2.4"] };
    const fewer = { hosts: [{ ...many, ipv4: ["192.0.2.1"] }, other] };
    want({ hosts: [many, other] });
    await up();
    const refusals: [Parameters<typeof want>[0], string][] = [
      [fewer, "mx1.example.com A loses 2 of the domain's 4 addresses, more than a third; set allowLargeChange"],
      [{ hosts: [many] }, "example.com MX loses 1 of the domain's 2 mail hosts"],
    ];
    for (const [args, words] of refusals) {
      want(args);
      const refused = await stack.preview();
      expect(refused.status).not.toBe(0);
      expect(said(refused)).toContain(words);
    }
    want({ ...fewer, allowLargeChange: true });
    expect((await up()).changes).toContain("UPSERT mx1.example.com A");
  });

  test("the last of a domain's mail and addresses is protected until a large change is meant", async () => {
    want();
    await up();
    const kept = await stack.destroy();
    expect(kept.status).not.toBe(0);
    expect(said(kept)).toContain("protected");
    expect(readFileSync(log, "utf8")).not.toContain("DELETE");
    want({ allowLargeChange: true });
    expect((await up()).changes).toEqual([]);
    expect((await stack.destroy()).status).toBe(0);
    expect(await moto.records(zoneId)).toEqual([]);
  });
});
