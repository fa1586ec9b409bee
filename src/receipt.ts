import { isAnswer, type Place, parseAnswer } from "./answer";

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

const unanswered: Omit<Receipt, "host"> = {
  postfix: "",
  changed: false,
  changes: [],
  services: [],
  activation: { kind: "none" },
  overrides: [],
  warnings: [],
  omitted: 0,
};

/** Reads a receipt, and believes nothing that has another shape. */
export function parseReceipt(host: string, output: string): Receipt {
  if (!isAnswer(output)) return { host, ...unanswered };
  const whole = parseAnswer(host, output);
  return {
    host: whole.member("host").text(),
    postfix: whole.member("postfix").text(),
    changed: whole.member("changed").flag(),
    changes: whole.member("changes").list(change),
    services: whole.member("services").list(service),
    activation: activation(whole.member("activation")),
    overrides: whole.member("overrides").list(override),
    warnings: [...whole.member("warnings").list(warning), ...leftOut(whole.member("omitted").count())],
    omitted: whole.member("omitted").count(),
  };
}

/**
 * What the receipts of a component say together: that of its own command, then those of its guarded changes. A run without a change repeats
 * the last one of its own, so of the host itself the one activated last has the newest look; of a second's two, the guarded, which ran later.
 */
export function joinReceipts(own: Receipt, guarded: readonly Receipt[]): Receipt {
  if (guarded.length === 0) return own;
  const all = [own, ...guarded];
  return {
    ...all.reduce((latest, next) => (isAsNew(next.activation, latest.activation) ? next : latest)),
    changed: all.some(({ changed }) => changed),
    changes: all.flatMap(({ changes }) => changes),
    overrides: distinct(all.flatMap(({ overrides }) => overrides)),
    warnings: distinct(all.flatMap(({ warnings }) => warnings)),
    omitted: all.reduce((sum, { omitted }) => sum + omitted, 0),
  };
}

/** Times are all written alike; without one, nothing was ever activated. */
function isAsNew({ at }: ActivationStatus, other: ActivationStatus): boolean {
  return at !== undefined && at >= (other.at ?? "");
}

/** Of a host's one trouble each of its runs tells. */
function distinct<T extends object>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
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

/** A receipt is short, and must not pass for the whole of a long one. */
function leftOut(number: number): Warning[] {
  if (number === 0) return [];
  const where = "the whole receipt is on the host, in /var/lib/mailhost/receipts";
  return [{ code: "omitted", text: `${number} ${number === 1 ? "entry" : "entries"} left out of the lists; ${where}` }];
}
