# The reader of policies: docs/policy.md has the grammar. Joined after policyShapes.awk. Prints tab-separated words; a policy holds no tab.

function refuse(text) {
	if (!bad) print "policy line " NR ": " text
	bad = 1
	exit 1
}

# No two lines may speak of one thing: which of them held would be chance.
function once(thing) {
	if (thing in spoken) refuse("\"" $0 "\" is the second line on " thing)
	spoken[thing] = 1
}

# "LEFT = RIGHT" or "LEFT =" (an empty value) into the globals left and right.
function pair(text, at) {
	if (text ~ / =$/ && index(text, " = ") == 0) text = text " "
	at = index(text, " = ")
	if (at == 0) refuse("\"" text "\" has no \" = \"")
	left = substr(text, 1, at - 1)
	right = substr(text, at + 3)
	if (right ~ /^ /) refuse("\"" text "\" has a blank before its value")
}

BEGIN {
	OFS = "\t"
	count = split("policy guard despite refused owner former probe to chain source log rate backend persist networks ignore retain gate ask wave tlsa domain part adopt phase lowered zone later record config shared allow override evidence tls ciphers exclude secret set empty unset service option drop activate destroy repair", order, " ")
	for (i = 1; i <= count; i++) rank[order[i]] = i
}

/[\001-\037\177]|\302[\200-\237]/ { refuse("a control character") }

# `pulumi stack output policy` ends with one more newline.
$0 == "" {
	empty = 1
	next
}

empty { refuse("an empty line before it") }

{
	keyword = substr($0, 1, 8)
	sub(/ +$/, "", keyword)
	rest = substr($0, 10)
	if (substr($0, 9, 1) != " " || !(keyword in rank) || rest == "" || rest ~ /^ | $/) refuse("\"" $0 "\" is no line of a policy")
	if (rank[keyword] < last || (rank[keyword] == last && $0 <= previous)) refuse("\"" $0 "\" is out of order")
	last = rank[keyword]
	previous = $0
	seen[keyword]++
	n = split(rest, part, " ")
	if (keyword ~ /^(despite|refused|owner|probe|chain|source|log|rate|backend|persist|networks|retain|ask|wave|domain|part|adopt|phase|lowered|config|evidence|activate|destroy|repair)$/) once(keyword)
}

NR == 1 && $0 != "policy   1" { refuse("this program reads policy 1, not \"" $0 "\"; use the one that belongs to what wrote the policy") }

keyword == "policy" { next }

keyword == "owner" || keyword == "former" || keyword == "shared" {
	print keyword, rest
	next
}

keyword == "guard" {
	if (n != 3 || !(part[1] == "quiet" ? isPort(part[2]) : part[1] == "unused" && isBlock(part[2])) || part[3] !~ /^[1-9][0-9]*$/)
		refuse("\"" rest "\" is no guard")
	once("the guard of " (part[1] == "quiet" ? "port " : "") part[2])
	if (part[1] == "unused") guarded[part[2]] = 1
	print keyword, part[1], part[2], part[3]
	next
}

keyword == "despite" || keyword == "refused" {
	if (!seen["guard"]) refuse(keyword " needs a guard")
	if (keyword == "refused" && rest != "hold") refuse("\"" rest "\" is not known after refused")
	print keyword, rest
	next
}

keyword == "probe" {
	if (part[1] != "tcp" || n != 2 || !isPort(part[2])) refuse("\"" rest "\" is no port")
	print keyword, part[1], part[2]
	next
}

