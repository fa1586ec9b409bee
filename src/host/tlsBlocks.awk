# What the tls, ciphers and exclude lines of a policy mean for each parameter and each service of a host.

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
