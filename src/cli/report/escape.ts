// Account names, log words and host names come from others: they stay text wherever they are shown.

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

// Characters that no XML may have, and what turns the direction of text.
const forbidden =
  /[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** For text and for quoted attributes of HTML and SVG. */
export function markup(text: string): string {
  return text.replace(forbidden, "").replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

/** For a cell of CSV. A spreadsheet takes what begins with these characters for a formula; a leading apostrophe keeps it text. */
export function cell(text: string): string {
  const safe = /^[\s]*[=+\-@|%]/.test(text) || /^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n\t';]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
