// What a preview says of a policy.
import { keywords } from "../../src/policy/render.ts";

const line = `(?:${keywords.map((keyword) => keyword.padEnd(8)).join("|")}) \\S.*`;

/** The lines of a policy that stand by themselves, as the first preview prints them. */
export function policyLines(text: string): string[] {
  return [...text.matchAll(new RegExp(`^ *(${line})$`, "gm"))].map(([, found]) => String(found));
}

/** The lines of a policy that the engine's own diff marks, with their marks. */
export function changedLines(text: string): string[] {
  return [...text.matchAll(new RegExp(`^ *([-+] ${line})$`, "gm"))].map(([, found]) => String(found));
}
