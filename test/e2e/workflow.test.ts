// The example workflow: its `run:` steps, job by job, as a runner runs them, on a real host.
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { goTool, obstacle } from "../lab/goTools.ts";
import { checkout, say, scratch } from "../lab/places.ts";
import { must, type Result } from "../lab/run.ts";
import type { Stack } from "../lab/stack.ts";
import { mustWork } from "./components.ts";
import { said } from "./site.ts";
import { useSite } from "./useSite.ts";

interface Job {
  if: string;
  environment?: string;
  steps: { name?: string; uses?: string; run?: string; env?: Record<string, string> }[];
}
const project = join(checkout, "examples", "pull-requests");
const file = join(project, ".github", "workflows", "mail-hosts.yml");
const text = readFileSync(file, "utf8");
const jobs: Record<string, Job> = parse(text).jobs;
const secrets = (job: Job | undefined): string[] =>
  job?.steps
    .flatMap(({ env = {} }) => Object.values(env))
    .flatMap((value) => /secrets\.(\w+)/.exec(value)?.[1] ?? []) ?? [];

describe("the workflow", () => {
  const missing = obstacle("actionlint");
  if (missing !== "") say(`the workflow is not linted: ${missing}`);

  test.skipIf(missing !== "")(`is clean for actionlint${missing === "" ? "" : ` (skipped: ${missing})`}`, async () => {
    const { stdout, status } = spawnSync(join(await goTool("actionlint"), "actionlint"), ["-no-color", file], {
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  });

  test("gives the key that changes servers to the merged change alone, in a protected environment", () => {
    expect(jobs.preview?.if).toContain("pull_request");
    expect(secrets(jobs.preview)).toEqual([]);
    expect(secrets(jobs.audit)).toEqual(["AUDIT_KEY"]);
    expect(secrets(jobs.up)).toEqual(["DEPLOY_KEY"]);
    expect(jobs.up).toMatchObject({ if: expect.stringContaining("push"), environment: "production" });
    expect(Object.keys(jobs)).toEqual(["preview", "up", "audit"]);
    expect(text).not.toContain("pull_request_target:");
  });
});

const offline = { npm_config_offline: "true", npm_config_cache: join(homedir(), ".npm") };

describe("its steps", () => {
  const site = useSite();
  let dir: string;
  let stack: Stack;
  let summary: string;

  /** As a runner does: bash that ends at the first failure, and of the keys only what the step is given. */
  async function runJob(name: string, env: Record<string, string> = {}): Promise<Result> {
    let all: Result = { status: 0, stdout: "", stderr: "" };
    for (const { run: script } of jobs[name]?.steps ?? []) {
      if (script === undefined) continue;
      const step = await site().lab.run(["bash", "--noprofile", "--norc", "-e", "-c", script], {
        cwd: dir,
        // A lab has no way to a registry, so npm has what it fetched above.
        env: { ...stack.env, ...offline, HOME: dir, SSH_AUTH_SOCK: "", GITHUB_STEP_SUMMARY: summary, ...env },
        timeoutMs: 100_000,
      });
      all = { status: step.status, stdout: all.stdout + step.stdout, stderr: all.stderr + step.stderr };
      if (step.status !== 0) break;
    }
    return all;
  }

  const edit = (from: string, to: string): void => {
    const program = readFileSync(join(dir, "index.ts"), "utf8");
    expect(program).toContain(from);
    writeFileSync(join(dir, "index.ts"), program.replace(from, to));
  };

  beforeAll(async () => {
    const { host, engine, lab } = site();
    dir = scratch("programs", "workflow");
    summary = join(dir, "summary.md");
    cpSync(project, dir, { recursive: true });
    // It is on no registry yet: the file that `npm pack` makes stands in for that.
    await must(["npm", "pack", "--silent", "--pack-destination", dir], { cwd: checkout });
    const manifest = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
    const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
    manifest.dependencies["@postmaster/mailhost"] = `file:postmaster-mailhost-${version}.tgz`;
    writeFileSync(join(dir, "package.json"), JSON.stringify(manifest));
    await must(["npm", "install", "--no-audit", "--no-fund"], { cwd: dir });
    stack = await engine.stack({ program: dir, lab, name: "prod", env: { PULUMI_NODEJS_TRANSPILE_ONLY: "true" } });
    await stack.config("host", host.address);
    await stack.config("hostKey", host.hostKey);
    // In a repository the stack's settings stand beside the program.
    cpSync(join(stack.dir, "Pulumi.prod.yaml"), join(dir, "Pulumi.prod.yaml"));
    writeFileSync(join(dir, "known_hosts"), `${host.address} ${host.hostKey}\n`);
  });
  afterAll(async () => {
    await stack?.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  test("preview shows a reviewer the policy, without any key", async () => {
    const done = mustWork(await runJob("preview"));
    expect(said(done)).toContain("set      smtpd_helo_required = yes");
    expect(readFileSync(summary, "utf8")).toMatch(/^```diff\n[\s\S]*set {6}smtpd_helo_required = yes[\s\S]*```\n$/);
    expect((await site().host.exec("test -e /var/lib/mailhost")).status).toBe(1);
  });

  test("up needs the key, and makes the change with it", async () => {
    const key = (wrong: boolean) => readFileSync(site().host.keys[wrong ? "rsa" : "ed25519"], "utf8");
    await site().host.must(
      "cp /root/.ssh/authorized_keys /root/kept && grep -v ssh-rsa /root/kept >/root/.ssh/authorized_keys",
    );
    expect((await runJob("up", { DEPLOY_KEY: key(true) })).status).not.toBe(0);
    const done = mustWork(await runJob("up", { DEPLOY_KEY: key(false) }));
    expect(said(done)).toContain(`${site().host.address}: verified by handshakes with every listener`);
    expect(said(done)).not.toContain("PRIVATE KEY");
    expect((await stack.export()).stdout).not.toMatch(/privateKey|PRIVATE KEY/);
  });

  test("a later pull request shows the line that changes, and nothing else", async () => {
    edit('smtpd_helo_required: "yes"', 'smtpd_helo_required: "no"');
    rmSync(summary);
    mustWork(await runJob("preview"));
    const marked = readFileSync(summary, "utf8")
      .split("\n")
      .filter((line) => /^[-+] +(set|tls|exclude) /.test(line));
    expect(marked.map((line) => line.replace(/ +/, " "))).toEqual([
      "- set      smtpd_helo_required = yes",
      "+ set      smtpd_helo_required = no",
    ]);
    edit('smtpd_helo_required: "no"', 'smtpd_helo_required: "yes"');
  });

  test("audit is quiet while all is as wanted, and fails with a manual edit's name and time", async () => {
    const { host } = site();
    const page = readFileSync(join(checkout, "docs", "least-privilege.md"), "utf8").replaceAll(
      "mx1.example.com",
      host.address,
    );
    const block = (language: string): string => page.split(`\`\`\`${language}\n`)[2]?.split("```")[0] ?? "";
    const key = readFileSync(`${host.keys.ed25519}.pub`, "utf8").trim();
    await host.write("/usr/local/sbin/mailhost", readFileSync(join(checkout, "dist/host/mailhost.sh"), "utf8"), "755");
    await host.write("/etc/sudoers.d/auditor", block("sudoers"), "440");
    await host.must("useradd -m -s /bin/bash auditor && mkdir /home/auditor/.ssh");
    await host.write(
      "/home/auditor/.ssh/authorized_keys",
      block("authorized_keys").replace(/ssh-ed25519 AAAA… \S+/, key),
    );
    const env = { AUDIT_KEY: readFileSync(host.keys.ed25519, "utf8") };
    expect(said(mustWork(await runJob("audit", env)))).toContain(": as wanted: organization/mail-hosts/prod/");
    await host.must("postconf -e smtpd_helo_required=no");
    const drifted = await runJob("audit", env);
    expect(drifted.status).toBe(1);
    expect(drifted.stdout).toMatch(
      /main\.cf smtpd_helo_required: no -> yes; someone else changed it (between|after) 2/,
    );
  });
});
