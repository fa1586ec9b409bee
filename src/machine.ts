import { MailhostError } from "./errors";

/** What tells a machine: where it is reached, and its host key. */
export interface Place {
  host: unknown;
  hostKey: unknown;
}

/** An address may change; another address with another host key is another machine. A value that is not known yet decides nothing. */
export function isAnotherMachine(before: Place, now: Place): boolean {
  if (![before.host, before.hostKey, now.host, now.hostKey].every((value) => typeof value === "string")) return false;
  return before.host !== now.host && before.hostKey !== now.hostKey;
}

/** A component stays with its machine, because what it changed and the ledger of that are there. */
export function refuseAnotherMachine(before: Place, now: Place): void {
  if (!isAnotherMachine(before, now)) return;
  throw new MailhostError(
    String(now.host),
    "connection.host",
    `was ${JSON.stringify(before.host)}, with another host key; a component stays with its machine, so use a new component for another one`,
  );
}
