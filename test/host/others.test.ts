// Others write the same files while a run is at work: whatever the moment, nobody's edit is lost.
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { banner } from "../lab/smtp.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { disturbed, find, installGate, type Step, trace } from "./gate.ts";
import { policy } from "./policies.ts";

const LINES = ["tls incoming >= TLSv1.2", "option smtp/inet smtpd_helo_required = yes"];
const bench = useBench({});
let steps: Step[];

beforeAll(async () => {
  await installGate(bench);
  steps = await trace(bench, "apply", policy(...LINES));
  await bench.remove(...LINES);
});

const apply = (text: string, what: string) =>
  disturbed(bench, "apply", policy(...LINES), find(steps, text), `{ ${what}; } >/dev/null 2>&1 7>&- 8>&- 9>&-`);

/** Both hold in the end, and restoring leaves the other's edit alone. */
async function bothHold(edit: RegExp): Promise<void> {
  await bench.apply(...LINES);
  expect(await bench.host.read("/etc/postfix/main.cf")).toMatch(edit);
  expect(await acceptedVersions(bench.host)).toEqual(["TLSv1.2", "TLSv1.3"]);
  await bench.remove(...LINES);
  expect(await bench.host.read("/etc/postfix/main.cf")).toMatch(edit);
  expect(await acceptedVersions(bench.host)).toHaveLength(4);
  expect(await banner(bench.host)).toMatch(/^220 /);
}

test.each([
  ["before the journal", "write_journal", 1],
  ["before the lock", "lock_postconf", 1],
  // From here postconf waits, and edits the new file.
  ["just before the check", "as_read", 0],
  ["between the two renames", 'mv -f "$1.mailhost" "$1"', 0],
  ["before the reload", "activate", 0],
  ["before the proof", "verify", 0],
  ["before the ledger", "build_ledger", 0],
  ["while it is put in its place", "place_receipt", 0],
])("postconf -e %s", async (_, text, status) => {
  const edit = "postconf -e message_size_limit=12345678";
  const waits = ["as_read", 'mv -f "$1.mailhost" "$1"'].includes(text);
  const run = await apply(text, waits ? `setsid ${edit} & true` : edit);
  expect(run.status, run.stderr).toBe(status);
  if (status === 1) {
    expect(run.last).toMatch(
      /\/etc\/postfix was changed by someone else in the meantime; nothing was done. Run again$/,
    );
    expect(await bench.host.read("/etc/postfix/main.cf")).not.toContain("TLSv1.2");
  }
  await bench.host.must(
    "until flock /etc/postfix/main.cf true; do :; done; while pgrep -x postconf; do sleep 0.05; done",
  );
  await bothHold(/^message_size_limit = 12345678$/m);
});

test.each([
  ["a mode", "chmod 640 /etc/postfix/master.cf", "stat -c %a /etc/postfix/master.cf", "640"],
  ["an owner", "chgrp postfix /etc/postfix/main.cf", "stat -c %G /etc/postfix/main.cf", "postfix"],
])("%s that changes just before the commit stays", async (_, change, look, expected) => {
  const run = await apply("as_read", change);
  expect(run.status, run.stderr).toBe(1);
  expect(run.last).toMatch(/changed by someone else in the meantime/);
  await bench.apply(...LINES);
  expect((await bench.host.must(look)).trim()).toBe(expected);
});

describe("a package upgrade that edits main.cf and restarts Postfix", () => {
  const edit = "echo '# by the package' >>/etc/postfix/main.cf; systemctl restart postfix";

  test.each([
    ["before the commit", "write_journal", 1],
    ["before the reload", "postfix -c", 0],
    ["before the proof", "probe_services", 0],
  ])("%s", async (_, text, status) => {
    const run = await apply(text, edit);
    expect(run.status, run.stderr).toBe(status);
    await bothHold(/^# by the package$/m);
  });
});

describe("a configuration manager that puts its own text back", () => {
  const text =
    "cp /root/pristine/main.cf /run/theirs && echo '# theirs' >>/run/theirs && cp /run/theirs /etc/postfix/main.cf";

  test("before the commit: that is theirs", async () => {
    const run = await apply("write_journal", text);
    expect(run.status, run.stderr).toBe(1);
    await bothHold(/^# theirs$/m);
  });

  test("before the reload: the run fails, and their text stays whole", async () => {
    const run = await apply("postfix -c", text);
    expect(run.status, run.stderr).toBe(1);
    expect(run.stderr).toContain("/etc/postfix/main.cf was changed by someone else since and stays");
    await bench.host.must(
      "cmp /run/theirs /etc/postfix/main.cf && cmp /root/pristine/master.cf /etc/postfix/master.cf",
    );
    await bothHold(/^# theirs$/m);
  });
});

describe("a job of systemd for Postfix", () => {
  const directory = "/run/systemd/system/postfix@-.service.d";
  const waiting = "waiting for a job of systemd (postfix@-.service reload)";

  /** The beginning of a reload that takes its time. */
  const begin = (seconds: number): string => `mkdir -p ${directory} &&
    printf '%s\\n' '[Service]' ExecReload= 'ExecReload=/bin/sleep ${seconds}' >${directory}/slow.conf &&
    systemctl daemon-reload && systemctl reload --no-block postfix@-.service`;
  const end = `pid=$(systemctl show -p ControlPID --value postfix@-.service); [ "$pid" = 0 ] || kill "$pid"; rm -rf ${directory}; systemctl daemon-reload`;

  afterEach(() => bench.host.must(end));

  test("is waited for", async () => {
    await bench.host.must(begin(4));
    const { story, activation } = await bench.apply(...LINES);
    expect(story).toContain(waiting);
    expect(story.indexOf(waiting)).toBeLessThan(story.indexOf("committing"));
    expect(activation.kind).toBe("reload");
    await bench.remove(...LINES);
  });

  test("that starts Postfix, as when the host boots, is waited for", async () => {
    const held = `[Service]\nExecStartPre=/bin/sh -c 'until [ -e /run/go ]; do sleep 0.1; done'\n`;
    await bench.host.must(`systemctl stop postfix && mkdir -p ${directory}`);
    await bench.host.write(`${directory}/held.conf`, held);
    await bench.host.must("systemctl daemon-reload && systemctl start --no-block postfix");
    let go: Promise<string> | undefined;
    const onOutput = (text: string): void => {
      if (/waiting for a job of systemd \(postfix\S* start\)/.test(text)) go ??= bench.host.must("touch /run/go");
    };
    const { story } = await bench.done("apply", policy(...LINES), { onOutput });
    await go;
    expect(story.indexOf("waiting for a job")).toBe("mx1: ".length);
    expect(story).toContain("verified by handshakes with every listener");
    await bench.remove(...LINES);
  });

  test("that does not end is named, and nothing is touched", async () => {
    await bench.host.must(begin(300));
    expect(await bench.refused(policy(...LINES))).toBe(
      "systemd has had a job for Postfix for half a minute (postfix@-.service reload); nothing was changed, try again when it is done",
    );
  });

  test("that comes after the commit is waited for before the reload", async () => {
    const { status, stderr } = await apply("wait_for_jobs", begin(4));
    expect(status, stderr).toBe(0);
    expect(stderr.indexOf(waiting)).toBeGreaterThan(stderr.indexOf("committing"));
    expect(await acceptedVersions(bench.host)).toEqual(["TLSv1.2", "TLSv1.3"]);
    await bench.remove(...LINES);
  });
});
