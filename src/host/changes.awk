# Changes of the two files, each noted for the receipt and for the ledger.

function warn(code, text) {
	if (seenWarning[code, text]++) return
	print code, text > (out "/warnings")
}

function refuse(text) {
	if (refused) return
	refused = 1
	print text > (out "/refusal")
}

function expand(text, depth, at, name, rest, before) {
	if (depth > 10) return text
	before = ""
	while (match(text, /\$(\{[A-Za-z0-9_]+\}|\([A-Za-z0-9_]+\)|[A-Za-z0-9_]+)/)) {
		at = RSTART
		name = substr(text, at + 1, RLENGTH - 1)
		rest = substr(text, at + RLENGTH)
		gsub(/[{}()]/, "", name)
		before = before substr(text, 1, at - 1) expand(effective[name], depth + 1)
		text = rest
	}
	return before text
}

function note(file, name, wasSet, from, isSetNow, to, secret) {
	print file, name, wasSet, (secret && wasSet ? "(secret)" : encode(from)), isSetNow, (secret && isSetNow ? "(secret)" : encode(to)) > (out "/changes")
}

# Another component may share what it wants alike, or accept a stricter floor; it may not be overruled.
function ledger(key, before, after, secret) {
	if (key in otherOwner && !inTls) refuse(keyName(key) " belongs to " otherOwner[key] ", which wants it otherwise; change it there")
	if (!(key in ledgerBefore)) {
		ledgerOrder[++ledgerCount] = key
		ledgerBefore[key] = before
	}
	ledgerAfter[key] = after
	if (secret) ledgerSecret[key] = 1
}

function want(key) {
	if (!(key in wantedKey)) print key > (out "/keys")
	wantedKey[key] = 1
}

function changeMain(name, value, secret, raw, wasSet, from) {
	want("main " name)
	wasSet = isSet(name)
	if (wasSet && fileValue(name) == value) return
	from = wasSet ? fileValue(name) : ""
	raw = rawMain(name)
	setMain(name, value)
	effective[name] = value
	ledger("main " name, raw, rawMain(name), secret)
	note("main.cf", name, wasSet, from, 1, value, ledgerSecret["main " name])
}

function clearMain(name, raw, from) {
	want("main " name)
	if (!isSet(name)) return
	from = fileValue(name)
	raw = rawMain(name)
	removeMain(name, 0)
	effective[name] = default_[name]
	ledger("main " name, raw, "")
	note("main.cf", name, 1, from, 0, "", ledgerSecret["main " name])
}

function changeOption(e, name, value, key, j, from, was) {
	key = entryKey(e)
	want("option " key " " name)
	j = findOption(e, name)
	if (j > 0 && optionValue[e, j] == value) return
	from = j > 0 ? optionValue[e, j] : ""
	was = rawWhole(e)
	setOption(e, name, value)
	follow(e, was)
	ledger("option " key " " name, (j > 0 ? "=" from : ""), "=" value)
	note("master.cf", key ":" name, j > 0, from, 1, value)
}

# An entry that we enabled or added is still ours after we changed an option of it.
function follow(e, was, key) {
	key = "service " entryKey(e)
	if (key in ledgerAfter && ledgerAfter[key] == was) ledgerAfter[key] = rawWhole(e)
}

function clearOption(e, name, key, j, from, was) {
	key = entryKey(e)
	want("option " key " " name)
	j = findOption(e, name)
	if (j == 0) return
	from = optionValue[e, j]
	was = rawWhole(e)
	dropOption(e, name)
	follow(e, was)
	ledger("option " key " " name, "=" from, "")
	note("master.cf", key ":" name, 1, from, 0, "")
}
