# Changes of a parameter or an option, each noted for the receipt and in the ledger; and what stands in the way of one.

function warn(code, text) {
	gsub(/[\t\n]/, " ", text)
	if (seenWarning[code, text]++) return
	print code, text > (out "/warnings")
}

function refuse(text) {
	if (refused) return
	gsub(/[\t\n]/, " ", text)
	refused = 1
	print text > (out "/refusal")
}

function note(file, name, wasSet, from, isSetNow, to, secret) {
	print file, name, wasSet, (secret && wasSet ? "(secret)" : encode(from)), isSetNow, (secret && isSetNow ? "(secret)" : encode(to)), givingBack, edited, changing > (out "/changes")
	edited = changing = ""
}

# Whether someone else changed it since it was ours: 1 or 0; "" where it was wanted and found so, as what was wanted then is not known.
function isEdited(key, before) {
	if (key in ledgerAfter && !(key in released)) return ledgerAfter[key] != before
	return key in held ? "" : 0
}

# Another component may share what it wants alike, or accept a stricter floor; it may not be overruled. Back to what was
# last written with its consent is no overruling.
function ledger(key, before, after, secret) {
	if (rival(key) != "" && !tightening && !isAgreed(key, after)) refuse(keyName(key) " belongs to " rival(key) ", which wants it otherwise; change it there")
	edited = isEdited(key, before)
	changing = key
	if (!(key in ledgerBefore)) ledgerOrder[++ledgerCount] = key
	if (!(key in ledgerBefore) || key in released) ledgerBefore[key] = before
	delete released[key]
	ledgerAfter[key] = after
	if (secret) ledgerSecret[key] = 1
}

# Never the element itself as an argument: gawk 5.2 frees one that is not there twice.
function isSecretKey(key) {
	return (key in ledgerSecret) && ledgerSecret[key] == 1
}

function isAgreed(key, after) {
	return key in ledgerAfter && !(key in released) && ledgerAfter[key] == after
}

# The other owner who has a say in this; in a service also by another name of its port. What a component guarded, it may undo itself.
function rival(key, other) {
	if (key in otherOwner) return isOwnGuard(otherOwner[key]) ? "" : otherOwner[key]
	if (!isWholeService(key)) return ""
	for (other in otherOwner)
		if (!isOwnGuard(otherOwner[other]) && isWholeService(other) && (sameService(serviceOf(other), serviceOf(key)) || sameService(serviceOf(key), serviceOf(other)))) return otherOwner[other]
	return ""
}

function isWholeService(key) {
	return key ~ /^service / && key !~ / fields$/
}

function keyName(key) {
	sub(/^[a-z]+ /, "", key)
	return key
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
	note("main.cf", name, wasSet, from, 1, value, isSecretKey("main " name))
}

function clearMain(name, raw, from) {
	want("main " name)
	if (!isSet(name)) return
	from = fileValue(name)
	raw = rawMain(name)
	removeMain(name, 0)
	effective[name] = default_[name]
	ledger("main " name, raw, "")
	note("main.cf", name, 1, from, 0, "", isSecretKey("main " name))
}

function changeOption(e, name, value, key, j, from, raw) {
	key = entryKey(e)
	want("option " key " " name)
	j = findOption(e, name)
	if (j > 0 && optionValue[e, j] == value) return
	from = j > 0 ? optionValue[e, j] : ""
	raw = j > 0 ? optionRaw[e, j] : ""
	setOption(e, name, value)
	j = findOption(e, name)
	if (j == 0 || optionValue[e, j] != value) refuse("services: " key " can't take " name " = " value ": " masterFile " has no way to write that")
	ledger("option " key " " name, raw, optionRaw[e, j])
	note("master.cf", key ":" name, raw != "", from, 1, value)
}

function clearOption(e, name, key, j, from, raw) {
	key = entryKey(e)
	want("option " key " " name)
	j = findOption(e, name)
	if (j == 0) return
	from = optionValue[e, j]
	raw = optionRaw[e, j]
	dropOption(e, name)
	ledger("option " key " " name, raw, "")
	note("master.cf", key ":" name, 1, from, 0, "")
}
