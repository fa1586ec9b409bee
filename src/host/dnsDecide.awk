# What one run changes: for each step and zone an update for nsupdate, and the sets that are ours once it is done.
# Steps: "grow" (reverse zones), "forward", "shrink" (reverse zones). Variables: part, domain, adopt, large, phase, lowered,
# repairing, leaving, alone (no other part of the component is left), out.

function refuse(text) {
	print text >(out "/refusals")
}

function warnOf(code, text) {
	print code "\t" text >(out "/warnings.dns")
}

# The whole set as ours from now on, in the step's own list, or at once where nothing has to be sent.
function remember(list, i, set, ttl, n, value, j) {
	print "gone", part, nameOf[i], typeOf[i] >list
	n = sizeOf(set, value)
	for (j = 1; j <= n; j++) print "set", part, nameOf[i], typeOf[i], ttl, value[j] >list
}

# send I STEP NOW NEW TTL: the set is exactly NOW at the server, and becomes NEW.
function send(i, step, now, new, ttl, name, type, file, j, n, value) {
	name = nameOf[i]
	type = typeOf[i]
	file = out "/" step "." number[zoneOf(name)]
	n = sizeOf(now, value)
	for (j = 1; j <= n; j++) print "prereq yxrrset " name " " type " " value[j] >file
	if (n == 0) print "prereq nxrrset " name " " type >file
	if (n == 0) print "prereq nxrrset " name " CNAME" >file
	if (n > 0) print "update delete " name " " type >file
	n = sizeOf(new, value)
	for (j = 1; j <= n; j++) print "update add " name " " ttl " " type " " value[j] >file
	tell(step, i, without(now, new), "-", memberOf(liveTtl, name, type))
	tell(step, i, without(new, now), "+", ttl)
	if (now == new) tell(step, i, new, "~", ttl)
}

function tell(step, i, set, sign, ttl, n, value, j) {
	n = sizeOf(set, value)
	for (j = 1; j <= n; j++) print step, zoneOf(nameOf[i]), sign, nameOf[i] " " ttl " " typeOf[i] " " value[j] >(out "/changes.dns")
}

function stepOf(i, new) {
	if (nameOf[i] !~ /\.arpa\.$/) return "forward"
	return new == "" ? "shrink" : "grow"
}

function decide(i, name, type, old, now, new, ttl) {
	name = nameOf[i]
	type = typeOf[i]
	old = memberOf(published, name, type)
	now = memberOf(live, name, type)
	new = memberOf(wanted, name, type)
	ttl = memberOf(wantedTtl, name, type)
	if (zoneOf(name) == "") refuse(setNamed(nameOf[i], typeOf[i]) " is in none of the zones")
	else if (new != "" && name in hidden) refuse(setNamed(name, type) " belongs to " (hidden[name] == "" ? "another zone" : "the zone " hidden[name]) ", so nobody would see it in " zoneOf(name) "; name that zone")
	else if (new != "" && name in alias) refuse(name " is a CNAME to " alias[name] " and can have no other record; remove it first")
	else if (new != "" && (name, type) in ownerOf) refuse(setNamed(nameOf[i], typeOf[i]) " is published for " ownerOf[name, type] "; a name has one owner, and a former one of this is named by aliases or formerly")
	else if (new != "" && type == "TLSA" && !(zoneOf(name) in signed)) refuse(setNamed(nameOf[i], typeOf[i]) ": the zone " zoneOf(name) " is not signed (no DNSKEY), so nobody would believe it; sign the zone first")
	else if (!isMine(name, type)) {
		if (new != "") publish(i, now, new, ttl)
	} else if (now != old && now != new) edited(i, old, now, new, ttl)
	else if (now == new) {
		if (new == "" || old != new) remember(out "/silent", i, new, ttl)
		else if (ttl != publishedTtl[name, type]) changeSet(i, now, new, ttl)
		else if (repairing && memberOf(liveTtl, name, type) != ttl) changeSet(i, now, new, ttl)
		else if (partOf[name, type] != part) remember(out "/silent", i, new, ttl)
	} else changeSet(i, now, new, ttl)
}