keyword == "to" || keyword == "ignore" {
	if (rest !~ /^[0-9A-Fa-f.:]+(\/[0-9]+)?$/ || (keyword == "to" && rest ~ /\//)) refuse("\"" rest "\" is no address")
	print keyword, rest
	next
}

keyword == "chain" || keyword == "retain" {
	if (keyword == "chain" && rest !~ /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/) refuse("\"" rest "\" is no chain")
	if (keyword == "retain" && rest !~ /^[0-9]+$/) refuse("retain takes a number of days, not \"" rest "\"")
	print keyword, rest
	next
}

keyword == "source" {
	if (split(rest, part, ":") != 2 || !isPort(part[1]) || !isPort(part[2])) refuse("\"" rest "\" is no range of ports")
	print keyword, rest
	next
}

keyword == "log" {
	if (rest !~ /^(emerg|alert|crit|error|warning|notice|info|debug) [^|"\\]+\|$/) refuse("\"" rest "\" is no level with a prefix")
	print keyword, part[1], substr(rest, length(part[1]) + 2)
	next
}

keyword == "rate" {
	if (rest !~ /^[0-9]+\/(second|minute|hour|day) burst [0-9]+$/) refuse("\"" rest "\" is no rate")
	print keyword, part[1], part[3]
	next
}

keyword == "backend" || keyword == "persist" {
	if ((keyword == "backend" && rest !~ /^(auto|iptables|legacy|nft)$/) || (keyword == "persist" && rest !~ /^(yes|no)$/))
		refuse("\"" rest "\" is not known after " keyword)
	print keyword, rest
	next
}

keyword == "networks" {
	if (rest !~ /^[0-9]+ [0-9]+$/) refuse("networks takes two prefix lengths, not \"" rest "\"")
	print keyword, part[1], part[2]
	next
}

keyword == "gate" {
	if (n != 2 || !isDomain(part[1]) || !(isData("AAAA", part[2]) || isData("A", part[2]))) refuse("\"" rest "\" is no name with an address")
	print keyword, part[1], part[2]
	next
}

keyword ~ /^(domain|ask|tlsa|part|adopt|phase)$/ {
	if ((keyword == "domain" && !isDomain(rest)) || (keyword == "ask" && !isServer(rest)) || (keyword == "tlsa" && !isData("TLSA", rest)) \
		|| (keyword == "part" && rest !~ /^(gated|mail)$/) || (keyword == "adopt" && rest != "yes") || (keyword == "phase" && rest !~ /^(lowered|changed|settled)$/))
		refuse("\"" rest "\" is not known after " keyword)
	print keyword, rest
	next
}

keyword == "zone" {
	once("zone " part[1])
	if (!isDomain(part[1]) || part[2] != "server" || !isServer(part[3]) || part[4] != "port" || !isPort(part[5]) \
		|| rest !~ / (without key|key [a-z0-9_.-]+\. (hmac-sha(256|384|512)|file \/[^ ]+))$/ || n != (part[6] == "without" ? 7 : part[8] == "file" ? 9 : 8))
		refuse("\"" rest "\" is no zone")
	print keyword, part[1], part[3], part[5], (n == 7 ? "-" : part[7]), (n == 7 ? "-" : part[8]), (n == 9 ? part[9] : "-")
	next
}

keyword == "later" {
	if (n != 2 || !isDomain(part[1]) || part[2] !~ /^(A|AAAA|MX|PTR|TLSA)$/) refuse("\"" rest "\" is no name with a type")
	print keyword, part[1], part[2]
	next
}

keyword == "record" {
	words = substr(rest, length(part[1] part[2] part[3]) + 4)
	if (!isDomain(part[1]) || part[2] !~ /^[0-9]+$/ || !isData(part[3], words)) refuse("\"" rest "\" is no record")
	if ((part[1], part[3]) in ttl && ttl[part[1], part[3]] != part[2]) refuse("\"" rest "\" has another TTL than the record before it")
	ttl[part[1], part[3]] = part[2]
	print keyword, part[1], part[2], part[3], words
	next
}

keyword == "config" {
	if (rest !~ /^\//) refuse("config takes a directory from the root on, not \"" rest "\"")
	print keyword, rest
	next
}

keyword == "allow" || keyword == "override" || keyword == "activate" || keyword == "destroy" {
	if ((keyword == "allow" && rest !~ /^(weaker|large-change)$/) || (keyword == "override" && rest != "fix") \
		|| (keyword == "activate" && rest !~ /^(reload|restart|drain [0-9]+)$/) || (keyword == "destroy" && rest !~ /^(keep|restore|remove)$/))
		refuse("\"" rest "\" is not known after " keyword)
	if (part[1] == "drain" && keyword == "activate" && part[2] > 3600) refuse("drain takes at most 3600 seconds, not " part[2])
	print keyword, rest
	next
}

keyword == "evidence" {
	if (rest != "tls") refuse("\"" rest "\" is not known after evidence")
	print keyword, rest
	next
}

keyword == "repair" || keyword == "wave" || keyword == "lowered" {
	if (rest !~ /^[0-9]+$/) refuse(keyword " takes a whole number, not \"" rest "\"")
	print keyword, rest
	next
}

keyword == "tls" || keyword == "ciphers" || keyword == "exclude" {
	if (!isBlock(part[1])) refuse("\"" part[1] "\" is no block; there are incoming, submission and outgoing")
	once(keyword " " part[1])
	if (keyword == "tls" && rest !~ /^[a-z]+ >= TLSv1(\.[123])?$/) refuse("\"" rest "\" is no floor")
	if (keyword == "ciphers" && rest !~ /^[a-z]+ (intermediate|modern)$/) refuse("\"" rest "\" is no profile")
	if (keyword == "exclude" && rest !~ /^[a-z]+( [A-Za-z0-9_.+-]+)+$/) refuse("\"" rest "\" is no list of ciphers")
	sub(/^[a-z]+ (>= )?/, "", rest)
	print keyword, part[1], rest
	next
}

keyword == "secret" {
	if (!isName(part[1]) || substr(rest, length(part[1]) + 1) !~ /^ revision [0-9]+$/) refuse("\"" rest "\" is no secret")
	once(part[1])
	print keyword, part[1], part[3]
	next
}

keyword == "set" {
	pair(rest)
	if (!isName(left) || right == "") refuse("\"" rest "\" is no setting")
	once(left)
	print keyword, left, right
	next
}

keyword == "empty" || keyword == "unset" {
	if (!isName(rest)) refuse("\"" rest "\" is no parameter name")
	once(rest)
	print keyword, rest
	next
}

keyword == "service" {
	words = substr(rest, length(part[1]) + 2)
	if (!isService(part[1])) refuse("\"" rest "\" is no service")
	once(part[1])
	if (words ~ /^entry .* -o/) refuse("\"" rest "\" has an -o option; write option lines")
	# Postfix would run any program there is, as root.
	if (words ~ /^entry [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]*\//) refuse("\"" rest "\" has a slash in its command, which must be a daemon of Postfix")
	if (words ~ /^entry [yn-] [yn-] [yn-] ([0-9]+\??|-) ([0-9]+|-) [^ -]/) print keyword, part[1], "entry", substr(words, 7)
	else if (words == "enable" || words == "disable") print keyword, part[1], words
	else refuse("\"" rest "\" is neither enable, disable nor entry with its fields")
	next
}

keyword == "option" {
	pair(substr(rest, length(part[1]) + 2))
	if (!isService(part[1]) || !isName(left)) refuse("\"" rest "\" is no option")
	once(part[1] " " left)
	print keyword, part[1], left, right
	next
}

keyword == "drop" {
	if (!isService(part[1]) || !isName(part[2]) || rest != part[1] " " part[2]) refuse("\"" rest "\" is no option")
	once(part[1] " " part[2])
	print keyword, part[1], part[2]
	next
}

END {
	if (bad) exit 1
	if (NR == 0) print "the policy is empty"
	if (NR == 0) exit 1
	kind = "probe" in seen ? "probe" : "gate" in seen ? "gate" : "domain" in seen ? "domain" : "policy"
	needed["probe"] = "owner chain source log rate backend persist networks retain destroy"
	needed["gate"] = "owner"
	needed["domain"] = "owner domain phase lowered"
	needed["policy"] = "owner activate destroy"
	known["probe"] = "^(policy|owner|former|probe|to|chain|source|log|rate|backend|persist|networks|ignore|retain|destroy|repair)$"
	known["gate"] = "^(policy|owner|former|gate|ask|wave|tlsa|repair)$"
	known["domain"] = "^(policy|owner|former|domain|part|adopt|phase|lowered|zone|later|record|allow|repair)$"
	n = split(needed[kind], order, " ")
	for (i = 1; i <= n; i++)
		if (seen[order[i]] != 1) {
			print "a policy has one " order[i] " line"
			exit 1
		}
	for (block in guarded)
		if (!("tls " block in spoken)) {
			print "the guard of " block " has no tls line"
			exit 1
		}
	if (kind in known)
		for (keyword in seen) {
			if (keyword ~ known[kind]) continue
			print "a " kind " has no " keyword " line"
			exit 1
		}
}
