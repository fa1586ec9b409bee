# Reads log lines, prints no rows but writes them into out/DAY, and carries on from one file and one run to the next.
# journal: lines are "EPOCH.MICRO HOST TAG: TEXT"; else they are a syslog file's, after "OFFSET:" where `offsets`, and up to `end`.
# follow: no line can be older than what was read before. kernel, mail: which lines of this source count. after: lines up to this time were read before. from: older than this is too old.
# flow: incoming mail is counted instead, see flow.awk.
# firstFile, lastFile: files with the first and the last line of Postfix. lost: why lines may be missing before the first one, "" if none is. now. watch: what is looked for. carry, carryNew: see below.

BEGIN {
	bits4 = 24
	bits6 = 48
	FS = "\t"
	while ((getline line < watch) > 0) {
		split(line, w, "\t")
		if (w[1] == "prefix") {
			prefix[++prefixes] = w[3]
			prefixPort[prefixes] = w[2]
		}
		else if (w[1] == "own") ownPort[w[2]] = w[3]
		else if (w[1] == "shared") sharedPort[w[2]] = w[3]
		else if (w[1] == "label") label[w[2]] = w[3]
		else if (w[1] == "known") known[w[2]] = 1
		else if (w[1] == "postscreen") screened = 1
		else if (w[1] == "own-address") ownAddress[w[2]] = 1
		else if (w[1] == "ignore") ignoreNetwork(w[2])
		else if (w[1] == "networks") {
			bits4 = w[2]
			bits6 = w[3]
		}
		else if (w[1] == "since") {
			topicService[w[2]] = w[3]
			since[w[2]] = w[4]
		}
	}
	readCarry()
	if (mail && lost == "") lost = carriedLost
	seen = mail ? lastMail + 0 : 0
	after += 0
	from += 0
	end += 0
	begun = 0
	if (mail) signOfLife(firstFile)
}

{
	line = $0
	if (offsets) {
		at = index(line, ":")
		if (substr(line, 1, at - 1) + 0 >= end) exit
		line = substr(line, at + 1)
	}
	if (shapes && isKnownHandshake()) next
	words = split(line, word, " ")
	time = timeOfLine()
	if (time <= 0 || !settle()) next
	tag = word[base]
	# In such a line the text stands between brackets.
	times = 1
	if (word[base + 1] == "message" && word[base + 2] == "repeated") unfold()
	if (tag == "kernel:") {
		if (kernel) kernelLine()
		next
	}
	at = index(tag, "[")
	tag = substr(tag, 1, at ? at - 1 : length(tag) - 1)
	if (tag in programs || knowProgram(tag)) {
		if (mail) mailLine()
	}
	else if (tag == "systemd-journald" || tag == "rsyslogd") lostLines(textOf())
}

END {
	if (mail) signOfLife(lastFile)
	addHandshakes()
	if (begun) coverTime(coverFrom, seen)
	flushRows(out, "")
	writeCarry()
}

# Sets `base`: the word that is the tag, for the host's name stands before it.
function timeOfLine() {
	base = 3
	if (journal) return int(word[1])
	if (substr(word[1], 5, 1) == "-") return isoTime(word[1])
	base = 5
	shortStamps = 1
	return shortTime(line)
}

# What follows the tag.
function textOf() {
	return substr(line, index(line, " " word[base] " ") + length(word[base]) + 2)
}

function unfold() {
	times = word[base + 3] + 0
	sub(/ message repeated [0-9]+ times: \[ ?/, " ", line)
	sub(/\]$/, "", line)
	words = split(line, word, " ")
}

# Whether the tag is one of the watched services' programs: "postfix/smtps/smtpd".
function knowProgram(tag, at) {
	at = match(tag, /\/[a-z]+$/)
	if (!at || !(substr(tag, 1, at - 1) in known)) return 0
	programs[tag] = substr(tag, at + 1)
	names[tag] = substr(tag, 1, at - 1)
	return 1
}

# The time of the line as it counts: clocks jump. 0 for a line that was read before, or is too old to be kept.
function settle() {
	if (time > now + 60) time = now
	if (time < newest) {
		if (follow && time < newest - 90000) time = newest
		else if (shortStamps && newest - time > 15552000) restart()
	}
	else newest = time
	if (time <= after || time < from) return 0
	if (time >= dayEnd || time < dayEnd - 86400) {
		addHandshakes()
		today = dayOf(time)
		dayEnd = (int(time / 86400) + 1) * 86400
		if (today > latest) {
			flushRows(out, dayOf(time - 86400))
			latest = today
		}
	}
	return 1
}

