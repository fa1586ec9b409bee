// `mailhost report --ipv6` on real hosts: mail over both families, some of it refused, as Postfix logs it.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { checkout } from "../lab/places.ts";
import { until } from "../lab/run.ts";
import { SmtpClient, sendMail } from "../lab/smtp.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(() => lab.close());

async function report(host: Host, ...words: string[]) {
  const known = join(host.dir, "known");
  const options = [
    "IdentitiesOnly=yes",
    `IdentityFile=${host.keys.ed25519}`,
    "GlobalKnownHostsFile=none",
    `UserKnownHostsFile=${known}`,
  ];
  const argv = [
    process.execPath,
    join(checkout, "dist/cli/main.js"),
    "report",
    `root@${host.address}`,
    "--ipv6",
    ...words,
    ...options.flatMap((option) => ["-o", option]),
  ];
  const script = 'printf "%s\\n" "$2" >"$1"; shift 2; exec "$@"';
  return lab.run(["sh", "-c", script, "-", known, `${host.address} ${host.hostKey}`, ...argv]);
}

async function refused(host: Host, address: string): Promise<void> {
  const client = await SmtpClient.connect(host, { address });
  await client.command("MAIL FROM:<a@client.test>", 250);
  await client.command("RCPT TO:<no-such-user@lab.test>", 550);
  await client.quit();
}

test.each([
  ["a stock one, with its mailboxes by local", "bookworm", "stock"],
  ["a lived-in one, with a content filter and mailboxes by LMTP", "bookworm", "lived-in"],
  ["an old one, with stamps without a year", "bullseye", "stock"],
] as const)("%s", async (_, suite, kind) => {
  const host = await lab.boot({ suite, kind });
  await sendMail(host, { id: "four" });
  for (const id of ["six", "seven"]) await sendMail(host, { id }, { address: host.address6 });
  await refused(host, host.address6);
  const day = new Date().toISOString().slice(0, 10);
  const today = await until("all lines in the log", async () => {
    const { status, stdout, stderr } = await report(host, "--json", "--days", "2");
    if (status !== 0) throw new Error(stderr);
    const { hosts } = JSON.parse(stdout);
    const { domains } = hosts[0];
    return domains[0]?.accepted.ipv6 === 2 && domains[0].accepted.ipv4 === 1 && domains[0].rejected.ipv6 === 1
      ? hosts[0]
      : undefined;
  });
  expect(today.domains).toEqual([
    {
      domain: "lab.test",
      accepted: { ipv4: 1, ipv6: 2 },
      deferred: { ipv4: 0, ipv6: 0 },
      rejected: { ipv4: 0, ipv6: 1 },
      firstIpv6: expect.any(String),
    },
  ]);
  // The host is asked for its banner while it boots, also over IPv4.
  const ipv6 = today.history.reduce(
    (sum: number, { connections }: { connections: { ipv6: number } }) => sum + connections.ipv6,
    0,
  );
  expect(ipv6).toBe(3);
  const { stdout } = await report(host, "--days", "1", "--wave", day);
  expect(stdout).toMatch(new RegExp(`^  ${day}\\*? .* <- wave published$`, "m"));
  expect(await host.must("ls -ld /var/lib/mailhost/evidence/flow | cut -c1-10")).toBe("drwxr-x---\n");
});
