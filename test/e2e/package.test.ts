// The package as a user gets it: packed, installed into an empty directory, used from there.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkout, say, scratch } from "../lab/places.ts";
import { must, type Result, run } from "../lab/run.ts";

const manifest = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
const tools = join(checkout, "node_modules", ".bin");
let dir: string;
let tarball: string;
let contents: string[];

const installed = (...parts: string[]): string => join(dir, "node_modules", ...parts);
const environment = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
const within = (argv: readonly string[]): Promise<Result> => run(argv, { cwd: dir, env: environment });

const checking = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2023", "--module", "nodenext"];

/** All that a user writes: the README's first program. */
const program =
  /^`index\.ts`:\n\n```ts\n([\s\S]*?)^```/m.exec(readFileSync(join(checkout, "README.md"), "utf8"))?.[1] ?? "";

beforeAll(async () => {
  dir = scratch("programs", "package");
  const packed = await must(["npm", "pack", "--json", "--pack-destination", dir], { cwd: checkout });
  const [{ filename, files, size }] = JSON.parse(packed.stdout);
  tarball = join(dir, filename);
  contents = files.map(({ path }: { path: string }) => path);
  writeFileSync(join(dir, "package.json"), JSON.stringify({ name: "mail", private: true }));
  await must(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", tarball], {
    cwd: dir,
    timeoutMs: 600_000,
  });
  const bytes = async (path: string) => Number((await must(["du", "-sb", path])).stdout.split("\t")[0]);
  const whole = await bytes(installed());
  const own = await bytes(installed("@postmaster", "mailhost"));
  say(`the package: ${kB(size)} packed, ${kB(own)} installed, ${kB(whole)} with all that it needs`);
});

afterAll(() => must(["rm", "-rf", dir]));

const kB = (bytes: number): string => `${Math.round(bytes / 1_000)} kB`;

describe("the packed package", () => {
  test("has what its manifest promises, its sources beside the compiled files, and no test", () => {
    const promised = [manifest.main, manifest.types, ...Object.values<string>(manifest.bin), "schema.json"];
    expect(contents).toEqual(expect.arrayContaining([...promised, "PulumiPlugin.yaml", "LICENSE", "README.md"]));
    expect(contents).toEqual(expect.arrayContaining(["src/index.ts", "src/host/main.sh", "dist/host/mailhost.sh"]));
    expect(contents.filter((path) => /(^|\/)(test|bench|tools|\.ci)\/|\.test\.|tsconfig/.test(path))).toEqual([]);
  });

  test("is clean for publint", async () => {
    const result = await run([join(tools, "publint"), "run", tarball, "--strict"], { cwd: checkout });
    expect(result, result.stdout).toMatchObject({ status: 0 });
    expect(result.stdout).toContain("All good!");
  });

  test("has types that every kind of import resolves", async () => {
    const result = await run([join(tools, "attw"), tarball, "--no-emoji"], { cwd: checkout });
    expect(result, result.stdout).toMatchObject({ status: 0 });
    expect(result.stdout).toContain("No problems found");
  });
});

