# Times of log lines as seconds since 1970 UTC. awks have no common way to ask for the time or the zone: both are given.
# now; refYear, refMonth, refDay: a local date that no line without a year is later than; zones: "FROM:OFFSET …" of local time.

function daysOf(year, month, day, era, shifted) {
	shifted = month > 2 ? month - 3 : month + 9
	if (month <= 2) year--
	era = int(year / 400)
	year -= era * 400
	return era * 146097 + year * 365 + int(year / 4) - int(year / 100) + int((153 * shifted + 2) / 5) + day - 1 - 719468
}

# The UTC day of a time, as YYYY-MM-DD.
function dayOf(time, days, era, year, month, n) {
	n = int(time / 86400)
	if (n in dayNames) return dayNames[n]
	days = n + 719468
	era = int(days / 146097)
	days -= era * 146097
	year = int((days - int(days / 1460) + int(days / 36524) - int(days / 146096)) / 365)
	days -= 365 * year + int(year / 4) - int(year / 100)
	month = int((5 * days + 2) / 153)
	days -= int((153 * month + 2) / 5) - 1
	month = month < 10 ? month + 3 : month - 9
	return dayNames[n] = sprintf("%04d-%02d-%02d", year + era * 400 + (month <= 2), month, days)
}

# 2026-11-25T12:00:00.123456+01:00; lines of one minute share the work, as zones change between minutes only.
function isoTime(text, zone) {
	if (substr(text, 1, 16) == isoMinute) return isoBase + substr(text, 18, 2)
	if (text !~ /^[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]/) return -1
	isoMinute = substr(text, 1, 16)
	zone = substr(text, 20)
	sub(/^[.,][0-9]+/, "", zone)
	isoBase = daysOf(substr(text, 1, 4) + 0, substr(text, 6, 2) + 0, substr(text, 9, 2) + 0) * 86400 \
		+ substr(text, 12, 2) * 3600 + substr(text, 15, 2) * 60
	if (zone ~ /^[+-][0-9][0-9]:?[0-9][0-9]$/) isoBase -= (substr(zone, 1, 1) "1") * (substr(zone, 2, 2) * 3600 + substr(zone, length(zone) - 1) * 60)
	else if (zone == "") isoBase = fromLocal(isoBase)
	return isoBase + substr(text, 18, 2)
}

# Nov 25 12:00:00, in local time: the year is the last in which that day was not after the file's own time.
function shortTime(text, hour, month, day, year) {
	hour = substr(text, 1, 9)
	if (hour != shortHour) {
		if (text !~ /^[A-Z][a-z][a-z] [ 0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-6][0-9]/) return -1
		month = index("JanFebMarAprMayJunJulAugSepOctNovDec", substr(text, 1, 3))
		if (month % 3 != 1) return -1
		shortHour = hour
		month = (month + 2) / 3
		day = substr(text, 5, 2) + 0
		year = month * 100 + day > refMonth * 100 + refDay ? refYear - 1 : refYear
		shortBase = fromLocal(daysOf(year, month, day) * 86400 + substr(text, 8, 2) * 3600)
	}
	return shortBase + substr(text, 11, 2) * 60 + substr(text, 14, 2)
}

function fromLocal(time, i, n, part, change, offset) {
	n = split(zones, part, " ")
	for (i = 1; i <= n; i++) {
		split(part[i], change, ":")
		if (i == 1 || time - change[2] >= change[1] + 0) offset = change[2]
	}
	return time - offset
}
