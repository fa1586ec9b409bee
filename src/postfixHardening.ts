import * as pulumi from "@pulumi/pulumi";
import { remoteScope, showNewPolicy, showWarnings } from "./component";
import { hostLabel, normalizeConnection, obeyPolicy, type RemoteScope, sendSecrets, uploadProgram } from "./connection";
import { renderPolicy } from "./policy/render";
import type { PostfixHardeningArgs } from "./postfixHardeningArgs";
import {
  type ActivationStatus,
  type Change,
  joinReceipts,
  type OverrideLeft,
  parseReceipt,
  type ServiceStatus,
  type Warning,
} from "./receipt";
import { normalizeArgs, type Wanted } from "./wanted";

const type = "mailhost:index:PostfixHardening";

/**
 * Closes obsolete TLS in the Postfix of one host and holds main.cf parameters and master.cf services as asked. A
 * change is one transaction on the host: refused, or tried out beside the live service, made, taken into use and
 * verified, or put back.
 */
export class PostfixHardening extends pulumi.ComponentResource {
  /** The host's Postfix version, such as `3.7.11` (`mail_version`). */
  public readonly postfixVersion: pulumi.Output<string>;
  /**
   * The TLS versions that each smtpd and postscreen service accepted after the last change by the component or a guarded change of it; where
   * nothing was ever changed, when the host last ran.
   */
  public readonly protocols: pulumi.Output<ServiceStatus[]>;
  /**
   * What the last run changed, and the last one of each guarded change, as far as a receipt holds it: a warning `omitted` says so where it
   * does not hold all.
   */
  public readonly changes: pulumi.Output<Change[]>;
  /**
   * The UTC second from which new connections had the present settings, as RFC 3339 text; empty where nothing was
   * ever activated.
   */
  public readonly effectiveAt: pulumi.Output<string>;
  /** How the present settings took effect. */
  public readonly activation: pulumi.Output<ActivationStatus>;
  /** `-o` options in master.cf that defeat the policy and were left. */
  public readonly overridesLeft: pulumi.Output<OverrideLeft[]>;
  /** What the host wants known although the run succeeded; each is shown by `pulumi up` as well. What is held stands in `pending`. */
  public readonly warnings: pulumi.Output<Warning[]>;
  /** Guarded changes that the evidence refused and that were held, each with the reason; empty where none is. */
  public readonly pending: pulumi.Output<string[]>;
  /** What is wanted of the host, as text: the policy that a preview shows; docs/policy.md has its grammar. */
  public readonly policy: pulumi.Output<string>;
  /** Where the host is reached, `user@host:port`, without key material. */
  public readonly endpoint: pulumi.Output<string>;

  constructor(name: string, args: PostfixHardeningArgs, opts?: pulumi.ComponentResourceOptions) {
    const label = hostLabel(name, args.connection);
    const host = normalizeConnection(label, args.connection);
    const wanted = normalizeArgs(label, type, name, args, opts?.aliases);
    // The SDK writes what it is given here into the state: nothing of the arguments but where the host is.
    super(type, name, { endpoint: host.endpoint }, opts);

    this.endpoint = host.endpoint;
    this.policy = pulumi.all(wanted.lines).apply(renderPolicy);
    const scope = remoteScope(this, { type, name }, host, wanted, opts);
    const changes = wanted.guarded.map(({ key, lines }) => ({ key, policy: renderPolicy(lines) }));
    const upload = uploadProgram(`${name}-program`, scope, [this.policy, ...changes.map(({ policy }) => policy)]);
    const secrets = secretsBefore(`${name}-secrets`, scope, wanted, upload);
    const command = obeyPolicy(`${name}-policy`, scope, this.policy, [...upload, ...secrets]);
    const guarded = guardedChanges(name, scope, changes, [...upload, ...secrets, command]);
    showNewPolicy(this.policy, upload[0]?.id ?? command.stdout, this);
    for (const change of guarded) showNewPolicy(change.policy, change.command.stdout, this);

    const receiptOf = ({ stdout }: typeof command) =>
      pulumi.all([host.address, stdout]).apply(([address, output]) => parseReceipt(address, output));
    const receipt = pulumi
      .all([receiptOf(command), pulumi.all(guarded.map((change) => receiptOf(change.command)))])
      .apply(([own, others]) => joinReceipts(own, others));
    this.postfixVersion = receipt.apply(({ postfix }) => postfix);
    this.protocols = receipt.apply(({ services }) => services);
    this.changes = receipt.apply(({ changes }) => changes);
    this.effectiveAt = receipt.apply(({ activation }) => activation.at ?? "");
    this.activation = receipt.apply(({ activation }) => activation);
    this.overridesLeft = receipt.apply(({ overrides }) => overrides);
    this.pending = receipt.apply(({ warnings }) => warnings.filter(isHeld).map(({ text }) => text));
    const told = receipt.apply(({ warnings }) => warnings.filter((warning) => !isHeld(warning)));
    this.warnings = pulumi
      .all([host.address, told])
      .apply(([address, warnings]) => showWarnings({ host: address, warnings }, this));
    this.registerOutputs({
      postfixVersion: this.postfixVersion,
      protocols: this.protocols,
      changes: this.changes,
      effectiveAt: this.effectiveAt,
      activation: this.activation,
      overridesLeft: this.overridesLeft,
      warnings: this.warnings,
      pending: this.pending,
      policy: this.policy,
      endpoint: this.endpoint,
    });
  }
}

function secretsBefore(name: string, scope: RemoteScope, wanted: Wanted, upload: pulumi.Resource[]): pulumi.Resource[] {
  if (wanted.secrets.length === 0) return [];
  const text = pulumi
    .all(wanted.secrets)
    .apply((lines) => [`owner ${wanted.owner}`, ...lines].map((line) => `${line}\n`).join(""));
  return [sendSecrets(name, scope, text, upload)];
}

/** They run last, each alone: one that is refused stops nothing else of the component. */
function guardedChanges(
  name: string,
  scope: RemoteScope,
  changes: readonly { key: string; policy: string }[],
  after: pulumi.Resource[],
) {
  return changes.map(({ key, policy }) => ({
    policy: pulumi.output(policy),
    command: obeyPolicy(`${name}-guarded-${key}`, scope, policy, after),
  }));
}

/** What is held stands in `pending`, and is no warning. */
function isHeld({ code }: Warning): boolean {
  return code === "held";
}
