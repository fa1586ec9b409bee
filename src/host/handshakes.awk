# TLS handshakes of Postfix's lines: which version and cipher with whom, and who was refused.

# "Trusted TLS connection established from PEER: VERSION with cipher CIPHER (…"; the first word is at+1.
# Peers come again and again: their handshakes of a day are added up before they become rows.
function handshakeLine(name, at, key) {
	key = word[at + 6] " " word[at + 5] " " word[at + 7] " " word[at + 10] " " name
	if (!(key in shaken) && !newHandshake(name, at, key)) return
	shaken[key] += times
	shakenLast[key] = time
	if (times == 1 && !shortStamps && !journal && shapes < 4000) knowShape(key)
}

# A handshake's line but for its time and its process: the next one like it, in order and of the same day, needs no closer look.
function knowShape(key, at) {
	at = index(line, " TLS connection established ")
	stampLength = length(word[1])
	trusted[word[base + 1]] = 1
	shape[substr(line, stampLength + 1, index(line, "[") - stampLength) substr(line, at + 28)] = ++shapes
	shapeKey[shapes] = key
}

function isKnownHandshake(at, key, start) {
	at = index(line, " TLS connection established ")
	if (!at) return 0
	key = substr(line, stampLength + 1, index(line, "[") - stampLength) substr(line, at + 28)
	if (!(key in shape)) return 0
	start = index(line, "]: ") + 3
	if (!(substr(line, start, at - start) in trusted)) return 0
	at = substr(line, 1, 16) == isoMinute ? isoBase + substr(line, 18, 2) : isoTime(substr(line, 1, stampLength))
	if (at < newest || at <= after || at < from || at >= dayEnd || at > now || at - seen > 259200) return 0
	newest = time = at
	if (at > seen) seen = at
	key = shape[key]
	shapeTimes[key]++
	shapeLast[key] = at
	return 1
}

function addShapes(id, key) {
	for (id in shapeTimes) {
		key = shapeKey[id]
		shaken[key] += shapeTimes[id]
		if (shapeLast[id] > shakenLast[key]) shakenLast[key] = shapeLast[id]
	}
	split("", shape)
	split("", shapeTimes)
	shapes = 0
}

function newHandshake(name, at, key, direction, address) {
	direction = word[at + 5] == "from" ? "in" : word[at + 5] == "to" ? "out" : ""
	if (direction == "" || word[at + 8] != "with" || word[at + 7] !~ /^(TLS|SSL)v[0-9.]+$/ || word[at + 10] !~ /^[A-Za-z0-9_-]+$/) return 0
	if (++handshakes > 4000) {
		addHandshakes()
		handshakes = 1
	}
	address = addressIn(word[at + 6])
	shakenNetwork[key] = direction == "in" ? clientOf(address) : networkOf(address)
	shakenFamily[key] = family
	shakenPort[key] = direction == "in" ? labelOf(name) : clientPort == "" ? "-" : clientPort
	shakenSuite[key] = direction " " word[at + 7] " " substr(word[at + 10], 1, 60)
	shakenName[key] = name
	shakenFirst[key] = shakenLast[key] = time
	return 1
}

# All are of the day `today`.
function addHandshakes(key) {
	addShapes()
	for (key in shaken) {
		family = shakenFamily[key]
		addRow(today, "tls", shakenPort[key], shakenName[key], shakenNetwork[key], shakenSuite[key], shaken[key], shakenFirst[key], shakenLast[key] > shakenFirst[key] ? shakenLast[key] : shakenFirst[key])
	}
	split("", shaken)
	split("", shakenLast)
	handshakes = 0
}

# Our own runs try every version on every listener, from the host itself.
function clientOf(address, net) {
	net = networkOf(address)
	return address in ownAddress ? "ignored" : net
}

function labelOf(name) {
	return name in label ? label[name] : "-"
}

# The reason comes in a line of its own, by the same process.
function refusedLine(name, pid, text, net) {
	net = clientOf(addressIn(peerOf(substr(text, 23))))
	keepRefusal(name "[" pid, net, family, time)
}

function keepRefusal(key, net, netFamily, at) {
	forgetRefusal(key)
	if (++refusals > 1000) {
		split("", refusedBy)
		refusals = 1
	}
	refusedBy[key] = net "\t" netFamily "\t" at
}

function forgetRefusal(key) {
	if (!(key in refusedBy)) return
	delete refusedBy[key]
	refusals--
}


# "warning: TLS library problem: error:CODE:LIBRARY:FUNCTION:REASON:…"
function refusalReason(name, pid, text, key, part, client) {
	key = name "[" pid
	if (!(key in refusedBy) || split(text, part, ":") < 7 || part[7] !~ /^[A-Za-z0-9 ]+$/) return
	split(refusedBy[key], client, "\t")
	# Later it is that of another client.
	if (time - client[3] < 120) {
		family = client[2]
		addRow(today, "refused", labelOf(name), name, client[1], substr(part[7], 1, 60), times, time, time)
	}
	forgetRefusal(key)
}
