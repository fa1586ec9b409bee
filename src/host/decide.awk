# What a policy changes in main.cf and master.cf: a pure decision over files. Reads the files that the variables name:
#   wanted     the policy's words           effectiveFile, defaultsFile  `postconf` and `postconf -d`: NAME = VALUE
#   mainFile   masterFile                   ports      name and number of TCP services
#   secretsFile  revision, NAME, VALUE      ledgerFile key, before, after (what we changed earlier)
#   ownersFile   key, owner                 mineFile   this owner, under all its names
#   giveBackFile keys of the ledger that go back to what was before
# and writes main.cf, master.cf and these, tab-separated, into `out`:
#   changes    file, name, was set, from, is set, to      ledger    key, before, after, secret
#   keys       each key that the policy has a say in      services, services.old
#                                                         name, type, command, port, address, wrapper, line, allowed versions
#   overrides  service, option, value                     warnings  code, text
#   refusal    the first reason why this can't be

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

# --- changes, each noted for the receipt and for the ledger

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

function changeOption(e, name, value, key, j, from) {
	key = entryKey(e)
	want("option " key " " name)
	j = findOption(e, name)
	if (j > 0 && optionValue[e, j] == value) return
	from = j > 0 ? optionValue[e, j] : ""
	setOption(e, name, value)
	ledger("option " key " " name, (j > 0 ? "=" from : ""), "=" value)
	note("master.cf", key ":" name, j > 0, from, 1, value)
}

function clearOption(e, name, key, j, from) {
	key = entryKey(e)
	want("option " key " " name)
	j = findOption(e, name)
	if (j == 0) return
	from = optionValue[e, j]
	dropOption(e, name)
	ledger("option " key " " name, "=" from, "")
	note("master.cf", key ":" name, 1, from, 0, "")
}

# --- services

function enable(key, e, i, before) {
	for (e = 1; e <= entries; e++) if (sameService(entryKey(e), key)) {
		want("service " entryKey(e))
		return
	}
	i = commentedEntry(key)
	if (i == 0) {
		refuse("services: " key " is in " masterFile " neither as an entry nor as a commented one; give its entry")
		return
	}
	before = masterText(i)
	uncomment(i)
	e = entryOf[i]
	touched[entryKey(e)] = 1
	want("service " entryKey(e))
	ledger("service " entryKey(e), commentedText(before, e), rawWhole(e))
	note("master.cf", entryKey(e), 1, "disabled", 1, "enabled")
}

function masterText(from, i, text) {
	text = ""
	for (i = from; i <= masterLines; i++) text = text (i == from ? "" : "\n") master[i]
	return text
}

# The first lines of `text`, as many as the entry has now.
function commentedText(text, e, part, i, n, out_) {
	split(text, part, "\n")
	n = entryLast[e] - entryFirst[e] + 1
	out_ = part[1]
	for (i = 2; i <= n; i++) out_ = out_ "\n" part[i]
	return out_
}

function rawWhole(e, i, text) {
	text = ""
	for (i = entryFirst[e]; i <= entryLast[e]; i++) text = text (i == entryFirst[e] ? "" : "\n") master[i]
	return text
}

function disable(key, e, have, before, first, last, i) {
	for (e = entries; e >= 1; e--) {
		have = entryKey(e)
		if (!sameService(have, key)) continue
		before = rawWhole(e)
		first = entryFirst[e]
		last = entryLast[e]
		commentOut(e)
		want("service " have)
		ledger("service " have, before, linesText(first, last))
		note("master.cf", have, 1, "enabled", 1, "disabled")
	}
	want("service " key)
}

function linesText(first, last, i, text) {
	text = master[first]
	for (i = first + 1; i <= last; i++) text = text "\n" master[i]
	return text
}

function sameFields(e, fields, part, i, n, words) {
	n = split(fields, part, " ")
	for (i = 1; i <= 5; i++) if (field[e, i + 2] != part[i]) return 0
	words = part[6]
	for (i = 7; i <= n; i++) words = words " " part[i]
	return words == entryWords[e]
}

