# The three blocks of a policy's TLS: what main.cf says for mail in and out, and what each service says for itself.

function tls(block, e, services_) {
	if (block == "submission") {
		for (e = 1; e <= entries; e++) if (role(e) == "submission") {
			services_++
			submissionTls(e)
		}
		if (!services_ && ("submission" in floor || "submission" in excluded))
			warn("no-service", "no service on port 587 or 465, so the submission lines have nothing to act on")
	} else {
		mainTls(block)
		overrides(block)
	}
	if (block in profile) for (e = 1; e <= entries; e++) if (hasProfile(block, e)) profileOptions(block, e)
}

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

# Whether the policy has a say in this parameter, as one of the block's.
function decides(block, name, part, i, n) {
	n = prefixes(block, part)
	for (i = 1; i <= n; i++) {
		if (block in floor && (name == part[i] "tls_protocols" || name == part[i] "tls_mandatory_protocols")) return 1
		if (block in excluded && name == part[i] "tls_exclude_ciphers") return 1
	}
	return 0
}

# The value that the policy asks for, "" where there is none. A stricter one stays, and so does what another component asks for.
function strictValue(key, name, current, block, separator, weaker, value) {
	weaker = allowWeaker && !(key in otherOwner)
	if (name ~ /exclude_ciphers$/) {
		if (weaker && !isSubset(current, excluded[block])) current = ""
		return mergedList(current, excluded[block], separator)
	}
	value = raisedProtocols(current, floor[block], separator, weaker)
	if (kept && !(key in otherOwner && isOwnGuard(otherOwner[key]))) warn("kept-stricter", keyName(key) " = " current " is stricter than " floor[block] " and stays")
	return value
}

function refuseFloor(block, what, current) {
	refuse("tls." block ".minimumVersion is \"" floor[block] "\", but " what " = " current " leaves no version at or above it; use allowWeaker or mend " what)
}

# Mandatory before the other: the one may say $the_other, and then needs no change. A default that says so follows by itself.
function mainTls(block, i, j, n, kinds, part, kind, name, current, value) {
	n = prefixes(block, part)
	kinds = split("tls_mandatory_protocols tls_protocols tls_exclude_ciphers", kind, " ")
	for (i = 1; i <= n; i++) for (j = 1; j <= kinds; j++) {
		name = part[i] kind[j]
		if (!(name in effective) || !decides(block, name) || (!isSet(name) && effective[name] ~ /^\$/)) continue
		current = expand(effective[name])
		value = strictValue("main " name, name, current, block, ", ")
		want("main " name)
		if (value == current) continue
		if (value == "") refuseFloor(block, name, effective[name])
		else tighten("main " name, 0, name, value)
	}
}

# A stricter floor is no overruling of another owner.
function tighten(key, e, name, value) {
	tightening = 1
	if (e > 0) changeOption(e, name, value)
	else changeMain(name, value)
	tightening = 0
}

# Submission services get options of their own: what main.cf says is for port 25, and may change there.
function submissionTls(e, i, n, name, kind, key, current, value) {
	n = split("smtpd_tls_protocols smtpd_tls_mandatory_protocols smtpd_tls_exclude_ciphers", kind, " ")
	for (i = 1; i <= n; i++) {
		name = kind[i]
		if (!decides("submission", name)) continue
		key = "option " entryKey(e) " " name
		current = expand(serviceValue(e, name), e)
		value = strictValue(key, name, current, "submission", ",")
		want(key)
		if (value == current && findOption(e, name) > 0) continue
		if (value == "" && name ~ /protocols$/) refuseFloor("submission", entryKey(e) ":" name, current)
		gsub(/[ \t]*,[ \t]*/, ",", value)
		tighten(key, e, name, value)
	}
}

# Options that hide main.cf: mended where the policy says so, else named. The submission block has its own way with its services.
function overrides(block, e, j, name, current, value) {
	for (e = 1; e <= entries; e++) {
		if (role(e) == "submission" ? block != "incoming" || "submission" in floor || "submission" in excluded : role(e) != block) continue
		for (j = 1; j <= optionCount[e]; j++) {
			name = optionName[e, j]
			if (findOption(e, name) != j || !decides(block, name)) continue
			current = expand(optionValue[e, j], e)
			value = strictValue("option " entryKey(e) " " name, name, current, block, ",")
			if (overrideFix) want("option " entryKey(e) " " name)
			if (value == current) continue
			if (!overrideFix) override(e, j)
			else if (value == "") refuseFloor(block, entryKey(e) ":" name, current)
			else tighten("option " entryKey(e) " " name, e, name, value)
		}
	}
}

function override(e, j) {
	print entryKey(e), optionName[e, j], encode(optionValue[e, j]) > (out "/overrides")
	warn("override", entryKey(e) " has -o " optionName[e, j] "=" optionValue[e, j] ", which hides what main.cf says")
}

# Mozilla guideline 6.0. Cipher lists are global in main.cf, so each service gets its own; what it reads bears the name of its command.
function profileOptions(block, e, prefix, list) {
	prefix = field[e, 8] "_"
	if (profile[block] == "intermediate") {
		# A client says itself which grade it wants of a tlsproxy.
		if (block != "outgoing" || prefix != "tlsproxy_") {
			gradeOption(e, prefix "tls_ciphers")
			gradeOption(e, prefix "tls_mandatory_ciphers")
		}
		list = expand(serviceValue(e, "tls_medium_cipherlist"), e)
		if (isPart(list)) want("option " entryKey(e) " tls_medium_cipherlist")
		else changeOption(e, "tls_medium_cipherlist", intermediate)
		if (postfixNumber >= 3008) changeOption(e, "tls_ffdhe_auto_groups", "")
	}
	changeOption(e, "tls_preempt_cipherlist", "no")
	curveOption(e, "tls_eecdh_auto_curves")
}

# The grade whose list the profile sets, or the one above it where that has no suite but the profile's.
function gradeOption(e, name, key, grade, list) {
	key = "option " entryKey(e) " " name
	grade = expand(serviceValue(e, name), e)
	list = expand(serviceValue(e, "tls_high_cipherlist"), e)
	if (tolower(grade) != "high" || !isPart(list) || (allowWeaker && !(key in otherOwner))) {
		changeOption(e, name, "medium")
		return
	}
	want(key)
	if (!isSubset(intermediate, list)) warn("kept-stricter", keyName(key) " = " grade " is stricter than intermediate, as tls_high_cipherlist is only a part of its suites, and stays")
}

function isPart(list) {
	return list ~ /[^ \t,:]/ && isSubset(list, intermediate)
}

# With the post-quantum group where Postfix has it by itself; "*" is, as there, the one group that a client sends a key for at once.
function curveOption(e, name, list) {
	list = expand(serviceValue(e, name), e)
	gsub(/[?*\/]/, " ", list)
	if (list ~ /X25519MLKEM768/ && isSubset(list, "X25519MLKEM768 X25519 prime256v1 secp384r1")) want("option " entryKey(e) " " name)
	else if (default_[name] ~ /^\?X25519MLKEM768.*DEFAULT/) changeOption(e, name, "?X25519MLKEM768:*X25519:prime256v1:secp384r1")
	else if (postfixNumber < 3011) changeOption(e, name, "X25519,prime256v1,secp384r1")
}

function hasProfile(block, e) {
	if (field[e, 8] == "tlsproxy") return proxyBlock(e) == block
	if (role(e) != block || field[e, 8] == "postscreen") return 0
	if (block != "incoming" || field[e, 2] == "pass") return 1
	return field[e, 2] == "inet" && portOf(field[e, 1]) == 25
}
