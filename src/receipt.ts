import { MailhostError } from "./errors";
import { shown } from "./policy/refusal";
import { visible } from "./policy/visible";

/** A TCP service of Postfix as it answers now. */
export interface ServiceStatus {
  /** Its name in master.cf. */
  name: string;
  /** Its TCP port. */
  port: number;
  /**
   * TLS versions that a handshake was accepted with, such as `TLSv1.2`; empty where none was or none could be tried.
   */
  protocols: string[];
  /** How TLS begins: `starttls`, `wrapper` (TLS from the first byte), `none` or `unknown`. */
  starttls: string;
}

/** One thing that the last run changed. */
export interface Change {
  /** The file that was changed. */
  file: string;
  /** The parameter, option or service. */
  name: string;
  /** The value before; absent where there was none. A secret is `(secret)`. */
  from?: string;
  /** The value now; absent where there is none. A secret is `(secret)`. */
  to?: string;
}

/** How the present settings took effect. */
export interface ActivationStatus {
  /** `reload`, `drain`, `restart` or `none`. */
  kind: string;
  /**
   * The UTC second from which new connections had the settings, as RFC 3339 text; absent where nothing was ever
   * activated.
   */
  at?: string;
  /** Server sessions that were still on older settings when the run ended; absent where nothing was activated. */
  remaining?: number;
  /**
   * The UTC second by which these have ended unless their clients say more, as RFC 3339 text: each ends `smtpd_timeout`
   * after its last word. Absent where none remain or `smtpd_timeout` is no plain time.
   */
  until?: string;
  /** Idle sessions that `drain` ended; absent where nothing was activated. `pulumi up` lists each. */
  ended?: number;
}

/** An `-o` option in master.cf that defeats the policy and was left. */
export interface OverrideLeft {
  /** The service, as `NAME/TYPE`. */
  service: string;
  /** The parameter. */
  option: string;
  /** Its value. */
  value: string;
}

/** Something that the host wants known although the run succeeded. */
export interface Warning {
  /** A short code; docs/policy.md lists them. */
  code: string;
  /** What it means on this host. */
  text: string;
}

/** What a host says that it did; docs/policy.md has the table. */
export interface Receipt {
  host: string;
  postfix: string;
  changed: boolean;
  changes: Change[];
  services: ServiceStatus[];
  activation: ActivationStatus;
  overrides: OverrideLeft[];
  warnings: Warning[];
  omitted: number;
}

/** Reads a receipt, and believes nothing that has another shape. */
export function parseReceipt(host: string, output: string): Receipt {
  const whole = new Place(host, "", parseJson(host, output));
  if (whole.member("protocol").value !== 1) {
    whole.member("protocol").refuse("this version of the package reads protocol 1");
  }
  return {
    host: whole.member("host").text(),
    postfix: whole.member("postfix").text(),
    changed: whole.member("changed").flag(),
    changes: whole.member("changes").list(change),
    services: whole.member("services").list(service),
    activation: activation(whole.member("activation")),
    overrides: whole.member("overrides").list(override),
    warnings: [...whole.member("warnings").list(warning), ...whole.member("omitted").leftOut()],
    omitted: whole.member("omitted").count(),
  };
}

function change(place: Place): Change {
  return {
    file: place.member("file").text(),
    name: place.member("name").text(),
    from: place.member("from").optional((value) => value.text()),
    to: place.member("to").optional((value) => value.text()),
  };
}

function service(place: Place): ServiceStatus {
  return {
    name: place.member("name").text(),
    port: place.member("port").count(),
    protocols: place.member("protocols").list((protocol) => protocol.text()),
    starttls: place.member("starttls").word(["starttls", "wrapper", "none", "unknown"]),
  };
}

function activation(place: Place): ActivationStatus {
  return {
    kind: place.member("kind").word(["reload", "drain", "restart", "none"]),
    at: place.member("at").optional((value) => value.text()),
    remaining: place.member("remaining").optional((value) => value.count()),
    until: place.member("until").optional((value) => value.text()),
    ended: place.member("ended").optional((value) => value.count()),
  };
}

function override(place: Place): OverrideLeft {
  return {
    service: place.member("service").text(),
    option: place.member("option").text(),
    value: place.member("value").text(),
  };
}

function warning(place: Place): Warning {
  return { code: place.member("code").text(), text: place.member("text").text() };
}

function parseJson(host: string, output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    throw new MailhostError(host, "", `answered ${shown(output)} instead of a receipt`);
  }
}

/** A value within a receipt, which knows where it stands for the error that may follow. */
class Place {
  readonly host: string;
  readonly path: string;
  readonly value: unknown;

  constructor(host: string, path: string, value: unknown) {
    this.host = host;
    this.path = path;
    this.value = value;
  }

  member(name: string): Place {
    if (typeof this.value !== "object" || this.value === null || Array.isArray(this.value))
      this.refuse("an object is expected");
    const members = new Map<string, unknown>(Object.entries(this.value));
    return new Place(this.host, this.path === "" ? name : `${this.path}.${name}`, members.get(name));
  }

  list<T>(item: (place: Place) => T): T[] {
    if (!Array.isArray(this.value)) this.refuse("a list is expected");
    return this.value.map((value, at) => item(new Place(this.host, `${this.path}[${at}]`, value)));
  }

  /** Null is how the host writes "there is none"; a member that is missing is a fault. */
  optional<T>(read: (place: Place) => T): T | undefined {
    return this.value === null ? undefined : read(this);
  }

  text(): string {
    if (typeof this.value !== "string") this.refuse("a text is expected");
    return visible(this.value);
  }

  word(accepted: readonly string[]): string {
    const word = this.text();
    if (!accepted.includes(word)) this.refuse(`one of ${accepted.join(", ")} is expected`);
    return word;
  }

  flag(): boolean {
    if (typeof this.value !== "boolean") this.refuse("true or false is expected");
    return this.value;
  }

  count(): number {
    if (typeof this.value !== "number" || !Number.isInteger(this.value) || this.value < 0)
      this.refuse("a whole number is expected");
    return this.value;
  }

  /** A receipt is short, and must not pass for the whole of a long one. */
  leftOut(): Warning[] {
    const number = this.count();
    if (number === 0) return [];
    const where = "the whole receipt is on the host, in /var/lib/mailhost/receipts";
    return [
      { code: "omitted", text: `${number} ${number === 1 ? "entry" : "entries"} left out of the lists; ${where}` },
    ];
  }

  refuse(expected: string): never {
    const place = this.path === "" ? "it" : this.path;
    throw new MailhostError(
      this.host,
      "",
      `answered with a receipt that cannot be read: ${place} is ${shown(this.value)}; ${expected}`,
    );
  }
}
