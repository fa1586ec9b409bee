import type { Keyword, Line } from "../../src/policy/render.ts";
import { keywords } from "../../src/policy/render.ts";

/** A reader of policies made from docs/policy.md alone; the host's reader is src/host/policy.awk. */
export function readPolicy(text: string): Line[] {
  if (!text.endsWith("\n")) throw new Error("a policy ends with a newline");
  return text.slice(0, -1).split("\n").map(readLine);
}

function readLine(line: string): Line {
  const word = line.slice(0, 8).trimEnd();
  const keyword = keywords.find((known): known is Keyword => known === word);
  if (keyword === undefined || line[8] !== " ") throw new Error(`not a line of a policy: ${line}`);
  return { keyword, rest: line.slice(9) };
}
