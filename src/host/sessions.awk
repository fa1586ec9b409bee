# Sessions of Postfix's smtpd, line by line: who connected, logged in and sent, on the ports that are watched.
# A service's lines are a port's own by its syslog_name; or, where several share one, by the client's port, which the kernel's line has too.

# The address in a name such as host.example[192.0.2.1]:51234; sets the global `clientPort`.
function addressIn(peer, at) {
	clientPort = ""
	if (!match(peer, /\[[0-9A-Fa-f:.]+\]/)) return ""
	at = substr(peer, RSTART + 1, RLENGTH - 2)
	peer = substr(peer, RSTART + RLENGTH)
	if (match(peer, /^:[0-9]+/)) clientPort = substr(peer, 2, RLENGTH - 1)
	return at
}

# The peer: all up to the first comma or blank.
function peerOf(text) {
	sub(/[, ].*$/, "", text)
	return text
}

function openSession(key, port, name, address) {
	if (++sessions > 2000) forgetSessions()
	sessionPort[key] = port
	sessionName[key] = name
	sessionAddress[key] = address
	sessionTime[key] = time
	sessionUsers[key] = "\n"
}

function closeSession(key) {
	if (!(key in sessionPort)) return
	sessions--
	delete sessionPort[key]
	delete sessionName[key]
	delete sessionAddress[key]
	delete sessionTime[key]
	delete sessionUsers[key]
}

# Ends that were never logged must not fill the memory: smtpd serves a client for hours at most.
function forgetSessions(key, oldest) {
	oldest = time - 86400
	for (key in sessionPort) if (sessionTime[key] < oldest) closeSession(key)
	if (sessions <= 2000) return
	for (key in sessionPort) closeSession(key)
}

# The port that a connection of this service came to; "" where that is not one that is watched, or can't be told.
function portOfClient(name, address, key) {
	if (name in ownPort) return ownPort[name]
	if (!(name in sharedPort)) return ""
	key = address ":" clientPort
	return key in synTime && time - synTime[key] <= 60 && synTime[key] - time <= 5 ? synPort[key] : ""
}

# `first`: the first word of the text.
function smtpdLine(name, pid, first, key, address, port) {
	key = name "[" pid
	if (first == "connect") {
		if (word[base + 2] != "from") return
		closeSession(key)
		forgetRefusal(key)
		address = addressIn(word[base + 3])
		port = portOfClient(name, address)
		if (port == "") return
		openSession(key, port, name, address)
		proven(port)
		addRow(today, "connect", port, name, networkOf(address), "-", times, time, time)
	}
	else if (first == "disconnect") {
		if (!(key in sessionPort) || word[base + 2] != "from") return
		if (sessionUsers[key] == "\n" && line ~ / auth=[1-9]/)
			addRow(today, "login", sessionPort[key], name, networkOf(sessionAddress[key]), "-", 1, time, time)
		closeSession(key)
	}
	else if (first ~ /^[0-9A-Za-z]+:$/ && substr(word[base + 2], 1, 7) == "client=") {
		address = textOf()
		acceptedMail(name, key, substr(address, index(address, "client=") + 7))
	}
}

# host[address]:port, sasl_method=…, sasl_username=…, sasl_sender=…, orig_client=…: in this order, the account as the server knows it.
function acceptedMail(name, key, text, address, port, at, account) {
	address = addressIn(peerOf(text))
	if (!(key in sessionPort)) {
		# The connection was logged before the log begins, so it can't be matched any more.
		if (!(name in ownPort)) return
		openSession(key, ownPort[name], name, address)
	}
	port = sessionPort[key]
	proven(port)
	addRow(today, "mail", port, name, networkOf(address), "-", times, time, time)
	sub(/^[^, ]*/, "", text)
	if (text !~ /^, sasl_method=[^, ]*, sasl_username=/) return
	account = substr(text, index(text, "sasl_username=") + 14)
	sub(/, (sasl_sender|orig_queue_id|orig_client)=.*$/, "", account)
	account = printable(account)
	if (index(sessionUsers[key], "\n" account "\n")) return
	if (length(sessionUsers[key]) < 1000) sessionUsers[key] = sessionUsers[key] account "\n"
	addRow(today, "login", port, name, networkOf(address), account, 1, time, time)
}

# One word of a row: no tab, no control character, and not without end.
function printable(text) {
	gsub(/[\001-\037\177]/, "?", text)
	return text == "" || text == "-" || text == "other" ? "?" text : substr(text, 1, 100)
}
