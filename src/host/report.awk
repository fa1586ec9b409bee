# What the run tells about the files as they will be.

function report(e, k, count) {
	for (k = 1; k <= params; k++) if (count[paramName[k]]++ == 1 && ("main " paramName[k]) in wantedKey) warn("duplicate", mainFile " has " paramName[k] " more than once; the last one counts")
	for (e = 1; e <= entries; e++) dangling(e)
	listServices(out "/services")
	if ("outgoing" in floor) {
		policyMaps("smtp_tls_policy_maps")
		policyMaps("lmtp_tls_policy_maps")
	}
}

function policyMaps(name) {
	if (expand(valueOf(name)) != "") warn("policy-maps", name " = " effective[name] " is not evaluated; its entries may say otherwise for some destinations")
}

function listServices(path, e) {
	printf "" > path
	for (e = 1; e <= entries; e++)
		print field[e, 1], field[e, 2], field[e, 8], (field[e, 2] == "inet" ? portOf(field[e, 1]) : ""), addressOf(field[e, 1]), \
			isWrapper(e), entryFirst[e], allowedVersions(e, 0), allowedVersions(e, 1) > path
}

function isWrapper(e) {
	return tolower(expand(serviceValue(e, "smtpd_tls_wrappermode"), e)) == "yes"
}

# Behind postscreen a client meets tlsproxy or an smtpd with options of its own: what one of them allows may be accepted, what all allow must be.
function allowedVersions(e, must, f, set, other) {
	set = ownVersions(e, "smtpd_")
	if (field[e, 8] != "postscreen") return set
	for (f = 1; f <= entries; f++) {
		if (field[f, 8] == "tlsproxy") other = ownVersions(f, "tlsproxy_")
		else if (field[f, 8] == "smtpd" && field[f, 2] == "pass") other = ownVersions(f, "smtpd_")
		else continue
		if (set == "bad" || other == "bad") return "bad"
		set = must ? intersection(set, other) : union(set, other)
	}
	return set
}

# The mandatory list counts where TLS is mandatory, the other one where it is opportunistic; wrapper mode means mandatory.
function ownVersions(e, prefix, mandatory, list) {
	mandatory = isWrapper(e) || tolower(expand(serviceValue(e, "smtpd_tls_security_level"), e)) == "encrypt"
	list = mandatory ? "tls_mandatory_protocols" : "tls_protocols"
	return parseProtocols(expand(serviceValue(e, prefix list), e))
}

# Options below a commented header belong to the entry above it.
function dangling(e, i, key) {
	for (i = entryFirst[e] + 1; i <= entryLast[e]; i++) {
		key = commentedKey(master[i])
		if (key == "" || isSamePort(key, entryKey(e))) continue
		warn("dangling-option", "the lines below " masterFile " line " i " (commented out) count for " entryKey(e))
		return
	}
}
