// Debian roots: built once per recipe, shared by all runs on this machine.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { cache, labDir } from "./places.ts";
import { must } from "./run.ts";

export const releases = ["bullseye", "bookworm", "trixie"] as const;
export const suites = [...releases, "sid"] as const;
export type Suite = (typeof suites)[number];
export const kinds = ["stock", "lived-in", "firewalls", "bind", "name-servers", "logs", "python"] as const;
export type Kind = (typeof kinds)[number];

/** Every root that the tests use: what a site may have besides is tried on one suite, and Python serves a bench alone. */
export const allRoots: readonly (readonly [Suite, Kind])[] = suites.flatMap((suite) =>
  kinds
    .filter((kind) => kind === "stock" || kind === "lived-in" || (suite === "bookworm" && kind !== "python"))
    .map((kind): readonly [Suite, Kind] => [suite, kind]),
);

/** The kind whose root another one's begins as; stock is built from nothing. */
const bases: Readonly<Partial<Record<Kind, Kind>>> = {
  "lived-in": "stock",
  firewalls: "stock",
  bind: "stock",
  "name-servers": "bind",
  logs: "lived-in",
  python: "stock",
};

/** Also of what begins as one. */
export function isKind(kind: Kind, of: Kind): boolean {
  const base = bases[kind];
  return kind === of || (base !== undefined && isKind(base, of));
}

const rootsDir = join(cache, "roots");
const UNUSED_DAYS = 14;

/** The root's directory, built if it is not there. Two runs at a time wait for each other. */
export async function ensureRoot(suite: Suite, kind: Kind): Promise<string> {
  const baseKind = bases[kind];
  const base = baseKind && (await ensureRoot(suite, baseKind));
  const target = rootPath(suite, kind);
  if (!existsSync(target)) {
    mkdirSync(rootsDir, { recursive: true });
    const script = join(labDir, "buildRoot.sh");
    await must(["flock", join(rootsDir, `${suite}.lock`), "sh", script, suite, kind, target, base ?? ""], {
      timeoutMs: 1_800_000,
      onOutput: (text) => process.stderr.write(text),
    });
    dropUnused();
  }
  const now = new Date();
  utimesSync(target, now, now);
  return target;
}

/** sid is what it is today, and may not be installable; a release is. */
export const mayBeMissing = (suite: Suite, kind: Kind): boolean =>
  suite === "sid" && !existsSync(rootPath(suite, kind));

function rootPath(suite: Suite, kind: Kind): string {
  const hash = createHash("sha256");
  const recipe = [join(labDir, "buildRoot.sh"), ...filesOf(kind)];
  for (const file of recipe)
    hash.update(file.slice(labDir.length)).update("\0").update(readFileSync(file)).update("\0");
  return join(rootsDir, `${suite}-${kind}-${hash.digest("hex").slice(0, 12)}`);
}

/** All that makes a kind, from the first one on. */
function filesOf(kind: Kind): string[] {
  const base = bases[kind];
  const own = readdirSync(join(labDir, "kinds", kind), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return [...(base === undefined ? [] : filesOf(base)), ...own];
}

// A root of an older recipe may serve another checkout, so age decides, not the recipe.
function dropUnused(): void {
  const limit = Date.now() - UNUSED_DAYS * 86_400_000;
  for (const name of readdirSync(rootsDir)) {
    const path = join(rootsDir, name);
    if (!name.endsWith(".lock") && statSync(path).mtimeMs < limit) rmSync(path, { recursive: true, force: true });
  }
}
