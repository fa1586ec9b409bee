# Texts that others wrote, made safe to print: a terminal obeys control characters, a reader of JSON refuses bytes that are no UTF-8.

# The number of bytes of the UTF-8 character at the start (RFC 3629), 0 where there is none; files may be in any encoding.
function characterLength(text, first, second, n, i) {
	first = substr(text, 1, 1)
	second = substr(text, 2, 1)
	if (first < "\200") return 1
	if (first < "\302" || first > "\364") return 0
	if ((first == "\340" && second < "\240") || (first == "\355" && second > "\237")) return 0
	if ((first == "\360" && second < "\220") || (first == "\364" && second > "\217")) return 0
	n = first < "\340" ? 2 : first < "\360" ? 3 : 4
	for (i = 2; i <= n; i++) if (substr(text, i, 1) < "\200" || substr(text, i, 1) > "\277") return 0
	return n
}

# A character of n bytes; "?" for a control character (C0, DEL, C1), for what parts lines or turns the direction
# (U+2028 to 202E, U+2066 to 2069), and for a byte that is none.
function printable(c, n) {
	if (n == 0 || c < " " || c == "\177" || (n == 2 && c < "\302\240")) return "?"
	if (n == 3 && ((c >= "\342\200\250" && c <= "\342\200\256") || (c >= "\342\201\246" && c <= "\342\201\251"))) return "?"
	return c
}

function visible(text) {
	return text ~ /[^ -~]/ ? eachCharacter(text, 0) : text
}

# Character by character, for JSON with a backslash before each quotation mark. In parts, as a long text grows slowly.
function eachCharacter(text, json, i, n, c, part, out) {
	out = part = ""
	for (i = 1; i <= length(text); i += n > 0 ? n : 1) {
		n = characterLength(substr(text, i, 4))
		c = printable(substr(text, i, n), n)
		part = part "" (json && c == "\"" ? "\\\"" : c)
		if (length(part) < 1000) continue
		out = out part
		part = ""
	}
	return out part
}
