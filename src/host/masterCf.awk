# master.cf: entries and their -o options, as master(5) reads them, with the place of each word.

function parseMaster(i, e) {
	split("", entryOf)
	split("", entryFirst)
	split("", entryLast)
	entries = 0
	for (i = 1; i <= masterLines; i++) {
		if (isComment(master[i])) continue
		if (master[i] !~ /^[ \t\r\f\v]/) entryFirst[++entries] = i
		if (entries == 0) continue
		entryOf[i] = entries
		entryLast[entries] = i
	}
	split("", optionName)
	split("", optionValue)
	for (e = 1; e <= entries; e++) parseEntry(e)
}

function parseEntry(e, i, n, t, start, places) {
	n = tokenize(e)
	for (i = 1; i <= 8; i++) field[e, i] = tokenText[i]
	optionCount[e] = 0
	entryWords[e] = tokenText[8]
	places = 1
	for (t = 9; t <= n; t++) {
		if (places && tokenText[t] ~ /^-o/) {
			start = t
			if (tokenText[t] == "-o" && t < n) t++
			noteOption(e, start, t)
			continue
		}
		if (tokenText[t] !~ /^-[^-]/) places = 0
		entryWords[e] = entryWords[e] " " tokenText[t]
	}
}

# Options end where the arguments of pipe(8) or spawn(8) begin.
function hasArguments(e) {
	return entryWords[e] ~ / [^-]/
}

function noteOption(e, start, t, j) {
	if (!readOption(tokenText[t])) return
	j = ++optionCount[e]
	optionName[e, j] = givenName
	optionValue[e, j] = givenValue
	optionRaw[e, j] = tokenText[t]
	optionStart[e, j] = start
	optionToken[e, j] = t
}

# "name=value", "{ name = value }", each also right behind "-o", into the globals givenName and givenValue.
function readOption(text, at) {
	sub(/^-o/, "", text)
	if (text ~ /^\{.*\}$/) text = substr(text, 2, length(text) - 2)
	at = index(text, "=")
	givenName = trim(substr(text, 1, at - 1))
	givenValue = trim(substr(text, at + 1))
	return at > 0
}

# Words of one entry with their places; blanks within braces do not end a word. Each further line begins with a blank.
# Returns the number of words.
function tokenize(e, i, c, n, at, depth, open, width) {
	n = 0
	depth = 0
	open = 0
	for (i = entryFirst[e]; i <= entryLast[e]; i++) {
		if (!(i in entryOf)) continue
		width = length(master[i])
		for (at = 1; at <= width; at++) {
			c = substr(master[i], at, 1)
			if (depth == 0 && index(" \t\r", c)) {
				open = 0
				continue
			}
			if (!open) {
				open = 1
				tokenText[++n] = ""
				tokenLine[n] = i
				tokenAt[n] = at
			}
			if (c == "{") depth++
			if (c == "}" && depth > 0) depth--
			tokenText[n] = tokenText[n] c
			endLine[n] = i
			endAt[n] = at
		}
	}
	for (i = n + 1; i <= 8; i++) tokenText[i] = ""
	return n
}

# The option that counts is the last of its name.
function findOption(e, name, j) {
	for (j = optionCount[e]; j >= 1; j--) if (optionName[e, j] == name) return j
	return 0
}

# Replaces the words `from` to `to` of an entry; "" removes them, and the line with them when nothing else is on it.
function replaceTokens(e, from, to, text, first, last, head, tail) {
	first = tokenLine[from]
	last = endLine[to]
	head = substr(master[first], 1, tokenAt[from] - 1)
	tail = substr(master[last], endAt[to] + 1)
	if (text == "") {
		if (trim(head) == "" && trim(tail) == "") {
			masterLines = spliceOwn(first, last, "")
			return
		}
		if (trim(head) == "") sub(/^[ \t]+/, "", tail)
		else sub(/[ \t]+$/, "", head)
	}
	masterLines = spliceOwn(first, last, head text tail)
}

# Only lines of the entry go; a comment between them stays.
function spliceOwn(first, last, text, i) {
	for (i = last; i > first; i--) if (i in entryOf) masterLines = splice(master, masterLines, i, 1, "")
	return splice(master, masterLines, first, 1, text)
}

# Braces hold blanks together, and are kept where they stood; a brace within the value could end them too early.
function optionText(name, value, braces) {
	if (value ~ /[ \t]/ || (braces && value !~ /[{}]/)) return "{ " name " = " value " }"
	return name "=" value
}

function setOption(e, name, value, j, text) {
	j = findOption(e, name)
	text = j > 0 ? optionRaw[e, j] : ""
	putOption(e, name, optionText(name, value, text ~ /^(-o)?\{/))
}

# The option as the text that stands behind -o, in the place of the one that counts, or below the entry.
function putOption(e, name, text, j, t, indent) {
	sub(/^-o/, "", text)
	j = findOption(e, name)
	tokenize(e)
	if (j > 0) {
		t = optionToken[e, j]
		replaceTokens(e, t, t, (tokenText[t] ~ /^-o/ ? "-o" : "") text)
	} else if (hasArguments(e)) replaceTokens(e, 8, 8, tokenText[8] " -o " text)
	else {
		indent = "  "
		if (entryLast[e] != entryFirst[e]) {
			match(master[entryLast[e]], /^[ \t]+/)
			indent = substr(master[entryLast[e]], 1, RLENGTH)
		}
		masterLines = splice(master, masterLines, entryLast[e] + 1, 0, indent "-o " text)
	}
	parseMaster()
}

function dropOption(e, name, j) {
	while ((j = findOption(e, name)) > 0) {
		tokenize(e)
		replaceTokens(e, optionStart[e, j], optionToken[e, j], "")
		parseMaster()
	}
}

function rawEntry(e) {
	return joinLines(master, entryFirst[e], entryLast[e])
}

function entryKey(e) {
	return field[e, 1] "/" field[e, 2]
}
