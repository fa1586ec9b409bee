import type * as pulumi from "@pulumi/pulumi";
import type { Connection } from "./connectionArgs";
import type { WhenRefused } from "./policy/guard";
import type { Tls } from "./policy/tls";

/** What happens to `-o` options in master.cf that would defeat the `tls` argument. */
export const Overrides = {
  /** They stay, and are listed by service in a warning and in the output `overridesLeft`. */
  Report: "report",
  /** They are changed. */
  Fix: "fix",
} as const;
export type Overrides = (typeof Overrides)[keyof typeof Overrides];

/** How a change takes effect. */
export const Activation = {
  /** `postfix reload`: no connection is refused; sessions already open finish on the old settings. */
  Reload: "reload",
  /**
   * Reload, then for at most `drainSeconds` let the sessions already open end by themselves, then end those of remote
   * clients that are idle by their TCP connection. A mail under way is never cut.
   */
  Drain: "drain",
  /** Stop and start: ports are closed for a moment and open sessions end. */
  Restart: "restart",
} as const;
export type Activation = (typeof Activation)[keyof typeof Activation];

/** What destroying the component does to the host. */
export const OnDestroy = {
  /** The host stays as it is: hardened. */
  Keep: "keep",
  /** What was there before comes back; what someone else changed since stays theirs. */
  Restore: "restore",
} as const;
export type OnDestroy = (typeof OnDestroy)[keyof typeof OnDestroy];

/**
 * A whole entry of master.cf, field by field; master(5) describes each. A field left out is written `-`, Postfix's
 * own default.
 */
export interface ServiceEntry {
  /** Whether only Postfix itself may connect. Default: false for `inet`, where true is refused, else Postfix's own. */
  private?: boolean;
  /** Whether the service runs as `mail_owner` instead of root. Default: Postfix's own (yes). */
  unprivileged?: boolean;
  /** Whether the service runs chrooted to the queue directory. Default: Postfix's own (no since 3.0). */
  chroot?: boolean;
  /**
   * Seconds between wake-ups as text, `60`, or `60?` to wake it only when it is used. Default: never. Other text is
   * refused.
   */
  wakeup?: string;
  /** Most processes at a time, 0 to 1000000; 0 for no limit. Default: `default_process_limit`. */
  processLimit?: number;
  /** The daemon and its arguments, such as `smtpd`. `-o` options are refused here: they belong into `options`. */
  command: string;
}

/** One master.cf service. A service that asks for nothing is refused. */
export interface Service {
  /**
   * Whether the entry is active: true brings a commented entry back, false comments out every active one.
   * Default: left as it is. False together with `options`, `unsetOptions` or `entry` is refused.
   */
  enabled?: boolean;
  /**
   * `-o` options by parameter name; an empty text is an empty value. Default: none. Refused: newlines, control
   * characters, outer blanks, braces that do not pair, a `#` in a TLS value, secrets, and TLS parameters of a service
   * that `tls` decides. Source: master(5).
   */
  options?: Record<string, pulumi.Input<string>>;
  /** Names of `-o` options that the entry does not have. Default: none. */
  unsetOptions?: string[];
  /** The whole entry, added where it is missing. Default: the entry stays as it is. */
  entry?: ServiceEntry;
  /**
   * Days, 1 to 3650, for which an `Smtps465Probe` of the same host must have seen nobody log in or send mail on the
   * service's port before `enabled: false` closes it. Default: no guard. The guarded change is a resource of its own that
   * runs after everything else of the component; it is refused, before anything is touched, while the evidence shows a
   * user in that time, covers less of it, or has a gap, and the error names the clients and the day from which it would
   * pass. Without `enabled: false`, or for a service whose port is not known, it is refused.
   */
  onlyIfQuietForDays?: number;
  /** What happens where the evidence refuses. Default: `fail`. Without `onlyIfQuietForDays` it is refused. */
  whenRefused?: WhenRefused;
  /**
   * A reason for closing the port whatever the evidence says; it stands in the policy that a preview shows. Default:
   * none. Without `onlyIfQuietForDays` it is refused.
   */
  despiteEvidence?: string;
}

