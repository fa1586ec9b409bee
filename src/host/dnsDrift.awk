# What at the name servers is otherwise than the policy wants it, a row for each set: FILE (the zone), NAME, whether it is there, what is,
# whether it is wanted, what is, an empty field, whether someone else changed it ("" where nobody can say), an empty field, owners,
# after, until. Variable beside those of the sets: after (when we last wrote what we published).

END {
	OFS = "\t"
	for (i = 1; i <= sets; i++) isSettled(nameOf[i], typeOf[i])
	for (i = 1; i <= sets; i++) if (zoneOf(nameOf[i]) != "" && !(zoneOf(nameOf[i]) in failed)) compareSet(nameOf[i], typeOf[i])
}

function compareSet(name, type, now, new, old) {
	new = memberOf(wanted, name, type)
	if (new == "" && !isMine(name, type)) return
	old = memberOf(published, name, type)
	now = name in alias ? "CNAME " alias[name] : memberOf(live, name, type)
	# Of a set that is wanted no more, what others have there is theirs.
	if (new == "") now = without(now, without(now, old))
	if (now != new) row(name, setNamed(name, type), now, new, old == "" ? 0 : now != old)
	else if (new == "") return
	else if (!isMine(name, type)) row(name, setNamed(name, type) " owner", memberOf(ownerOf, name, type), owner, "")
	else compareTtl(name, type)
	if (type == "TLSA" && new != "" && !(zoneOf(name) in signed)) unsigned(zoneOf(name), old)
}

function compareTtl(name, type) {
	if (memberOf(liveTtl, name, type) != memberOf(wantedTtl, name, type))
		row(name, setNamed(name, type) " TTL", memberOf(liveTtl, name, type), memberOf(wantedTtl, name, type), memberOf(liveTtl, name, type) != memberOf(publishedTtl, name, type))
}

# Nobody believes TLSA there.
function unsigned(at, old) {
	if (!(at in told)) row(at, at " DNSKEY", "", "any", old == "" ? 0 : 1)
	told[at] = 1
}

function row(name, what, now, new, byOthers) {
	print zoneOf(name), what, now != "", asValue(now), new != "", asValue(new), "", byOthers, "", holderOf(name, what), byOthers == 1 ? after : "", ""
}

# Who published the set: this component, another of this host, or nobody that is known here.
function holderOf(name, what, type) {
	type = what
	sub(/^[^ ]* /, "", type)
	sub(/ .*/, "", type)
	if ((name, type) in published || type == "DNSKEY") return owner
	return memberOf(ownerOf, name, type)
}

# As the receipt takes values: a server writes a byte that is no letter with a backslash.
function asValue(set) {
	set = inOneLine(set)
	gsub(/\\/, "\\\\", set)
	return set
}
