// `mailhost audit` and `mailhost plan` on a real host: what differs, who holds it, since when; and nothing written.
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Outcome } from "../../src/cli/compare/outcome.ts";
import type { Result } from "../lab/run.ts";
import { addAuditor, asAuditor } from "./auditor.ts";
import { type Call, compareOn } from "./compareCalls.ts";
import type { Components } from "./components.ts";
import { said } from "./site.ts";
import { directory, ours } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
const settings = { smtpd_helo_required: "yes", mail_name: "Mail" };
const wanted = { args: { tls: { incoming: {} }, settings } };
const owner = "organization/components/dev/mailhost:index:PostfixHardening/mx";
let components: Components;
let original: string;

const mailhost = (call: Call): Promise<Result> => compareOn(site(), call);
const outcomes = ({ stdout }: Result): Outcome[] => JSON.parse(stdout);
const edit = (command: string) => site().host.must(`cd /etc/postfix && ${command} && postfix reload`);
const raised = (repair: number) => ({ args: { ...wanted.args, repair } });

beforeAll(async () => {
  original = await directory(site().host);
  components = await site().components();
});

describe("a host that knows nothing of us", () => {
  const root = () => `root@${site().host.address}`;

  test("is told what a component would do, with nothing written there", async () => {
    const { status, stdout, stderr } = await mailhost({ words: ["plan", root()] });
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout.split("\n")[0]).toBe(`${root()}: would change`);
    expect(stdout).toContain("  main.cf smtpd_tls_protocols: (unset) -> >=TLSv1.2\n");
    expect(await directory(site().host)).toBe(original);
    expect(await ours(site().host)).toEqual([]);
  });

  test("is told what a policy would do that someone wrote by hand, by any login", async () => {
    const policy = "# no owner, no order\nset smtpd_helo_required = yes\n\ntls incoming >= TLSv1.3\nempty  mail_name\n";
    const words = ["plan", `deploy@${site().host.address}`, "--policy", "-", "--sudo", "--json"];
    const result = await mailhost({ words, policy });
    expect(result.status).toBe(1);
    expect(outcomes(result)[0]?.differences.map(({ name, is, wanted }) => [name, is, wanted])).toEqual(
      expect.arrayContaining([
        ["smtpd_helo_required", null, "yes"],
        ["mail_name", null, ""],
        ["smtpd_tls_protocols", null, ">=TLSv1.3"],
      ]),
    );
    expect(await ours(site().host)).toEqual([]);
  });

  test("says why where it can't be done, and what is no policy is refused before anything is asked", async () => {
    const refused = await mailhost({
      words: ["plan", root(), "--policy", "-"],
      policy: "service nosuch/inet enable\n",
    });
    expect(refused.status).toBe(3);
    expect(said(refused)).toMatch(/: refused\n {2}services: nosuch\/inet is in .* neither as an entry nor/);
    const login = await mailhost({
      words: ["audit", `deploy@${site().host.address}`, "--policy", "-"],
      policy: "set a = b",
    });
    expect(login.status).toBe(3);
    expect(said(login)).toContain("deploy is not root; use --sudo or --doas");
    const nobody = await mailhost({ words: ["plan", "root@10.77.1.99"] });
    expect(nobody.status).toBe(3);
    expect(nobody.stderr).toMatch(/^root@10\.77\.1\.99: error: .*10\.77\.1\.99 port 22/);
    const nonsense = await mailhost({ words: ["plan", root(), "--policy", "-"], policy: "set a = b\nlet it be\n" });
    expect(nonsense.status).toBe(2);
    expect(nonsense.stderr).toContain('- line 2 is "let it be", which is no line of a policy');
  });
});

