# Giving back what was there before, key by key of the ledger. What someone else changed since is theirs and stays.

function giveBack(key) {
	if (key in released || !(key in ledgerBefore)) return
	released[key] = 1
	if (ledgerBefore[key] == ledgerAfter[key]) return
	givingBack = 1
	if (key ~ /^main /) giveBackMain(key, keyName(key))
	else if (key ~ /^option /) giveBackOption(key)
	else if (key ~ / fields$/) giveBackFields(key)
	else giveBackService(key)
	givingBack = 0
}

function foreign(what) {
	warn("kept-foreign", what " was changed by someone else since, and stays")
}

function giveBackMain(key, name, from, was) {
	if (rawMain(name) != ledgerAfter[key]) {
		foreign(name)
		return
	}
	was = isSet(name)
	from = was ? fileValue(name) : ""
	if (ledgerBefore[key] == "") removeMain(name, 0)
	else putBackMain(name, ledgerBefore[key])
	effective[name] = isSet(name) ? fileValue(name) : default_[name]
	note("main.cf", name, was, from, isSet(name), isSet(name) ? fileValue(name) : "", isSecretKey(key))
}

function giveBackOption(key, part, e, j, value) {
	split(key, part, " ")
	for (e = 1; e <= entries; e++) {
		if (entryKey(e) != part[2]) continue
		j = findOption(e, part[3])
		value = j > 0 ? optionValue[e, j] : ""
		if ((j > 0) != readOption(ledgerAfter[key]) || value != givenValue) {
			foreign(part[2] ":" part[3])
			continue
		}
		if (ledgerBefore[key] == "") dropOption(e, part[3])
		else putOption(e, part[3], ledgerBefore[key])
		note("master.cf", part[2] ":" part[3], j > 0, value, readOption(ledgerBefore[key]), givenValue)
	}
}

function giveBackFields(key, e) {
	for (e = 1; e <= entries; e++) {
		if (entryKey(e) != serviceOf(key)) continue
		if (fieldsOf(e) == ledgerAfter[key]) {
			setFields(e, ledgerBefore[key])
			note("master.cf", entryKey(e), 1, ledgerAfter[key], 1, ledgerBefore[key])
		} else foreign(entryKey(e))
		return
	}
}

function giveBackService(key, name, e) {
	name = serviceOf(key)
	if (ledgerAfter[key] !~ /^#/) {
		undoOptions(name)
		for (e = 1; e <= entries && !sameLines(rawEntry(e), ledgerAfter[key]); e++);
		if (e > entries) {
			foreign(name)
			return
		}
		masterLines = splice(master, masterLines, entryFirst[e], entryLast[e] - entryFirst[e] + 1, ledgerBefore[key])
		parseMaster()
	} else if (!replaceLines(ledgerAfter[key], ledgerBefore[key])) {
		foreign(name)
		return
	}
	if (ledgerBefore[key] ~ /^[^#]/) restored[name] = 1
	note("master.cf", name, 1, "ours", 1, "as before")
}

# An option that was dropped and came back may stand on another line than before.
function sameLines(a, b, part, i, n, count) {
	n = split(a, part, "\n")
	for (i = 1; i <= n; i++) count[part[i]]++
	if (split(b, part, "\n") != n) return 0
	for (i = 1; i <= n; i++) if (--count[part[i]] < 0) return 0
	return 1
}

# Before an entry goes, what we changed within it goes back: its lines are then as they were found. Latest first.
function undoOptions(name, k, key) {
	for (k = ledgerCount; k >= 1; k--) {
		key = ledgerOrder[k]
		if ((key ~ /^option / || key ~ / fields$/) && serviceOf(key) == name && rival(key) == "") giveBack(key)
	}
}
