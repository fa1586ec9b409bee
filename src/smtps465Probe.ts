import * as pulumi from "@pulumi/pulumi";
import { remoteScope, showNewPolicy, showWarnings } from "./component";
import { hostLabel, normalizeConnection, obeyPolicy, uploadProgram } from "./connection";
import { renderPolicy } from "./policy/render";
import { parseProbeReceipt } from "./probeReceipt";
import { parseReceipt, type Warning } from "./receipt";
import type { Smtps465ProbeArgs } from "./smtps465ProbeArgs";
import { normalizeProbe } from "./wantedProbe";

const type = "mailhost:index:Smtps465Probe";

/**
 * Records who still connects to port 465, for months: rules in the packet filter that log and count new connections,
 * and a collector that keeps a small daily aggregate of them and of Postfix's own log on the host. It closes nothing.
 */
export class Smtps465Probe extends pulumi.ComponentResource {
  /**
   * Where the rules stand: `iptables CHAIN`, `legacy CHAIN`, or `nft` for a table of our own.
   */
  public readonly place: pulumi.Output<string>;
  /** The UTC second since which the rules stand there, as RFC 3339 text. */
  public readonly since: pulumi.Output<string>;
  /**
   * `verified` where a connection made for the test appeared in counter and log when the host last ran, else
   * `unverified`, with a warning that says what to do. An unverified probe is never evidence that nobody connects.
   */
  public readonly state: pulumi.Output<string>;
  /** Who answered on the port when the host last ran: `postfix`, the name of another process, or `none`. */
  public readonly listener: pulumi.Output<string>;
  /** What the host wants known although the run succeeded; each is shown by `pulumi up` as well. */
  public readonly warnings: pulumi.Output<Warning[]>;
  /** What is wanted of the host, as text: the policy that a preview shows; docs/policy.md has its grammar. */
  public readonly policy: pulumi.Output<string>;
  /** Where the host is reached, `user@host:port`, without key material. */
  public readonly endpoint: pulumi.Output<string>;

  constructor(name: string, args: Smtps465ProbeArgs, opts?: pulumi.ComponentResourceOptions) {
    const label = hostLabel(name, args.connection);
    const host = normalizeConnection(label, args.connection);
    const wanted = normalizeProbe(label, type, name, args, opts?.aliases);
    // The SDK writes what it is given here into the state: nothing of the arguments but where the host is.
    super(type, name, { endpoint: host.endpoint }, opts);

    this.endpoint = host.endpoint;
    this.policy = pulumi.all(wanted.lines).apply(renderPolicy);
    const scope = remoteScope(this, { type, name }, host, wanted, opts);
    const named = wanted.syslogName.length === 0 ? [] : [renderPolicy(wanted.syslogName)];
    const upload = uploadProgram(`${name}-program`, scope, [this.policy, ...named]);
    // One `-o` option of Postfix's own, by the same transaction as any other change of its files.
    const before = named.map((policy) => obeyPolicy(`${name}-syslogName`, scope, policy, upload));
    const command = obeyPolicy(`${name}-policy`, scope, this.policy, [...upload, ...before]);
    showNewPolicy(this.policy, upload[0]?.id ?? command.stdout, this);

    const receipt = pulumi
      .all([host.address, command.stdout])
      .apply(([address, output]) => parseProbeReceipt(address, output));
    this.place = receipt.apply(({ place }) => place);
    this.since = receipt.apply(({ since }) => since);
    this.state = receipt.apply(({ state }) => state);
    this.listener = receipt.apply(({ listener }) => listener);
    const optionOutputs = pulumi.all(before.map(({ stdout }) => stdout));
    this.warnings = pulumi.all([host.address, optionOutputs, receipt]).apply(([address, outputs, { warnings }]) => {
      const ofOption = outputs.flatMap((output) => parseReceipt(address, output).warnings);
      return showWarnings({ host: address, warnings: [...ofOption, ...warnings] }, this);
    });
    this.registerOutputs({
      place: this.place,
      since: this.since,
      state: this.state,
      listener: this.listener,
      warnings: this.warnings,
      policy: this.policy,
      endpoint: this.endpoint,
    });
  }
}
