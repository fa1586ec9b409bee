// `mailhost report HOST…` from the operator's machine: a host with a probe and a real login, and one that does not answer.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";
import { checkout } from "../lab/places.ts";
import { type Result, until } from "../lab/run.ts";
import { ACCOUNT, SmtpClient } from "../lab/smtp.ts";
import { ProbeBench } from "./probeBench.ts";

let lab: Lab;
let bench: ProbeBench;

beforeAll(async () => {
  lab = await Lab.open();
  bench = new ProbeBench(await lab.boot({ kind: "lived-in" }));
  await bench.prepare();
});
afterAll(() => lab.close());

/** The built command line in the lab, with nothing of this machine's own ssh configuration. */
function report(...words: string[]): Promise<Result> {
  const { address, hostKey, keys, dir } = bench.host;
  const known = join(dir, "known");
  const ssh = [
    "IdentitiesOnly=yes",
    `IdentityFile=${keys.ed25519}`,
    "ConnectTimeout=3",
    "GlobalKnownHostsFile=none",
    `UserKnownHostsFile=${known}`,
  ].flatMap((option) => ["-o", option]);
  const argv = [process.execPath, join(checkout, "dist/cli/main.js"), "report", ...words, ...ssh];
  const script = 'printf "%s\\n" "$2" >"$1"; shift 2; exec "$@"';
  return lab.run(["sh", "-c", script, "-", known, `${address} ${hostKey}`, ...argv]);
}

test("a host without a probe has not enough evidence, and says so", async () => {
  const { status, stdout, stderr } = await report(`root@${bench.host.address}`);
  expect({ status, stderr }).toEqual({ status: 4, stderr: "" });
  expect(stdout).toMatch(/^ {2}why {7}.*\n {2}covered {3}nothing was covered$/m);
  expect(stdout).toContain("  probe     unverified: no rule;");
});

test("a login is in the report, and a host that can't be asked does not hide the others", async () => {
  await bench.apply();
  await bench.stopTimer();
  const client = await SmtpClient.connect(bench.host, { port: 465, tls: "wrapper", login: ACCOUNT });
  // Only with a recipient does Postfix log the account.
  await client.command(`MAIL FROM:<${ACCOUNT.user}>`, 250);
  await client.command("RCPT TO:<user@lab.test>", 250);
  await client.quit();
  const name = `deploy@${bench.host.address}`;
  await until("the login's line in the log", async () => {
    const { stdout } = await report(name, "--sudo");
    return stdout.includes(ACCOUNT.user) || undefined;
  });
  const words = [name, "root@127.0.0.1", "--sudo", "--json", "--days", "30"];
  const { stdout, status, stderr } = await report(...words);
  const why = "ssh: connect to host 127.0.0.1 port 22: Connection refused";
  expect({ status, stderr }).toEqual({ status: 1, stderr: `root@127.0.0.1: error: ${why}\n` });
  const network = `${bench.host.clientAddress.replace(/\.\d+$/, ".0")}/24`;
  const { hosts } = JSON.parse(stdout);
  expect(hosts).toMatchObject([
    {
      host: name,
      verdict: { word: "keep", sentence: expect.stringContaining("RFC 8314") },
      listener: "postfix",
      users: [{ account: ACCOUNT.user, networks: [network], sessions: 1 }],
    },
    { host: "root@127.0.0.1", error: why },
  ]);
  expect(hosts[0].history).toHaveLength(31);
  expect(hosts[0].history.at(-1)).toMatchObject({ logins: 1 });
});

test("a knock from the operator's machine is seen by the counter, and by the log where the kernel writes one", async () => {
  const { status, stdout, stderr } = await report(`root@${bench.host.address}`, "--knock");
  expect({ status, stderr }).toEqual({ status: 3, stderr: "" });
  // Here the kernel drops the line.
  expect(stdout).toContain(
    `  knock     3 connections from here to ${bench.host.address} port 465; the counter saw all, the log saw none\n`,
  );
  expect(stdout).toContain("the rule counts but the kernel logs nothing, as in a container");
  await bench.host.must("iptables -I INPUT -p tcp --dport 465 -j REJECT --reject-with tcp-reset");
  const filtered = await report(`root@${bench.host.address}`, "--knock");
  expect(filtered.stdout).toContain("port 465 (ECONNREFUSED); the counter saw none, the log saw none\n");
});

test.each([
  ["a login that is not root", ["deploy"], "deploy is not root; use --sudo or --doas"],
  ["a sudo that asks", ["locked", "--sudo"], "locked needs NOPASSWD in sudoers"],
])("names %s", async (_, [user, ...words], why) => {
  const name = `${user}@${bench.host.address}`;
  const { status, stdout, stderr } = await report(name, ...words);
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: `${name}: not asked: ${why}\n`,
    stderr: `${name}: error: ${why}\n`,
  });
});

// Its sshd takes the connection and then does nothing more, as on a host whose disk hangs.
test("gives up a host that falls silent, as soon as ssh is told to", async () => {
  const freeze = "until pkill -STOP -f '[s]shd(-session)?: root@notty'; do sleep 0.02; done";
  const frozen = bench.host.must(freeze);
  try {
    const name = `root@${bench.host.address}`;
    const started = Date.now();
    const { status, stderr } = await report(name, "-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2");
    expect(status).toBe(1);
    // By whether the program had begun there when all stood still.
    const why = `(the connection was lost; what was under way ends by itself.*|Timeout, server ${bench.host.address} not responding\\.)`;
    expect(stderr).toMatch(new RegExp(`^${name}: error: ${why}\n$`));
    expect(Date.now() - started).toBeLessThan(15_000);
  } finally {
    await frozen;
    await bench.host.exec("pkill -KILL -f '[s]shd(-session)?: root@notty'");
  }
});
