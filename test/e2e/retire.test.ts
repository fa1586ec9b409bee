// The example that retires port 465, from the first measurement to the day when somebody wants it back. Months are the
// log's real lines, their time moved.
import { beforeAll, expect, test } from "vitest";
import { until } from "../lab/run.ts";
import { ACCOUNT, banner, SmtpClient } from "../lab/smtp.ts";
import type { Stack } from "../lab/stack.ts";
import { mustWork } from "./components.ts";
import { changedLines } from "./preview.ts";
import { said } from "./site.ts";
import { useSite } from "./useSite.ts";

const site = useSite({ kind: "lived-in" });
const LOGGED = "journalctl -q -o short-iso-precise SYSLOG_IDENTIFIER=postfix/smtps/smtpd";
let stack: Stack;

beforeAll(async () => {
  stack = await site().stackOf(site().exampleProgram("retire-465"));
  await stack.config("host", site().host.address);
  await stack.config("hostKey", site().host.hostKey);
  await stack.config("privateKey", site().key(), { secret: true });
});

/** A user who sends, and a scanner; both with their last lines in the log. */
async function clientsCome(): Promise<void> {
  const { host } = site();
  const client = await SmtpClient.connect(host, { port: 465, tls: "wrapper", login: ACCOUNT });
  await client.command(`MAIL FROM:<${ACCOUNT.user}>`, 250);
  await client.command(`RCPT TO:<${ACCOUNT.user}>`, 250);
  await client.command("RSET", 250);
  await client.quit();
  await banner(host, 465, 100);
  const gone = `${LOGGED} | grep -q 'disconnect.*auth=1' && ${LOGGED} | tail -n 1 | grep -q 'disconnect.*commands=0/0'`;
  await until("their last lines", async () => (await host.exec(gone)).status === 0 || undefined);
}

/** The login 200 days ago, and since then a scanner every second day: the host's logs as they would be by then. */
async function monthsPass(): Promise<void> {
  const { host } = site();
  const days = Array.from({ length: 100 }, (_, i) => 200 - 2 * i);
  await host.must(`systemctl stop mailhost-evidence.timer mailhost-evidence.service
    ${LOGGED} >/tmp/all; awk '/: connect from/ { text = "" } { text = text $0 "\\n" } END { printf "%s", text }' /tmp/all >/tmp/scan
    rm -rf /var/lib/mailhost/evidence; cd /var/log && rm -f mail.log* && /usr/lib/rsyslog/rsyslog-rotate
    for days in ${days.join(" ")}; do
      day=$(date -u -d "-$days days" +%Y-%m-%d)
      [ $days != 200 ] || sed "s/^[0-9-]*/$day/" /tmp/all
      sed "s/^[0-9-]*/$day/" /tmp/scan
    done >mail.log.1; gzip mail.log.1`);
  await banner(host, 465, 100);
  const logged = "grep -q 'postfix/smtps.*disconnect' /var/log/mail.log";
  await until("a line of today", async () => (await host.exec(logged)).status === 0 || undefined);
}

const iso = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

async function allAnswer(...ports: number[]): Promise<void> {
  for (const port of ports) expect(await banner(site().host, port)).toMatch(/^220/);
}

test("measuring closes nothing", async () => {
  mustWork(await stack.up());
  expect(await stack.outputs()).toMatchObject({ listener: "postfix" });
  await clientsCome();
});

test("retiring is refused while somebody comes, and names who and from which day on it would pass", async () => {
  await stack.config("stage", "retire");
  const preview = said(mustWork(await stack.preview({ diff: true })));
  expect(preview).toContain("guard    quiet 465 180");
  expect(preview).toContain("service  smtps/inet disable");
  const refused = await stack.up();
  expect(refused.status).not.toBe(0);
  expect(said(refused)).toMatch(
    new RegExp(`error: port 465 stays as it is: port 465 is used: in the last 180 days there came ${ACCOUNT.user} \\(`),
  );
  expect(said(refused)).toContain(`it would pass from ${iso(181)} on`);
  await allAnswer(25, 587);
  expect((await site().host.must("ss -Hltn sport = :465")).trim()).not.toBe("");
});

test("half a year after the last login it passes, and closes 465 alone", async () => {
  await monthsPass();
  const up = said(mustWork(await stack.up()));
  expect(up).toContain("the evidence allows it: nobody logged in or sent mail on port 465 in the last 180 days");
  await expect(banner(site().host, 465)).rejects.toThrow("ECONNREFUSED");
  await allAnswer(25, 587);
  mustWork(await stack.preview({ args: ["--expect-no-changes"] }));
});

test("coming back is one line", async () => {
  await stack.config("stage", "open");
  const preview = said(mustWork(await stack.preview({ diff: true })));
  expect(changedLines(preview).filter((line) => line.startsWith("+ "))).toEqual(["+ service  smtps/inet enable"]);
  mustWork(await stack.up());
  await until("port 465", async () => (await site().host.must("ss -Hltn sport = :465")).trim() !== "" || undefined);
  const client = await SmtpClient.connect(site().host, { port: 465, tls: "wrapper", login: ACCOUNT });
  await client.quit();
  await allAnswer(25, 587);
  mustWork(await stack.preview({ args: ["--expect-no-changes"] }));
});
