# Services of master.cf: active or not, their fields, and options for all entries of one.

function enable(key, e, i, before, live) {
	for (e = 1; e <= entries; e++) if (sameService(entryKey(e), key)) {
		want("service " entryKey(e))
		return
	}
	if (bringBack(key)) return
	i = commentedEntry(key)
	if (i == 0) {
		refuse("services: " key " is in " masterFile " neither as an entry nor as a commented one; give its entry")
		return
	}
	if ((live = halfLive(i)) > 0) {
		refuseHalf(commentedKey(master[i]), i, live)
		return
	}
	before = joinLines(master, i, masterLines)
	uncomment(i)
	e = entryOf[i]
	key = entryKey(e)
	ledger("service " key, firstLines(before, entryLast[e] - entryFirst[e] + 1), rawEntry(e))
	enabled(key)
}

function enabled(key) {
	touched[key] = 1
	want("service " key)
	note("master.cf", key, 1, "disabled", 1, "enabled")
}

function firstLines(text, n, part) {
	split(text, part, "\n")
	return joinLines(part, 1, n)
}

# An entry that we disabled comes back as it was, whatever its lines look like.
function bringBack(asked, k, key) {
	for (k = 1; k <= ledgerCount; k++) {
		key = ledgerOrder[k]
		if (!isDisabled(key) || ledgerBefore[key] !~ /^[^#]/ || !sameService(serviceOf(key), asked)) continue
		if (!replaceLines(ledgerAfter[key], ledgerBefore[key])) continue
		ledger(key, ledgerBefore[key], ledgerBefore[key])
		want(key)
		enabled(serviceOf(key))
		return 1
	}
	return 0
}

function isDisabled(key) {
	return key ~ /^service / && !(key in released) && ledgerAfter[key] ~ /^#/
}

function replaceLines(from, to, at, part) {
	at = findLines(master, masterLines, from)
	if (at == 0 || halfLive(at)) return 0
	masterLines = splice(master, masterLines, at, split(from, part, "\n"), to)
	parseMaster()
	return 1
}

function disable(asked, e, k, key, before, first, last, found) {
	found = commentedEntry(asked)
	for (e = entries; e >= 1; e--) {
		key = entryKey(e)
		if (!sameService(key, asked)) continue
		found = 1
		undoOptions(key)
		before = rawEntry(e)
		first = entryFirst[e]
		last = entryLast[e]
		k = unusedKey("service " key)
		commentOut(e)
		ledger(k, before, joinLines(master, first, last))
		note("master.cf", key, 1, "enabled", 1, "disabled")
	}
	want("service " asked)
	for (k = 1; k <= ledgerCount; k++) if (isDisabled(ledgerOrder[k]) && sameService(serviceOf(ledgerOrder[k]), asked)) want(ledgerOrder[k])
	if (!found) warn("no-service", "services: " asked " is no entry of " masterFile ", so there was nothing to disable")
}

# Two entries of one name have a ledger line each.
function unusedKey(key, i, numbered) {
	numbered = key
	for (i = 2; isDisabled(numbered) && findLines(master, masterLines, ledgerAfter[numbered]); i++) numbered = key " " i
	return numbered
}

function putEntry(asked, fields, e, found, key, text) {
	for (e = 1; e <= entries; e++) if (sameService(entryKey(e), asked)) found = e
	if (found) {
		changeFields(found, fields)
		return
	}
	key = "service " asked
	text = entryLine(asked, fields)
	if (!isDisabled(key) || !replaceLines(ledgerAfter[key], text)) {
		master[++masterLines] = text
		parseMaster()
	}
	touched[asked] = 1
	want(key)
	ledger(key, "", text)
	note("master.cf", asked, 0, "", 1, "enabled")
}

function entryLine(key, fields, part, at, i, text) {
	at = match(key, /\/[a-z-]+$/)
	split(fields, part, " ")
	text = sprintf("%-9s %-5s", substr(key, 1, at - 1), substr(key, at + 1))
	for (i = 1; i <= 5; i++) text = text sprintf(" %-7s", part[i])
	return text " " wordsOf(fields)
}

# The command and its arguments, behind the five fields before it.
function wordsOf(fields, part, n, i, text) {
	n = split(fields, part, " ")
	text = part[6]
	for (i = 7; i <= n; i++) text = text " " part[i]
	return text
}

function fieldsOf(e, i, text) {
	text = ""
	for (i = 3; i <= 7; i++) text = text field[e, i] " "
	return text entryWords[e]
}

function changeFields(e, fields, key, before) {
	key = "service " entryKey(e) " fields"
	touched[entryKey(e)] = 1
	want("service " entryKey(e))
	want(key)
	before = fieldsOf(e)
	setFields(e, fields)
	if (fieldsOf(e) == before) return
	ledger(key, before, fieldsOf(e))
	note("master.cf", entryKey(e), 1, before, 1, fieldsOf(e))
}

function setFields(e, fields, part, i, n) {
	split(fields, part, " ")
	for (i = 1; i <= 5; i++) if (field[e, i + 2] != part[i] "") {
		tokenize(e)
		replaceTokens(e, i + 2, i + 2, part[i])
		parseMaster()
	}
	if (entryWords[e] == wordsOf(fields)) return
	n = tokenize(e)
	if (entryWords[e] wordsOf(fields) ~ / /) replaceTokens(e, 8, n, commandLine(e, fields))
	else replaceTokens(e, 8, 8, part[6])
	parseMaster()
}

# A command, the options that the entry has, and then the arguments, which end the options.
function commandLine(e, fields, words, at, j, text) {
	words = wordsOf(fields)
	at = index(words " ", " ")
	text = substr(words, 1, at - 1)
	for (j = 1; j <= optionCount[e]; j++) text = text "" (optionRaw[e, j] ~ /^-o/ ? " " : " -o ") optionRaw[e, j]
	return text substr(words, at)
}

function eachEntry(asked, verb, name, value, e, found) {
	for (e = 1; e <= entries; e++) {
		if (!sameService(entryKey(e), asked)) continue
		found = 1
		if (verb == "set") changeOption(e, name, value)
		else clearOption(e, name)
	}
	if (!found && verb == "set") refuse("services: " asked " is no active entry of " masterFile ", so it can't take the option " name)
}
