import { createHash } from "node:crypto";

/** The first letters of a text's SHA-256, in hexadecimal: four bits each. */
export function shortHash(content: string | Buffer, letters: number): string {
  return createHash("sha256").update(content).digest("hex").slice(0, letters);
}
