// How much of the state one component is: checkpoints are written whole at each step, so this is what many hosts cost.
import { expect, test } from "vitest";
import { say } from "../lab/places.ts";
import type { Components, Kept, Wanted } from "./components.ts";
import { useSite } from "./useSite.ts";

const site = useSite();

/** With the ten lines that every policy of three TLS blocks has, a policy of twenty. */
const settings = {
  biff: "no",
  append_dot_mydomain: "no",
  smtpd_helo_required: "yes",
  disable_vrfy_command: "yes",
  strict_rfc821_envelopes: "yes",
  allow_percent_hack: "no",
  swap_bangpath: "no",
  helpful_warnings: "yes",
  smtpd_delay_reject: "yes",
  show_user_unknown_table_name: "no",
};

interface Size {
  /** All that the state keeps of the component and its children. */
  all: number;
  /** Of it, the connections: two resources, each with inputs and outputs. */
  connections: number;
  /** Of it, what the SDK notes of the program's call stack, for the component alone. */
  stacks: number;
}

const length = (value: unknown): number => Buffer.byteLength(JSON.stringify(value ?? ""));

async function size(components: Components, args: Wanted["args"]): Promise<Size> {
  await components.want({ args: { settings, ...args } }).up();
  const kept = (await components.resources()).filter(({ urn }) => urn.includes("mailhost:index:PostfixHardening"));
  expect(kept).toHaveLength(3);
  const policy = String(kept.find(({ type }) => type === "command:remote:Command")?.inputs?.stdin);
  expect(policy.trimEnd().split("\n")).toHaveLength(20);
  const sum = (of: (resource: Kept) => number) => kept.reduce((total, resource) => total + of(resource), 0);
  const connection = ({ inputs, outputs }: Kept) =>
    inputs?.connection === undefined ? 0 : length(inputs.connection) + length(outputs?.connection);
  return { all: sum(length), connections: sum(connection), stacks: sum(({ stackTrace }) => length(stackTrace)) };
}

function tell(what: string, { all, connections, stacks }: Size): void {
  say(`state of one component, ${what}: ${all} bytes, of them connections ${connections}, call stacks ${stacks}`);
}

// Eight kilobytes were hoped for; two connections alone are four times a key, encrypted.
test("one component with a policy of twenty lines is at most 15 kB", async () => {
  const components = await site().components();
  const small = await size(components, {});
  tell("ed25519", small);
  expect(small.all).toBeLessThan(15_000);
  expect(small.stacks).toBeLessThan(700);
  expect(small.all - small.connections - small.stacks).toBeLessThan(11_000);
  const { address, hostKey } = site().host;
  const privateKey = site().key("rsa");
  const bastion = { host: address, hostKey, privateKey };
  tell("RSA and bastion", await size(components, { connection: { host: "127.0.0.1", privateKey, bastion } }));
});
