// The component that is measured: about 20 lines of policy, one of which comes from the configuration.
import { readFileSync } from "node:fs";
import type { Engine } from "../test/lab/engine.ts";
import type { Host } from "../test/lab/host.ts";
import type { Program } from "../test/lab/program.ts";
import type { Result } from "../test/lab/run.ts";
import type { Stack } from "../test/lab/stack.ts";

export const PROGRAM = `import { OnDestroy, PostfixHardening, TlsProfile } from "@postmaster/mailhost";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const host = config.require("host");
const hostKey = config.require("hostKey");
const privateKey = config.requireSecret("privateKey");
const bastion = config.getBoolean("bastion") ? { host, hostKey, privateKey } : undefined;
const mx = new PostfixHardening("mx", {
  connection: { host, hostKey, privateKey, bastion },
  tls: { incoming: { profile: TlsProfile.Intermediate }, submission: { profile: TlsProfile.Intermediate }, outgoing: {} },
  settings: {
    disable_vrfy_command: "yes",
    smtpd_client_connection_rate_limit: "100",
    smtpd_delay_reject: "yes",
    smtpd_error_sleep_time: "1s",
    smtpd_hard_error_limit: "20",
    smtpd_helo_required: config.require("helo"),
    smtpd_tls_loglevel: "1",
    strict_rfc821_envelopes: "yes",
  },
  onDestroy: OnDestroy.Restore,
});
export const { policy } = mx;
`;

export interface Login {
  key?: "ed25519" | "rsa";
  bastion?: boolean;
}

export async function configured(engine: Engine, program: Program, host: Host, login: Login = {}): Promise<Stack> {
  const { key = "ed25519", bastion = false } = login;
  const stack = await engine.stack({ program: program.dir, lab: host.lab });
  await stack.config("host", host.address);
  await stack.config("hostKey", host.hostKey);
  await stack.config("privateKey", readFileSync(host.keys[key], "utf8"), { secret: true });
  await stack.config("bastion", String(bastion));
  await stack.config("helo", "no");
  return stack;
}

/** What must work for a figure to mean anything. */
export async function worked(what: string, running: Promise<Result>): Promise<Result> {
  const result = await running;
  if (result.status !== 0) throw new Error(`${what}: status ${result.status}\n${result.stdout}${result.stderr}`);
  return result;
}

interface Exported {
  deployment: { resources: { type: string; urn: string; parent?: string }[] };
}

/** The bytes of the component and its children in the state, as the file backend writes them and without its blanks. */
export async function stateBytes(stack: Stack): Promise<{ stored: number; compact: number }> {
  const { deployment } = JSON.parse((await worked("export", stack.export())).stdout) as Exported;
  const component = deployment.resources.find(({ type }) => type.startsWith("mailhost:"))?.urn;
  const own = deployment.resources.filter(
    ({ urn, parent }) => component !== undefined && [urn, parent].includes(component),
  );
  const bytes = (blanks?: number): number =>
    own.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one, null, blanks)), 0);
  return { stored: bytes(4), compact: bytes() };
}
