# The verbs for a policy that has a probe: rules that log and count who connects to a port.

apply_probe() {
	need ip
	read_probe "$work/wanted"
	refuse_other_owner
	find_destinations
	choose_place
	make_rules
	if rules_hold; then
		say "the probe of port $port stands in $place; nothing to change"
	else
		place_rules
	fi
	cp "$work/policy" "$probe.new" && mv "$probe.new" "$probe"
	missing=
	install_collector || missing=$trouble
	[ -z "$missing" ] || [ -s "$work/changes" ] || fail "nothing collects evidence: $missing"
	forget_old_programs
	try_probe
	print_probe_receipt
	[ -z "$missing" ] || stand "nothing collects evidence or puts the rules back after a reboot: $missing; run again"
}

refuse_other_owner() {
	[ -f "$probe" ] || return 0
	other=$(sed -n 's/^owner    //p' "$probe")
	sed -n 's/^owner	//p; s/^former	//p' "$work/wanted" | grep -qxF -- "$other" || fail "port $port is probed for $other already; one probe a port is enough"
}

# Our rules in and nothing else touched; or, where the host refuses them, the ones from before.
place_rules() {
	if ! mkdir -p "$state/probes" || ! chmod 0700 "$state/probes"; then fail "can't make $state/probes"; fi
	[ ! -f "$probe.rules" ] || cp "$probe.rules" "$work/rules.before"
	describe_rules "$work/change"
	if ! install_rules; then
		trouble=$(tail -n 1 "$work/filter")
		remove_rules
		restore_rules_of "$probe"
		rmdir "$state/probes" 2>/dev/null
		fail "the packet filter refused the rules: $trouble; all is as it was"
	fi
	remember_rules
	while IFS= read -r rule; do say "$rule"; done <"$work/change"
	say "the probe of port $port stands in $place since $(cat "$probe.since")"
	printf 'packet filter\t%s port %s\t0\t\t1\t%s\n' "$place" "$port" "$(tr '\n' ' ' <"$work/to4")$(tr '\n' ' ' <"$work/to6")" >"$work/changes"
}

remember_rules() {
	cat "$work/rules4" "$work/rules6" >"$probe.rules"
	printf '%s\n' "$place" >"$probe.place"
	now >"$probe.since"
	list_rules "$place" >"$probe.listing"
	[ -s "$probe.listing" ] || fail "the rules were accepted by $place, but are not there"
}

describe_rules() {
	for family in 4 6; do
		while IFS= read -r address; do
			printf 'log and count new connections from ports %s to %s port %s, as "%s" (%s)\n' "$source_ports" "$address" "$port" "$prefix" "$place"
		done <"$work/to$family"
	done >"$1"
}

# restore_rules: of every probe, by the collector, which looks every few minutes.
restore_rules() {
	[ -d "$state/probes" ] || return 0
	work=$(mktemp -d "$state/run.XXXXXX") || fail "can't make a work directory in $state"
	trap 'rm -rf "$work"' EXIT
	: >"$work/warnings"
	unrestored=0
	for probe in "$state"/probes/*; do
		case ${probe##*/} in *[!0-9]*) continue ;; esac
		# One that can't be put back ends its shell.
		(restore_rules_of "$probe") || unrestored=1
	done
	[ "$unrestored" = 0 ]
}

restore_rules_of() {
	[ -f "$1" ] || return 0
	awk "$awk_policyShapes$awk_policy" "$1" >"$work/wanted" || return 1
	read_probe "$work/wanted"
	find_destinations
	choose_place
	make_rules
	! rules_hold || return 0
	[ "$persist" = yes ] || return 0
	install_rules && remember_rules && say "put the probe of port $port back in $place"
}

# A connection from the host itself passes lo, and every place but a chain that treats lo apart. It says whether the
# counter counts and whether the kernel's line gets anywhere.
try_probe() {
	state_word=unverified
	remedy=
	address=$(head -n 1 "$work/to4")
	[ -n "$address" ] || address=[$(head -n 1 "$work/to6")]
	counted=$(count_packets)
	mark_kernel_log
	if ! knock; then
		remedy="a connection from the host itself does not pass $place; connect from outside: mailhost report --knock $host"
	elif kernel_logged; then
		state_word=verified
	else
		remedy="the rule counts, but no line of it is in the journal or in /var/log: in a container the kernel drops it while net.netfilter.nf_log_all_netns is 0 outside; else see whether rsyslog or journald keep kernel messages of level $level"
	fi
	if [ -n "$remedy" ]; then warn "probe-$state_word" "$remedy"; fi
}