function publish(i, now, new, ttl) {
	if (now != "" && !adopt)
		refuse(setNamed(nameOf[i], typeOf[i]) " is there already, published by others: " inOneLine(now) "; set adopt to take it over, or remove it there")
	else if (now == new && memberOf(liveTtl, nameOf[i], typeOf[i]) == ttl) remember(out "/silent", i, new, ttl)
	else changeSet(i, now, new, ttl)
}

function edited(i, old, now, new, ttl, rest) {
	if (new == "") {
		# What is still ours goes; what someone added stays.
		rest = without(now, old)
		warnOf("kept-foreign", setNamed(nameOf[i], typeOf[i]) " was changed by others to " (now == "" ? "nothing" : inOneLine(now)) "; only what is ours goes")
		if (now == "" || rest == now) remember(out "/silent", i, "", 0)
		else leave(i, now, rest)
	} else if (repairing) changeSet(i, now, new, ttl)
	else if (old != new)
		refuse(setNamed(nameOf[i], typeOf[i]) " was changed by others since: published " inOneLine(old) ", now " (now == "" ? "nothing" : inOneLine(now)) "; raise repair to overwrite that")
	else warnOf("edited", setNamed(nameOf[i], typeOf[i]) " was changed by others since: published " inOneLine(old) ", now " (now == "" ? "nothing" : inOneLine(now)) "; raise repair to overwrite that")
}

# In the shrinking step, whatever is left of the set.
function leave(i, now, rest, step) {
	step = stepOf(i, "")
	send(i, step, now, rest, memberOf(liveTtl, nameOf[i], typeOf[i]))
	remember(out "/" step "." number[zoneOf(nameOf[i])] ".sets", i, "", 0)
}

function changeSet(i, now, new, ttl, name, type, step) {
	name = nameOf[i]
	type = typeOf[i]
	if (isMine(name, type) && new != "" && now != "" && now != new) {
		if (phase == "lowered") refuse(setNamed(nameOf[i], typeOf[i]) " would change from " inOneLine(now) " to " inOneLine(new) " in the phase lowered; change values in the phase changed, once the lowered TTL holds everywhere")
		if (memberOf(liveTtl, name, type) + 0 > lowered + 0) warnOf("old-answers", setNamed(nameOf[i], typeOf[i]) ": answers with " inOneLine(now) " live for up to " memberOf(liveTtl, name, type) " s more; lower the TTL before a change (ttlPhase)")
	}
	step = stepOf(i, new)
	send(i, step, now, new, ttl)
	remember(out "/" step "." number[zoneOf(name)] ".sets", i, new, ttl)
}

# Reverse names that a failed zone lacks: their host must not get the address that they belong to.
function hold(i, name, value, n, j, to) {
	for (i = 1; i <= sets; i++) {
		name = nameOf[i]
		if (typeOf[i] == "PTR" && name !~ /\.in-addr\.arpa\.$/ && (name, "PTR") in wanted && zoneOf(name) in failed && memberOf(published, name, "PTR") != wanted[name, "PTR"])
			unnamed[wanted[name, "PTR"]] = zoneOf(name)
	}
	for (i = 1; i <= sets; i++) if (typeOf[i] == "AAAA" && nameOf[i] in unnamed) heldBack(i, unnamed[nameOf[i]])
	for (i = 1; i <= sets; i++) {
		if (typeOf[i] != "MX" || !((nameOf[i], "MX") in wanted)) continue
		n = split(wanted[nameOf[i], "MX"], value, "\n")
		for (j = 1; j <= n; j++) {
			to = substr(value[j], index(value[j], " ") + 1)
			if ((to, "AAAA") in held && !((to, "A") in wanted)) heldBack(i, unnamed[to])
		}
	}
}

