# What the log readers look for, from the probes' policies, Postfix's services and what was so at the last run.
# Input files by `part`: probes (policy texts, PORT before each line), services (postconf -M), options (postconf -P), expanded (postconf -P -x), state.
# defaultName, clientPorts, tlsIn, tlsOut, lmtpOut: Postfix's own settings. flow: incoming mail is counted. mainChanged, masterChanged: since when its files are what they are; now; ports: known names.

BEGIN {
	FS = "\t"
	while ((getline line < ports) > 0) {
		n = split(line, w, /[ \t]+/)
		split(w[2], number, "/")
		for (i = 1; i <= n; i++) if (i != 2 && number[2] == "tcp") numberOf[w[i]] = number[1]
	}
	numberOf["smtp"] = 25
	numberOf["smtps"] = numberOf["submissions"] = 465
	numberOf["submission"] = 587
	first = 1
}

part == "probes" {
	probed[$1] = 1
	if ($2 ~ /^log /) {
		text = substr($2, 10)
		sub(/^[^ ]+ /, "", text)
		sub(/\|$/, "", text)
		print "prefix", $1, text
	}
	else if ($2 ~ /^ignore /) print "ignore", substr($2, 10)
	else if ($2 ~ /^networks /) {
		split(substr($2, 10), w, " ")
		networks = w[1] OFS w[2]
	}
}

part == "services" {
	split($0, w, " ")
	if (w[8] == "smtp" || w[8] == "lmtp") {
		client[w[1] "/" w[2]] = w[8]
		clientLevel[w[1] "/" w[2]] = w[8] == "smtp" ? tlsOut : lmtpOut
	}
	if (w[8] !~ /^(smtpd|postscreen)$/ || w[2] !~ /^(inet|pass)$/) next
	key = w[1] "/" w[2]
	kind[key] = w[8]
	name[key] = defaultName
	loglevel[key] = tlsIn
}

# NAME/TYPE/PARAMETER = VALUE
part == "options" || part == "expanded" {
	at = index($0, " = ")
	value = substr($0, at + 3)
	n = split(substr($0, 1, at - 1), w, "/")
	key = w[1] "/" w[2]
}

# A list that refers to another one may say what main.cf says.
part == "options" && w[n] ~ /^smtpd_tls_(mandatory_)?protocols$/ && value !~ /\$/ { ownList[key, w[n]] = 1 }

part == "expanded" {
	if (w[n] == "syslog_name") {
		known[value] = 1
		if (key in kind) name[key] = value
	}
	else if (w[n] == "smtpd_tls_loglevel" && key in kind) loglevel[key] = value
	else if (w[n] == "smtpd_client_port_logging" && key in kind) portsLogged[key] = value
	else if (w[n] == "smtpd_tls_wrappermode" && value == "yes" || w[n] == "smtpd_tls_security_level" && value == "encrypt") mandatory[key] = 1
	else if (key in client && w[n] == client[key] "_tls_loglevel") clientLevel[key] = value
}

part == "state" && $1 == "run" { first = 0 }

part == "state" && $1 == "since" {
	oldService[$2] = $3
	oldSince[$2] = $4
}

# Postscreen hands its clients to the smtpd of type `pass`, whose lines then are those of the port.
function portOfService(key, port) {
	if (key ~ /\/pass$/) {
		for (port in kind) if (kind[port] == "postscreen") return portOfService(port)
		return 0
	}
	port = key
	sub(/\/inet$/, "", port)
	sub(/^.*:/, "", port)
	return port in numberOf ? numberOf[port] : port + 0
}

function isLoopback(key) {
	return key ~ /^(127\.|localhost:|\[?::1\]?:)/
}

function printSince(key, service, changed, at) {
	if (key in oldService && oldService[key] == service) at = oldSince[key]
	else at = first ? changed : now
	if (at > now + 0) at = now
	print "since", key, service, at
}

END {
	OFS = "\t"
	known[defaultName] = 1
	level = tlsIn
	for (key in kind) {
		if (kind[key] != "smtpd") continue
		port = portOfService(key)
		known[name[key]] = 1
		if (loglevel[key] < level) level = loglevel[key]
		users[name[key]] = users[name[key]] " " port
		others[name[key], port]++
		if (!(name[key] in labelled)) labelled[name[key]] = isLoopback(key) ? "" : port
		else if (!isLoopback(key)) labelled[name[key]] = labelled[name[key]] == "" || labelled[name[key]] == port ? port : "-"
		if (port in probed) onPort[port] = onPort[port] " " key
	}
	for (key in labelled) if (labelled[key] != "") print "label", key, labelled[key]
	for (key in known) print "known", key
	print "networks", (networks == "" ? "24" OFS "48" : networks)
	for (port in probed) attribute(port)
	if (flow) {
		for (key in kind) if (kind[key] == "postscreen" && portOfService(key) == 25) print "postscreen", 25
		# Postfix writes these lines whatever its settings are.
		printSince("flow", "-", 0)
		exit
	}
	printOwnFloors()
	# A service may have a level of its own. Its lines prove nothing of the others, so none moves this back.
	changed = mainChanged > masterChanged ? mainChanged : masterChanged
	if (level > 0) printSince("tls-in", "-", changed)
	if (outLevel() > 0) printSince("tls-out", "-", changed)
}

# The least of all that send mail, for one that logs nothing could be cut off unseen. A level that still refers to something is none.
function outLevel(key, least) {
	least = ""
	for (key in clientLevel) if (least == "" || clientLevel[key] + 0 < least) least = clientLevel[key] + 0
	return least == "" ? tlsOut + 0 : least
}

# The ports of submission on which main.cf's floor acts on no service, for each has one of its own.
function printOwnFloors(key, port, follows, found) {
	for (key in kind) {
		port = portOfService(key)
		if (port != 465 && port != 587) continue
		found[port] = 1
		if (!hasOwnFloor(key)) follows[port] = 1
	}
	for (port in found) if (!(port in follows)) print "own-floor", port
}

# Where TLS is mandatory only the mandatory list counts.
function hasOwnFloor(key) {
	if (kind[key] != "smtpd" || key !~ /\/inet$/ || !((key, "smtpd_tls_mandatory_protocols") in ownList)) return 0
	return key in mandatory || (key, "smtpd_tls_protocols") in ownList
}

# Lines are a port's own where no other port's service writes under the same name. A name that still refers to something is not known.
function attribute(port, n, i, key, distinct, logged, names, part) {
	n = split(onPort[port], part, " ")
	if (n == 0) return
	distinct = logged = 1
	names = ""
	for (i = 1; i <= n; i++) {
		key = part[i]
		if (index(" " names " ", " " name[key] " ") == 0) names = names "" (names == "" ? "" : " ") name[key]
		if (split(users[name[key]], w, " ") != others[name[key], port]) distinct = 0
		if (name[key] ~ /\$/) distinct = logged = 0
		if ((key in portsLogged ? portsLogged[key] : clientPorts) != "yes") logged = 0
	}
	n = split(names, part, " ")
	for (i = 1; i <= n; i++) if (distinct || logged) print distinct ? "own" : "shared", part[i], port
	print "syslog_name", port, distinct ? "distinct" : "shared", names
	if (distinct) printSince(port, n == 1 ? names : "-", masterChanged)
	else if (logged) printSince(port, "client ports", now)
	else print "since", port, "-", 9999999999
}
