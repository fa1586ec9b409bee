# Text as JSON has it.

# What `encode` escaped is escaped as JSON wants it.
function quoteEncoded(text) {
	return "\"" (text ~ /[^ !#-~]/ ? eachCharacter(text, 1) : text) "\""
}

function quote(text, part, n, i, out) {
	n = split(text, part, /\\/)
	out = part[1]
	for (i = 2; i <= n; i++) out = out "\\\\" part[i]
	return quoteEncoded(n > 0 ? out : "")
}
