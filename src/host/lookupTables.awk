# The lookup tables that a change brings, for the host to try: DATABASE_README of Postfix.

function lookupInit() {
	localTypes = " btree cdb cidr dbm hash inline lmdb pcre pipemap randmap regexp sdbm sqlite static texthash unionmap "
	remoteTypes = " ldap memcache mongodb mysql netinfo nis nisplus pgsql socketmap tcp "
}

# Called before and after what is wanted is done: a table that was there, or that comes back, is nobody's fault.
function lookupTables(isAfter, k, e, j, isSecret) {
	for (k = 1; k <= params; k++) {
		isSecret = isSecretKey("main " paramName[k])
		if (lastParam[paramName[k]] == k) tablesOf(isAfter, (isSecret ? "secretSettings." : "settings.") paramName[k], paramName[k], paramValue[k], 0, isSecret)
	}
	for (e = 1; e <= entries; e++)
		for (j = 1; j <= optionCount[e]; j++) tablesOf(isAfter, "services." entryKey(e) ".options." optionName[e, j], optionName[e, j], optionValue[e, j], e, 0)
}

function tablesOf(isAfter, argument, name, value, e, isSecret, key) {
	if (index(value, ":") == 0 && index(value, "$") == 0) return
	# Postfix makes these itself, newaliases does, or they only give permissions.
	if (name ~ /(_cache_maps?|_session_cache_database)$/ || index(" address_verify_map alias_database proxy_read_maps proxy_write_maps ", " " name " ")) return
	# A secret may have come by its name.
	if (value ~ /\$/) for (key in ledgerSecret) if (isSecretKey(key)) isSecret = 1
	eachTable(isAfter, argument, name, expand(value, e), isSecret, "")
}

# A word in braces is a list of its own; `before` is the word that came before all of them.
function eachTable(isAfter, argument, name, value, isSecret, before, n, i, word) {
	n = splitValue(value, word)
	for (i = 1; i <= n; i++) {
		if (word[i] ~ /^\{.*\}$/) eachTable(isAfter, argument, name, substr(word[i], 2, length(word[i]) - 2), isSecret, before)
		else oneTable(isAfter, argument, name, before, word[i], isSecret)
		before = word[i]
	}
}

# At commas and blanks outside of braces.
function splitValue(text, word, i, c, depth, current, n) {
	current = ""
	n = 0
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "{") depth++
		if (c == "}") depth--
		if (depth > 0 || c !~ /[ \t,]/) {
			current = current c
			continue
		}
		if (current != "") word[++n] = current
		current = ""
	}
	if (current != "") word[++n] = current
	return n
}

# Where nothing but a table can stand, an unknown type is one, too.
function oneTable(isAfter, argument, name, before, table, isSecret, type, how) {
	if (before == "check_policy_service") return
	how = table ~ /proxy:/ ? "type" : "try"
	if (table ~ /^(proxy:)+[^:]*:/) how = "try"
	sub(/^(proxy:)+/, "", table)
	if (table !~ /^[a-z][a-z0-9]*:./) return
	type = table
	sub(/:.*/, "", type)
	# What needs no file, or is meant to fail.
	if (index(" debug environ fail internal unix ", " " type " ")) return
	if (!index(localTypes remoteTypes, " " type " ") && before !~ /^check_.*_access$/ && name !~ /_(maps|checks|restrictions)$/) return
	if (isSecret || index(remoteTypes, " " type " ") || hasRemote(table)) how = "type"
	if (isSecret) table = type ":"
	if (isAfter && !((argument, table) in hadTable)) print argument, type, how, table > (out "/lookups")
	hadTable[argument, table] = 1
}

# A table of tables.
function hasRemote(table, i, n, type) {
	n = split(remoteTypes " proxy unix", type, " ")
	for (i = 1; i <= n; i++) if (index(table, "{" type[i] ":") || index(table, "," type[i] ":") || index(table, " " type[i] ":")) return 1
	return 0
}