function putEntry(key, fields, e, before, j, text, found) {
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
	text = entryLine(key, fields)
	for (j = 1; j <= optionCount[e]; j++) text = text "\n  -o " optionText(optionName[e, j], optionValue[e, j], 0)
	masterLines = spliceOwn(entryFirst[e], entryLast[e], text)
	parseMaster()
	ledger("service " key, before, text)
	note("master.cf", key, 1, field[e, 8], 1, fields)
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

# --- TLS

function role(e) {
	if (field[e, 8] == "smtpd" || field[e, 8] == "postscreen" || field[e, 8] == "tlsproxy") {
		if (field[e, 2] == "inet" && portOf(field[e, 1]) ~ /^(465|587)$/) return "submission"
		return "incoming"
	}
	if (field[e, 8] == "smtp" || field[e, 8] == "lmtp") return "outgoing"
	return ""
}

# Which parameters one block has: the prefixes of their names.
function prefixes(block, part) {
	return split(block == "outgoing" ? "smtp_ lmtp_" : block == "incoming" ? "smtpd_ tlsproxy_" : "smtpd_", part, " ")
}

function belongsTo(name, block, part, i, n) {
	n = prefixes(block, part)
	for (i = 1; i <= n; i++) if (index(name, part[i] "tls_") == 1) return 1
	return 0
}

function raise(name, current, block, separator, value) {
	value = raisedProtocols(expand(current), floor[block], separator)
	if (value == "") refuse("tls." block ".minimumVersion is \"" floor[block] "\", but " name " = " current " leaves no version at or above it; use allowWeaker or mend " name)
	if (kept) warn("kept-stricter", name " = " current " is stricter than " floor[block] " and stays")
	return value == expand(current) ? current : value
}

function mainTls(block, i, j, n, part, kind, name, value) {
	n = prefixes(block, part)
	for (i = 1; i <= n; i++) {
		if (block in floor) for (j = split("tls_protocols tls_mandatory_protocols", kind, " "); j >= 1; j--) {
			name = part[i] kind[j]
			if (!(name in effective)) continue
			value = raise(name, effective[name], block, ", ")
			want("main " name)
			if (value != effective[name] && value != "") changeMain(name, value)
		}
		name = part[i] "tls_exclude_ciphers"
		if (!(block in excluded) || !(name in effective)) continue
		value = excludeValue(effective[name], block, ", ")
		want("main " name)
		if (value != effective[name]) changeMain(name, value)
	}
}

function excludeValue(current, block, separator, merged) {
	if (allowWeaker && !isSubset(expand(current), excluded[block])) current = ""
	merged = mergedList(expand(current), excluded[block], separator)
	return merged == expand(current) ? current : merged
}

# What the service uses: its own option, else main.cf.
function serviceValue(e, name, j) {
	j = findOption(e, name)
	return j > 0 ? optionValue[e, j] : effective[name]
}

function strictOption(e, name, block, value) {
	value = name ~ /exclude_ciphers$/ ? excludeValue(serviceValue(e, name), block, ",") : raise(entryKey(e) ":" name, serviceValue(e, name), block, ",")
	return value
}

# Submission services get options of their own: what main.cf says is for port 25, and may change there.
function submissionTls(e, i, n, name, kind, value) {
	n = split("smtpd_tls_protocols smtpd_tls_mandatory_protocols smtpd_tls_exclude_ciphers", kind, " ")
	for (i = 1; i <= n; i++) {
		name = kind[i]
		if (name ~ /protocols$/ && !("submission" in floor)) continue
		if (name ~ /ciphers$/ && !("submission" in excluded)) continue
		value = strictOption(e, name, "submission")
		if (value == "") continue
		gsub(/, +/, ",", value)
		changeOption(e, name, value)
	}
}

# Options that hide main.cf: mended where the policy says so, else named.
function overrides(block, e, j, name, value) {
	for (e = 1; e <= entries; e++) {
		if (role(e) == "submission" && ("submission" in floor || "submission" in excluded)) continue
		if (role(e) != block && !(role(e) == "submission" && block == "incoming")) continue
		for (j = 1; j <= optionCount[e]; j++) {
			name = optionName[e, j]
			if (!belongsTo(name, block)) continue
			if (!(name ~ /tls_(mandatory_)?protocols$/ && block in floor) && !(name ~ /tls_exclude_ciphers$/ && block in excluded)) continue
			value = strictOption(e, name, block)
			if (value == "" || value == optionValue[e, j]) continue
			if (overrideFix) changeOption(e, name, value)
			else override(e, j)
		}
	}
}

function override(e, j) {
	print entryKey(e), optionName[e, j], encode(optionValue[e, j]) > (out "/overrides")
	warn("override", entryKey(e) " has -o " optionName[e, j] "=" optionValue[e, j] ", which hides what main.cf says")
}

# Mozilla guideline 6.0. Cipher lists are global in main.cf, so each service gets its own.
function profileOptions(block, e, prefix) {
	prefix = block == "outgoing" ? (field[e, 8] == "lmtp" || field[e, 1] == "lmtp" ? "lmtp_" : "smtp_") : "smtpd_"
	if (profile[block] == "intermediate") {
		if (field[e, 8] != "tlsproxy") {
			changeOption(e, prefix "tls_ciphers", "medium")
			changeOption(e, prefix "tls_mandatory_ciphers", "medium")
		}
		if (!isSubset(expand(serviceValue(e, "tls_medium_cipherlist")), intermediate)) changeOption(e, "tls_medium_cipherlist", intermediate)
		else want("option " entryKey(e) " tls_medium_cipherlist")
		if (postfixNumber >= 3008) changeOption(e, "tls_ffdhe_auto_groups", "")
	}
	changeOption(e, "tls_preempt_cipherlist", "no")
	if (postfixNumber < 3011) changeOption(e, "tls_eecdh_auto_curves", "X25519,prime256v1,secp384r1")
}

function hasProfile(block, e) {
	if (role(e) != block || field[e, 8] == "postscreen") return 0
	if (block != "incoming" || field[e, 8] == "tlsproxy" || field[e, 2] == "pass") return 1
	return field[e, 2] == "inet" && portOf(field[e, 1]) == 25
}

function tls(block, e) {
	inTls = 1
	if (block == "submission") {
		for (e = 1; e <= entries; e++) if (role(e) == "submission") {
			submissionServices++
			submissionTls(e)
		}
		if (!submissionServices && ("submission" in floor || "submission" in excluded))
			warn("no-service", "no service on port 587 or 465, so the submission lines have nothing to act on")
	} else {
		mainTls(block)
		overrides(block)
	}
	if (block in profile) for (e = 1; e <= entries; e++) if (hasProfile(block, e)) profileOptions(block, e)
}

# --- giving back

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

function giveBackOption(key, name, part, e, j, now) {
	split(name, part, " ")
	for (e = 1; e <= entries; e++) {
		if (entryKey(e) != part[1]) continue
		j = findOption(e, part[2])
		now = j > 0 ? "=" optionValue[e, j] : ""
		if (now != ledgerAfter[key]) {
			foreign(part[1] ":" part[2], key)
			return
		}
		if (ledgerBefore[key] == "") dropOption(e, part[2])
		else setOption(e, part[2], substr(ledgerBefore[key], 2))
		note("master.cf", part[1] ":" part[2], j > 0, substr(now, 2), ledgerBefore[key] != "", substr(ledgerBefore[key], 2))
	}
	release(key)
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

# --- reading

function readWanted(line, w) {
	while ((getline line < wanted) > 0) {
		split(line, w, "\t")
		kind = w[1]
		if (kind == "allow") allowWeaker = 1
		else if (kind == "override") overrideFix = 1
		else if (kind == "tls") floor[w[2]] = w[3]
		else if (kind == "ciphers") profile[w[2]] = w[3]
		else if (kind == "exclude") excluded[w[2]] = w[3]
		else todo[++todos] = line
	}
	close(wanted)
}

function readTables(line, at, w, n, i, j, last, part) {
	readValues(effectiveFile, effective)
	readValues(defaultsFile, default_)
	while ((getline line < ports) > 0) if (split(line, w, " ") >= 2 && w[2] ~ /\/tcp$/) {
		n = split(line, w, " ")
		for (i = 1; i <= n; i++) if (i != 2 && !(w[i] in knownPort)) knownPort[w[i]] = w[2] + 0
	}
	if ("known_tcp_ports" in effective) {
		n = split(effective["known_tcp_ports"], w, /[ ,]+/)
		for (i = 1; i <= n; i++) {
			last = split(w[i], part, "=")
			for (j = 1; j < last; j++) knownPort[part[j]] = part[last] + 0
		}
	}
	while ((getline line < secretsFile) > 0) {
		split(line, w, "\t")
		secretValue[w[2], w[1]] = w[3]
	}
	while ((getline line < mineFile) > 0) mine[line] = 1
	while ((getline line < ownersFile) > 0) {
		split(line, w, "\t")
		if (!(w[2] in mine)) otherOwner[w[1]] = w[2]
	}
	while ((getline line < ledgerFile) > 0) {
		split(line, w, "\t")
		ledgerOrder[++ledgerCount] = w[1]
		ledgerBefore[w[1]] = decode(w[2])
		ledgerAfter[w[1]] = decode(w[3])
		ledgerSecret[w[1]] = w[4]
	}
}

function readValues(path, values, line, at) {
	while ((getline line < path) > 0) {
		at = index(line, " =")
		if (at > 1 && substr(line, 1, at - 1) !~ /[^A-Za-z0-9_.-]/) values[substr(line, 1, at - 1)] = trim(substr(line, at + 2))
	}
}

function act(line, w) {
	split(line, w, "\t")
	if (w[1] == "set") checkValue("settings." w[2], w[2], w[3])
	if (w[1] == "option") checkValue("services." w[2] ".options." w[3], w[3], w[4])
	if (w[1] == "set") changeMain(w[2], w[3])
	if (w[1] == "empty") changeMain(w[2], "")
	if (w[1] == "unset") clearMain(w[2])
	if (w[1] == "secret") {
		if (!((w[2], w[3]) in secretValue)) refuse("secretSettings: " w[2] " revision " w[3] " is not on the host; raise secretRevision so that it is sent again")
		else if (mainMode ~ /[4567]$/) refuse("secretSettings: " w[2] " would be readable by all, as " mainFile " has mode " mainMode "; make it 0640 first")
		else changeMain(w[2], secretValue[w[2], w[3]], 1)
	}
	if (w[1] == "service" && w[3] == "enable") enable(w[2])
	if (w[1] == "service" && w[3] == "disable") disable(w[2])
	if (w[1] == "service" && w[3] == "entry") putEntry(w[2], w[4])
	if (w[1] == "option") eachEntry(w[2], "set", w[3], w[4])
	if (w[1] == "drop") eachEntry(w[2], "drop", w[3])
}

function report(e, k, count) {
	for (k = 1; k <= params; k++) if (count[paramName[k]]++ == 1) warn("duplicate", mainFile " has " paramName[k] " more than once; the last one counts")
	for (e = 1; e <= entries; e++) {
		dangling(e)
	}
	listServices(out "/services")
	if (expand(effective["smtp_tls_policy_maps"]) != "" && "outgoing" in floor)
		warn("policy-maps", "smtp_tls_policy_maps = " effective["smtp_tls_policy_maps"] " is not evaluated; its entries may say otherwise for some destinations")
}

function listServices(path, e) {
	printf "" > path
	for (e = 1; e <= entries; e++)
		print field[e, 1], field[e, 2], field[e, 8], (field[e, 2] == "inet" ? portOf(field[e, 1]) : ""), addressOf(field[e, 1]), \
			isWrapper(e), entryFirst[e], allowedVersions(e) > path
}

function isWrapper(e) {
	return expand(serviceValue(e, "smtpd_tls_wrappermode")) == "yes"
}

# The mandatory list counts where TLS is mandatory, the other one where it is opportunistic; wrapper mode means mandatory.
function allowedVersions(e, mandatory) {
	mandatory = isWrapper(e) || expand(serviceValue(e, "smtpd_tls_security_level")) == "encrypt"
	return parseProtocols(expand(serviceValue(e, mandatory ? "smtpd_tls_mandatory_protocols" : "smtpd_tls_protocols")))
}

# Options below a commented header belong to the entry above it.
function dangling(e, i) {
	for (i = entryFirst[e] + 1; i <= entryLast[e]; i++)
		if (isCommentedHeader(master[i])) {
			warn("dangling-option", "the lines below " masterFile " line " i " (commented out) count for " entryKey(e))
			return
		}
}

BEGIN {
	OFS = "\t"
	intermediate = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
	tlsInit()
	readTables()
	mainLines = readLines(mainFile, main)
	masterLines = readLines(masterFile, master)
	mainEnd = main[mainLines]
	masterEnd = master[masterLines]
	parseMain()
	parseMaster()
	listServices(out "/services.old")
	if (giveBackFile != "") while ((getline line < giveBackFile) > 0) backKey[++backs] = line
	for (pass = 1; pass <= 3; pass++) for (b = backs; b >= 1; b--)
		if ((pass == 1 && backKey[b] ~ /^main /) || (pass == 2 && backKey[b] ~ /^option /) || (pass == 3 && backKey[b] ~ /^service /)) giveBack(backKey[b])
	readWanted()
	for (t = 1; t <= todos; t++) act(todo[t])
	checkPorts()
	tls("incoming")
	tls("submission")
	tls("outgoing")
	report()
	writeLines(out "/main.cf", main, mainLines, mainEnd, mainBare)
	writeLines(out "/master.cf", master, masterLines, masterEnd, masterBare)
	printf "" > (out "/ledger")
	for (k = 1; k <= ledgerCount; k++) if (!(ledgerOrder[k] in released)) print ledgerOrder[k], encode(ledgerBefore[ledgerOrder[k]]), encode(ledgerAfter[ledgerOrder[k]]), ledgerSecret[ledgerOrder[k]] > (out "/ledger")
}
