# Client addresses as the networks that are kept of them, and the monitors that are no clients.
# bits4, bits6: how much of an address is kept.

# NETWORK of an address; "-" for what is none. Sets the global `family`.
function networkOf(address, net) {
	if (bits4 == 24 && !ignores4 && address ~ /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/) {
		family = 4
		match(address, /[0-9]+$/)
		return substr(address, 1, RSTART - 1) "0/24"
	}
	if (address in networks) {
		family = networks[address] ~ /:/ ? 6 : 4
		return networks[address]
	}
	if (++networksKnown > 4000) {
		split("", networks)
		networksKnown = 1
	}
	net = address
	sub(/^::[Ff][Ff][Ff][Ff]:/, "", net)
	if (net ~ /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/) {
		family = 4
		return networks[address] = ignored4(net) ? "ignored" : network4(net)
	}
	family = "-"
	if (address !~ /^[0-9A-Fa-f:]+$/ || address !~ /:.*:/) return "-"
	family = 6
	groupsOf(address, group)
	if (ignored6(group)) return "ignored"
	return networks[address] = network6(group)
}

function number4(address, octet) {
	split(address, octet, ".")
	return ((octet[1] * 256 + octet[2]) * 256 + octet[3]) * 256 + octet[4]
}

# The first `kept` of `size` bits; busybox awk may have no powers.
function cut(value, size, kept, unit) {
	for (unit = 1; kept < size; kept++) unit *= 2
	return value - value % unit
}

function network4(address, value) {
	value = cut(number4(address), 32, bits4)
	return int(value / 16777216) "." int(value / 65536) % 256 "." int(value / 256) % 256 "." value % 256 "/" bits4
}

# The eight groups of an IPv6 address as numbers.
function groupsOf(address, into, at, left, right, n, m, i, part) {
	at = index(address, "::")
	left = at ? substr(address, 1, at - 1) : address
	right = at ? substr(address, at + 2) : ""
	for (i = 1; i <= 8; i++) into[i] = 0
	n = split(left, part, ":")
	for (i = 1; i <= n && i <= 8; i++) into[i] = fromHex(part[i])
	m = split(right, part, ":")
	for (i = 1; i <= m && i <= 8; i++) into[8 - m + i] = fromHex(part[i])
}

function fromHex(text, value, i) {
	value = 0
	for (i = 1; i <= length(text); i++) value = value * 16 + index("0123456789abcdef", tolower(substr(text, i, 1))) - 1
	return value
}

function network6(into, i, kept, text, last) {
	text = ""
	last = 0
	for (i = 1; i <= 8; i++) {
		kept = bits6 - 16 * (i - 1)
		masked[i] = kept >= 16 ? into[i] : kept <= 0 ? 0 : cut(into[i], 16, kept)
		if (masked[i] > 0) last = i
	}
	for (i = 1; i <= last; i++) text = text "" (i > 1 ? ":" : "") sprintf("%x", masked[i])
	return text "" (last < 8 ? "::" : "") "/" bits6
}

function ignoreNetwork(text, halves) {
	split(text, halves, "/")
	if (halves[1] ~ /:/) {
		ignoredMask6[++ignores6] = halves[2] == "" ? 128 : halves[2]
		groupsOf(halves[1], group)
		ignoredNet6[ignores6] = prefix6(group, ignoredMask6[ignores6])
	}
	else {
		ignoredMask4[++ignores4] = halves[2] == "" ? 32 : halves[2]
		ignoredNet4[ignores4] = cut(number4(halves[1]), 32, ignoredMask4[ignores4])
	}
}

function prefix6(into, bits, i, kept, text) {
	text = ""
	for (i = 1; i <= 8; i++) {
		kept = bits - 16 * (i - 1)
		text = text " " (kept >= 16 ? into[i] : kept <= 0 ? 0 : cut(into[i], 16, kept))
	}
	return text
}

function ignored4(address, i) {
	for (i = 1; i <= ignores4; i++) if (cut(number4(address), 32, ignoredMask4[i]) == ignoredNet4[i]) return 1
	return 0
}

function ignored6(into, i) {
	for (i = 1; i <= ignores6; i++) if (prefix6(into, ignoredMask6[i]) == ignoredNet6[i]) return 1
	return 0
}

# Eight groups as RFC 5952 writes them.
function packed(into, i, run, best, start, text) {
	best = 1
	start = 0
	run = 0
	for (i = 1; i <= 8; i++) {
		run = into[i] == 0 ? run + 1 : 0
		if (run > best) {
			best = run
			start = i - run + 1
		}
	}
	text = ""
	for (i = 1; i <= 8; i++) {
		if (i == start) {
			text = text "::"
			i += best - 1
		}
		else text = text "" (text == "" || text ~ /::$/ ? "" : ":") sprintf("%x", into[i])
	}
	return text
}
