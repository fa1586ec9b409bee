// Mail that goes on while something is changed: none may be lost, none refused.
import type { Host } from "../lab/host.ts";
import { sleep, until } from "../lab/run.ts";
import { ACCOUNT, delivered, type SmtpOptions, sendMail } from "../lab/smtp.ts";

let count = 0;
// A mail takes most of a second where it is filtered.
const SENDERS = 2;

/** A way in for each port: as another server, or as a user who submits. */
export function way(port: number): SmtpOptions {
  if (port === 25) return { port, tls: "starttls" };
  return { port, tls: port === 465 ? "wrapper" : "starttls", login: ACCOUNT };
}

/** One mail by each port, that must be in the mailbox in the end. */
export async function mailArrives(host: Host, ports: readonly number[], tls?: SmtpOptions["tls"]): Promise<void> {
  const ids = await Promise.all(ports.map((port) => send(host, tls === undefined ? way(port) : { port, tls })));
  await allArrived(host, ids);
}

/** Sends on and on until `during` ends; every mail must be in the mailbox in the end. Gives their number. */
export async function mailArrivesDuring(
  host: Host,
  options: SmtpOptions,
  during: () => Promise<unknown>,
): Promise<number> {
  let ended = false;
  const work = during().finally(() => {
    ended = true;
  });
  const ids: string[] = [];
  const sendOn = async (): Promise<void> => {
    while (!ended) {
      ids.push(await send(host, options));
      await sleep(100);
    }
  };
  await Promise.all([work, ...Array.from({ length: SENDERS }, sendOn)]);
  await allArrived(host, ids);
  return ids.length;
}

async function send(host: Host, options: SmtpOptions): Promise<string> {
  count += 1;
  const id = `mail-${count}`;
  const from = options.login === undefined ? "sender@client.test" : "user@lab.test";
  await sendMail(host, { id, from }, options);
  return id;
}

async function allArrived(host: Host, ids: readonly string[]): Promise<void> {
  for (const id of ids) await until(`mail ${id} in the mailbox`, async () => (await delivered(host, id))[0]);
}
