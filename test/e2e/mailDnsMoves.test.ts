// Who published the records, and from where: another machine, and another name of the stack.
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import type { MailDnsArgs } from "../../src/index.ts";
import { keySecrets, zoneRecords } from "../lab/bind.ts";
import type { Host } from "../lab/host.ts";
import type { Program } from "../lab/program.ts";
import type { Stack } from "../lab/stack.ts";
import { mustWork } from "./components.ts";
import { said } from "./site.ts";
import { useSite } from "./useSite.ts";

const site = useSite({ kind: "bind" });
let program: Program;
let stack: Stack;

beforeAll(async () => {
  program = site().program("mailDns");
  stack = await site().stackOf(program);
});

function want(from: Host, args: Partial<MailDnsArgs> = {}): void {
  const { address, hostKey, keys } = from;
  const rfc2136 = {
    connection: { host: address, hostKey, privateKey: readFileSync(keys.ed25519, "utf8") },
    server: site().host.address,
    key: { name: "Lab-Key", secret: keySecrets.lab },
  };
  const hosts = [{ name: "mx1.lab.test", preference: 10, ipv4: [site().host.address] }];
  const whole = { domain: "lab.test", hosts, allowSpecialPurposeAddresses: true, rfc2136, ...args };
  program.write("wanted.json", JSON.stringify([{ name: "mail", args: whole }]));
}

const zone = () => zoneRecords(site().host, "lab.test");

test("another machine takes over what the zone has, when asked, and says what the former one keeps", async () => {
  const { host, lab } = site();
  const other = await lab.boot({ kind: "bind" });
  const before = await zone();
  want(host);
  mustWork(await stack.up());
  const published = await zone();

  want(other);
  const refused = await stack.preview();
  expect(refused.status).not.toBe(0);
  expect(said(refused)).toContain(
    `lab.test: rfc2136.connection.host was "${host.address}", which alone knows what it published; to go on from another machine, set adopt for the next up`,
  );
  expect((await other.exec("test -e /var/lib/mailhost")).status).toBe(1);

  want(other, { adopt: true });
  const preview = said(mustWork(await stack.preview()));
  const [, command = ""] =
    /afterwards remove on 10\.77\.1\.2 what is kept there: (rm -f .*) \(moved\)/.exec(preview) ?? [];
  expect(preview.split("Diagnostics:")[1]?.match(/\(moved\)/g)).toHaveLength(1);
  mustWork(await stack.up());
  const files = command.replace("rm -f ", "ls ");
  expect((await host.must(files)).trim().split("\n")).toHaveLength(2);
  await host.must(command);
  expect((await host.exec("grep -r . /var/lib/mailhost/dns /var/lib/mailhost/secrets")).status).toBe(1);
  expect(await zone()).toEqual(published);

  want(other, { allowLargeChange: true });
  mustWork(await stack.up());
  await stack.rename("live");
  const forgotten = await stack.preview();
  expect(forgotten.status).not.toBe(0);
  const former = "organization/mail-dns/dev/mailhost:index:MailDns/mail";
  expect(said(forgotten)).toContain(`formerly is without "${former}"`);
  want(other, { allowLargeChange: true, formerly: [former] });
  mustWork(await stack.up());
  expect(await zone()).toEqual(published);
  mustWork(await stack.destroy());
  expect(await zone()).toEqual(before);
  expect((await other.exec("test -e /var/lib/mailhost")).status).toBe(1);
});
