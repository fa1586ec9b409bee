// What the README and the pages of docs/ have their reader type.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../lab/places.ts";

/** What a page has the reader type. */
export interface Block {
  page: string;
  /** As root of the mail host, where the line before the block says "on the host". */
  onHost: boolean;
  text: string;
}

export const page = (name: string): string => readFileSync(join(checkout, name), "utf8");

export function blocksOf(name: string): Block[] {
  const found = [...page(name).matchAll(/^(.*)\n+```sh\n([\s\S]*?)^```/gm)];
  return found.map(([, before = "", text = ""]) => ({ page: name, onHost: /\bon the host\b/.test(before), text }));
}

/** One by one, as they are typed; what spans lines stays whole. */
export function commandsOf({ onHost, text }: Block): string[] {
  if (onHost || /^\s/m.test(text)) return [text];
  return text.split("\n").filter((line) => line !== "");
}

/** A fenced block of another language, the first unless told otherwise. */
export function fenced(name: string, language: string, at = 0): string {
  return [...page(name).matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm"))][at]?.[1] ?? "";
}
