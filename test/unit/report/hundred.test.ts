// A report of 100 hosts, each as far away as the other end of the world: ssh is stood in for, the rest is what a user runs.
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { checkout } from "../../lab/places.ts";
import { answer, coveredDays, row, user } from "./evidence.ts";

it("is there in under 10 seconds", async () => {
  const dir = mkdtempSync(join(tmpdir(), "mailhost-hundred-"));
  try {
    const scanners = (ago: number) =>
      Array.from({ length: 4 }, (_, at) => row(ago, "connect", `198.51.${at}.0/24`, "-", 9));
    const days = Array.from({ length: 180 }, (_, ago) => scanners(ago)).flat();
    const lines = answer([...coveredDays(180), ...days, user("alice@example.com", "192.0.2.0/24", 3, 9, 2)]);
    writeFileSync(join(dir, "answer"), `mailhost: begun\n${lines.join("\n")}\n`);
    // Half a second to log in and to answer; it takes what it is sent, as a host does.
    writeFileSync(join(dir, "ssh"), `#!/bin/sh\ncat >/dev/null\nsleep 0.5\ncat ${dir}/answer\n`);
    chmodSync(join(dir, "ssh"), 0o755);
    const hosts = Array.from({ length: 99 }, (_, index) => `mx${index}.example.com`);
    // The last one is known by a stack's state.
    const component = {
      urn: "u",
      type: "mailhost:index:Smtps465Probe",
      outputs: { endpoint: "root@mx99.example.com:22" },
    };
    writeFileSync(join(dir, "state"), JSON.stringify({ deployment: { resources: [component] } }));
    writeFileSync(
      join(dir, "pulumi"),
      `#!/bin/sh\n[ "$*" = "stack export --non-interactive --stack prod" ] && cat ${dir}/state\n`,
    );
    chmodSync(join(dir, "pulumi"), 0o755);
    const began = performance.now();
    const { status, text } = await report([...hosts, "--stack", "prod", "--html"], dir);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(status).toBe(3);
    expect(text.match(/<section id=/g)).toHaveLength(100);
    expect(text).toContain("<h2>root@mx99.example.com port 465: keep</h2>");
  } finally {
    rmSync(dir, { recursive: true });
  }
});

async function report(words: string[], dir: string): Promise<{ status: number | null; text: string }> {
  const child = spawn(process.execPath, [join(checkout, "dist/cli/main.js"), "report", ...words], {
    env: { ...process.env, PATH: `${dir}:${process.env.PATH}` },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, text };
}
