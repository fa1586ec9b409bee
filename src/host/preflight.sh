# What a candidate would do, seen in a stage, with today's configuration through the same as a control: a difference for the worse is refused.

# probe_stage OUT MAIN MASTER: a line "service result versions…" for each smtpd service.
probe_stage() {
	try_stage "$@"
	end_stage
}

# The same, with the stage still running, for what Postfix says of a failure goes through a daemon of it that may be late.
try_stage() {
	prepare_stage "$2" "$3"
	: >"$1"
	[ -s "$work/probes" ] || return 0
	start_stage
	watch_clients
	while IFS='	' read -r staged service mode; do
		handshake "$mode" any -unix "$stage/queue/public/$staged"
		result=$outcome
		weak=none
		below=$(below_allowed "$service")
		if [ "$result" = accepted ] && [ -n "$below" ]; then
			handshake "$mode" "$below" -unix "$stage/queue/public/$staged"
			weak=$outcome
		fi
		printf '%s\t%s\t%s\t%s\n' "$service" "$result" "$below" "$weak" >>"$1"
	done <"$work/probes"
	staged=
	unwatch_clients
}

# The highest version that the service's own protocol list shuts out, if any.
below_allowed() {
	awk -F '\t' -v service="$1" '$1 "/" $2 == service {
		if (substr($8, 4, 1) == "0") print "TLSv1.2"
		else if (substr($8, 3, 1) == "0") print "TLSv1.1"
		else if (substr($8, 2, 1) == "0") print "TLSv1"
		exit
	}' "$work/services"
}

# preflight MAIN MASTER; the control must have run.
preflight() {
	mark_log
	try_stage "$work/candidate" "$1" "$2"
	while IFS='	' read -r service result below weak; do
		before=$(awk -F '\t' -v service="$service" '$1 == service { print $2; exit }' "$work/control")
		if [ "$before" = accepted ] && [ "$result" != accepted ]; then
			trouble="$service would complete no TLS handshake any more ($result)$(stage_complaint)"
			return 1
		fi
		if [ "$before" = notls ] && [ "$result" != notls ] && [ "$result" != accepted ]; then
			trouble="$service would not answer any more ($result)$(stage_complaint)"
			return 1
		fi
		if [ -z "$before" ] && [ "$result" = dead ]; then
			trouble="$service would not answer ($result)$(stage_complaint)"
			return 1
		fi
		if [ "$weak" = accepted ]; then
			trouble="$service would still accept $below"
			return 1
		fi
	done <"$work/candidate"
	end_stage
}

# What a service said in its stage; else what Postfix said when it could not even start there.
stage_complaint() {
	socket=$(awk -F '\t' -v service="$service" '$2 == service { print $1; exit }' "$work/probes")
	line=
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		line=$(sed -n "s/^.* $socket\/smtpd\[[0-9]*\]: \(\(fatal\|panic\|error\|warning\): .*\)$/\1/p" "$stage/log" 2>/dev/null | worst_line)
		[ -z "$line" ] || break
		sleep 0.1
	done
	[ -n "$line" ] || line=$(log_complaint)
	[ -z "$line" ] || printf ': %s' "$line"
}

# A parameter that the staged configuration calls unused does nothing; one of ours must do something. What goes back need not.
check_names() {
	mkdir -p "$stage/names"
	cp "$work/main.cf" "$work/master.cf" "$stage/names/"
	[ ! -e "$config/dynamicmaps.cf" ] || cp "$config/dynamicmaps.cf" "$stage/names/"
	touch -t "$long_ago" "$stage/names/main.cf" "$stage/names/master.cf"
	postconf -c "$stage/names" >/dev/null 2>"$work/names" || fail "Postfix can't read the new files: $(tail -n 1 "$work/names")"
	heed_roots "$stage/names"
	unused=$(awk -F '\t' 'file == "names" && match($0, /unused parameter: [^=]*/) { unused[substr($0, RSTART + 18, RLENGTH - 18)] = 1 }
		file == "changes" && $5 == 1 && !$7 { name = $2; sub(/^.*:/, "", name); if (name in unused) { print ($1 == "main.cf" ? "settings." : "services: ") $2; exit } }' \
		file=names "$work/names" file=changes "$work/changes")
	[ -z "$unused" ] || fail "$unused: Postfix $version knows no such parameter, and nothing in its configuration uses one"
	nothing=$(awk -F '\t' 'file == "old" { had[$3] = 1 } file == "new" && !($3 in had) { print $3 "\t" $1 "/" $2 }' file=old "$work/services.old" file=new "$work/services" |
		while IFS='	' read -r command service; do [ -x "$daemon_directory/$command" ] || printf '%s: there is no daemon "%s" in %s' "$service" "$command" "$daemon_directory"; done)
	[ -z "$nothing" ] || fail "services: $nothing"
	sed -n 's/^.*undefined parameter: \(.*\)$/\1/p' "$work/names" | sort -u >"$work/undefined"
	while IFS= read -r name; do
		if awk -F '\t' -v name="$name" 'index($6, "$" name) || index($6, "{" name) || index($6, "(" name) { found = 1 } END { exit !found }' "$work/changes"; then
			warn undefined-name "\$$name has no value, so Postfix reads it as empty"
		fi
	done <"$work/undefined"
}

not_preflighted() {
	left=$(awk -F '\t' '$3 == "postscreen" || $3 == "tlsproxy" { printf "%s%s", (n++ ? ", " : ""), $1 "/" $2 }' "$work/services")
	[ -z "$left" ] || warn not-preflighted "$left and outgoing mail were not tried before the change, only after it"
}
