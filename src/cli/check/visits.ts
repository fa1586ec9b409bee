// Sessions with the mail servers of a domain, no more than are needed.
import { type Session, type Visit, visit, type Wish } from "./smtp";

/** What a host's name met at one of its addresses. */
export interface Meeting {
  host: string;
  address: string;
  session: Session;
}

/** What is said before TLS is the same for every name and wish. */
const beforeTls: readonly Session["state"][] = ["silent", "noRoute", "refused", "away", "greets"];

export class Visits {
  readonly #place: Pick<Visit, "port" | "patience">;
  readonly #sessions = new Map<string, Promise<Session>>();
  readonly #last = new Map<string, Promise<Session>>();

  constructor(place: Pick<Visit, "port" | "patience">) {
    this.#place = place;
  }

  /** A server may have a certificate for each name, and for each wish: each is seen once. */
  to(address: string, host: string, wish: Wish = "any"): Promise<Session> {
    const key = `${address} ${host} ${wish}`;
    const session = this.#sessions.get(key) ?? this.#after(this.#last.get(address), { address, host }, wish);
    this.#sessions.set(key, session);
    this.#last.set(address, session);
    return session;
  }

  /** One after the other: a server may have little room for one client. */
  async #after(last: Promise<Session> | undefined, at: Pick<Visit, "address" | "host">, wish: Wish): Promise<Session> {
    const before = await last;
    if (before !== undefined && beforeTls.includes(before.state)) return before;
    return visit({ ...this.#place, ...at }, wish);
  }
}
