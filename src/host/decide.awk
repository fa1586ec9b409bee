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
