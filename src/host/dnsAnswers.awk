# What dig printed of a zone, as lines "live NAME TYPE TTL VALUE", "alias NAME TARGET", "serial ZONE NUMBER",
# "signed ZONE", "trouble ZONE TEXT", "hidden NAME ZONE" of a name in another zone than the one that was asked for it. Names and values in lower case: a server keeps the case in which it got them.

function trouble(text) {
	if (!troubled) print "trouble", zone, text
	troubled = 1
}

# At the end of an answer. One that leads elsewhere says nothing of the name's own zone.
function placeName() {
	if (type != "SOA" || name == "" || name == zone || name in led || apex == zone || (apex == "" && authoritative)) return
	print "hidden", name, apex
}

BEGIN { OFS = "\t" }

/^;; ->>HEADER<<-/ {
	placeName()
	apex = ""
	status = $0
	sub(/.*status: /, "", status)
	sub(/,.*/, "", status)
	name = ""
	next
}

/^;; flags:/ {
	authoritative = / aa[ ;]/
	next
}

/^;; Couldn't verify signature/ { unsigned = 1 }

/^;; (Connection to|communications error|no servers could be reached)|^dig: / {
	sub(/^(;; |dig: )/, "")
	trouble("no answer from it: " $0)
	next
}

/^;[^; ]/ && $2 == "IN" {
	name = tolower(substr($1, 2))
	type = $3
	if (unsigned) trouble("signature")
	else if (status != "NOERROR" && status != "NXDOMAIN") trouble("it answers " status)
	else if (type == "SOA" && name == zone && !authoritative) trouble("it is no server of this zone")
	next
}

/^;/ || NF < 5 || name == "" { next }

apex == "" && $4 ~ /^(SOA|NS)$/ { apex = tolower($1) }

tolower($1) == name && $4 == "CNAME" && !(name in led) { print "alias", name, tolower($5) }

tolower($1) == name && $4 == "CNAME" { led[name] = 1 }

tolower($1) == name && $4 == type {
	if (type == "SOA") {
		if (name == zone) serial = $7
	} else if (type == "DNSKEY") print "signed", zone
	else print "live", name, type, $2, tolower(valueOf($0))
}

function valueOf(line) {
	sub(/^[^ \t]+[ \t]+[0-9]+[ \t]+IN[ \t]+[A-Z]+[ \t]+/, "", line)
	return line
}

END {
	placeName()
	if (serial != "") print "serial", zone, serial
	else trouble("it has no such zone")
}
