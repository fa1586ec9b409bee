/** Texts as Go writes them, which users know from the real provider: `%q`, `%v` of a list, host:port. */

const ESCAPES: Record<string, string> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

/** The verb `%q`: a Go string literal. */
export function quote(text: string): string {
  let quoted = '"';
  for (const character of wellFormed(text)) quoted += ESCAPES[character] ?? printable(character);
  return `${quoted}"`;
}

function printable(character: string): string {
  if (character === " " || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}

/** With halves of surrogate pairs replaced, as only whole characters can be sent. */
export function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** The verb `%v` of a list of strings. */
export function list(items: readonly string[]): string {
  return `[${items.join(" ")}]`;
}

export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
