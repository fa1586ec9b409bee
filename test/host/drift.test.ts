// What an audit says of each difference: what it is, who holds it, whether someone else made it, and between which seconds.
import { describe, expect, test } from "vitest";
import { type Outcome, useBench } from "./bench.ts";
import { OWNER, policy } from "./policies.ts";

interface Difference {
  file: string;
  name: string;
  from: string | null;
  to: string | null;
  owners: string[];
  edited: boolean | null;
  after: string | null;
  until: string | null;
}

const other = `${OWNER.slice(0, -2)}other`;
const SET = "set smtpd_helo_required = yes";
const OPTION = "option smtp/inet smtpd_timeout = 200s";
const differences = ({ stdout }: Outcome): Difference[] => JSON.parse(stdout).changes;

describe("bookworm", () => {
  const bench = useBench({});
  const edit = (command: string): Promise<string> => bench.host.must(`cd /etc/postfix && ${command}`);
  const audit = (...lines: string[]): Promise<Outcome> => bench.run("audit", policy(...lines));

  test("what no component ever put there is held by none, and nobody's edit", async () => {
    const outcome = await audit(SET);
    expect(outcome.status).toBe(4);
    expect(differences(outcome)).toEqual([
      {
        file: "main.cf",
        name: "smtpd_helo_required",
        from: null,
        to: "yes",
        owners: [],
        edited: false,
        after: null,
        until: null,
      },
    ]);
    expect(outcome.stderr).toBe("mx1: differs main.cf smtpd_helo_required: (unset) -> yes; held by no component yet\n");
  });

  test("an edit of what we wrote is told with its holders and its time; a policy that is newer than the host is none", async () => {
    await bench.apply(SET, OPTION);
    await bench.apply(`owner ${other}`, SET);
    await edit("touch -d 2026-01-01T00:00:00Z /var/lib/mailhost/ledger/*/*.sha256");
    await edit(
      "sed -i 's/^smtpd_helo_required.*/smtpd_helo_required = no/' main.cf && touch -d 2026-01-02T03:04:05Z main.cf",
    );
    const outcome = await audit(SET, "option smtp/inet smtpd_timeout = 300s");
    expect(differences(outcome)).toEqual([
      {
        file: "main.cf",
        name: "smtpd_helo_required",
        from: "no",
        to: "yes",
        owners: [OWNER, other],
        edited: true,
        after: "2026-01-01T00:00:00Z",
        until: "2026-01-02T03:04:05Z",
      },
      {
        file: "master.cf",
        name: "smtp/inet:smtpd_timeout",
        from: "200s",
        to: "300s",
        owners: [OWNER],
        edited: false,
        after: null,
        until: null,
      },
    ]);
    expect(outcome.stderr).toContain(
      `smtpd_helo_required: no -> yes; someone else changed it between 2026-01-01T00:00:00Z and 2026-01-02T03:04:05Z; held by ${OWNER}, ${other}\n`,
    );
  });

  test("what two components share is put back for both by a repair of either", async () => {
    await bench.apply(SET);
    await bench.apply(`owner ${other}`, SET);
    await edit("postconf -e smtpd_helo_required=no && postfix reload");
    expect(await bench.refused(policy("set smtpd_helo_required = maybe", "repair 1"))).toContain(`belongs to ${other}`);
    expect((await bench.apply(SET, "repair 1")).changed).toBe(true);
    expect((await audit(`owner ${other}`, SET)).status).toBe(0);
  });

  test("a file's time from before our own write says nothing", async () => {
    await bench.apply(SET);
    await edit(
      "sed -i 's/^smtpd_helo_required.*/smtpd_helo_required = no/' main.cf && touch -d 2020-01-01T00:00:00Z main.cf",
    );
    expect(differences(await audit(SET))).toMatchObject([{ edited: true, after: expect.any(String), until: null }]);
  });

  test("what was found as wanted, and differs now, may be the policy's doing or someone's", async () => {
    await edit("postconf -e smtpd_helo_required=yes");
    await bench.apply(SET, "set mail_name = Mail");
    await edit("postconf -e smtpd_helo_required=no");
    expect(differences(await audit(SET, "set mail_name = Mail"))).toMatchObject([
      { name: "smtpd_helo_required", owners: [OWNER], edited: null },
    ]);
  });

  test("a repair says whose edit it takes back before it does, and leaves every edit that is not ours", async () => {
    await bench.apply(SET);
    await edit("postconf -e smtpd_helo_required=no mail_name=theirs && postfix reload");
    const plan = await bench.run("plan", policy(SET, "repair 1"));
    expect(plan.stderr).toMatch(
      /would change main\.cf smtpd_helo_required: no -> yes; someone else changed it (between|after) 2\S+Z/,
    );
    expect(differences(plan)).toMatchObject([{ name: "smtpd_helo_required", edited: true }]);
    const { story, changes } = await bench.apply(SET, "repair 1");
    const shown = story.indexOf("change main.cf smtpd_helo_required: no -> yes; someone else changed it ");
    expect(shown).toBeGreaterThan(-1);
    expect(shown).toBeLessThan(story.indexOf("committing"));
    expect(changes.map(({ name }) => name)).toEqual(["smtpd_helo_required"]);
    expect(await bench.postconf("mail_name")).toBe("theirs");
  });

  test("every difference is in the answer, however many there are", async () => {
    const lines = Array.from({ length: 60 }, (_, at) => `set parameter_of_mine_${at} = ${"x".repeat(60)}`);
    const all = [...lines, `set smtpd_banner = ${lines.map((_, at) => `$parameter_of_mine_${at}`).join(" ")}`];
    const outcome = await audit(...all);
    expect(differences(outcome)).toHaveLength(61);
    expect(JSON.parse(outcome.stdout).omitted).toBe(0);
  });

  test("a probe that is not there, or not as wanted, is named with its holder", async () => {
    const probe = (prefix: string): string =>
      [
        "policy   1",
        `owner    ${OWNER.replace("PostfixHardening", "Smtps465Probe")}`,
        "probe    tcp 465",
        "chain    INPUT",
        "source   1024:65535",
        `log      debug ${prefix}: |`,
        "rate     60/minute burst 60",
        "backend  auto",
        "persist  yes",
        "networks 24 48",
        "retain   400",
        "destroy  remove",
        "",
      ].join("\n");
    const missing = await bench.run("audit", probe("A"));
    expect(missing).toMatchObject({ status: 4 });
    expect(missing.last).toMatch(/^mx1: differs packet filter port 465: .*; held by no component yet$/);
    expect(JSON.parse(missing.stdout)).toMatchObject({ protocol: 1, changed: true, port: 465 });
    expect((await bench.run("apply", probe("A"))).status).toBe(0);
    const holds = await bench.run("audit", probe("A"));
    expect(holds.status).toBe(0);
    expect(JSON.parse(holds.stdout)).toMatchObject({ changed: false, port: 465 });
    expect((await bench.run("audit", probe("B"))).last).toMatch(
      /; held by org\/proj\/dev\/mailhost:index:Smtps465Probe\/mx, put there at 2\S+Z$/,
    );
    expect((await bench.run("remove", probe("A"))).status).toBe(0);
  });
});
