# What the counters say that the log does not: rows of the interval since the last run, and the counters for the next one.
# Input files by `part`: state, counters (as they are now), carry (lines found in the log), lost (times of which the kernel's lines are gone). boot, oldBoot: the counters' time of birth.
# from, to: the interval. out: directory of rows. Joined after stamps.awk and rows.awk.

BEGIN { FS = OFS = "\t" }

part == "state" && $1 == "counter" && boot == oldBoot {
	before[$2 FS $3] = $4
	balance[$2 FS $3] = $5
}

part == "counters" { packets[$1 FS $2] = $3 }

part == "carry" && $1 == "lines" { found[$2 FS $3] = $4 }

part == "lost" { addInterval("gap", "-", "-", matching ? "unattributed" : "kernel", $2 + 0, $3 + 0) }

END {
	for (key in packets) settleCounter(key)
	flushRows(out, "")
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
		if (matching) addInterval("gap", part[1], "-", "unattributed", from, to)
	}
	# Lines may be ahead of the counter by a moment; more means that the counter was reset.
	if (open < 0 && balance[key] < 0) open = 0
	print "counter", part[1], part[2], packets[key], open
}
