# What dig printed of a zone, as lines "live NAME TYPE TTL VALUE", "alias NAME TARGET", "serial ZONE NUMBER",
# "signed ZONE", "trouble ZONE TEXT". Names and values in lower case: a server keeps the case in which it got them.

function trouble(text) {
	if (!troubled) print "trouble", zone, text
	troubled = 1
}

BEGIN { OFS = "\t" }

/^;; ->>HEADER<<-/ {
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

tolower($1) == name && $4 == "CNAME" { print "alias", name, tolower($5) }

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
	if (serial != "") print "serial", zone, serial
	else trouble("it has no such zone")
}
