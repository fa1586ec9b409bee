# What a policy changes in main.cf and master.cf: a pure decision over files. Reads the files that the variables name:
#   wanted     the policy's words           effectiveFile, defaultsFile  `postconf` and `postconf -d`: NAME = VALUE
#   mainFile   masterFile                   ports      name and number of TCP services
#   secretsFile  revision, NAME, VALUE      ledgerFile key, before, after, secret (what we changed earlier)
#   ownersFile   key, owner, its word       mineFile   this owner, under all its names
#   giveBackFile keys of the ledger that go back to what was before
# and writes main.cf, master.cf and these, tab-separated, into `out`:
#   changes    file, name, was set, from, is set, to,     ledger    key, before, after, secret
#              given back, edited since, key
#   keys       each key that the policy has a say in      services, services.old
#                                                         name, type, command, port, address, wrapper, line, versions that may and that must be accepted
#   overrides  service, option, value                     warnings  code, text
#   lookups    argument, type, try or type, table: lookup tables that were not there before
#   refusal    the first reason why this can't be
# Keys are "main NAME" (lines of main.cf), "option SERVICE NAME" (the text behind -o), "service SERVICE" (its lines; with a
# number for the second of that name) and "service SERVICE fields" (its columns and command); "" is what was not there.

function act(line, word) {
	split(line, word, "\t")
	if (word[1] == "set") checkValue("settings." word[2], word[2], word[3])
	if (word[1] == "option") checkValue("services." word[2] ".options." word[3], word[3], word[4])
	if (word[1] == "set") changeMain(word[2], word[3])
	if (word[1] == "empty") changeMain(word[2], "")
	if (word[1] == "unset") clearMain(word[2])
	if (word[1] == "secret") putSecret(word[2], word[3])
	if (word[1] == "service" && word[3] == "enable") enable(word[2])
	if (word[1] == "service" && word[3] == "disable") disable(word[2])
	if (word[1] == "service" && word[3] == "entry") putEntry(word[2], word[4])
	if (word[1] == "option") eachEntry(word[2], "set", word[3], word[4])
	if (word[1] == "drop") eachEntry(word[2], "drop", word[3])
}

function putSecret(name, revision) {
	if (!((name, revision) in secretValue)) refuse("secretSettings: " name " revision " revision " is not on the host; raise secretRevision so that it is sent again")
	else if (mainMode ~ /[4567]$/) refuse("secretSettings: " name " would be readable by all, as " mainFile " has mode " mainMode "; keep it in a table that only root reads, or make the file 0640, with which sendmail(1) works for root alone")
	else changeMain(name, secretValue[name, revision], 1)
}

# Latest first: what was changed within an entry goes back before the entry itself.
function giveBackAll(line, key, n) {
	if (giveBackFile == "") return
	while ((getline line < giveBackFile) > 0) key[++n] = line
	close(giveBackFile)
	for (; n >= 1; n--) giveBack(key[n])
}

function writeLedger(k, key) {
	printf "" > (out "/ledger")
	for (k = 1; k <= ledgerCount; k++) {
		key = ledgerOrder[k]
		if (!(key in released)) print key, encode(ledgerBefore[key]), encode(ledgerAfter[key]), ledgerSecret[key] > (out "/ledger")
	}
}

BEGIN {
	OFS = "\t"
	intermediate = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
	tlsInit()
	lookupInit()
	readTables()
	readWanted()
	mainLines = readLines(mainFile, main)
	masterLines = readLines(masterFile, master)
	mainEnd = main[mainLines]
	masterEnd = master[masterLines]
	parseMain()
	parseMaster()
	listServices(out "/services.old")
	giveBackAll()
	lookupTables(0)
	for (t = 1; t <= todos; t++) act(todo[t])
	checkPorts()
	tls("incoming")
	tls("submission")
	tls("outgoing")
	checkProxies()
	lookupTables(1)
	report()
	writeLines(out "/main.cf", main, mainLines, mainEnd, mainBare)
	writeLines(out "/master.cf", master, masterLines, masterEnd, masterBare)
	writeLedger()
}
