# Files as arrays of lines, so that what is not edited stays as it was, byte for byte.

function readLines(path, lines, n, line) {
	n = 0
	while ((getline line < path) > 0) lines[++n] = line
	close(path)
	return n
}

# Replaces `count` lines from `at` on by the lines of `text` ("" is no line); returns the new number of lines.
function splice(lines, n, at, count, text, added, part, i, shift) {
	added = text == "" ? 0 : split(text, part, "\n")
	shift = added - count
	if (shift > 0) for (i = n; i >= at + count; i--) lines[i + shift] = lines[i]
	if (shift < 0) for (i = at + count; i <= n; i++) lines[i + shift] = lines[i]
	for (i = 1; i <= added; i++) lines[at + i - 1] = part[i]
	return n + shift
}

function joinLines(lines, first, last, i, text) {
	text = lines[first]
	for (i = first + 1; i <= last; i++) text = text "\n" lines[i]
	return text
}

# A file without a final newline keeps that, unless its last line is ours.
function writeLines(path, lines, n, lastLine, bare, i) {
	printf "" > path
	for (i = 1; i <= n; i++) printf "%s%s", lines[i], (i == n && bare && lines[i] == lastLine ? "" : "\n") > path
	close(path)
}

function trim(text) {
	sub(/^[ \t\r]+/, "", text)
	sub(/[ \t\r]+$/, "", text)
	return text
}

function isComment(line) {
	return line ~ /^[ \t\r]*(#|$)/
}

# One line of a ledger or a report: backslash, tab and newline escaped.
function encode(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/\t/, "\\t", text)
	gsub(/\n/, "\\n", text)
	return text
}

function decode(text, out, at, c) {
	out = ""
	while ((at = index(text, "\\")) > 0) {
		c = substr(text, at + 1, 1)
		out = out substr(text, 1, at - 1) (c == "n" ? "\n" : c == "t" ? "\t" : c)
		text = substr(text, at + 2)
	}
	return out text
}
