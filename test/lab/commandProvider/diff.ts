/** What changed between old state and new inputs, path by path, and which paths alone make a replacement. */
import { isArchive, isAsset, isObject, isPlainObject, isSecret, type Value, type Values } from "./values.ts";

export type Kind = "add" | "delete" | "update";
export interface Change {
  kind: Kind;
  replace: boolean;
}
export type Changes = Map<string, Change>;

/**
 * The real provider looks its `replaceOnChanges` properties up by the whole path. So `triggers` that come or go replace
 * by themselves, while one element (`triggers[0]`) replaces only because the SDKs pass `replaceOnChanges: triggers[*]`.
 */
export function diff(olds: Values, news: Values, replaceOnChanges: readonly string[]): Changes {
  const changes: Changes = new Map();
  compareObjects("", olds, news, (path, kind) => {
    changes.set(path, { kind, replace: replaceOnChanges.includes(path) });
  });
  return changes;
}

type Report = (path: string, kind: Kind) => void;

function compareObjects(prefix: string, olds: Values, news: Values, report: Report): void {
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    compare(prefix + segment(key, prefix === ""), olds[key] ?? null, news[key] ?? null, report);
  }
}

function compare(path: string, old: Value, now: Value, report: Report): void {
  if (Array.isArray(old) && Array.isArray(now)) {
    for (let i = 0; i < Math.max(old.length, now.length); i++) {
      if (i >= old.length) report(`${path}[${i}]`, "add");
      else if (i >= now.length) report(`${path}[${i}]`, "delete");
      else compare(`${path}[${i}]`, old[i] ?? null, now[i] ?? null, report);
    }
  } else if (isPlainObject(old) && isPlainObject(now)) {
    compareObjects(path, old, now, report);
  } else if (!equal(old, now)) {
    report(path, old === null ? "add" : now === null ? "delete" : "update");
  }
}

/** Deep equality as the engine has it: a secret never equals the same value in plain, an asset is its hash. */
export function equal(a: Value, b: Value): boolean {
  if (isSecret(a) || isSecret(b)) return isSecret(a) && isSecret(b) && equal(a.value ?? null, b.value ?? null);
  for (const is of [isAsset, isArchive]) {
    if (is(a) || is(b)) return is(a) && is(b) && (a.hash || b.hash ? a.hash === b.hash : sameFields(a, b));
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => equal(item, b[i] ?? null));
  }
  if (isObject(a) && isObject(b)) return sameFields(a, b);
  return a === b;
}

function sameFields(a: Values, b: Values): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => equal(a[key] ?? null, b[key] ?? null));
}

function segment(key: string, first: boolean): string {
  if (!/^[^.[\]"]+$/.test(key)) return `[${JSON.stringify(key)}]`;
  return first ? key : `.${key}`;
}
