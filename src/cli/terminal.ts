import type { Readable, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";

// All control characters but newline and tab, and what turns the direction of text.
const invisible = /(?![\n\t])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** What another machine says, without what a terminal would obey. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(invisible, "");
}

/** Hands on what a stream says, line by line, so that no escape is cut in two. */
export async function relay(from: Readable, line: (text: string) => void): Promise<void> {
  let rest = "";
  from.setEncoding("utf8");
  for await (const chunk of from) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) line(plain(text));
  }
  if (rest !== "") line(plain(rest));
}

export function writeLine(to: Writable, text: string): void {
  to.write(`${text}\n`);
}

/** A reader that has enough, such as `head`, closes the pipe; that is no failure of the command. */
export function forgiveClosedPipe(to: Writable): void {
  to.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

/** Columns, each as wide as its widest cell. */
export function aligned(rows: readonly string[][]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
