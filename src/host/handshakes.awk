# TLS handshakes of Postfix's lines: which version and cipher with whom, and who was refused.

# "Trusted TLS connection established from PEER: VERSION with cipher CIPHER (…"; the first word is at+1.
function handshakeLine(name, at, direction, version, cipher, address) {
	direction = word[at + 5] == "from" ? "in" : word[at + 5] == "to" ? "out" : ""
	version = word[at + 7]
	cipher = word[at + 10]
	if (direction == "" || word[at + 8] != "with") return
	if (!((version, cipher) in suites)) {
		if (version !~ /^(TLS|SSL)v[0-9.]+$/ || cipher !~ /^[A-Za-z0-9_-]+$/) return
		if (++suitesKnown > 500) split("", suites)
		suites[version, cipher] = version " " substr(cipher, 1, 60)
	}
	address = addressIn(word[at + 6])
	proven("tls-" direction)
	address = networkOf(address)
	addRow(today, "tls", direction == "out" ? (clientPort == "" ? "-" : clientPort) : labelOf(name), name, address, direction " " suites[version, cipher], times, time, time)
}

function labelOf(name) {
	return name in label ? label[name] : "-"
}

# The reason comes in a line of its own, by the same process.
function refusedLine(name, pid, text) {
	if (++refusals > 1000) {
		split("", refusedBy)
		refusals = 1
	}
	refusedBy[name "[" pid] = addressIn(peerOf(substr(text, 23)))
}

# "warning: TLS library problem: error:CODE:LIBRARY:FUNCTION:REASON:…"
function refusalReason(name, pid, text, key, part, net) {
	key = name "[" pid
	if (!(key in refusedBy) || split(text, part, ":") < 7 || part[7] !~ /^[A-Za-z0-9 ]+$/) return
	net = networkOf(refusedBy[key])
	addRow(today, "refused", labelOf(name), name, net, substr(part[7], 1, 60), times, time, time)
	delete refusedBy[key]
	refusals--
}
