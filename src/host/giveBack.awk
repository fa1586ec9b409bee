# Giving back what the ledger kept, line by line; what someone else changed since is theirs and stays.

function keyName(key) {
	sub(/^[a-z]+ /, "", key)
	return key
}

function giveBack(key, name) {
	name = keyName(key)
	if (key ~ /^main /) giveBackMain(key, name)
	else if (key ~ /^option /) giveBackOption(key, name)
	else giveBackService(key, name)
}

function release(key) {
	released[key] = 1
}

function foreign(what, key) {
	warn("kept-foreign", what " was changed by someone else since, and stays")
	release(key)
}

function giveBackMain(key, name, from, was) {
	if (rawMain(name) != ledgerAfter[key]) {
		foreign(name, key)
		return
	}
	release(key)
	was = isSet(name)
	from = was ? fileValue(name) : ""
	if (ledgerBefore[key] == "") removeMain(name, 0)
	else putBackMain(name, ledgerBefore[key])
	effective[name] = isSet(name) ? fileValue(name) : default_[name]
	note("main.cf", name, was, from, isSet(name), isSet(name) ? fileValue(name) : "", ledgerSecret[key])
}

function giveBackOption(key, name, part, e, j, now, was) {
	split(name, part, " ")
	release(key)
	# The entry that goes back takes its options along.
	for (e = 1; e <= backs; e++) if (backKey[e] == "service " part[1]) return
	for (e = 1; e <= entries; e++) {
		if (entryKey(e) != part[1]) continue
		was = rawWhole(e)
		j = findOption(e, part[2])
		now = j > 0 ? "=" optionValue[e, j] : ""
		if (now != ledgerAfter[key]) {
			foreign(part[1] ":" part[2], key)
			return
		}
		if (ledgerBefore[key] == "") dropOption(e, part[2])
		else setOption(e, part[2], substr(ledgerBefore[key], 2))
		follow(e, was)
		note("master.cf", part[1] ":" part[2], j > 0, substr(now, 2), ledgerBefore[key] != "", substr(ledgerBefore[key], 2))
	}
}

function giveBackService(key, name, i, n, part, at, j) {
	n = split(ledgerAfter[key], part, "\n")
	for (at = masterLines - n + 1; at >= 1; at--) {
		for (j = 1; j <= n && master[at + j - 1] == part[j]; j++);
		if (j > n) break
	}
	release(key)
	if (at < 1) {
		foreign(name, key)
		return
	}
	masterLines = splice(master, masterLines, at, n, ledgerBefore[key])
	parseMaster()
	note("master.cf", name, 1, "ours", 1, "as before")
}
