# master.cf: entries and their -o options, as master(5) reads them, with the place of each word.

function parseMaster(i, e) {
	split("", entryOf)
	split("", entryFirst)
	split("", entryLast)
	entries = 0
	for (i = 1; i <= masterLines; i++) {
		if (isComment(master[i])) continue
		if (master[i] !~ /^[ \t]/) entryFirst[++entries] = i
		if (entries == 0) continue
		entryOf[i] = entries
		entryLast[entries] = i
	}
	split("", optionName)
	split("", optionValue)
	for (e = 1; e <= entries; e++) parseEntry(e)
}

function parseEntry(e, i, n, t, text) {
	n = tokenize(e)
	for (i = 1; i <= 8; i++) field[e, i] = tokenText[i]
	optionCount[e] = 0
	entryWords[e] = ""
	for (t = 8; t <= n; t++) {
		if (t > 8 && tokenText[t] ~ /^-o/ && isOptionPlace) {
			text = substr(tokenText[t], 3)
			optionStart[e, optionCount[e] + 1] = t
			if (text == "") text = tokenText[++t]
			noteOption(e, t, text)
			continue
		}
		if (t == 8) isOptionPlace = 1
		else if (tokenText[t] !~ /^-/) isOptionPlace = 0
		entryWords[e] = entryWords[e] (entryWords[e] == "" ? "" : " ") tokenText[t]
	}
}

function noteOption(e, t, text, at, j) {
	if (text ~ /^\{/) text = trim(substr(text, 2, length(text) - 2))
	at = index(text, "=")
	if (at == 0) return
	j = ++optionCount[e]
	optionName[e, j] = trim(substr(text, 1, at - 1))
	optionValue[e, j] = trim(substr(text, at + 1))
	optionToken[e, j] = t
}

# Words of one entry with their places; blanks within braces do not end a word. Returns their number.
function tokenize(e, i, c, n, at, depth, open) {
	n = 0
	depth = 0
	open = 0
	for (i = entryFirst[e]; i <= entryLast[e]; i++) {
		if (!(i in entryOf)) continue
		for (at = 1; at <= length(master[i]) + 1; at++) {
			c = at > length(master[i]) ? "\n" : substr(master[i], at, 1)
			if (depth == 0 && (c == " " || c == "\t" || c == "\r" || c == "\n")) {
				open = 0
				continue
			}
			if (c == "\n") c = " "
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

function rawEntry(e, i, text) {
	text = ""
	for (i = entryFirst[e]; i <= entryLast[e]; i++)
		if (i in entryOf) text = text (text == "" ? "" : "\n") master[i]
	return text
}

# The same with the comments that stand between its lines.
function rawWhole(e) {
	return joinLines(master, entryFirst[e], entryLast[e])
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
		sub(/[ \t]+$/, "", head)
		if (head == "") sub(/^[ \t]+/, "  ", tail)
	}
	masterLines = spliceOwn(first, last, head text tail)
}

# Only lines of the entry go; a comment between them stays.
function spliceOwn(first, last, text, i) {
	for (i = last; i > first; i--) if (i in entryOf) masterLines = splice(master, masterLines, i, 1, "")
	return splice(master, masterLines, first, 1, text)
}

function optionText(name, value, braces) {
	if (braces || value ~ /[ \t]/ || value ~ /^\{/) return "{ " name " = " value " }"
	return name "=" value
}

function setOption(e, name, value, j, t, n, indent) {
	j = findOption(e, name)
	n = tokenize(e)
	if (j > 0) {
		t = optionToken[e, j]
		replaceTokens(e, t, t, (tokenText[t] ~ /^-o/ ? "-o" : "") optionText(name, value, tokenText[t] ~ /^(-o)?\{/))
	} else if (split(entryWords[e], tokenText, " ") > 1) {
		# Arguments of pipe(8) and spawn(8) end the options.
		n = tokenize(e)
		replaceTokens(e, 8, 8, tokenText[8] " -o " optionText(name, value, 0))
	} else {
		indent = "  "
		if (entryLast[e] != entryFirst[e]) {
			match(master[entryLast[e]], /^[ \t]+/)
			indent = substr(master[entryLast[e]], 1, RLENGTH)
		}
		masterLines = splice(master, masterLines, entryLast[e] + 1, 0, indent "-o " optionText(name, value, 0))
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

# The line number of a commented entry for this key, 0 if there is none: one of just that name, else one without an address, else any.
function commentedEntry(key, i, part, have, rank, best, found) {
	found = 0
	best = 4
	for (i = 1; i <= masterLines; i++) {
		if (!isCommentedHeader(master[i])) continue
		split(substr(master[i], 2), part, " ")
		have = part[1] "/" part[2]
		if (!sameService(have, key)) continue
		rank = have == key ? 1 : addressOf(part[1]) == "" ? 2 : 3
		if (rank >= best) continue
		best = rank
		found = i
	}
	return found
}

function isCommentedHeader(line, part, i) {
	if (line !~ /^#[ \t]*[^ \t#]/ || split(substr(line, 2), part, " ") < 8) return 0
	if (part[2] !~ /^(inet|unix|unix-dgram|fifo|pass)$/) return 0
	for (i = 3; i <= 5; i++) if (part[i] !~ /^[yn-]$/) return 0
	return 1
}

# Brings a commented entry back with the commented -o lines that stand below it; prose between them stays a comment.
function uncomment(i) {
	sub(/^#[ \t]*/, "", master[i])
	for (i++; i <= masterLines && master[i] ~ /^#[ \t]/ && !isCommentedHeader(master[i]); i++)
		if (master[i] ~ /^#[ \t]+-o/) sub(/^#/, "", master[i])
	parseMaster()
}

function commentOut(e, i) {
	for (i = entryFirst[e]; i <= entryLast[e]; i++) if (i in entryOf) master[i] = "#" master[i]
	parseMaster()
}

function entryLine(key, fields, part, at, i, text) {
	at = match(key, /\/[a-z-]+$/)
	split(fields, part, " ")
	text = sprintf("%-9s %-5s", substr(key, 1, at - 1), substr(key, at + 1))
	for (i = 1; i <= 5; i++) text = text sprintf(" %-7s", part[i])
	for (i = 6; i in part; i++) text = text " " part[i]
	return text
}

# --- names, ports and addresses of inet services

function portOf(name, port) {
	port = name
	sub(/^.*:/, "", port)
	if (port ~ /^[0-9]+$/) return port + 0
	if (port in knownPort) return knownPort[port]
	return 0
}

function addressOf(name) {
	if (name !~ /:/) return ""
	sub(/:[^:]*$/, "", name)
	gsub(/[][]/, "", name)
	return name
}

# An inet key without an address means its port, by whatever name and address.
function sameService(have, key, haveName, keyName) {
	if (have == key) return 1
	if (have !~ /\/inet$/ || key !~ /\/inet$/) return 0
	haveName = substr(have, 1, length(have) - 5)
	keyName = substr(key, 1, length(key) - 5)
	if (portOf(keyName) == 0 || portOf(haveName) != portOf(keyName)) return 0
	return addressOf(keyName) == "" || addressOf(keyName) == addressOf(haveName)
}

function entryKey(e) {
	return field[e, 1] "/" field[e, 2]
}
