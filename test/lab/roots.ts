// Debian roots: built once per recipe, shared by all runs on this machine.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { cache, labDir } from "./places.ts";
import { must } from "./run.ts";

export const suites = ["bullseye", "bookworm", "trixie"] as const;
export type Suite = (typeof suites)[number];
export const kinds = ["stock", "lived-in", "firewalls", "bind"] as const;
export type Kind = (typeof kinds)[number];

/** Every root that the tests use: tools that manage a packet filter, and a name server, are tried on one suite. */
export const allRoots: readonly (readonly [Suite, Kind])[] = suites.flatMap((suite) =>
  kinds
    .filter((kind) => suite === "bookworm" || kind === "stock" || kind === "lived-in")
    .map((kind): readonly [Suite, Kind] => [suite, kind]),
);

const rootsDir = join(cache, "roots");
const UNUSED_DAYS = 14;

/** The root's directory, built if it is not there. Two runs at a time wait for each other. */
export async function ensureRoot(suite: Suite, kind: Kind): Promise<string> {
  const stock = rootPath(suite, "stock");
  if (kind !== "stock") await ensureRoot(suite, "stock");
  const target = rootPath(suite, kind);
  if (!existsSync(target)) {
    mkdirSync(rootsDir, { recursive: true });
    const script = join(labDir, "buildRoot.sh");
    await must(["flock", join(rootsDir, `${suite}.lock`), "sh", script, suite, kind, target, stock], {
      timeoutMs: 1_800_000,
      onOutput: (text) => process.stderr.write(text),
    });
    dropUnused();
  }
  const now = new Date();
  utimesSync(target, now, now);
  return target;
}

function rootPath(suite: Suite, kind: Kind): string {
  const hash = createHash("sha256");
  const recipe = [join(labDir, "buildRoot.sh"), ...filesUnder(join(labDir, "stock"))];
  if (kind === "lived-in") recipe.push(...filesUnder(join(labDir, "livedIn")));
  if (kind === "bind") recipe.push(...filesUnder(join(labDir, "bind")));
  for (const file of recipe)
    hash.update(file.slice(labDir.length)).update("\0").update(readFileSync(file)).update("\0");
  return join(rootsDir, `${suite}-${kind}-${hash.digest("hex").slice(0, 12)}`);
}

function filesUnder(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

// A root of an older recipe may serve another checkout, so age decides, not the recipe.
function dropUnused(): void {
  const limit = Date.now() - UNUSED_DAYS * 86_400_000;
  for (const name of readdirSync(rootsDir)) {
    const path = join(rootsDir, name);
    if (!name.endsWith(".lock") && statSync(path).mtimeMs < limit) rmSync(path, { recursive: true, force: true });
  }
}