describe("the hosts of a stack", () => {
  const audit = (...words: string[]) =>
    mailhost({ words: ["audit", "--stack", "dev", ...words], stack: components.stack });
  const plan = (...words: string[]) =>
    mailhost({ words: ["plan", "--stack", "dev", ...words], stack: components.stack });

  beforeEach(async () => {
    await components.want(wanted).up();
  });

  test("are as wanted after up, and need no output for that", async () => {
    const { status, stdout, stderr } = await audit();
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe(`root@${site().host.address}: as wanted: ${owner}\n`);
    const report = await mailhost({ words: ["report", "--stack", "dev", "--csv"], stack: components.stack });
    expect(report, said(report)).toMatchObject({ status: 4, stdout: expect.stringContaining(site().host.address) });
  });

  test("a manual edit is shown with its time, by a plan as well, and a raised repair takes back only what is ours", async () => {
    const before = await directory(site().host);
    await edit("postconf -e smtpd_helo_required=no myorigin=theirs.example.com");
    const text = await audit();
    expect(text.status).toBe(1);
    expect(text.stdout).toMatch(
      /^ {2}main\.cf smtpd_helo_required: no -> yes; someone else changed it (between \S+Z and \S+Z|after \S+Z)$/m,
    );
    expect(outcomes(await audit("--json"))).toMatchObject([
      { standing: "differs", owner, differences: [{ name: "smtpd_helo_required", edited: true, owners: [owner] }] },
    ]);
    const shown = await plan();
    expect(shown.status).toBe(1);
    expect(shown.stdout).toContain("smtpd_helo_required: no -> yes; someone else changed it");

    const preview = said(await components.want(raised(1)).stack.preview({ diff: true }));
    expect(preview).toMatch(/^ +\+ repair {3}1$/m);
    const up = said(await components.up());
    expect(up).toMatch(/change main\.cf smtpd_helo_required: no -> yes; someone else changed it/);
    expect((await site().host.must("postconf -h smtpd_helo_required myorigin")).trim()).toBe("yes\ntheirs.example.com");
    expect((await audit()).status).toBe(0);
    await edit("sed -i 's/^myorigin.*/myorigin = \\/etc\\/mailname/' main.cf");
    expect(await directory(site().host)).toBe(before);
  });

  test("are asked although another one's first up did not finish, of which what was applied counts, and the rest is not known", async () => {
    const { host } = site();
    const down = { name: "down", args: { connection: { privateKey: site().key(), port: 26, dialErrorLimit: 0 } } };
    const incoming = { minimumVersion: "TLSv1.3", refuseOldPeers: true, onlyIfUnusedForDays: 30 } as const;
    const refused = { name: "refused", args: { tls: { incoming }, connection: { privateKey: site().key() } } };
    const up = await components.want(wanted, down, refused).stack.up({ args: ["--continue-on-error"] });
    expect(up.status, said(up)).not.toBe(0);
    expect(said(up)).toContain(`error: ${host.address}: the floor of incoming stays as it is: `);

    const { status, stdout, stderr } = await audit();
    const nothing = "nothing of it was applied yet; its first up did not finish";
    expect({ status, stderr }).toEqual({ status: 3, stderr: `ssh://root@${host.address}:26: error: ${nothing}\n` });
    expect(stdout.split("\n").filter((line) => !line.startsWith("  warning: "))).toEqual([
      `root@${host.address}: as wanted: ${owner}`,
      `root@${host.address}: as wanted: ${owner.replace(/mx$/, "refused")}`,
      `ssh://root@${host.address}:26: not known: urn:pulumi:dev::components::mailhost:index:PostfixHardening::down`,
      `  ${nothing}`,
      "",
    ]);
    const report = await mailhost({ words: ["report", "--stack", "dev", "--csv"], stack: components.stack });
    expect(report.status, said(report)).toBe(1);
    expect(report.stdout).toMatch(new RegExp(`^root@${host.address},465,not enough evidence,`, "m"));
    expect(report.stdout).toMatch(new RegExp(`^ssh://root@${host.address}:26,,not asked,`, "m"));
  });

  test("may have an IPv6 address, which the real ssh takes in no URI, from a stack and by hand", async () => {
    const { address6 } = site().host;
    const named = `ssh://root@[${address6}]:22`;
    const connection = { host: address6, privateKey: site().key() };
    await components.want({ args: { ...wanted.args, connection } }).up();
    expect(await audit()).toMatchObject({ status: 0, stderr: "", stdout: `${named}: as wanted: ${owner}\n` });
    expect((await mailhost({ words: ["plan", named] })).stdout).toMatch(/^ssh:.*: would change\n/);
    const report = await mailhost({ words: ["report", "--stack", "dev", "--knock"], stack: components.stack });
    expect(report.status, said(report)).toBe(4);
    expect(report.stdout).toContain(`3 connections from here to ${address6} port 465`);
    const closed = await mailhost({ words: ["restore", `ssh://root@[${address6}]:26`] });
    expect(closed.status).toBe(1);
    expect(closed.stderr).toContain(`"ssh -p 26 root@${address6} true" must work without a question`);
  });

  test("a stack that is not there, or has no component of ours, is no clean bill", async () => {
    const none = await mailhost({ words: ["audit", "--stack", "none"], stack: components.stack });
    expect(none.status).toBe(3);
    expect(none.stderr).toMatch(/^mailhost: error: the state of stack none can't be read: .*no stack named/);
    const empty = await site().stackOf(site().program("components"));
    const nothing = await mailhost({ words: ["audit", "--stack", "dev"], stack: empty });
    expect(nothing.status).toBe(3);
    expect(nothing.stderr).toContain("stack dev has no component of mailhost that was applied");
  });

  test("are audited with the key that may do nothing else", async () => {
    const { host } = site();
    await addAuditor(host);
    expect(await audit(...asAuditor)).toMatchObject({ status: 0, stderr: "" });
    await edit("postconf -e smtpd_helo_required=no");
    const differs = await audit(...asAuditor);
    expect(differs.status).toBe(1);
    expect(differs.stdout).toContain("smtpd_helo_required: no -> yes; someone else changed it");
    // What it asks for with another verb is an audit all the same.
    const planned = await plan(...asAuditor);
    expect(planned.status).toBe(3);
    await host.must("rm /usr/local/sbin/mailhost");
    const missing = await audit(...asAuditor);
    expect(missing.status).toBe(3);
    expect(missing.stderr).toMatch(/: error: sudo: .*\n/);
    await components.want(raised(2)).up();
  });
});
