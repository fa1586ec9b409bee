# The receipt, one line of JSON of at most `limit` bytes; what is `looking` only changes nothing. Until it fits, lists lose items from their ends: first changes, which
# the story told already, and last services, which nothing else tells.

function add(list, item) {
	items[list, ++count[list]] = item
}

function joined(list, i, out) {
	out = ""
	for (i = 1; i <= count[list]; i++) out = out "" (i > 1 ? "," : "") items[list, i]
	return "[" out "]"
}

function versionsOf(set, i, out, name) {
	out = ""
	for (i = 2; i <= 5; i++) {
		if (substr(set, i, 1) != "1") continue
		name = i == 2 ? "TLSv1" : "TLSv1." (i - 2)
		out = out "" (out == "" ? "" : ",") quote(name)
	}
	return "[" out "]"
}

function orNull(count) {
	return count == "" ? "null" : count + 0
}

function receipt() {
	return "{\"protocol\":1,\"host\":" quote(host) ",\"postfix\":" quote(version) ",\"changed\":" (count["changes"] + left["changes"] > 0 ? "true" : "false") \
		",\"changes\":" joined("changes") ",\"services\":" joined("services") \
		",\"activation\":{\"kind\":" quote(kind) ",\"at\":" (at == "" ? "null" : quote(at)) ",\"remaining\":" orNull(remaining) ",\"until\":" (until == "" ? "null" : quote(until)) ",\"ended\":" orNull(ended) "}" \
		",\"overrides\":" joined("overrides") ",\"warnings\":" joined("warnings") ",\"omitted\":" omitted + 0 "}"
}

FILENAME ~ /\/changes$/ {
	add("changes", changeItem())
}

FILENAME ~ /\/after$/ {
	add("services", "{\"name\":" quote($1) ",\"port\":" $2 + 0 ",\"protocols\":" versionsOf($5) ",\"starttls\":" \
		quote($4 == "notls" ? "none" : $4 != "accepted" && $4 != "refused" ? "unknown" : $3) "}")
}

FILENAME ~ /\/overrides$/ {
	add("overrides", "{\"service\":" quote($1) ",\"option\":" quote($2) ",\"value\":" quoteEncoded($3) "}")
}

FILENAME ~ /\/warnings$/ && !($0 in said) {
	said[$0] = 1
	add("warnings", "{\"code\":" quote($1) ",\"text\":" quote($2) "}")
}

# A list is read again only where one is cut: with many items that would take minutes.
END {
	whole = receipt()
	print whole > full
	split("changes warnings overrides services", order, " ")
	over = length(whole) - limit
	for (i = 1; i <= 4; i++)
		while (count[order[i]] > 0 && over + length(omitted + 0) > 1) {
			over -= length(items[order[i], count[order[i]]]) + (count[order[i]] > 1)
			count[order[i]]--
			left[order[i]]++
			omitted++
		}
	print receipt()
}