describe("in an empty directory", () => {
  test("it needs what it declares, and declares what it needs", () => {
    const built = readdirSync(installed("@postmaster", "mailhost", "dist"), { recursive: true, encoding: "utf8" });
    const texts = built
      .filter((path) => /\.(js|d\.ts)$/.test(path))
      .map((path) => readFileSync(installed("@postmaster", "mailhost", "dist", path), "utf8"));
    const named = texts.flatMap((text) =>
      [...text.matchAll(/(?:require\(|from |import\()"([^."][^"]*)"/g)].map(([, name]) => name),
    );
    const packages = named
      .filter((name) => !name?.startsWith("node:"))
      .map((name) => /^(@[^/]+\/)?[^/]+/.exec(name ?? "")?.[0]);
    expect([...new Set(packages)].sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });

  test("the README's program type-checks, as CommonJS and as a module", async () => {
    expect(program).toContain('from "@postmaster/mailhost"');
    writeFileSync(join(dir, "index.ts"), program);
    writeFileSync(join(dir, "index.mts"), program);
    const result = await within(["tsc", ...checking, "index.ts", "index.mts"]);
    expect(result).toMatchObject({ status: 0, stdout: "" });
  });

  test("so does every other whole program of the pages", async () => {
    const pages = readdirSync(join(checkout, "docs")).map((name) => join("docs", name));
    const texts = ["README.md", ...pages].map((page) => readFileSync(join(checkout, page), "utf8"));
    const blocks = texts.flatMap((text) => [...text.matchAll(/^```ts\n(import [\s\S]*?)^```/gm)]);
    const names = blocks.map(([, block = ""], at) => {
      writeFileSync(join(dir, `page${at}.ts`), block);
      return `page${at}.ts`;
    });
    expect(names.length).toBeGreaterThan(3);
    expect(await within(["tsc", ...checking, ...names])).toMatchObject({ status: 0, stdout: "" });
  });

  test("the page's unit test passes on the README's program, and sees another floor", async () => {
    const page = readFileSync(join(checkout, "docs", "pull-requests.md"), "utf8");
    const [, unitTest = ""] = /^```ts\n(import [\s\S]*?)^```/m.exec(page) ?? [];
    writeFileSync(join(dir, "unit.ts"), unitTest);
    for (const [text, story] of [
      [program, "pass 1"],
      [program.replace("incoming: {}", 'incoming: { minimumVersion: "TLSv1.1" }'), "did not match"],
    ] as const) {
      writeFileSync(join(dir, "index.ts"), text);
      await must(["tsc", ...checking.slice(1), "--outDir", "unit", "unit.ts"], { cwd: dir, env: environment });
      const { stdout } = await within(["node", "--test", "unit/unit.js"]);
      expect(stdout).toContain(story);
    }
  });

  test("an argument that is not there, or has another type, is an error in the editor", async () => {
    const wrong = program
      .replace("smtpd_helo_required:", "smtpd_helo_required: 1, more:")
      .replace("incoming: {}", "incomming: {}");
    writeFileSync(join(dir, "wrong.ts"), wrong);
    const { status, stdout } = await within(["tsc", ...checking, "wrong.ts"]);
    expect(status).not.toBe(0);
    expect(stdout).toMatch(/wrong\.ts.*incomming/);
  });

  test.each([
    ["require", ["-e", 'console.log(Object.keys(require("@postmaster/mailhost")).sort().join())']],
    [
      "import",
      [
        "--input-type=module",
        "-e",
        'import * as m from "@postmaster/mailhost"; console.log(Object.keys(m).sort().join())',
      ],
    ],
  ])("it works by %s", async (_, words) => {
    const { status, stdout, stderr } = await within(["node", ...words]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/MailDns,.*PostfixHardening,.*Smtps465Probe/);
  });

  test("importing it loads neither a compiler nor a cloud's whole SDK", async () => {
    const script =
      "const t = performance.now(); require(process.argv[1]); const ms = performance.now() - t; console.log(JSON.stringify([ms, Object.keys(require.cache)]))";
    const importing = async (name: string): Promise<[number, string[]]> =>
      JSON.parse((await within(["node", "-e", script, name])).stdout);
    const [sdk] = await importing("@pulumi/pulumi");
    const [own, files] = await importing("@postmaster/mailhost");
    say(`import: ${Math.round(own)} ms; Pulumi's SDK alone: ${Math.round(sdk)} ms`);
    expect(files.filter((file) => /node_modules\/typescript\//.test(file))).toEqual([]);
    expect(files.filter((file) => /@pulumi\/aws\//.test(file)).length).toBeLessThan(50);
  });

  test("its command line and its plugin start", async () => {
    const help = await within([installed(".bin", "mailhost"), "--help"]);
    expect(help.status).toBe(0);
    expect(help.stdout).toMatch(/^usage: mailhost COMMAND/);
    expect(readdirSync(installed(".bin"))).toContain("pulumi-resource-mailhost");
    const plugin = spawn(installed(".bin", "pulumi-resource-mailhost"), ["127.0.0.1:1"], {
      cwd: dir,
      env: environment,
    });
    const [port] = await once(plugin.stdout.setEncoding("utf8"), "data");
    plugin.kill();
    expect(port).toMatch(/^\d+\n$/);
  });
});
