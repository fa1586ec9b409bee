# The receipt, one line of JSON of at most `limit` bytes. Until it fits, lists lose items from their ends: first changes, which
# the story told already, and last services, which nothing else tells.

function quote(text, i, c, out) {
	out = ""
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "\"" || c == "\\") c = "\\" c
		else if (c == "\t") c = "\\t"
		else if (c < " ") c = " "
		out = out c
	}
	return "\"" out "\""
}

function add(list, item) {
	items[list, ++count[list]] = item
}

function joined(list, i, out) {
	out = ""
	for (i = 1; i <= count[list]; i++) out = out (i > 1 ? "," : "") items[list, i]
	return "[" out "]"
}

function versionsOf(set, i, out, name) {
	out = ""
	for (i = 2; i <= 5; i++) {
		if (substr(set, i, 1) != "1") continue
		name = i == 2 ? "TLSv1" : "TLSv1." (i - 2)
		out = out (out == "" ? "" : ",") quote(name)
	}
	return "[" out "]"
}

function nullable(isSet, text) {
	return isSet == "1" ? quote(text) : "null"
}

function receipt() {
	return "{\"protocol\":1,\"host\":" quote(host) ",\"postfix\":" quote(version) ",\"changed\":" (count["changes"] + left["changes"] > 0 ? "true" : "false") \
		",\"changes\":" joined("changes") ",\"services\":" joined("services") \
		",\"activation\":{\"kind\":" quote(kind) ",\"at\":" (at == "" ? "null" : quote(at)) ",\"remaining\":0}" \
		",\"overrides\":" joined("overrides") ",\"warnings\":" joined("warnings") ",\"omitted\":" omitted + 0 "}"
}

FILENAME ~ /\/changes$/ {
	add("changes", "{\"file\":" quote($1) ",\"name\":" quote($2) ",\"from\":" nullable($3, $4) ",\"to\":" nullable($5, $6) "}")
}

FILENAME ~ /\/after$/ {
	add("services", "{\"name\":" quote($1) ",\"port\":" $2 ",\"protocols\":" versionsOf($5) ",\"starttls\":" \
		quote($4 == "notls" ? "none" : $4 != "accepted" && $4 != "refused" ? "unknown" : $3) "}")
}

FILENAME ~ /\/overrides$/ {
	add("overrides", "{\"service\":" quote($1) ",\"option\":" quote($2) ",\"value\":" quote($3) "}")
}

FILENAME ~ /\/warnings$/ && !($0 in said) {
	said[$0] = 1
	add("warnings", "{\"code\":" quote($1) ",\"text\":" quote($2) "}")
}

END {
	print receipt() > full
	split("changes warnings overrides services", order, " ")
	while (length(receipt()) > limit) {
		for (i = 1; i < 4 && count[order[i]] == 0; i++);
		if (count[order[i]] == 0) break
		count[order[i]]--
		left[order[i]]++
		omitted++
	}
	print receipt()
}
