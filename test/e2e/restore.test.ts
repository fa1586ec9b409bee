// `mailhost restore HOST`, months after the stack is gone: only the host still knows what was there.
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { User } from "../lab/host.ts";
import { checkout } from "../lab/places.ts";
import type { Result } from "../lab/run.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { directory, ours } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
const helo = { name: "helo", args: { tls: {}, settings: { smtpd_helo_required: "yes" } } };
let original: string;
let hardened: string;

interface Call {
  user?: User;
  host?: string;
  /** What stands in the file of known hosts; default: the host with its key. */
  known?: string;
}

/** The built command line in the lab, with nothing of this machine's own ssh configuration. */
function mailhost(words: string[], { user = "root", host, known }: Call = {}): Promise<Result> {
  const { address, hostKey, keys, dir } = site().host;
  const options = [
    "IdentitiesOnly=yes",
    `IdentityFile=${keys.ed25519}`,
    "ConnectTimeout=5",
    "GlobalKnownHostsFile=none",
  ];
  const file = join(dir, `known-${user}`);
  const argv = [
    process.execPath,
    join(checkout, "dist/cli/main.js"),
    "restore",
    host ?? `${user}@${address}`,
    ...words,
  ];
  const ssh = [...options, `UserKnownHostsFile=${file}`].flatMap((option) => ["-o", option]);
  const script = 'printf "%s\\n" "$2" >"$1"; shift 2; exec "$@"';
  return site().lab.run(["sh", "-c", script, "-", file, known ?? `${address} ${hostKey}`, ...argv, ...ssh]);
}

beforeAll(async () => {
  const { host } = site();
  original = await directory(host);
  const components = await site().components();
  await components.want({ args: {} }, helo).up();
  await components.destroy();
  hardened = await directory(host);
  expect(hardened).not.toBe(original);
});

test("without --yes it shows what goes back, and changes nothing", async () => {
  const { status, stdout, stderr } = await mailhost([]);
  const name = `root@${site().host.address}`;
  expect({ status, stderr }).toEqual({
    status: 4,
    stderr: `${name}: nothing was changed; add --yes to give all of this back\n`,
  });
  expect(stdout.split("\n")).toEqual(
    expect.arrayContaining([
      `${name}: would give back main.cf smtpd_helo_required: yes -> (unset)`,
      `${name}: would give back main.cf smtpd_tls_protocols: >=TLSv1.2 -> (unset)`,
      `${name}: main.cf in /etc/postfix comes back whole, as it was before the first change`,
    ]),
  );
  expect(await directory(site().host)).toBe(hardened);
});

test.each<[string, string[], Call, number, RegExp]>([
  [
    "a key that ssh does not know",
    ["--yes"],
    { known: "" },
    1,
    /Host key verification failed\.\nroot@10\.77\.1\.2: error: no command could be run there by ssh; nothing was done\./,
  ],
  [
    "a host that does not answer",
    ["--yes"],
    { host: "root@10.77.1.99" },
    1,
    /ssh: connect to host 10\.77\.1\.99 port 22: .*\nroot@10\.77\.1\.99: error: no command could be run there/,
  ],
  [
    "a login that is not root",
    ["--yes"],
    { user: "deploy" },
    1,
    /: error: deploy is not root; use --sudo or --doas\n$/,
  ],
  ["a sudo that asks", ["--yes", "--sudo"], { user: "locked" }, 1, /: error: locked needs NOPASSWD in sudoers\n$/],
  ["a host that is an option", ["--yes"], { host: "-oProxyCommand=touch /tmp/pwned" }, 2, /^mailhost: error: /],
  ["a host that a shell would read", ["--yes"], { host: "mx1;touch /tmp/pwned" }, 2, /^mailhost: error: HOST is /],
])("refuses %s", async (_, words, call, expected, error) => {
  const { status, stdout, stderr } = await mailhost(words, call);
  expect({ status, stdout }).toEqual({ status: expected, stdout: "" });
  expect(stderr).toMatch(error);
  expect(await directory(site().host)).toBe(hardened);
});

test("with --yes all is as it was, and a second time there is nothing to give back", async () => {
  const { host } = site();
  const done = await mailhost(["--yes", "--sudo"], { user: "deploy" });
  expect(done.status, done.stderr).toBe(0);
  expect(done.stderr).toContain(`deploy@${host.address}: give back main.cf smtpd_helo_required: yes -> (unset)\n`);
  expect(done.stderr).toContain(`deploy@${host.address}: verified by handshakes with every listener\n`);
  expect(done.stdout).toMatch(/Postfix 3\.7\.\d+: smtp\/inet on port 25 accepts TLSv1, TLSv1\.1, TLSv1\.2, TLSv1\.3\n/);
  expect(await directory(host)).toBe(original);
  expect(await ours(host)).toEqual([]);
  expect((await acceptedVersions(host))[0]).toBe("TLSv1");
  expect(await mailhost([])).toMatchObject({ status: 0, stdout: "" });
});
