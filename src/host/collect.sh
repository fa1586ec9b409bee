# The verb collect: reads what the host's logs and counters say since the last time, and adds it to the day files.
# All new files are written beside the old ones and become them by one rename, so that a run that dies counts nothing, or all, once.

evidence=$state/evidence
# 1 while incoming mail is counted, with day files of its own.
flow=0

take_evidence_lock() {
	if ! mkdir -p "$evidence" || ! chown 0:0 "$state" "$evidence" || ! chmod 0711 "$state" || ! chmod 0750 "$evidence"; then
		fail "can't make $evidence"
	fi
	chown 0:adm "$evidence" 2>/dev/null
	exec 6>>"$evidence/lock"
	flock -w "$1" 6 || fail "another run collects on this host"
}

# A run that died after its commit point is finished; one that died before it never was.
finish_ready() {
	rm -rf "$evidence/new"
	[ -d "$evidence/ready" ] || return 0
	for ready in "$evidence"/ready/*; do
		[ ! -f "$ready" ] || mv -f "$ready" "$evidence/${ready##*/}" || fail "can't write to $evidence"
	done
	rm -rf "$evidence/ready"
}

collect() {
	take_evidence_lock 60
	keep_rules
	collect_now
	# Incoming mail only where someone once asked about it.
	[ ! -d "$evidence/flow" ] || collect_flow
}

# The rules are put right again unless a change is under way, which does that itself.
keep_rules() {
	(
		exec 7>>"$state/lock"
		flock -n 7 || exit 0
		restore_rules
	) || say "the packet filter rules could not be restored"
}

collect_now() {
	finish_ready
	work=$evidence/work
	for attempt in 1 2 3; do
		rm -rf "$work"
		mkdir -p "$work/rows" || fail "can't write to $evidence"
		read_logs && break
		[ "$attempt" != 3 ] || fail "the logs were rotated again and again while they were read"
	done
	commit_evidence
	forget_old_days
	rm -rf "$work"
}

read_logs() {
	time=$(date +%s)
	boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)
	cat "$evidence/state.tsv" >"$work/state" 2>/dev/null
	last_run=$(awk -F '\t' '$1 == "run" { at = $2 } END { print at + 0 }' "$work/state")
	old_boot=$(awk -F '\t' '$1 == "run" { print $3 }' "$work/state")
	[ "$last_run" -le "$time" ] || last_run=$time
	read_counters >"$work/counters"
	make_watch "$work/state"
	retain=$(sed -n 's/^[0-9]*	retain   //p' "$work/probes" | sort -n | tail -n 1)
	oldest_kept=$(($(believed_time) - ${retain:-400} * 86400))
	matching=0
	! grep -q '^shared	' "$work/watch" || matching=1
	carried >"$work/carry"
	grep '^since	' "$work/watch" >>"$work/carry"
	: >"$work/positions"
	: >"$work/kernel.lost"
	reading=0 counts_bytes=0
	[ "$(echo x | grep -abF x 2>/dev/null)" != 0:x ] || counts_bytes=1
	read_sources || return 1
	next_rows
	awk -v from="$last_run" -v to="$time" -v boot="$boot" -v oldBoot="$old_boot" -v matching="$matching" -v out="$work/rows/$reading" \
		"$awk_stamps$awk_rows$awk_balance" part=state "$work/state" part=counters "$work/counters" part=carry "$work/carry" part=lost "$work/kernel.lost" \
		>>"$work/positions" || fail "can't compare the counters"
}

# The time by which what is too old is forgotten. Long after the run before, a clock may be ahead: that is seen by the next run.
believed_time() {
	if [ "$last_run" = 0 ] || [ $((time - last_run)) -le 2592000 ]; then echo "$time"; else echo "$last_run"; fi
}

# What the last run hands on, with no time later than now, for a clock that was ahead.
carried() {
	awk -F '\t' -v OFS='\t' -v now="$time" '
		BEGIN {
			at["mail"] = at["newest"] = 2
			at["syn"] = at["queued"] = 4
			at["refused"] = 5
			at["session"] = 6
		}
		$1 in at && $at[$1] > now + 0 { $at[$1] = now }
		$1 in at || $1 == "lost"' "$work/state"
}

next_rows() {
	reading=$((reading + 1))
	mkdir "$work/rows/$reading"
}

seen_mail() {
	awk -F '\t' '$1 == "mail" { at = $2 } END { printf "%.0f", at }' "$work/carry"
}

# Log lines on standard input, into rows by day.
digest() {
	awk -v now="$time" -v watch="$work/watch" -v carry="$work/carry" -v carryNew="$work/carry.new" -v out="$work/rows/$reading" \
		-v kernel="$kernel" -v mail="$mail" -v after="$after" -v follow="$follow" -v lost="$lost" -v from="$oldest_kept" -v journal="$journal" \
		-v offsets="$offsets" -v end="$piece_end" -v matching="$matching" -v flow="$flow" -v firstFile="$work/first" -v lastFile="$work/last" \
		-v zones="$table" -v refYear="$ref_year" -v refMonth="$ref_month" -v refDay="$ref_day" \
		"$awk_stamps$awk_networks$awk_rows$awk_sessions$awk_handshakes$awk_flow$awk_carry$awk_logLines" && mv "$work/carry.new" "$work/carry"
}

commit_evidence() {
	new=$evidence/new
	mkdir "$new" || fail "can't write to $evidence"
	add_up_days
	{
		printf '# mailhost evidence state 1\nrun\t%s\t%s\n' "$time" "$boot"
		sed '/^lines	/d' "$work/carry"
		cat "$work/positions" "$work/sources"
		sed -n '/^syslog_name	/p; /^own-floor	/p' "$work/watch"
	} >"$new/state.tsv" || fail "can't write to $evidence"
	chmod 0640 "$new"/* && chown 0:adm "$new"/* 2>/dev/null
	sync "$new"/* 2>/dev/null || sync
	mv "$new" "$evidence/ready" || fail "can't write to $evidence"
	finish_ready
}

# All days by the same few processes; sort keeps to a few MB, however many days there are.
add_up_days() {
	set --
	for day in $(cd "$work/rows" && find . -type f | sed 's:.*/::' | sort -u); do
		set -- "$@" "day=$day"
		for rows in "$evidence/$day.tsv" "$work"/rows/*/"$day"; do
			[ ! -f "$rows" ] || set -- "$@" "$rows"
		done
	done
	[ "$#" != 0 ] || return 0
	awk "$awk_stamps$awk_rows$awk_aggregate" "$@" >"$work/days" || fail "can't add up the days"
	sort -S 16M "$work/days" >"$work/sorted" || fail "can't sort the days"
	awk -v new="$new" '
		substr($0, 1, 10) != day {
			if (day != "") close(file)
			day = substr($0, 1, 10)
			file = new "/" day ".tsv"
			print "# mailhost evidence 1" >file
		}
		{ print substr($0, 12) >file }' "$work/sorted" || fail "can't write to $evidence"
}

forget_old_days() {
	printf '%s\n' "$evidence"/????-??-??.tsv | awk -v oldest="$oldest_kept" "$awk_stamps"'
		BEGIN { limit = dayOf(oldest) }
		substr($0, length($0) - 13, 10) "" < limit ""' | while read -r old; do rm -f "$old"; done
}
