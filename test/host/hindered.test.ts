// A host that stands in the way: no room, a disk that is read-only, a tool that is missing, a clock that jumps.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { checkout } from "../lab/places.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { PROGRAM, useBench } from "./bench.ts";
import { disturbed, find, installGate, type Step, trace } from "./gate.ts";
import { policy } from "./policies.ts";

const FLOOR = "tls incoming >= TLSv1.2";
const STATE = "/var/lib/mailhost";
const bench = useBench({});
let steps: Step[];

beforeAll(async () => {
  await installGate(bench);
  steps = await trace(bench, "apply", policy(FLOOR));
  await bench.remove(FLOOR);
});

/** What a run that is told to do `what` before the step beginning with `text` says last. */
async function lastWords(text: string, what: string): Promise<string> {
  const { status, last, stderr } = await disturbed(bench, "apply", policy(FLOOR), find(steps, text), what);
  expect(status, stderr).toBe(1);
  return last;
}

describe("a full disk", () => {
  const fill = (directory: string): string => `head -c 1G /dev/zero >${directory}/filler 2>/dev/null`;

  async function onSmallDisk(directory: string, work: () => Promise<void>): Promise<void> {
    await bench.host.must(
      `mkdir -p ${directory} && cp -a ${directory} /run/copy && mount -t tmpfs -o size=8m,mode=755 none ${directory} && cp -a /run/copy/. ${directory}`,
    );
    try {
      await work();
    } finally {
      await bench.host.must(
        `rm -f ${directory}/filler; cp -a ${directory} /run/after && umount ${directory} && rm -rf /run/copy ${directory} && mv /run/after ${directory}`,
      );
    }
  }

  async function livesOnceThereIsRoom(): Promise<void> {
    await bench.host.must(`rm ${STATE}/filler`);
    await bench.apply(FLOOR);
    await bench.remove(FLOOR);
    expect(await bench.isPristine()).toBe(true);
  }

  test.each([
    ["from the start", "open_workspace", /no room in \/var\/lib\/mailhost|can't make a work directory/],
    ["at the journal", "write_journal", /can't write the journal in \/var\/lib\/mailhost; nothing was changed/],
    ["at the ledger", "build_ledger", /can't write to \/var\/lib\/mailhost; the old configuration is back/],
  ])("for our own notes, %s", async (_, text, error) => {
    await onSmallDisk(STATE, async () => {
      expect(await lastWords(text, fill(STATE))).toMatch(error);
      expect(await bench.isPristine()).toBe(true);
      expect(await acceptedVersions(bench.host)).toHaveLength(4);
      await livesOnceThereIsRoom();
    });
  });

  test("for our own notes, at the last moment: a rename needs no room", async () => {
    await onSmallDisk(STATE, async () => {
      const run = await disturbed(bench, "apply", policy(FLOOR), find(steps, 'mv "$work/done"'), fill(STATE));
      expect(run.status, run.stderr).toBe(0);
      await livesOnceThereIsRoom();
    });
  });

  test.each(["prepare_both", "as_read"])("for the files themselves, at %s", async (text) => {
    await onSmallDisk("/etc/postfix", async () => {
      const run = await disturbed(bench, "apply", policy(FLOOR), find(steps, text), fill("/etc/postfix"));
      await bench.host.must("rm /etc/postfix/filler");
      if (text === "as_read") {
        // Both new files are there already, and renames need no room.
        expect(run.status, run.stderr).toBe(0);
        await bench.remove(FLOOR);
      } else {
        expect(run.last).toBe("mx1: error: can't write to /etc/postfix; all is as it was");
      }
      expect(await bench.isPristine()).toBe(true);
    });
  });

  test("when the old files must go back: they stay in the journal for the next run", async () => {
    await onSmallDisk("/etc/postfix", async () => {
      const bad = policy("set smtpd_recipient_restrictions = permit", "set smtpd_relay_restrictions = permit");
      const run = await disturbed(bench, "apply", bad, find(steps, "mark_log"), fill("/etc/postfix"));
      expect(run.status, run.stderr).toBe(3);
      expect(run.last).toMatch(/the old files could not be put back, they are in \/var\/lib\/mailhost\/journal$/);
      await bench.host.must("rm /etc/postfix/filler");
      const { story } = await bench.remove(FLOOR);
      expect(story).toContain("putting /etc/postfix back as it was before it");
      expect(await bench.isPristine()).toBe(true);
    });
  });
});

test.each(["/etc", "/var"])("%s that is read-only", async (directory) => {
  await bench.host.must(`mount --bind ${directory} ${directory} && mount -o remount,ro,bind ${directory}`);
  try {
    const { status, last } = await bench.run("apply", policy(FLOOR));
    expect(status).toBe(1);
    expect(last).toMatch(
      /can't be written to, not even by root; is it mounted read-only\?|is the disk full or read-only\?/,
    );
  } finally {
    await bench.host.must(`umount ${directory}`);
  }
  expect(await bench.isPristine()).toBe(true);
});

test("a system that is not of Debian's family is named, with a warning, or where there is no Postfix", async () => {
  const asked = policy(FLOOR);
  expect((await bench.done("plan", asked)).warnings.map(({ code }) => code)).not.toContain("untested");
  const words = (name: string, kin: string) =>
    bench.host.write(
      "/run/os-release",
      `NAME=x\nID=${name.toLowerCase()}\nID_LIKE="${kin}"\nPRETTY_NAME="${name} 40"\n`,
    );
  await words("Fedora", "rhel centos");
  await bench.host.must("mv /etc/os-release /etc/os-release.real && ln -s /run/os-release /etc/os-release");
  const postconf = (await bench.host.must("command -v postconf")).trim();
  try {
    const { warnings } = await bench.done("apply", asked);
    expect(warnings.find(({ code }) => code === "untested")?.text).toBe(
      "this is Fedora 40; mailhost is tested on Debian 11, 12, 13 and sid alone",
    );
    await bench.host.must(`mv ${postconf} ${postconf}.away`);
    expect((await bench.run("apply", asked)).last).toMatch(
      /^mx1: error: no Postfix here: there is no postconf in \S+; this is Fedora 40, and mailhost is tested on Debian alone$/,
    );
    await bench.host.must(`mv ${postconf}.away ${postconf}`);
    await words("Ubuntu", "debian");
    expect((await bench.done("plan", asked)).warnings.map(({ code }) => code)).not.toContain("untested");
  } finally {
    await bench.host.must(
      `[ ! -e ${postconf}.away ] || mv ${postconf}.away ${postconf}; rm /etc/os-release; mv /etc/os-release.real /etc/os-release`,
    );
  }
});

test("a tool that is missing is named, whichever it is", async () => {
  const needed =
    /^need (awk cat.*)$/m.exec(readFileSync(join(checkout, "src/host/main.sh"), "utf8"))?.[1]?.split(" ") ?? [];
  expect(needed.length).toBeGreaterThan(7);
  await bench.host.write("/run/policy", policy(FLOOR));
  // busybox has tools of its own, and takes the host's away one by one.
  const script = `for tool in ${[...needed, "postconf", "postfix"].join(" ")}; do
      place=$(command -v $tool)
      busybox mv $place $place.away
      sh ${PROGRAM} apply mx1 </run/policy 2>&1 | busybox tail -n 1
      busybox mv $place.away $place
    done`;
  const said = (await bench.host.must(script)).trimEnd().split("\n");
  const expected = needed.map((tool) => `mx1: error: ${tool} is missing here; install it first`);
  expect(said.slice(0, needed.length)).toEqual(expected);
  expect(said.slice(needed.length)).toEqual([
    expect.stringMatching(/error: no Postfix here: there is no postconf in /),
    expect.stringMatching(/error: no Postfix here: there is no postfix in /),
  ]);
  expect(await bench.isPristine()).toBe(true);
  expect((await bench.host.exec(`test -e ${STATE}`)).status).toBe(1);
});

test.each([
  ["forward", -7200, 0],
  ["backward", 7200, 0],
])("a clock that jumps %s by two hours in the middle", async (_, before, after) => {
  const real = "/usr/bin/date.real";
  const shim = `#!/bin/sh\nexec ${real} -d "@$(($(${real} +%s) + $(cat /run/offset)))" "$@"\n`;
  // The journal alone, whose lines have times.
  await bench.host.must("systemctl stop syslog.socket rsyslog; mv /var/log/mail.log /var/log/mail.away");
  await bench.host.must(`mv /usr/bin/date ${real} && echo ${before} >/run/offset`);
  await bench.host.write("/usr/bin/date", shim, "755");
  try {
    for (const verb of ["apply", "remove"] as const) {
      const run = await disturbed(bench, verb, policy(FLOOR), find(steps, "postfix -c"), `echo ${after} >/run/offset`);
      expect(run.status, run.stderr).toBe(0);
      expect(run.stderr).toContain("reload done at");
      expect(await acceptedVersions(bench.host)).toHaveLength(verb === "apply" ? 2 : 4);
      await bench.host.must(`echo ${before} >/run/offset`);
    }
  } finally {
    await bench.host.must(`mv ${real} /usr/bin/date`);
    await bench.host.must("mv /var/log/mail.away /var/log/mail.log; systemctl start syslog.socket rsyslog");
  }
});
