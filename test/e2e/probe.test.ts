// A probe as a user has it: in a program beside other components, by preview, up and destroy.
import { beforeAll, expect, test } from "vitest";
import type { Program } from "../lab/program.ts";
import type { Stack } from "../lab/stack.ts";
import { mustWork } from "./components.ts";
import { changedLines } from "./preview.ts";
import { said } from "./site.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
const FILTER =
  "iptables-save | sed '/^#/d; s/\\[.*\\]//'; nft list ruleset 2>/dev/null | sed 's/packets [0-9]* bytes [0-9]*//'";

let stack: Stack;
let program: Program;
let before: string;
beforeAll(async () => {
  program = site().program("probe");
  stack = await site().stackOf(program);
  await stack.config("address", site().host.address);
  await stack.config("hostKey", site().host.hostKey);
  await stack.config("privateKey", site().key(), { secret: true });
  before = await site().host.must(FILTER);
});

test("the first preview shows the policy, and up says what it put where", async () => {
  const preview = said(mustWork(await stack.preview()));
  expect(preview).toContain("log      debug SERVICE MONITORING: |");
  expect(await site().host.must(FILTER)).toBe(before);
  const up = said(mustWork(await stack.up()));
  const { address } = site().host;
  expect(up).toContain(
    `${address}: log and count new connections from ports 1024:65535 to ${address} port 465, as "SERVICE MONITORING: " (iptables INPUT)`,
  );
  expect(up).toContain("(probe-unverified)");
  expect(await stack.outputs()).toMatchObject({ place: "iptables INPUT", state: "unverified", listener: "none" });
});

test("a second preview is empty, and a changed argument is one changed line", async () => {
  mustWork(await stack.preview({ args: ["--expect-no-changes"] }));
  await stack.config("prefix", "PORT 465: ");
  const preview = said(mustWork(await stack.preview({ diff: true })));
  expect(changedLines(preview)).toEqual(["- log      debug SERVICE MONITORING: |", "+ log      debug PORT 465: |"]);
  mustWork(await stack.up());
  expect(await site().host.must("iptables -S INPUT")).toContain('--log-prefix "PORT 465: "');
});

test("destroy takes the rules, the timer and the evidence away, and nothing else", async () => {
  mustWork(await stack.destroy());
  expect(await site().host.must(FILTER)).toBe(before);
  expect(await site().host.must("ls -d /var/lib/mailhost /etc/systemd/system/mailhost* 2>/dev/null; true")).toBe("");
});
