// Programs that come as Go modules alone, built once into the cache; where Go is too old or missing, nothing is built.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cache, labDir } from "./places.ts";
import { must } from "./run.ts";

interface Recipe {
  package: string;
  version: string;
  /** A program of ours that needs the package. */
  source?: string;
}

const recipes = {
  "pulumi-language-yaml": { package: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml", version: "v1.25.0" },
  actionlint: { package: "github.com/rhysd/actionlint/cmd/actionlint", version: "v1.7.7" },
  genSdk: {
    package: "github.com/pulumi/pulumi/pkg/v3",
    version: "v3.274.1",
    source: join(labDir, "genSdk", "main.go"),
  },
} satisfies Record<string, Recipe>;

export type GoTool = keyof typeof recipes;

/** Why no such program can be had here; empty where it can. */
export function obstacle(name: GoTool): string {
  if (existsSync(join(directory(name), name))) return "";
  const missing = goObstacle();
  return missing === "" ? "" : `${name} is built from Go modules, and ${missing}`;
}

/** Why nothing can be built or checked by Go here; empty where it can. */
export function goObstacle(): string {
  const { status, stdout } = spawnSync("go", ["env", "GOVERSION"], { encoding: "utf8" });
  if (status !== 0) return "there is no go here";
  const minor = Number(/^go1\.(\d+)/.exec(stdout)?.[1] ?? 0);
  return minor >= 21 ? "" : `that needs Go 1.21 or later, and this is ${stdout.trim()}`;
}

/** The directory of the program, for PATH. */
export async function goTool(name: GoTool): Promise<string> {
  const target = directory(name);
  if (existsSync(target)) return target;
  mkdirSync(cache, { recursive: true });
  const recipe: Recipe = recipes[name];
  const words = [target, recipe.package, recipe.version, ...(recipe.source === undefined ? [] : [recipe.source])];
  await must(["flock", join(cache, "go-tools.lock"), "sh", join(labDir, "buildGoTool.sh"), ...words], {
    timeoutMs: 3_600_000,
    onOutput: (text) => process.stderr.write(text),
  });
  return target;
}

function directory(name: GoTool): string {
  const recipe: Recipe = recipes[name];
  const text = recipe.source === undefined ? "" : readFileSync(recipe.source, "utf8");
  const hash = createHash("sha256").update(`${recipe.package} ${recipe.version} ${text}`).digest("hex");
  return join(cache, `${name}-${hash.slice(0, 12)}`);
}
