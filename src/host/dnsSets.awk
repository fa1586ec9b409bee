# Sets of records as the decision and the ledger know them: all values of one name and type, joined by newlines.
# Variables: part, leaving, alone (no other part of the component is left).

# The zone of ours that holds a name: the one with the longest name.
function zoneOf(name, i, found) {
	found = ""
	for (i = 1; i <= zones; i++)
		if (length(zone[i]) > length(found) && (name == zone[i] || substr(name, length(name) - length(zone[i])) == "." zone[i])) found = zone[i]
	return found
}

# Asking for a member by itself would make it.
function memberOf(array, name, type) {
	return (name, type) in array ? array[name, type] : ""
}

function join(set, value) {
	return set == "" ? value : set "\n" value
}

function sizeOf(set, part) {
	return set == "" ? 0 : split(set, part, "\n")
}

# The values of one set that are not in another.
function without(set, other, i, n, part, out) {
	n = sizeOf(set, part)
	out = ""
	for (i = 1; i <= n; i++) if (index("\n" other "\n", "\n" part[i] "\n") == 0) out = join(out, part[i])
	return out
}

function inOneLine(set) {
	gsub(/\n/, ", ", set)
	return set
}

# Whether this part of the component has to do with a set that is published.
function isMine(name, type) {
	if (!((name, type) in published)) return 0
	if (leaving) return partOf[name, type] == part || alone
	if ((name, type) in wanted || partOf[name, type] == part) return !((name, type) in later) || (name, type) in wanted
	return part == "main" && !((name, type) in later)
}

# An update that was sent, and whose answer nobody heard: whether it is seen to have been made.
function isSettled(name, type) {
	if ((name, type) in pending && memberOf(live, name, type) == pending[name, type]) {
		published[name, type] = pending[name, type]
		publishedTtl[name, type] = pendingTtl[name, type]
		partOf[name, type] = part
		return 1
	}
	if (!((name, type) in gone) || (name, type) in pending || (name, type) in live) return 0
	delete published[name, type]
	return 1
}

function setNamed(name, type) {
	return name " " type
}

file == "zones" {
	zone[++zones] = $1
	next
}

file == "wanted" && $1 == "owner" { owner = $2 }

file == "wanted" && $1 == "later" { later[$2, $3] = 1 }

file == "wanted" && $1 == "record" {
	if (!(($2, $4) in wanted)) note($2, $4)
	wanted[$2, $4] = join(memberOf(wanted, $2, $4), $5)
	wantedTtl[$2, $4] = $3
}

file == "ledger" && $1 == "set" {
	note($3, $4)
	published[$3, $4] = join(published[$3, $4], $6)
	publishedTtl[$3, $4] = $5
	partOf[$3, $4] = $2
}

file == "pending" && $1 == "set" {
	note($3, $4)
	pending[$3, $4] = join(pending[$3, $4], $6)
	pendingTtl[$3, $4] = $5
}

file == "pending" && $1 == "gone" {
	note($3, $4)
	gone[$3, $4] = 1
}

file == "others" && $2 == "set" { ownerOf[$4, $5] = $1 }

file == "live" && $1 == "live" {
	live[$2, $3] = join(live[$2, $3], $5)
	liveTtl[$2, $3] = $4
}

file == "live" && $1 == "alias" { alias[$2] = $3 }

file == "live" && $1 == "signed" { signed[$2] = 1 }

file == "live" && $1 == "hidden" { hidden[$2] = $3 }

file == "failed" { failed[$1] = 1 }

# The sets of all sources in one order.
function note(name, type) {
	if ((name, type) in noted) return
	noted[name, type] = 1
	nameOf[++sets] = name
	typeOf[sets] = type
}
