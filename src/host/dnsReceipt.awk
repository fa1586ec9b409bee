# The receipt of records published, one line of JSON of at most `limit` bytes; lists lose items from their ends until it fits.

function joined(list, n, i, out) {
	out = ""
	for (i = 1; i <= n; i++) out = out "" (i > 1 ? "," : "") list[i]
	return "[" out "]"
}

function receipt() {
	return "{\"protocol\":1,\"host\":" quote(host) ",\"changed\":" (changed ? "true" : "false") ",\"zones\":" joined(zone, zones) \
		(looking ? ",\"changes\":" joined(change, changes) : "") ",\"warnings\":" joined(warning, warnings) ",\"omitted\":" omitted + 0 "}"
}

FILENAME ~ /\/changes$/ {
	changed = 1
	change[++changes] = changeItem()
}

FILENAME ~ /\/updated$/ {
	changed = 1
	zone[++zones] = "{\"zone\":" quote($1) ",\"added\":" $2 + 0 ",\"removed\":" $3 + 0 ",\"serial\":" ($4 == "" ? "null" : $4 + 0) "}"
}

FILENAME ~ /\/warnings$/ && !($0 in said) {
	said[$0] = 1
	warning[++warnings] = "{\"code\":" quote($1) ",\"text\":" quote($2) "}"
}

END {
	while (length(receipt()) > limit && warnings + zones + changes > 0) {
		if (changes > 0) changes--
		else if (warnings > 0) warnings--
		else zones--
		omitted++
	}
	print receipt()
}
