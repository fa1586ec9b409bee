# A row of changes as a receipt has it.

function nullable(given, text) {
	return given == "1" ? quoteEncoded(text) : "null"
}

# Of a change that is only looked at, also who holds it and whether someone else made it.
function drift(part, n, i, list) {
	if (!looking) return ""
	n = split($10, part, "\001")
	for (i = 1; i <= n; i++) list = list "" (i > 1 ? "," : "") quote(part[i])
	return ",\"owners\":[" list "],\"edited\":" ($8 == "1" ? "true" : $8 == "0" ? "false" : "null") \
		",\"after\":" ($11 == "" ? "null" : quote($11)) ",\"until\":" ($12 == "" ? "null" : quote($12))
}

function changeItem() {
	return "{\"file\":" quote($1) ",\"name\":" quote($2) ",\"from\":" nullable($3, $4) ",\"to\":" nullable($5, $6) drift() "}"
}
