# Files as arrays of lines, so that what is not edited stays as it was, byte for byte.
# `name "" (` in all these files: busybox awk of Debian 11 takes `name (` for the call of a function.

# `line ""`: a line that getline read counts as a number where it looks like one, and 10 would equal 010.
function readLines(path, lines, n, line) {
	n = 0
	while ((getline line < path) > 0) lines[++n] = line ""
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

# A file without a final newline keeps that, unless its last line is ours.
function writeLines(path, lines, n, lastLine, bare, i) {
	printf "" > path
	for (i = 1; i <= n; i++) printf "%s%s", lines[i], (i == n && bare && lines[i] == lastLine ? "" : "\n") > path
	close(path)
}

# The lines from `first` to `last` as one text.
function joinLines(lines, first, last, i, text) {
	text = lines[first]
	for (i = first + 1; i <= last; i++) text = text "\n" lines[i]
	return text
}

# The last place where the lines of `text` stand one after the other, 0 if nowhere.
function findLines(lines, n, text, part, parts, at, i) {
	parts = split(text, part, "\n")
	for (at = n - parts + 1; at >= 1; at--) {
		for (i = 1; i <= parts && lines[at + i - 1] == part[i] ""; i++);
		if (i > parts) return at
	}
	return 0
}

# Blanks as Postfix's isspace() knows them.
function trim(text) {
	sub(/^[ \t\r\f\v]+/, "", text)
	sub(/[ \t\r\f\v]+$/, "", text)
	return text
}

function isComment(line) {
	return line ~ /^[ \t\r\f\v]*(#|$)/
}

# One line of a ledger or a report: backslash, tab and newline escaped. Not by gsub, whose backslashes differ between awks.
function encode(text, out, i, c) {
	if (text !~ /[\\\t\n]/) return text
	out = ""
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		out = out "" (c == "\\" ? "\\\\" : c == "\t" ? "\\t" : c == "\n" ? "\\n" : c)
	}
	return out
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
