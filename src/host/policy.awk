# The reader of policies: docs/policy.md has the grammar. Prints tab-separated words; a policy holds no tab.

function refuse(text) {
	print "policy line " NR ": " text
	bad = 1
	exit 1
}

function word(text) {
	return text != "" && text !~ / /
}

function isService(text) {
	return text ~ /^[^ \/]+\/(inet|unix|unix-dgram|fifo|pass)$/
}

function isName(text) {
	return text ~ /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/
}

# "LEFT = RIGHT" or "LEFT =" (an empty value) into the globals left and right.
function pair(text, at) {
	at = index(text, " = ")
	if (at == 0) {
		if (text !~ / =$/) refuse("\"" text "\" has no \" = \"")
		left = substr(text, 1, length(text) - 2)
		right = ""
		return
	}
	left = substr(text, 1, at - 1)
	right = substr(text, at + 3)
}

BEGIN {
	OFS = "\t"
	count = split("policy owner former config shared allow override tls ciphers exclude secret set empty unset service option drop activate destroy repair", order, " ")
	for (i = 1; i <= count; i++) rank[order[i]] = i
}

/[\001-\037\177]/ { refuse("a control character") }

{
	keyword = substr($0, 1, 8)
	sub(/ +$/, "", keyword)
	rest = substr($0, 10)
	if (substr($0, 9, 1) != " " || !(keyword in rank)) refuse("\"" $0 "\" is no line of a policy")
	if (rank[keyword] < last || (rank[keyword] == last && $0 <= previous)) refuse("\"" $0 "\" is out of order")
	last = rank[keyword]
	previous = $0
	seen[keyword]++
	n = split(rest, part, " ")
}

NR == 1 && $0 != "policy   1" { refuse("this program reads policy 1, not \"" $0 "\"") }

keyword == "policy" { next }

keyword == "owner" || keyword == "former" || keyword == "config" || keyword == "shared" {
	if (rest == "") refuse(keyword " of what?")
	print keyword, rest
	next
}

keyword == "allow" || keyword == "override" || keyword == "activate" || keyword == "destroy" {
	if ((keyword == "allow" && rest != "weaker") || (keyword == "override" && rest != "fix") \
		|| (keyword == "activate" && rest !~ /^(reload|restart)$/) || (keyword == "destroy" && rest !~ /^(keep|restore)$/))
		refuse("\"" rest "\" is not known after " keyword)
	print keyword, rest
	next
}

keyword == "repair" {
	if (rest !~ /^[0-9]+$/) refuse("repair takes a whole number, not \"" rest "\"")
	print keyword, rest
	next
}

keyword == "tls" || keyword == "ciphers" || keyword == "exclude" {
	if (part[1] !~ /^(incoming|submission|outgoing)$/) refuse("\"" part[1] "\" is no block; there are incoming, submission and outgoing")
	if (keyword == "tls" && (n != 3 || part[2] != ">=" || part[3] !~ /^TLSv1(\.[123])?$/)) refuse("\"" rest "\" is no floor")
	if (keyword == "ciphers" && (n != 2 || part[2] !~ /^(intermediate|modern)$/)) refuse("\"" rest "\" is no profile")
	if (keyword == "exclude" && (n < 2 || rest !~ /^[A-Za-z0-9 _.+-]+$/)) refuse("\"" rest "\" is no list of ciphers")
	sub(/^[a-z]+ (>= )?/, "", rest)
	print keyword, part[1], rest
	next
}

keyword == "secret" {
	if (n != 3 || !isName(part[1]) || part[2] != "revision" || part[3] !~ /^[0-9]+$/) refuse("\"" rest "\" is no secret")
	print keyword, part[1], part[3]
	next
}

keyword == "set" {
	pair(rest)
	if (!isName(left) || right == "" || right ~ /^ | $/) refuse("\"" rest "\" is no setting")
	print keyword, left, right
	next
}

keyword == "empty" || keyword == "unset" {
	if (!isName(rest)) refuse("\"" rest "\" is no parameter name")
	print keyword, rest
	next
}

keyword == "service" {
	if (n < 2 || !isService(part[1])) refuse("\"" rest "\" is no service")
	if (part[2] == "entry" && n >= 8) {
		print keyword, part[1], "entry", substr(rest, length(part[1]) + 8)
		next
	}
	if (n != 2 || part[2] !~ /^(enable|disable)$/) refuse("\"" rest "\" is neither enable, disable nor entry")
	print keyword, part[1], part[2]
	next
}

keyword == "option" {
	at = index(rest, " ")
	pair(substr(rest, at + 1))
	if (!isService(part[1]) || !isName(left) || right ~ /^ | $/) refuse("\"" rest "\" is no option")
	print keyword, part[1], left, right
	next
}

keyword == "drop" {
	if (n != 2 || !isService(part[1]) || !isName(part[2])) refuse("\"" rest "\" is no option")
	print keyword, part[1], part[2]
	next
}

END {
	if (bad) exit 1
	if (NR == 0) {
		print "the policy is empty"
		exit 1
	}
	for (i = 1; i <= split("owner activate destroy", order, " "); i++)
		if (seen[order[i]] != 1) {
			print "a policy has one " order[i] " line"
			exit 1
		}
}