# Stamps without a year reach back twelve months: what came before a second new year is older than that, and of no use.
function restart(key) {
	for (key in written) printf "" > (out "/" key)
	for (key in written) close(out "/" key)
	for (key in rowCount) delete rowCount[key]
	split("", shaken)
	split("", rowsUsed)
	split("", rowsOther)
	split("", lines)
	newest = time
	latest = ""
	dayEnd = 0
	begun = 0
	seen = 0
}

# "[12.345678] PREFIX" and the packet; a line of another program that only quotes it has another tag.
function kernelLine(text, i, key, port) {
	text = textOf()
	sub(/^\[ *[0-9]+\.[0-9]+\] /, "", text)
	for (i = 1; i <= prefixes; i++) {
		if (substr(text, 1, length(prefix[i]) + 3) != prefix[i] "IN=") continue
		port = packetField(text, "DPT")
		if (port != prefixPort[i]) continue
		key = packetField(text, "SRC")
		net = networkOf(key)
		addRow(today, "syn", port, "-", net, "-", times, time, time)
		lines[port "\t" family] += times
		if (matching) {
			key = shortAddress(key) ":" packetField(text, "SPT")
			synTime[key] = time
			synPort[key] = port
		}
		return
	}
}

# As Postfix writes an address.
function shortAddress(address) {
	if (address !~ /:/) return address
	groupsOf(address, group)
	return packed(group)
}

function packetField(text, name, at, value) {
	at = index(text, " " name "=")
	if (!at) return ""
	value = substr(text, at + length(name) + 2, 60)
	sub(/ .*$/, "", value)
	return value
}

function mailLine(name, first, pid) {
	alive()
	name = names[tag]
	if (flow) {
		flowLine(name, programs[tag])
		return
	}
	if (word[base + 2] == "TLS" && word[base + 4] == "established") {
		handshakeLine(name, base)
		return
	}
	first = word[base + 1]
	pid = substr(word[base], length(tag) + 2)
	if (first == "SSL_accept" && word[base + 2] == "error") refusedLine(name, pid, textOf())
	else if (first == "warning:") {
		if (word[base + 2] == "TLS" && word[base + 3] == "library") refusalReason(name, pid, textOf())
	}
	else if ((name in ownPort || name in sharedPort) && programs[tag] == "smtpd") smtpdLine(name, pid, first)
}

# The first or last line of Postfix in a file, for others are left out before.
function signOfLife(file) {
	if (file == "" || (getline line < file) <= 0) return
	split(line, word, " ")
	time = timeOfLine()
	if (time > 0 && settle()) alive()
}

# Postfix was heard: the time since the last word of it is covered, if it is not too long.
function alive() {
	if (!begun) {
		begun = 1
		coverFrom = seen > 0 && lost == "" ? seen : time
		if (lost != "" && seen > 0 && time > seen) addInterval("gap", "-", "-", lost, seen, time)
	}
	if (time <= seen) return
	if (time - seen > 259200 && seen > 0 && coverFrom <= seen) {
		coverTime(coverFrom, seen)
		addInterval("gap", "-", "-", "log", seen, time)
		coverFrom = time
	}
	seen = time
}

function coverTime(start, stop, topic) {
	for (topic in topicService) {
		if (since[topic] > stop) {
			if (topic ~ /^[0-9]+$/) addInterval("gap", topic, "-", "unattributed", start, stop)
			continue
		}
		if (topic ~ /^[0-9]+$/ && since[topic] > start) addInterval("gap", topic, "-", "unattributed", start, since[topic])
		addInterval("cover", topic ~ /^[0-9]+$/ ? topic : "-", topicService[topic], topic ~ /^[0-9]+$/ ? "mail" : topic, since[topic] > start ? since[topic] + 0 : start, stop)
	}
}

# A line that only a service of that name writes: it was in force then.
function proven(port) {
	if (port in since && since[port] > time) since[port] = time
}

# What a daemon swallowed of Postfix's lines: journald names whose, rsyslog does not. How many of the kernel's are lost, the rule's counter tells.
function lostLines(text, n) {
	if (text !~ /^Suppressed .* from .*postfix|^im(journal|uxsock).*rate-limiting/) return
	n = 1
	if (match(text, /[0-9]+ messages/)) n = substr(text, RSTART) + 0
	family = "-"
	addRow(today, "gap", "-", "-", "-", "limited", n, time, time)
	addInterval("gap", "-", "-", "log", seen > 0 && seen < time ? seen : time, time)
}
