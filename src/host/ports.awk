# Names, ports and addresses of inet services: which names mean one service, and which entries would need one port.

function portOf(name, port) {
	port = name
	sub(/^.*:/, "", port)
	if (port ~ /^[0-9]+$/) return port + 0
	if (port in knownPort) return knownPort[port]
	return 0
}

# A policy may name a mail port by a name that this host does not know.
function askedPort(name, port) {
	port = portOf(name)
	sub(/^.*:/, "", name)
	return port > 0 ? port : name == "smtp" ? 25 : name ~ /^(smtps|submissions)$/ ? 465 : name == "submission" ? 587 : 0
}

function addressOf(name) {
	if (name !~ /:/) return ""
	sub(/:[^:]*$/, "", name)
	gsub(/[][]/, "", name)
	return tolower(name)
}

# An inet key without an address means its port, by whatever name and address.
function sameService(have, key, asked) {
	if (have == key) return 1
	if (!isSamePort(have, key)) return 0
	asked = addressOf(inetName(key))
	return asked == "" || asked == addressOf(inetName(have))
}

function isSamePort(have, key, port) {
	if (have !~ /\/inet$/ || key !~ /\/inet$/) return 0
	port = askedPort(inetName(key))
	return port > 0 && port == portOf(inetName(have))
}

function inetName(key) {
	return substr(key, 1, length(key) - 5)
}

function isAny(address) {
	return address == "" || address == "0.0.0.0" || address == "::"
}

# Whether Postfix listens on the address where an entry names none.
function listensOn(address, i, n, token, list) {
	list = expand(valueOf("inet_interfaces"))
	if (isAny(address) || list == "all") return 1
	n = split(list, token, /[ \t,]+/)
	for (i = 1; i <= n; i++) {
		gsub(/[][]/, "", token[i])
		if (token[i] == address) return 1
		if (token[i] ~ /^(loopback-only|localhost)$/ && address ~ /^(127\.|::1$|localhost$)/) return 1
	}
	return 0
}

function overlaps(a, b) {
	if (a == b) return 1
	if (a == "") return listensOn(b)
	if (b == "") return listensOn(a)
	return (isAny(a) || isAny(b)) && (a ~ /:/) == (b ~ /:/)
}

# Two listeners on one port: a reload may seem to work, the next boot leaves the port or the whole host dead.
function checkPorts(e, f, port) {
	for (e = 1; e <= entries; e++) {
		if (field[e, 2] != "inet") continue
		port = portOf(field[e, 1])
		if (port == 0) {
			if (entryKey(e) in touched) refuse("services: " entryKey(e) " does not resolve to a port here; use the number")
			continue
		}
		for (f = e + 1; f <= entries; f++)
			if (field[f, 2] == "inet" && portOf(field[f, 1]) == port && overlaps(addressOf(field[e, 1]), addressOf(field[f, 1]))) clash(e, f, port)
	}
}

function clash(e, f, port, text) {
	text = "services: " entryKey(e) " (line " entryFirst[e] ") and " entryKey(f) " (line " entryFirst[f] ") both listen on port " port
	if (entryKey(e) in touched || entryKey(f) in touched || (entryKey(e) in restored) != (entryKey(f) in restored)) refuse(text "; keep one of them")
	else warn("duplicate", text)
}
