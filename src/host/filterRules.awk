# Which rule of `iptables -S` keeps a new TCP connection to a port from reaching the end of a chain; prints it, or nothing.
# chain, port; destinations: our addresses, separated by blanks. What is not surely harmless counts as in the way.

# "-m comment --comment \"two words\"" is one word.
function splitRule(line, word, n, i, c, quoted, out) {
	n = 1
	out = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (c == "\\" && quoted) {
			i++
			out = out substr(line, i, 1)
		} else if (c == "\"") quoted = !quoted
		else if (c == " " && !quoted) {
			word[n++] = out
			out = ""
		} else out = out c
	}
	word[n] = out
	return n
}

# "465", "25,465", "400:500" and mixtures.
function coversPort(list, part, n, i, ends) {
	n = split(list, part, ",")
	for (i = 1; i <= n; i++) {
		if (part[i] !~ /^[0-9]+(:[0-9]+)?$/) return 1
		if (split(part[i], ends, ":") == 1) ends[2] = ends[1]
		if (port + 0 >= ends[1] + 0 && port + 0 <= ends[2] + 0) return 1
	}
	return 0
}

function isOurs(address) {
	if (destinations == "" || address !~ /\/(32|128)$/) return 1
	sub(/\/[0-9]+$/, "", address)
	return index(" " destinations " ", " " address " ") > 0
}

# Whether the rule may match a first packet from elsewhere; sets target.
function mayMatch(line, word, n, i, not, value) {
	n = splitRule(line, word)
	target = ""
	not = 0
	for (i = 3; i <= n; i++) {
		if (word[i] == "!") {
			not = 1
			continue
		}
		value = word[i + 1]
		if (word[i] == "-j" || word[i] == "-g") target = value
		if (word[i] == "-p" && !not && value !~ /^(tcp|6|all|0)$/) return 0
		if (word[i] == "-p" && not && value == "tcp") return 0
		if (word[i] == "-i" && !not && value == "lo") return 0
		if (word[i] == "-s" && !not && value ~ /^(127\.|::1\/128)/) return 0
		if (word[i] == "-d" && !not && !isOurs(value)) return 0
		if (word[i] ~ /^--(dport|dports|destination-ports?)$/ && !not && !coversPort(value)) return 0
		if (word[i] ~ /^--(ctstate|state)$/ && !not && value !~ /NEW|UNTRACKED/) return 0
		not = 0
	}
	return 1
}

# The first rule of a chain that may end the packet's way; empty where none does.
function firstEnd(name, depth, i, found) {
	if (depth > 20) return "chains nested deeper than 20"
	for (i = 1; i <= count[name]; i++) {
		if (rule[name, i] ~ /--comment "?mailhost /) continue
		if (!mayMatch(rule[name, i]) || target == "" || target ~ passing) continue
		if (target == "RETURN" && depth > 0) continue
		if (target in count) {
			found = firstEnd(target, depth + 1)
			if (found == "") continue
		}
		return rule[name, i]
	}
	return ""
}

BEGIN { passing = "^(LOG|NFLOG|ULOG|MARK|CONNMARK|CLASSIFY|DSCP|TOS|TTL|HL|TRACE|AUDIT|SET|SECMARK|CONNSECMARK|CT|NOTRACK|TCPMSS|CHECKSUM|TEE|RATEEST|IDLETIMER|LED)$" }

$1 == "-N" || $1 == "-P" { count[$2] += 0 }

$1 == "-A" { rule[$2, ++count[$2]] = $0 }

END {
	print firstEnd(chain, 0)
}
