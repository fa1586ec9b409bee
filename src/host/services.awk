# master.cf services: enabled, disabled, added, and no two of them on one port.

function enable(key, e, i, j, was) {
	for (e = 1; e <= entries; e++) if (sameService(entryKey(e), key)) {
		want("service " entryKey(e))
		return
	}
	i = commentedEntry(key)
	if (i == 0) {
		refuse("services: " key " is in " masterFile " neither as an entry nor as a commented one; give its entry")
		return
	}
	for (j = i; j <= masterLines; j++) was[j] = master[j]
	uncomment(i)
	e = entryOf[i]
	touched[entryKey(e)] = 1
	want("service " entryKey(e))
	ledger("service " entryKey(e), joinLines(was, entryFirst[e], entryLast[e]), rawWhole(e))
	note("master.cf", entryKey(e), 1, "disabled", 1, "enabled")
}

function disable(key, e, have, before, first, last, i) {
	for (e = entries; e >= 1; e--) {
		have = entryKey(e)
		if (!sameService(have, key)) continue
		first = entryFirst[e]
		last = entryLast[e]
		before = rawWhole(e)
		commentOut(e)
		want("service " have)
		ledger("service " have, before, joinLines(master, first, last))
		note("master.cf", have, 1, "enabled", 1, "disabled")
	}
	want("service " key)
	# What was disabled by an earlier run is still wanted so, whatever its name was.
	for (have in ledgerAfter) if (have ~ /^service / && sameService(keyName(have), key)) want(have)
}

function sameFields(e, fields, part, i, n, words) {
	n = split(fields, part, " ")
	for (i = 1; i <= 5; i++) if (field[e, i + 2] != part[i]) return 0
	words = part[6]
	for (i = 7; i <= n; i++) words = words " " part[i]
	return words == entryWords[e]
}

function putEntry(key, fields, e, before, from, i, j, text, found) {
	touched[key] = 1
	found = 0
	for (e = 1; e <= entries && !found; e++) if (sameService(entryKey(e), key)) found = e
	if (!found) {
		master[++masterLines] = entryLine(key, fields)
		parseMaster()
		want("service " key)
		ledger("service " key, "", master[masterLines])
		note("master.cf", key, 0, "", 1, "enabled")
		return
	}
	e = found
	key = entryKey(e)
	touched[key] = 1
	want("service " key)
	if (sameFields(e, fields)) return
	before = rawEntry(e)
	from = field[e, 3]
	for (i = 4; i <= 7; i++) from = from " " field[e, i]
	from = from " " entryWords[e]
	text = entryLine(key, fields)
	for (j = 1; j <= optionCount[e]; j++) text = text "\n  -o " optionText(optionName[e, j], optionValue[e, j], 0)
	masterLines = spliceOwn(entryFirst[e], entryLast[e], text)
	parseMaster()
	ledger("service " key, before, text)
	note("master.cf", key, 1, from, 1, fields)
}

function eachEntry(key, verb, name, value, e, found) {
	found = 0
	for (e = 1; e <= entries; e++) {
		if (!sameService(entryKey(e), key)) continue
		found = 1
		if (verb == "set") changeOption(e, name, value)
		else clearOption(e, name)
	}
	if (!found && verb == "set") refuse("services: " key " is no active entry of " masterFile ", so it can't take the option " name)
}

function listensOn(address, i, n, token, list) {
	if (address == "") return 1
	list = expand(effective["inet_interfaces"])
	if (list == "all") return 1
	n = split(list, token, /[ \t,]+/)
	for (i = 1; i <= n; i++) {
		gsub(/[][]/, "", token[i])
		if (token[i] == address) return 1
		if (token[i] ~ /^(loopback-only|localhost)$/ && address ~ /^(127\.|::1$)/) return 1
	}
	return 0
}

# Two listeners on one port: a reload may seem to work, the next boot leaves the port or the whole host dead.
function checkPorts(e, f, port, a, b) {
	for (e = 1; e <= entries; e++) {
		if (field[e, 2] != "inet") continue
		port = portOf(field[e, 1])
		if (port == 0) {
			if (entryKey(e) in touched) refuse("services: " entryKey(e) " does not resolve to a port here; use the number")
			continue
		}
		a = addressOf(field[e, 1])
		for (f = e + 1; f <= entries; f++) {
			if (field[f, 2] != "inet" || portOf(field[f, 1]) != port) continue
			b = addressOf(field[f, 1])
			if (a != b && a != "" && b != "") continue
			if (a != b && !listensOn(a != "" ? a : b)) continue
			clash(e, f, port)
		}
	}
}

function clash(e, f, port, text) {
	text = "services: " entryKey(e) " (line " entryFirst[e] ") and " entryKey(f) " (line " entryFirst[f] ") both listen on port " port
	if (entryKey(e) in touched || entryKey(f) in touched) refuse(text "; keep one of them")
	else warn("duplicate", text)
}
