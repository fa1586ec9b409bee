# Entries of master.cf that are commented out, with the commented lines that belong to them.

# The line number of a commented entry for this key, 0 if there is none: one of just that name, else one without an address, else any.
function commentedEntry(key, i, have, rank, best, found) {
	found = 0
	best = 4
	for (i = 1; i <= masterLines; i++) {
		have = commentedKey(master[i])
		if (have == "" || !sameService(have, key)) continue
		rank = have == key ? 1 : have !~ /:/ ? 2 : 3
		if (rank >= best) continue
		best = rank
		found = i
	}
	return found
}

# The name and type of a commented entry's first line, "" where the line is none.
function commentedKey(line, part, i) {
	if (line !~ /^#[ \t]*[^ \t#]/ || split(substr(line, 2), part, " ") < 8) return ""
	if (part[2] !~ /^(inet|unix|unix-dgram|fifo|pass)$/) return ""
	for (i = 3; i <= 5; i++) if (part[i] !~ /^[yn-]$/) return ""
	if (part[6] !~ /^([0-9]+\??|-)$/ || part[7] !~ /^([0-9]+|-)$/) return ""
	return part[1] "/" part[2]
}

# Where an entry is half commented out, the first line of its live half, else 0: that counts for the entry above, and would change hands.
# Where the header alone is commented out, what stands below it is its own.
function halfLive(i, key, off, beyond, live) {
	key = commentedKey(master[i])
	for (i++; i <= masterLines && !(i in entryOf && i == entryFirst[entryOf[i]]); i++) {
		if (i in entryOf) {
			if (!live) live = i
			off = off || beyond
		} else if (commentedKey(master[i]) != "") beyond = beyond || !isSamePort(commentedKey(master[i]), key)
		else if (!beyond && master[i] ~ /^#[ \t]+-o/) off = 1
	}
	return off ? live + 0 : 0
}

function refuseHalf(key, i, live) {
	refuse("services: " key " is commented out in " masterFile " (line " i "), but line " live " below it (" trim(master[live]) ") is not, and counts for " entryKey(entryOf[live]) \
		"; comment out or uncomment all lines of " key ", or move that line above line " i)
}

# Brings a commented entry back with the commented options and arguments that stand below it; prose between them stays a comment.
# Of entries for one port, commented one below the other, one is to be chosen: what stands below them belongs to each.
function uncomment(i, key, arguments, open) {
	key = commentedKey(master[i])
	arguments = master[i] ~ /[ \t](pipe|spawn)[ \t\r]*$/
	open = isOpen(master[i])
	sub(/^#[ \t]*/, "", master[i])
	for (i++; isSamePort(commentedKey(master[i]), key); i++);
	for (; i <= masterLines && master[i] ~ /^#[ \t]+[^ \t]/ && commentedKey(master[i]) == ""; i++) {
		if (!open && master[i] !~ /^#[ \t]+-o/ && !(arguments && isArgument(master[i], arguments > 1))) continue
		if (arguments) arguments = 2
		open = isOpen(master[i])
		sub(/^#/, "", master[i])
	}
	parseMaster()
}

function isArgument(line, below) {
	return line ~ /^#[ \t]+(argv|chroot|directory|eol|flags|nexthop|null_sender|recipient|sender|size|user)=/ || (below && line ~ /^#(  |\t)/)
}

# Whether an option goes on in the next line.
function isOpen(line, i, depth, c) {
	if (line ~ /[ \t]-o[ \t\r]*$/) return 1
	depth = 0
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (c == "{") depth++
		if (c == "}" && depth > 0) depth--
	}
	return depth > 0
}

function commentOut(e, i) {
	for (i = entryFirst[e]; i <= entryLast[e]; i++) if (i in entryOf) master[i] = "#" master[i]
	parseMaster()
}
