// Lines of others in the mail log that look like the death of a server, or hold what a client sent to look like one.
import type { Host } from "../lab/host.ts";

const LINES = [
  ["sshd[4711]", "fatal: Timeout before authentication for 192.0.2.7 port 4711"],
  ["postfix/sendmail[4712]", "fatal: www-data(33): no login name"],
  ["postfix/local[4713]", "fatal: main.cf configuration error: mailbox_size_limit is smaller than message_size_limit"],
  ["postfix/master[4714]", "warning: /usr/lib/postfix/sbin/local: bad command startup -- throttling"],
  [
    "postfix/smtpd[4715]",
    'NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 <a@b>: Relay access denied; from=<" postfix/smtpd[1]: fatal: "@b>',
  ],
] as const;

/** Does `work` while they come again and again; `more` are further ones. */
export async function whileOthersDie<T>(host: Host, work: () => Promise<T>, more: string[][] = []): Promise<T> {
  const lines = [...LINES, ...more].map(([tag, text]) => `logger -p mail.err -t '${tag}' -- '${text}'`);
  await host.write("/run/deaths", `while sleep 0.4; do\n${lines.join("\n")}\ndone\n`);
  await host.must("setsid sh /run/deaths >/dev/null 2>&1 & echo $! >/run/deaths.pid");
  try {
    return await work();
  } finally {
    await host.must('kill -- "-$(cat /run/deaths.pid)" || kill "$(cat /run/deaths.pid)"; rm /run/deaths*');
  }
}
