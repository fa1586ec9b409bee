# What the counters say that the log does not: rows of the interval since the last run, and the counters for the next one.
# Input files by `part`: state, counters (as they are now), carry (lines found in the log, and how a port's lines are known), lost (times of which the kernel's lines are gone). boot, oldBoot: the counters' time of birth.
# from, to: the interval. out: directory of rows. Joined after stamps.awk and rows.awk.

BEGIN { FS = OFS = "\t" }

part == "state" && $1 == "counter" { counted[$2] = 1 }

part == "state" && $1 == "counter" && $4 != "gone" && boot == oldBoot {
	before[$2 FS $3] = $4
	balance[$2 FS $3] = $5
}

part == "counters" {
	packets[$1 FS $2] = $3
	present[$1] = 1
}

part == "carry" && $1 == "lines" { found[$2 FS $3] = $4 }

part == "carry" && $1 == "since" && $2 ~ /^[0-9]+$/ { knownBy[$2] = $3 }

part == "lost" { lostLines($2 + 0, $3 + 0) }

END {
	for (key in packets) settleCounter(key)
	for (port in knownBy) if (!(port in present)) settleMissing(port)
	flushRows(out, "")
}

# Lines of these ports are known by the kernel's alone: without those a login would be nobody's, so that even a short gap counts.
function unattributed(port, from, to) {
	addInterval("gap", port, knownBy[port], "unattributed", from, to)
}

function needsKernel(port) {
	return knownBy[port] == "client ports"
}

function lostLines(from, to, port, others) {
	for (port in knownBy) {
		if (needsKernel(port)) unattributed(port, from, to)
		else others = 1
	}
	if (others || !matching) addInterval("gap", "-", "-", "kernel", from, to)
}

# A port without a rule. One that had one is remembered, so that its gap goes on.
function settleMissing(port) {
	if (from > 0 && needsKernel(port)) unattributed(port, from, to)
	else if (from > 0 && port in counted) addInterval("gap", port, "-", "rule", from, to)
	if (port in counted) print "counter", port, "-", "gone", 0
}

# A line may come a moment after its packet was counted, so only what a whole run did not bring is lost.
function settleCounter(key, part, delta, open, gone) {
	split(key, part, FS)
	delta = packets[key] - before[key]
	if (delta < 0) {
		delta = packets[key]
		balance[key] = 0
	}
	family = part[2]
	if (delta > 0) addRow(dayOf(to), "counted", part[1], "-", "-", "-", delta, from, to)
	open = balance[key] + delta - found[key]
	gone = balance[key] - found[key]
	if (gone > open) gone = open
	if (gone > 0) {
		addRow(dayOf(to), "gap", part[1], "-", "-", "limited", gone, from, to)
		open -= gone
		if (needsKernel(part[1])) unattributed(part[1], from, to)
	}
	# Lines may be ahead of the counter by a moment; more means that the counter was reset.
	if (open < 0 && balance[key] < 0) open = 0
	print "counter", part[1], part[2], packets[key], open
}
