/** What a terminal or a log takes for a command or a line's end: controls, separators, what turns the direction, half characters. */
const unseen = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A character as JSON writes one by its number. */
export function byNumber(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A text whoever wrote it, safe to print on one line: what would not be seen stands there as JSON writes it. */
export function visible(text: string): string {
  return text.replace(unseen, (character) => escapes[character] ?? byNumber(character));
}

/** The same, and no longer than `longest`: enough to recognize it, never a screenful. */
export function cut(text: string, longest: number): string {
  return text.length > longest ? `${visible(text.slice(0, longest))}…` : visible(text);
}
