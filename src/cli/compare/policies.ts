// Which policies a host is compared with: those of a stack, one of a file, or what a component without arguments asks for.
import { readFileSync } from "node:fs";
import { Refusal } from "../../policy/refusal";
import { type Keyword, keywords, type Line, renderPolicy } from "../../policy/render";
import { normalizeTls, tlsLines } from "../../policy/tls";
import { UsageError } from "../command";

export interface Question {
  /** What ssh knows the host by. */
  host: string;
  /** The component instance that asks. */
  owner: string;
  policy: string;
}

/** Whom a policy belongs to that no component has asked for yet. */
export const nobody = "none/none/none/mailhost:index:PostfixHardening/command-line";

/** `-` is standard input. */
export function policyOfFile(path: string): string {
  try {
    return completePolicy(path, readFileSync(path === "-" ? 0 : path, "utf8"));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--policy can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What `new PostfixHardening("mx1", { connection })` asks for. */
export function defaultPolicy(): string {
  return renderPolicy(completed(tlsLines(normalizeTls(undefined))));
}

/** A policy that someone wrote by hand: its lines in any order, and without those that only a component needs. */
export function completePolicy(path: string, text: string): string {
  const lines = text.split("\n").flatMap((line, at) => parsedLine(`${path} line ${at + 1}`, line));
  if (lines.length === 0) throw new UsageError(`${path} has no line of a policy; docs/policy.md has its grammar`);
  try {
    return renderPolicy(completed(lines));
  } catch (error) {
    if (error instanceof Refusal) throw new UsageError(`${path}: ${error.message}`);
    throw error;
  }
}

function completed(lines: readonly Line[]): Line[] {
  const has = (...keywords: Keyword[]) => lines.some(({ keyword }) => keywords.includes(keyword));
  const needed: Line[] = [{ keyword: "owner", rest: nobody }];
  if (!has("domain", "gate")) needed.push({ keyword: "destroy", rest: "keep" });
  if (!has("domain", "gate", "probe")) needed.push({ keyword: "activate", rest: "reload" });
  return [...lines, ...needed.filter(({ keyword }) => !has(keyword))];
}

function parsedLine(place: string, line: string): Line[] {
  if (/^\s*(#|$)/.test(line)) return [];
  const [, word, rest] = /^(\S+) +(\S.*)$/.exec(line.trimEnd()) ?? [];
  const keyword = keywords.find((known) => known === word);
  if (keyword === undefined || rest === undefined)
    throw new UsageError(`${place} is ${JSON.stringify(line)}, which is no line of a policy`);
  // As main.cf writes an empty value.
  if (keyword === "set" && rest.endsWith(" =")) return [{ keyword: "empty", rest: rest.slice(0, -2) }];
  if (keyword !== "policy") return [{ keyword, rest }];
  if (rest !== "1") throw new UsageError(`${place} is of policy ${rest}; this version of mailhost reads policy 1`);
  return [];
}

export function ownerOf(policy: string): string {
  return /^owner {4}(.+)$/m.exec(policy)?.[1] ?? nobody;
}
