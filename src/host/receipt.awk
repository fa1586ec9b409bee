# The receipt, one line of JSON of at most `limit` bytes; what is `looking` only changes nothing. Until it fits, lists lose items from their ends: first changes, which
# the story told already, then services, which nothing else tells, and last what was held, which the component says is pending.

function add(list, item) {
	items[list, ++count[list]] = item
}

function joined(list) {
	return "[" sequence(list) "]"
}

function sequence(list, i, out) {
	out = ""
	for (i = 1; i <= count[list]; i++) out = out "" (i > 1 ? "," : "") items[list, i]
	return out
}

# In one list, the held ones first.
function warningsJoined() {
	return "[" sequence("held") (count["held"] > 0 && count["warnings"] > 0 ? "," : "") sequence("warnings") "]"
}

function warning(code, text) {
	return "{\"code\":" quote(code) ",\"text\":" quote(text) "}"
}

# Between words, so that no character is cut.
function shortened(text) {
	if (length(text) <= 400) return text
	text = substr(text, 1, 400)
	sub(/ [^ ]*$/, " ...", text)
	return text
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
		",\"overrides\":" joined("overrides") ",\"warnings\":" warningsJoined() ",\"omitted\":" omitted + 0 "}"
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
	if ($1 == "held") held[count["held"] + 1] = $2
	add($1 == "held" ? "held" : "warnings", warning($1, $2))
}

# A list is read again only where one is cut: with many items that would take minutes.
END {
	whole = receipt()
	print whole > full
	split("changes warnings overrides services held", order, " ")
	over = length(whole) - limit
	for (i = 1; i <= count["held"] && over > 0; i++) {
		over -= length(items["held", i])
		items["held", i] = warning("held", shortened(held[i]))
		over += length(items["held", i])
	}
	for (i = 1; i <= 5; i++)
		while (count[order[i]] > 0 && over + length(omitted + 0) > 1) {
			over -= length(items[order[i], count[order[i]]]) + (count[order[i]] > 1)
			count[order[i]]--
			left[order[i]]++
			omitted++
		}
	print receipt()
}
