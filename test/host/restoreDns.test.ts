// A restore on a host from which records are published: they stay, and with them all that their own destroy needs.
import { expect, test } from "vitest";
import { keySecrets, lookup } from "../lab/bind.ts";
import { useDnsBench } from "./dnsBench.ts";

const bench = useDnsBench();
const restore = (verb: string) => bench.run(verb, "");

test("records stay, their keys' secrets too, and the component can still be destroyed", async () => {
  const domain = await bench.domain();
  const owner = `org/proj/dev/mailhost:index:MailDns/${domain}`;
  const zone = `zone ${domain}. server 127.0.0.1 port 53 key lab-key. hmac-sha256`;
  const lines = [zone, `record mx1.${domain}. 3600 A 10.77.1.9`];
  for (const name of [owner, "org/proj/dev/mailhost:index:PostfixHardening/gone"])
    await bench.host.must(
      `printf 'owner %s\\nkey lab-key. %s\\n' '${name}' ${keySecrets.lab} | sh /usr/local/sbin/mailhost secrets mx1`,
    );
  await bench.apply(domain, ...lines);

  const stays = `mx1: ${owner} publishes records of ${domain}. from here; they stay, with what it needs to remove them\n`;
  const nothing = "mx1: nothing to give back; there is no ledger here\n";
  expect(await restore("restore-plan")).toMatchObject({ status: 0, stdout: stays, stderr: nothing });
  expect(await restore("restore")).toMatchObject({ status: 0, stdout: "", stderr: nothing + stays });
  expect((await bench.host.must("ls /var/lib/mailhost/secrets")).trim().split("\n")).toHaveLength(1);
  expect(await lookup(bench.host, `mx1.${domain}`, "A")).toEqual(["10.77.1.9"]);

  await bench.remove(domain, ...lines);
  expect(await lookup(bench.host, `mx1.${domain}`, "A")).toEqual([]);
  expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
});
