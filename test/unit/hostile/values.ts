// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a shell reads ${name}, and so does Postfix.
// Texts that somebody who means ill, or who pasted too much, would put into an argument.
import fc from "fast-check";

/** The file that appears as soon as anything of a text is run. */
export const canary = "mailhost-canary";

/** What a shell, awk, sed, printf, Postfix, a terminal or a policy's reader could take for more than a character. */
const pieces: readonly string[] = [
  ...[`\`touch ${canary}\``, `$(touch ${canary})`, `;touch ${canary};`, `|touch ${canary}|`, `&&touch ${canary}`],
  ...[`\ntouch ${canary}\n`, `>${canary}`, `'; touch ${canary} #`, `"; touch ${canary} #`, `}' touch ${canary} '{`],
  ...[
    "${IFS}",
    "$HOME",
    "$x",
    "$$",
    "$",
    "'",
    '"',
    "`",
    "\\",
    "\\n",
    "\\\\",
    "\\033[2J",
    "!!",
    "~root",
    "&",
    "<",
    "(",
    ")",
  ],
  ...["*", "?", "[a-z]", "{a,b}", "{", "}", "{ a }", "-", "--", "-n", "-o x=y", "--help", "-oProxyCommand=x"],
  ...["\n", "\r\n", "\0", "\t", "\v", "\u001b[2J", "\u001b]0;title\u0007", "\u009b31m", "\u007f", "\u0085", "\u001b"],
  ...["\u202eevil", "\u2028", "\ud800", "\udfff", "\ufeff", "\u00a0", "ü", "Grüße", "漢字", "📬", "e\u0301"],
  ...[
    "%s",
    "%n",
    "%d%%",
    "&amp;",
    "#",
    " # no",
    "=",
    " = ",
    "/",
    "../..",
    "/etc/passwd",
    "a/b/c/d/e",
    ":",
    "@",
    ",",
    " ",
    "  ",
  ],
  ...[
    "\npolicy   1",
    "\nset      x = y",
    "set      x = y",
    "enable",
    "yes",
    "",
    "null",
    "0",
    "60?",
    "99999999999",
    "__proto__",
    "constructor",
    "constructor/inet",
  ],
  ...[
    "a",
    "lab",
    "smtpd",
    "RC4",
    "TLSv1.2",
    "modern",
    "reload",
    "restore",
    "fix",
    "sudo",
    "smtp/inet",
    "x/unix",
    "/etc/postfix",
  ],
  ...[
    "mx1.example.com",
    "::1",
    "fe80::1%eth0",
    "192.0.2.1",
    "[::1]:465/inet",
    "ssh-rsa AAAA",
    "ssh-\u001b[2J x",
    "@revoked x",
  ],
  ...[
    "-----BEGIN PRIVATE KEY-----\n",
    "x".repeat(300),
    "y".repeat(20_000),
    "z ".repeat(1_000),
    "\u001b[1m".repeat(500),
  ],
];

/** At least `count` different texts: each piece, and pieces put together. The same for the same seed. */
export function hostileTexts(seed: number, count: number): string[] {
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...pieces) },
    fc.string({ unit: "binary", maxLength: 5 }),
  );
  const joined = fc
    .tuple(fc.array(piece, { minLength: 2, maxLength: 4 }), fc.constantFrom("", " "))
    .map(([parts, between]) => parts.join(between));
  const texts = new Set(pieces);
  for (const text of fc.sample(joined, { seed, numRuns: 2 * count })) {
    if (texts.size >= count) break;
    texts.add(text);
  }
  return [...texts];
}

/** The seed of this run; another one by MAILHOST_SEED. */
export const seed = Number(process.env.MAILHOST_SEED ?? 20261125);

/** What no terminal may get: control characters, separators, what turns the direction, half characters. */
export const unseen = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
