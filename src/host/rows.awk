# Rows of evidence in memory. A day has at most 1,000 rows of clients: what comes beyond is added up under the network `other`,
# then under the account or version `other` too, each kind by itself, so that a flood of scanners never hides a login.

BEGIN {
	kinds = split("syn 100 0 connect 100 0 mail 100 0 tls 150 60 refused 50 20 login 250 120 accepted 1500 0 deferred 400 0 rejected 400 0", setting, " ")
	for (i = 1; i < kinds; i += 3) {
		limit[setting[i]] = setting[i + 1]
		limitOther[setting[i]] = setting[i + 2]
	}
}

function addRow(day, kind, port, service, network, what, count, first, last, key) {
	key = day "\t" kind "\t" port "\t" service "\t" family "\t" network "\t" what
	if (!(key in rowCount)) {
		if (key in folded) key = folded[key]
		else key = rowKey(day, kind, port, service, network, what, key)
		if (!(key in rowCount)) rowFirst[key] = first
	}
	rowCount[key] += count
	if (first == last && last >= rowLast[key]) {
		rowLast[key] = last
		return
	}
	if (first < rowFirst[key]) rowFirst[key] = first
	if (last > rowLast[key]) rowLast[key] = last
}

# `family` is the one of networkOf(), or set by the caller.
function rowKey(day, kind, port, service, network, what, key) {
	if (!(kind in limit)) return key
	if (network != "other" && rowsUsed[day, kind] < limit[kind]) {
		rowsUsed[day, kind]++
		return key
	}
	if (++folds > 4000) {
		split("", folded)
		folds = 1
	}
	return folded[key] = foldedKey(day, kind, port, service, network, what)
}

function foldedKey(day, kind, port, service, network, what, key, head) {
	head = day "\t" kind "\t" port "\t" service "\t" family "\t"
	key = head "other\t" what
	if (key in rowCount || what == "-" || what == "other") return key
	if (rowsOther[day, kind] < limitOther[kind]) {
		rowsOther[day, kind]++
		return key
	}
	return head "other\tother"
}

# Rows of days before `day`, all if it is empty, go to the file of their day in `directory`.
function flushRows(directory, day, key, at, name, file) {
	for (key in rowCount) {
		name = substr(key, 1, 10)
		if (day != "" && name >= day) continue
		file = directory "/" name
		at = index(key, "\t")
		printf "%s\t%.0f\t%.0f\t%.0f\n", substr(key, at + 1), rowCount[key], rowFirst[key], rowLast[key] >> file
		written[name] = 1
		delete rowCount[key]
		delete rowFirst[key]
		delete rowLast[key]
	}
	for (name in written) close(directory "/" name)
}

# An interval as one row for each UTC day of it; its count is seconds. Of a gap of months only the first day has cover that it takes back,
# and where a clock was ahead the others are days to come.
function addInterval(kind, port, service, what, from, to, end, far) {
	family = "-"
	far = kind == "gap" && to - from > 2592000
	for (; from <= to; from = end) {
		end = (int(from / 86400) + 1) * 86400
		addRow(dayOf(from), kind, port, service, "-", what, (end <= to ? end : to) - from, from, end <= to ? end - 1 : to)
		if (far) return
	}
}