/** Arguments of PostfixHardening. */
export interface PostfixHardeningArgs {
  /**
   * How to reach the host by SSH. Key material becomes secret whatever was passed. Refused without `hostKey` and
   * without a way to log in.
   */
  connection: Connection;
  /**
   * Obsolete TLS to close. Default: all three blocks with their defaults (TLSv1.2 for what is received, TLSv1 for
   * what is sent). Given, only the blocks that it names; `{}` leaves TLS alone. A setting that is stricter already is
   * never lowered.
   */
  tls?: Tls;
  /**
   * main.cf parameters and their values, as postconf(5) describes them; an empty text is an empty value. Default:
   * none. Values are data: quotes, backticks and `$(…)` are written as they are, and `$name` is Postfix's own.
   * Refused: newlines, control characters, outer blanks, a `#` in a TLS value, secrets, and parameters that `tls`
   * decides.
   */
  settings?: Record<string, pulumi.Input<string>>;
  /**
   * Whether the host notes who still uses which TLS version, so that a floor can be raised on evidence: the TLS logging of
   * incoming and outgoing mail is set to 1 (`smtpd_tls_loglevel`, `smtp_tls_loglevel`, `lmtp_tls_loglevel`), and a timer
   * collects what Postfix logs, also without an `Smtps465Probe`. Default: false. The timer goes with the last component that asks for it; the
   * evidence stays. Refused for another Postfix instance than the default one, and together with one of the parameters in
   * `settings`, `unsetSettings` or `secretSettings`.
   */
  tlsEvidence?: boolean;
  /** Names of main.cf parameters that are not set, so that Postfix's default holds. Default: none. */
  unsetSettings?: string[];
  /**
   * main.cf parameters whose values are secret: no policy, preview, log or message shows them. Default: none. A host
   * refuses them while its main.cf is readable by all. With a main.cf that is not, sendmail(1), which reads it as its
   * caller, works for root alone: where programs of others send mail by it, keep the secret in a lookup table that only
   * root reads, and name that in `settings`. A changed value takes effect when `secretRevision` is raised.
   */
  secretSettings?: Record<string, pulumi.Input<string>>;
  /**
   * The number of the present secret values, shown in the policy in their place, 1 to 1000000000. Default: 1. Raise
   * it with every change.
   */
  secretRevision?: number;
  /**
   * master.cf services by `NAME/TYPE`, such as `submission/inet`; types are inet, unix, unix-dgram, fifo and pass.
   * Default: none. For an `inet` service without an address any name of its port will do (465, smtps and submissions
   * are the same); two keys for one service are refused.
   */
  services?: Record<string, Service>;
  /**
   * Postfix's configuration directory, an absolute path. Default: the one of the only running instance; with several
   * it is required.
   */
  configDirectory?: string;
  /** Whether a floor may be lowered and an exclusion dropped to exactly what is asked for here. Default: false. */
  allowWeaker?: boolean;
  /** What happens to `-o` options that would defeat `tls`: `report` or `fix`. Default: report. */
  overrides?: Overrides;
  /**
   * Words of "managed by" headers whose files may be edited all the same, such as `ansible`. Default: none, such
   * files are refused.
   */
  sharedWith?: string[];
  /**
   * How a change takes effect: `reload`, `drain` or `restart`. Default: reload. Whatever is asked for, the parameters
   * that need a restart get one. What a destroy gives back is never drained.
   */
  activation?: Activation;
  /**
   * Seconds that `drain` leaves to the sessions on old settings to end by themselves, 0 to 3600. Default: 60. The
   * `pulumi up` lasts so much longer where such sessions stay. Refused without `activation` drain.
   */
  drainSeconds?: number;
  /** What destroying the component does to the host: `keep` or `restore`. Default: keep, the host stays hardened. */
  onDestroy?: OnDestroy;
  /**
   * Former owners `ORGANIZATION/PROJECT/STACK/TYPE/NAME` whose changes on the host are now this component's. Default:
   * none. Aliases of the component are found by themselves; name here what they cannot say: a renamed stack, project or
   * organization. A preview and `up` that would forget a former owner are refused, and name it.
   */
  formerly?: string[];
  /**
   * Raise it to compare the host once more and mend what drifted, or after it was set up anew; 0 to 1000000000.
   * Default: 0.
   */
  repair?: number;
}

/** The names of all arguments, for programs without a compiler. */
export const argumentNames: readonly (keyof PostfixHardeningArgs)[] = [
  "connection",
  "tls",
  "tlsEvidence",
  "settings",
  "unsetSettings",
  "secretSettings",
  "secretRevision",
  "services",
  "configDirectory",
  "allowWeaker",
  "overrides",
  "sharedWith",
  "activation",
  "drainSeconds",
  "onDestroy",
  "formerly",
  "repair",
];
