# Mail that comes in on port 25, by address family and by the domain that it is for: connections, mail that was accepted, and what was refused.
# Lines of the port are those of smtpd under a name of port 25 alone, or of several public ports less what logged in. Joined after sessions.awk.

function flowLine(name, program, first, what) {
	first = word[base + 1]
	what = word[base + 2]
	if (program == "postscreen") {
		if (first == "CONNECT") arrived(addressIn(word[base + 3]))
		else if (what == "reject:") refusedMail(textOf())
	}
	else if (program == "smtpd") {
		if (!(name in label) || (label[name] != 25 && label[name] != "-")) return
		if (first == "connect") {
			# Behind postscreen these are only those that it let pass.
			if (!screened && what == "from") arrived(addressIn(word[base + 3]))
		}
		else if (substr(what, 1, 7) == "client=") queuedMail(first, textOf())
		else if (what == "reject:" || what == "milter-reject:") refusedMail(textOf())
	}
	else if (substr(what, 1, 4) == "to=<") receivedMail(first, substr(word[base + 3], 1, 9) == "orig_to=<" ? word[base + 3] : what)
	else if (program == "cleanup" && (what == "reject:" || what == "milter-reject:")) refusedMail(textOf())
}

# Sets `family`; false for what is no address, or the host's own.
function isOutside(address) {
	family = address ~ /:/ && address !~ /^::[Ff][Ff][Ff][Ff]:/ ? 6 : 4
	return address != "" && address != "::1" && address !~ /^127\./ && !(address in ownAddress)
}

function arrived(address) {
	if (isOutside(address)) addRow(today, "connect", 25, "-", "-", "-", times, time, time)
}

# "QUEUEID: client=host[address], orig_queue_id=…, orig_client=host[address]": a filter gives back what came in before, or what it took itself.
function queuedMail(id, text, address) {
	if (text ~ /, sasl_username=/) return
	address = addressIn(peerOf(substr(text, index(text, "client=") + 7)))
	if (!isOutside(address)) {
		if (text !~ /, orig_client=/ || (text ~ /, orig_queue_id=/ && text !~ /, orig_queue_id=NOQUEUE/)) return
		address = addressIn(substr(text, index(text, ", orig_client=") + 14))
		if (!isOutside(address)) return
	}
	keepQueued(id, family "\n", time)
}

# The mail that came last is known, so that each counts once for each of its domains, however often it is tried.
function keepQueued(id, value, at, key) {
	if (++queuedKept > 20000) {
		split("", queuedBefore)
		for (key in queued) queuedBefore[key] = queued[key]
		split("", queued)
		split("", queuedTime)
		queuedKept = 1
	}
	queued[id] = value
	queuedTime[id] = at
}

# The first word of a delivery: what becomes of it later is another matter.
function receivedMail(id, recipient, domain) {
	if (!(id in queued)) {
		if (!(id in queuedBefore)) return
		keepQueued(id, queuedBefore[id], time)
	}
	domain = domainOf(recipient)
	if (index(queued[id], "\n" domain "\n")) return
	family = substr(queued[id], 1, 1)
	queued[id] = queued[id] domain "\n"
	addRow(today, "accepted", 25, "-", "-", domain, 1, time, time)
}

# "… reject: RCPT from host[address]: 450 4.7.1 …; from=<…> to=<…> proto=…": the recipient is the last before `proto`.
# Where a relay was looked for, the domain is none of ours.
function refusedMail(text, at, domain) {
	text = substr(text, index(text, " from ") + 6)
	at = index(text, ": ")
	if (!at || !isOutside(addressIn(substr(text, 1, at)))) return
	at = substr(text, at + 2, 1)
	sub(/,? proto=.*$/, "", text)
	domain = text !~ /: Relay access denied;/ && match(text, /.* to=</) ? domainOf(substr(text, RLENGTH + 1)) : "-"
	addRow(today, at == 4 ? "deferred" : "rejected", 25, "-", "-", domain, times, time, time)
}

# What stands behind the last `@` of an address; "-" where that is no domain.
function domainOf(recipient) {
	if (!match(recipient, /.*@/)) return "-"
	recipient = tolower(substr(recipient, RLENGTH + 1))
	sub(/>.*$/, "", recipient)
	return recipient ~ /^[0-9a-z.-]+$/ ? substr(recipient, 1, 100) : "-"
}
