// Debian roots: built once per recipe, shared by all runs on this machine.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { cache, labDir } from "./places.ts";
import { must } from "./run.ts";

export const suites = ["bullseye", "bookworm", "trixie"] as const;
export type Suite = (typeof suites)[number];
export const kinds = ["stock", "lived-in", "firewalls", "bind", "name-servers"] as const;
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
  const base = kind === "stock" ? undefined : await ensureRoot(suite, kind === "name-servers" ? "bind" : "stock");
  const target = rootPath(suite, kind);
  if (!existsSync(target)) {
    mkdirSync(rootsDir, { recursive: true });
    await must(["flock", join(rootsDir, `${suite}.lock`), "sh", ...builder(suite, kind, target, base ?? "")], {
      timeoutMs: 1_800_000,
      onOutput: (text) => process.stderr.write(text),
    });
    dropUnused();
  }
  const now = new Date();
  utimesSync(target, now, now);
  return target;
}

function builder(suite: Suite, kind: Kind, target: string, base: string): string[] {
  if (kind === "name-servers") return [join(labDir, "buildServers.sh"), target, base];
  return [join(labDir, "buildRoot.sh"), suite, kind, target, base];
}

function rootPath(suite: Suite, kind: Kind): string {
  const hash = createHash("sha256");
  const recipe = [join(labDir, "buildRoot.sh"), ...filesUnder(join(labDir, "stock"))];
  if (kind === "lived-in") recipe.push(...filesUnder(join(labDir, "livedIn")));
  if (kind === "name-servers") recipe.push(join(labDir, "buildServers.sh"), ...filesUnder(join(labDir, "nameServers")));
  if (kind === "bind" || kind === "name-servers") recipe.push(...filesUnder(join(labDir, "bind")));
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
