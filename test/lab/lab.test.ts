import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Lab } from "./lab.ts";
import { labDir, labsDir } from "./places.ts";
import { must, run, until } from "./run.ts";
import { banner } from "./smtp.ts";

test("hosts of one lab reach one another by all their addresses, and nothing else", async () => {
  const lab = await Lab.open();
  try {
    const [first, second] = await Promise.all([lab.boot(), lab.boot({ addresses: 100 })]);
    expect(second.addresses).toHaveLength(100);
    const last = second.addresses[99] as string;
    expect(await first.must(`bash -c "exec 3<>/dev/tcp/${last}/25; head -c 3 <&3"`)).toBe("220");
    expect((await lab.run(["ip", "route", "show", "default"])).stdout).toBe("");
    expect((await first.exec('bash -c "exec 3<>/dev/tcp/192.0.2.1/25"')).stderr).toMatch(/unreachable/);
    await first.stop();
    expect(existsSync(first.dir)).toBe(false);
    expect(await banner(second)).toMatch(/^220/);
  } finally {
    await lab.close();
  }
});

test("a closed lab leaves nothing", async () => {
  const lab = await Lab.open();
  const host = await lab.boot();
  const { leader } = host;
  await lab.close();
  await expectGone(lab.id, leader);
});

test.each(["SIGINT", "SIGKILL"] as const)("a lab whose owner ends by %s leaves nothing", async (signal) => {
  const { child, id, leader } = await bootInChild();
  child.kill(signal);
  await expectGone(id, leader);
});

test("a lab whose reaper was killed too is removed by the next one", async () => {
  const { child, id, leader } = await bootInChild();
  const { stdout } = await must(["pgrep", "-f", `teardown.sh ${join(labsDir, id)}$`]);
  process.kill(Number(stdout.trim()), "SIGKILL");
  child.kill("SIGKILL");
  await until("the end of the owner", async () => child.signalCode ?? undefined);
  expect(existsSync(join(labsDir, id))).toBe(true);
  const next = await Lab.open();
  await expectGone(id, leader);
  await next.close();
});

async function bootInChild(): Promise<{ child: ChildProcess; id: string; leader: number }> {
  const child = spawn(process.execPath, [join(labDir, "cli.ts"), "boot"], { stdio: ["pipe", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const leader = await until("a host in a child", async () => /^console .* -t (\d+)/m.exec(text)?.[1], {
    timeoutMs: 120_000,
  });
  const id = /mailhost-(\w+)/.exec(text)?.[1] as string;
  return { child, id, leader: Number(leader) };
}

async function expectGone(id: string, leader: number): Promise<void> {
  await until("the end of the lab", async () => (existsSync(join(labsDir, id)) ? undefined : true));
  expect((await run(["ip", "netns", "list"])).stdout).not.toContain(id);
  // A zombie runs no more; when it is buried is its new parent's affair.
  expect((await run(["ps", "-o", "stat=", "-p", String(leader)])).stdout).toMatch(/^$|^Z/);
  expect((await run(["pgrep", "-f", id])).stdout).toBe("");
}