# The first packet is all that is wanted; whether anybody answers does not matter.
knock() {
	openssl s_client -connect "$address:$port" </dev/null >/dev/null 2>&1 7>&- &
	client=$!
	seen=1
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(count_packets)" -le "$counted" ] || {
			seen=0
			break
		}
		sleep 0.1
	done
	kill -KILL "$client" 2>/dev/null
	wait "$client" 2>/dev/null
	return "$seen"
}

# All packets that our counting rules have seen.
count_packets() {
	read_counters | awk -F '\t' -v port="$port" '$1 == port { sum += $3 } END { printf "%.0f\n", sum }'
}

mark_kernel_log() {
	maillog_file=
	mark_log
	kernel_marks=
	for file in $(kernel_files); do
		size=$(stat -L -c %s "$file" 2>/dev/null)
		# A file may come with its first line.
		kernel_marks="$kernel_marks $file:${size:-0}"
	done
}

kernel_logged() {
	for _ in 1 2 3 4 5; do
		{
			[ "$has_journal" = 0 ] || journalctl -q --no-pager -k -o cat ${log_cursor:+--after-cursor="$log_cursor"} 2>/dev/null
			for file in $kernel_marks; do tail -c "+$((${file##*:} + 1))" "${file%:*}" 2>/dev/null; done
		} | grep -F -- "$prefix" | grep -q "DPT=$port " && return 0
		sleep 0.2
	done
	return 1
}

print_probe_receipt() {
	for part in changes warnings; do [ -f "$work/$part" ] || : >"$work/$part"; done
	awk -F '\t' "$awk_visible$awk_json$awk_probeReceipt" host="$(uname -n)" port="$port" place="$place" since="$(cat "$probe.since" 2>/dev/null)" \
		state="$state_word" collector="${idle_collector:-}" listener="$(listener "$port")" "$work/changes" "$work/warnings"
}

plan_probe() {
	compare_probe
	if rules_hold; then
		say "nothing to change"
		return
	fi
	describe_rules "$work/change"
	while IFS= read -r rule; do say "would $rule"; done <"$work/change"
	state_word=unverified
	print_probe_receipt
}

audit_probe() {
	compare_probe
	state_word=unverified
	idle_collector=
	if collector_trouble; then
		idle_collector="$collector_part is $collector_is"
		warn collector "$idle_collector, so nothing collects evidence; $collector_remedy"
		say "differs evidence $collector_part: $collector_is -> $collector_wants; held by $(sed -n 's/^owner    //p' "$probe" 2>/dev/null | grep . || echo 'no component yet')"
	fi
	if rules_hold; then
		print_probe_receipt
		[ -z "$idle_collector" ] || exit 4
		return
	fi
	since=$(cat "$probe.since" 2>/dev/null)
	holder=$(sed -n 's/^owner    //p' "$probe" 2>/dev/null)
	say "differs packet filter port $port: the rules in $place are not as wanted; held by ${holder:-no component yet}${since:+, put there at $since}"
	printf 'packet filter\tport %s\n' "$port" >"$work/changes"
	print_probe_receipt
	exit 4
}

compare_probe() {
	read_probe "$work/wanted"
	find_destinations
	choose_place
	make_rules
}

# Under its own lock, so that no collector writes it anew.
forget_evidence() {
	[ -d "$evidence" ] || return 0
	take_evidence_lock 60
	rm -rf "$evidence"
	say "its evidence is gone"
}

remove_probe() {
	read_probe "$work/wanted"
	refuse_other_owner
	set -- "$probe" "$probe".*
	if [ -e "$1" ] || [ -e "$2" ] || [ -n "$(standing_rules)" ]; then
		place=$(cat "$probe.place" 2>/dev/null)
		remove_rules || fail "the rules of port $port can't be removed: $trouble"
		clear "$probe" "$probe".*
		say "the probe of port $port is gone from ${place:-the packet filter}"
	fi
	# Also where a run died just before it.
	rmdir "$state/probes" 2>/dev/null
	if ! collector_is_wanted; then
		remove_collector
		[ "$destroy" != remove ] || forget_evidence
	fi
	: >"$work/changes"
	state_word=removed
	forget_owner
	forget_programs
	print_probe_receipt
}
