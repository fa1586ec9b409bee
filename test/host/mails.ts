// A sender that never rests, to show that no mail is lost or doubled while a host changes.
import type { Host } from "../lab/host.ts";
import { until } from "../lab/run.ts";
import { SmtpClient, sendMail } from "../lab/smtp.ts";

let runs = 0;

/** How often each mail of a run lies in a mailbox. */
async function counts(host: Host, run: string): Promise<Record<string, number>> {
  const text = await host.must(`grep -raoh '^X-Lab-Id: ${run}-.*' /var/vmail /var/mail 2>/dev/null || true`);
  const found: Record<string, number> = {};
  for (const line of text.split("\n")) {
    const id = line.trim().slice("X-Lab-Id: ".length);
    if (id !== "") found[id] = (found[id] ?? 0) + 1;
  }
  return found;
}

/**
 * Mails before, during and after `change`, one of them with its text half sent when the change begins: each arrives once.
 * Over a restart the sender tries again, as any mail server does, and may then double what it got no answer for; none is lost.
 */
export async function whileMailFlows<T>(host: Host, change: () => Promise<T>, { restart = false } = {}): Promise<T> {
  const run = `run${process.pid}x${++runs}`;
  const sent: string[] = [];
  const send = async (what: string): Promise<void> => {
    const id = `${run}-${what}${sent.length}`;
    for (;;) {
      try {
        await sendMail(host, { id });
        break;
      } catch (error) {
        if (!restart) throw error;
      }
    }
    sent.push(id);
  };
  await send("before");
  const held = await SmtpClient.connect(host);
  await held.command("MAIL FROM:<sender@client.test>", 250);
  await held.command("RCPT TO:<user@lab.test>", 250);
  await held.command("DATA", 354);
  held.write(`From: <sender@client.test>\r\nX-Lab-Id: ${run}-held\r\n\r\nHello.\r\n`);
  let over = false;
  const flow = (async () => {
    while (!over) await send("during");
  })();
  let result: T;
  try {
    result = await change();
  } finally {
    over = true;
    await flow;
  }
  if (!restart) {
    held.write(".\r\n");
    await held.expect(250, "end of the mail that was on its way");
    sent.push(`${run}-held`);
  }
  held.destroy();
  await send("after");
  await until("every mail in a mailbox", async () => {
    // What met a filter or a mailbox that was away waits in the queue, where it is safe; so does what comes after a local(8) that the
    // stop ended with its mailbox locked, for as long as it takes that lock for a living one's (stale_lock_time, 500 s).
    if (restart) await host.must("rm -f /var/mail/*.lock; postqueue -f");
    const found = await counts(host, run);
    const missing = sent.filter((id) => found[id] === undefined);
    if (missing.length > 0) throw new Error(`missing: ${missing.join(", ")}`);
    return true;
  });
  const doubled = Object.entries(await counts(host, run)).filter(([, count]) => count > 1);
  // By the sender the one that was under way; by Postfix those whose local(8) the stop ended between mailbox and queue.
  const allowed = restart ? 1 + Number(await host.must("postconf -h local_destination_concurrency_limit")) : 0;
  if (doubled.length > allowed) throw new Error(`arrived more than once: ${doubled.join(" ")}`);
  return result;
}
