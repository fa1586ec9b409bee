// The examples in Python and Go against the SDKs that Pulumi generates from our schema: what a compiler says of them.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goObstacle, goTool, obstacle } from "../lab/goTools.ts";
import { checkout, say, scratch } from "../lab/places.ts";
import { must, type Result, run } from "../lab/run.ts";
import { ensureVenv } from "../lab/venv.ts";

const missing = obstacle("genSdk");
if (missing !== "") say(`Python and Go are not tested: ${missing}`);
const why = missing === "" ? "" : ` (skipped: ${missing})`;
// A generator that was built once needs no Go; a program in Go does.
const missingGo = missing || goObstacle();
const whyGo = missingGo === "" ? "" : ` (skipped: ${missingGo})`;
const sdkVersion = "3.274.1";

/** A directory with the generated SDK in it. */
async function generate(language: "python" | "go"): Promise<string> {
  const dir = scratch("programs", language);
  await must([join(await goTool("genSdk"), "genSdk"), language, join(checkout, "schema.json"), join(dir, "sdk")]);
  return dir;
}

function copyExample(language: string, dir: string, change: (text: string) => string = (text) => text): void {
  cpSync(join(checkout, "examples", language), dir, { recursive: true });
  const main = join(dir, language === "go" ? "main.go" : "__main__.py");
  writeFileSync(main, change(readFileSync(main, "utf8")));
}

describe.skipIf(missing !== "")(`a program in Python${why}`, () => {
  let dir: string;
  let mypy: string;
  const check = (): Promise<Result> =>
    run(
      [
        mypy,
        "--ignore-missing-imports",
        "--follow-imports",
        "silent",
        "--python-executable",
        mypy.replace(/mypy$/, "python"),
        "__main__.py",
      ],
      {
        cwd: dir,
        env: { ...process.env, MYPYPATH: join(dir, "sdk") },
      },
    );

  beforeAll(async () => {
    dir = await generate("python");
    mypy = join(await ensureVenv("python-sdk", ["pulumi>=3.270,<4", "mypy>=1.10,<3"]), "bin", "mypy");
  }, 900_000);
  afterAll(() => must(["rm", "-rf", dir]));

  test("type-checks, and an argument that is not there or has another type does not", async () => {
    copyExample("python", dir);
    expect(await check()).toMatchObject({ status: 0, stdout: expect.stringContaining("no issues found") });
    copyExample("python", dir, (text) => text.replace("host_key=", "hostKey="));
    expect((await check()).stdout).toMatch(/hostKey/);
    copyExample("python", dir, (text) => text.replace("mailhost.OnDestroy.RESTORE", '"restored"'));
    expect((await check()).stdout).toMatch(/on_destroy|arg-type|call-overload/);
  });

  test("has names as Python has them", () => {
    const text = readFileSync(join(dir, "sdk", "pulumi_mailhost", "_inputs.py"), "utf8");
    expect(text).toContain("host_key: pulumi.Input[_builtins.str]");
    expect(text).not.toMatch(/^ {4}def \w*[a-z][A-Z]/m);
    expect(text).not.toMatch(/ArgsArgs|undefined|\[object/);
  });
});

describe.skipIf(missingGo !== "")(`a program in Go${whyGo}`, () => {
  let dir: string;
  const check = (): Promise<Result> => run(["go", "vet", "."], { cwd: dir, env: { ...process.env, GOWORK: "off" } });

  beforeAll(async () => {
    dir = await generate("go");
    writeFileSync(join(dir, "sdk", "go.mod"), "module example.com/pulumi-mailhost/sdk/go\n\ngo 1.24\n");
    copyExample("go", dir);
    const module = [
      "module mail",
      "go 1.24",
      "replace example.com/pulumi-mailhost/sdk/go => ./sdk",
      `require github.com/pulumi/pulumi/sdk/v3 v${sdkVersion}`,
      "require example.com/pulumi-mailhost/sdk/go v0.0.0",
    ];
    writeFileSync(join(dir, "go.mod"), `${module.join("\n")}\n`);
    await must(["go", "mod", "tidy"], { cwd: dir, env: { ...process.env, GOWORK: "off", GOFLAGS: "-mod=mod" } });
  }, 900_000);
  afterAll(() => must(["rm", "-rf", dir]));

  test("type-checks, and an argument that is not there or has another type does not", async () => {
    expect(await check()).toMatchObject({ status: 0, stderr: "" });
    copyExample("go", dir, (text) => text.replace("HostKey: ", "Hostkey: "));
    expect((await check()).stderr).toMatch(/unknown field Hostkey/);
    copyExample("go", dir, (text) => text.replace("OnDestroy: &restore", "OnDestroy: &intermediate"));
    expect((await check()).stderr).toMatch(/cannot use &intermediate/);
  });
});
