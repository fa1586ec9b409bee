# The one judge: whether a port can be retired, or a TLS floor be raised. Input: rows "DAY TAB ROW", and "now TAB NAME TAB VALUE".
# port, days: whether anybody used the port in the last days; or floor, block: who would be cut off by that floor of incoming,
# submission or outgoing. ownFloors: the ports whose services do not follow main.cf. now: the time. Joined after stamps.awk. Logins and mail are use; connections alone are not.

BEGIN {
	FS = OFS = "\t"
	split("SSLv2 SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", w, " ")
	for (i in w) rank[w[i]] = i
	split(ownFloors, w, " ")
	for (i in w) hasOwnFloor[w[i]] = 1
	from = now - days * 86400
	# Shorter gaps don't matter: a user comes again.
	short = 3600
	silence = 259200
	RFC = "RFC 8314 prefers port 465, with TLS from the first byte, for mail submission"
}

$1 == "now" { present[$2] = $3 }

$1 !~ /^[0-9][0-9][0-9][0-9]-/ || NF != 10 { next }

# Fields: 2 kind, 3 port, 4 service, 5 family, 6 network, 7 what, 8 count, 9 first, 10 last.
$2 == "cover" && isTopic($3, $7) { addCover($9 + 0, $10 + 0) }

# Lines that are known by the kernel's alone: a gap in those takes each login of its time, and may come with every visit.
$4 == "client ports" { matched = 1 }

$2 == "gap" && $7 ~ /^(collector|log|unattributed)$/ && (floor != "" ? $3 == "-" && $7 != "unattributed" : $3 == "-" || $3 == port) \
	&& ($10 - $9 > short || $4 == "client ports") { addGap($9 + 0, $10 + 0, $7) }

$10 < from { next }

# The rule's own limit keeps connections out of the log, a daemon's takes lines of Postfix.
$2 == "gap" && $7 == "limited" && $3 == "-" { swallowed += $8 }

$2 == "gap" && $7 == "limited" && floor == "" && $3 == port { limited += $8 }

floor == "" && $3 == port {
	if ($2 ~ /^(syn|counted|connect)$/) reached[$2] += $8
	if (($2 == "login" || $2 == "mail") && $6 != "ignored") addUser($2, $7, $6)
}

floor != "" && $2 == "tls" && $6 != "ignored" && isBlock($3, $7) {
	handshakes += $8
	split($7, w, " ")
	if (rank[w[2]] < rank[floor]) addUser("tls", w[2], $6)
}

floor != "" && $2 == "refused" && $6 != "ignored" && isBlock($3, "in") && $7 ~ /protocol|version/ { turned += $8 }

function isTopic(cover, what) {
	if (floor == "") return cover == port && what == "mail"
	return what == (block == "outgoing" ? "tls-out" : "tls-in")
}

# A service whose port can't be told may be either. The floor of incoming is main.cf's, which acts on all that say nothing else.
function isBlock(at, what) {
	if (what ~ /^out/) return block == "outgoing"
	return block == "incoming" ? !(at in hasOwnFloor) : block == "submission" && (at == 465 || at == 587 || at == "-")
}

# Mail of a client that also logged in is the same user's.
function addUser(kind, who, network, key) {
	key = (kind == "mail" ? "-" : who) FS network FS "" (floor == "" ? port : $3)
	if (!(key in userCount)) {
		order[++users] = key
		userFirst[key] = $9 + 0
	}
	if (kind != "mail") userCount[key] += $8
	else userCount[key] += 0
	if ($9 < userFirst[key]) userFirst[key] = $9 + 0
	if ($10 > userLast[key]) userLast[key] = $10 + 0
	if ($10 > lastUse) lastUse = $10 + 0
	if (kind == "login" && who != "-") loggedIn[network] = 1
}

# Kept in the order of their beginnings; days come in order, so that little moves. What a clock that was ahead wrote of days to come is not yet so.
function addCover(first, last, i) {
	if (first > now) return
	if (last > now) last = now
	for (i = covers++; i > 0 && coverFrom[i] > first; i--) {
		coverFrom[i + 1] = coverFrom[i]
		coverTo[i + 1] = coverTo[i]
	}
	coverFrom[i + 1] = first
	coverTo[i + 1] = last
}

# A gap over midnight is one.
function addGap(first, last, what) {
	if (first > now) return
	if (last > now) last = now
	if (!gaps || gapWhat[gaps] != what || first > gapTo[gaps] + 1) {
		gapFrom[++gaps] = first
		gapWhat[gaps] = what
	}
	gapTo[gaps] = last
}