function heldBack(i, zone) {
	if (!((nameOf[i], typeOf[i]) in wanted) || wanted[nameOf[i], typeOf[i]] == memberOf(published, nameOf[i], typeOf[i])) return
	held[nameOf[i], typeOf[i]] = 1
	print setNamed(nameOf[i], typeOf[i]) " waits for " zone >(out "/held")
	delete wanted[nameOf[i], typeOf[i]]
	if ((nameOf[i], typeOf[i]) in published) {
		wanted[nameOf[i], typeOf[i]] = published[nameOf[i], typeOf[i]]
		wantedTtl[nameOf[i], typeOf[i]] = publishedTtl[nameOf[i], typeOf[i]]
	}
}

# A name whose addresses all go in this run.
function vanishes(name, type, n) {
	for (n = 1; n <= 2; n++) {
		type = n == 1 ? "A" : "AAAA"
		if (!((name, type) in published)) continue
		if ((name, type) in wanted || !isMine(name, type)) return 0
	}
	return (name, "A") in published || (name, "AAAA") in published
}

# Mail that waits for a gate is another part's, which runs later; what shrinks waits for no gate, and goes before the addresses that it needs.
function unlink(i, name, n, j, value, rest) {
	for (i = 1; i <= sets; i++) {
		name = nameOf[i]
		if (typeOf[i] != "MX" || !((name, "MX") in later) || !((name, "MX") in published) || (name, "MX") in wanted) continue
		n = sizeOf(published[name, "MX"], value)
		rest = ""
		for (j = 1; j <= n; j++) if (!vanishes(substr(value[j], index(value[j], " ") + 1))) rest = join(rest, value[j])
		if (rest == "" || rest == published[name, "MX"]) continue
		wanted[name, "MX"] = rest
		wantedTtl[name, "MX"] = publishedTtl[name, "MX"]
	}
}

# An AAAA set that goes while the name keeps its A set is a wave that goes back; it is no loss.
function guard(i, name, type, before, after, lost, total, gained, values) {
	for (i = 1; i <= sets; i++) {
		name = nameOf[i]
		type = typeOf[i]
		before = sizeOf(memberOf(published, name, type), values)
		after = isMine(name, type) || (name, type) in wanted ? sizeOf(memberOf(wanted, name, type), values) : before
		if (type == "MX" && name == domain && before > 0 && after == 0) refuse(setNamed(nameOf[i], typeOf[i]) " would go, and with it the mail of " domain "; set allowLargeChange if that is meant")
		if (type != "A" && type != "AAAA") continue
		total += before
		gained += after
		if (type == "AAAA" && after == 0 && (name, "A") in published && (!isMine(name, "A") || (name, "A") in wanted)) continue
		if (after < before) lost += before - after
	}
	if (total > 0 && gained == 0) refuse("the last address of " domain " would go; set allowLargeChange if that is meant")
	else if (lost * 3 > total) refuse(lost " of " total " addresses of " domain " would go, more than a third; set allowLargeChange if that is meant")
}

END {
	OFS = "\t"
	for (i = 1; i <= zones; i++) number[zone[i]] = i
	for (i = 1; i <= sets; i++)
		if (isSettled(nameOf[i], typeOf[i])) remember(out "/silent", i, memberOf(published, nameOf[i], typeOf[i]), memberOf(publishedTtl, nameOf[i], typeOf[i]))
	hold()
	if (!leaving && part == "main") unlink()
	if (!leaving && !large) guard()
	for (i = 1; i <= sets; i++) {
		if (zoneOf(nameOf[i]) in failed) continue
		if ((nameOf[i], typeOf[i]) in published && (nameOf[i], typeOf[i]) in later && partOf[nameOf[i], typeOf[i]] == "main" && part == "main" && !((nameOf[i], typeOf[i]) in wanted))
			print "handed", "gated", nameOf[i], typeOf[i] >(out "/silent")
		else decide(i)
	}
}
