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

# A character of n bytes; "?" for a control character (C0, DEL, C1) and for a byte that is none.
function printable(c, n) {
	if (n == 0 || c < " " || c == "\177" || (n == 2 && c < "\302\240")) return "?"
	return c
}

function visible(text, i, n, out) {
	if (text !~ /[^ -~]/) return text
	out = ""
	for (i = 1; i <= length(text); i += n > 0 ? n : 1) {
		n = characterLength(substr(text, i, 4))
		out = out printable(substr(text, i, n), n)
	}
	return out
}
