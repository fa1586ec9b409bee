# Times of log lines for awk: the zone's changes, and the year of lines that name none.

# offset_at TIME: seconds that local time is ahead of UTC.
offset_at() {
	zone=$(date -d "@$1" +%z)
	sign=${zone%????}
	minutes=${zone#???}
	hours=${zone#?}
	hours=${hours%??}
	printf '%s' "$((${sign}1 * (${hours#0} * 3600 + ${minutes#0} * 60)))"
}

# zones FROM TO: "TIME:OFFSET …", each change of the zone in that time, to the minute.
zones() {
	at=$1
	before=$(offset_at "$at")
	printf '%s:%s' "$at" "$before"
	while [ "$at" -lt "$2" ]; do
		next=$((at + 2592000))
		[ "$next" -le "$2" ] || next=$2
		after_it=$(offset_at "$next")
		if [ "$after_it" != "$before" ]; then
			low=$at high=$next
			while [ $((high - low)) -gt 60 ]; do
				middle=$(((low + high) / 2))
				if [ "$(offset_at "$middle")" = "$before" ]; then low=$middle; else high=$middle; fi
			done
			printf ' %s:%s' "$high" "$after_it"
		fi
		at=$next
		before=$after_it
	done
}

# What stamps.awk must know for a file last written at TIME and read from FROM on, as arguments of awk in `clock`.
set_clock() {
	clock_from=$2
	[ "$clock_from" -gt $(($1 - 34128000)) ] || clock_from=$(($1 - 34128000))
	if [ "$stamps" = short ]; then table=$(zones "$clock_from" "$1"); else table="0:0"; fi
	reference=$(date -d "@$(($1 + 86400))" '+%Y %m %d')
	ref_year=${reference%% *}
	ref_day=${reference##* }
	ref_month=${reference#* }
	ref_month=${ref_month% *}
}

# The kind of stamps in a file, by its first line on standard input: iso or short.
stamps_of() {
	IFS= read -r first_line
	case $first_line in [0-9]*) stamps=iso ;; *) stamps=short ;; esac
}