# Sets `start` and `stop`: the last time that was covered without a gap that matters. `why`: what stands before it.
function measure(i) {
	start = stop = 0
	why = ""
	for (i = 1; i <= covers; i++) {
		if (stop == 0 || coverFrom[i] > stop + short) {
			if (stop > 0) hole(stop, coverFrom[i], "missing")
			start = coverFrom[i]
		}
		if (coverTo[i] > stop) stop = coverTo[i]
	}
	for (i = 1; i <= gaps; i++) hole(gapFrom[i], gapTo[i], gapWhat[i])
	for (i = 1; i <= gaps; i++) {
		if (gapTo[i] > start && gapFrom[i] < now) {
			start = gapTo[i]
			why = gapWhat[i]
		}
	}
}

function hole(first, last, what) {
	if (last > from) print "hole", first, last, what
}

# The first whole day on which nothing of what is known now stands in the way any more.
function passDay(time) {
	time = (lastUse > start ? lastUse : start) + days * 86400
	return dayOf(time <= now ? now : time + 86399)
}

function namesOf(i, n, part, text, shown, key) {
	n = 0
	for (i = users; i >= 1; i--) {
		key = order[i]
		split(key, part, FS)
		if (part[1] == "-" && part[2] in loggedIn) continue
		if (++n > 3) continue
		shown = floor != "" ? part[2] " on port " part[3] " (" part[1] ", " : part[1] == "-" ? part[2] " (" : part[1] " (" part[2] ", "
		text = text "" (text == "" ? "" : ", ") shown "last " dayOf(userLast[key]) ")"
	}
	return text "" (n > 3 ? " and " n - 3 " more" : "")
}

function verdict(word, sentence) {
	print "verdict", word, sentence "" (limited > 0 ? "; " limited " connection" (limited > 1 ? "s were" : " was") " counted and not logged" : "") \
		"" (swallowed > 0 ? "; " swallowedWords(floor == "" ? "login" : "handshake") : "")
	exit
}

function swallowedWords(what) {
	if (swallowed == 1) return "1 line of Postfix's log was lost to a daemon's rate limit, and a " what " may be in it"
	return swallowed " lines of Postfix's log were lost to a daemon's rate limit, and " what "s may be among them"
}

function tooLittle(sentence) {
	print "passes", (covers && stop >= now - silence ? passDay() : "-")
	verdict("not enough evidence", sentence)
}

END {
	measure()
	if (covers) print "covered", start, stop
	for (i = 1; i <= users; i++) print "user", order[i], userCount[order[i]], userFirst[order[i]], userLast[order[i]]
	if (floor != "") judgeFloor()
	judgePort()
}

function judgePort(listener, came) {
	listener = present["listener"]
	if (users) {
		print "passes", passDay()
		verdict("keep", "port " port " is used: in the last " days " days there came " namesOf() "" (port == 465 ? "; " RFC : ""))
	}
	if (listener != "" && listener !~ /^(postfix|none|unknown)$/)
		tooLittle("on port " port " answers " listener ", whose logins are not in Postfix's log")
	if (present["syslog_name"] == "shared" && covers == 0)
		tooLittle("the service on port " port " logs under the same name as another; give it a syslog_name of its own")
	judgeCover("port " port)
	came = reached["counted"] > reached["syn"] ? reached["counted"] : reached["syn"] + 0
	if (matched && came && !reached["connect"] && listener != "none")
		tooLittle("of " came " connections to port " port " none is in Postfix's log by its client's port, so a login would not be found either; " \
			"give the service a syslog_name of its own")
	if (!came && !reached["connect"]) tooLittle("vantage unverified: in " days " days not even a scanner reached port " port ", so something before this host may filter it; try report --knock from outside")
	print "passes", dayOf(now)
	verdict("retire", "nobody logged in or sent mail on port " port " in the last " days " days, all of which the log covers; " \
		(reached["connect"] ? "connections without a login: " reached["connect"] : "connections that Postfix answered: none"))
}

function judgeCover(subject) {
	if (covers == 0) tooLittle("no log of " subject " was read yet" (present["source-mail"] == "none" ? "; this host has neither a journal nor a mail log" : ""))
	if (stop < now - silence) tooLittle("Postfix's log of " subject " ends on " dayOf(stop) "; see whether it is written elsewhere now")
	if (start > from) tooLittle("the log of " subject " covers " int((now - start) / 86400) " of " days " days" \
		(why == "" ? "" : why == "unattributed" ? "; before, its lines can't be told from another service's" : "; before, lines are missing (" why ")") \
		", enough from " passDay() " on")
}

function judgeFloor(subject) {
	subject = floor " as the floor of " block
	if (users) {
		print "passes", passDay()
		verdict("keep", subject " would cut off " namesOf())
	}
	judgeCover("TLS handshakes of " block)
	if (!handshakes) tooLittle("no TLS handshake of " block " was seen in " days " days")
	print "passes", dayOf(now)
	verdict("raise", "all " handshakes " handshakes of " block " in the last " days " days had " floor " or better" (turned ? "; " turned " with an older version were refused" : ""))
}
