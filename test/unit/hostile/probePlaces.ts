// Where each text of a probe's own arguments must be found again.
import * as pulumi from "@pulumi/pulumi";
import { renderPolicy } from "../../../src/policy/render.ts";
import type { Smtps465ProbeArgs } from "../../../src/smtps465ProbeArgs.ts";
import type { WantedProbe } from "../../../src/wantedProbe.ts";
import { connection, settled } from "../mocks.ts";

/** Arguments with the text in one place. A program without a compiler passes whatever it likes. */
export function probeWith(place: string, text: string): Smtps465ProbeArgs {
  const [, name = "", list] = /^(\w+)(\[\])?$/.exec(place) ?? [];
  return Object.assign({ connection }, { [name]: list === undefined ? text : [text] });
}

export async function probePolicy({ lines, syslogName }: WantedProbe): Promise<string[]> {
  const policy = await settled(pulumi.all(lines).apply(renderPolicy));
  return `${policy}${renderPolicy(syslogName)}`.split("\n");
}

type Kept = (text: string, policy: readonly string[]) => boolean;
const line =
  (start: string, end = ""): Kept =>
  (text, policy) =>
    policy.includes(start + text + end);

export const probeKept: Readonly<Record<string, Kept>> = {
  "destinations[]": (text, policy) => policy.includes(`to       ${text.replace(/%.*/, "")}`),
  chain: line("chain    "),
  sourcePorts: line("source   "),
  prefix: line("log      debug ", "|"),
  level: line("log      ", " SERVICE MONITORING: |"),
  backend: line("backend  "),
  "ignoreNetworks[]": (text, policy) =>
    policy.includes(
      `ignore   ${text.replace(/%.*/, "")}${text.includes("/") ? "" : text.includes(":") ? "/128" : "/32"}`,
    ),
  syslogName: line("option   465/inet syslog_name = "),
  onDestroy: line("destroy  "),
  "formerly[]": line("former   "),
};
