# Giving back all that was changed on this host, whoever asked for it: for when no stack is there to do it.

# The verbs restore and restore-forget.
restore() {
	[ ! -d "$journal" ] || attempt "$journal" undo_journal
	each_ledger give_all_back
	rmdir "$state/ledger" 2>/dev/null
	each_probe take_probe_out
	rmdir "$state/probes" 2>/dev/null
	tell_nothing
	tell_publishers
	tell_failures
	# Of all owners, those too that have nothing in a ledger.
	rm -rf "$state/receipts" "$tls_watchers"
	forget_idle_secrets
	collector_is_wanted || remove_collector
	forget_programs
}

# Writes nothing outside its own stage; status 4 where there is something to give back.
restore_plan() {
	[ ! -d "$journal" ] || say "an earlier run did not end; restore undoes that first"
	each_ledger plan_all_back
	each_probe plan_probe_out 2>&1
	tell_nothing
	tell_publishers 2>&1
	tell_failures
	[ "$found" = 0 ] || exit 4
}

failures=
failed=0
given=0
found=0

# attempt WHAT COMMAND: in a shell of its own, so that what fails there, and ends it, keeps nothing else from being given back.
attempt() {
	(
		trap 'exit 1' HUP INT TERM PIPE
		"$2"
	)
	outcome=$?
	stop_stage
	case $outcome in
	0) given=$((given + 1)) ;;
	4) found=1 ;;
	*)
		failures="$failures${failures:+, }$1"
		[ "$failed" = 3 ] || failed=1
		[ "$outcome" != 3 ] || failed=3
		;;
	esac
}

# Each failure was told where it came; where there is but one thing to give back, that is the last word.
tell_failures() {
	[ -n "$failures" ] || return 0
	if [ "$verb" != restore-plan ] && [ "$given" -gt 0 ]; then failed=3; fi
	[ $((ledgers + probes)) = 1 ] || say "error: not given back, for the reasons above: $failures; run again when they are mended"
	exit "$failed"
}

tell_nothing() {
	[ $((ledgers + probes)) -gt 0 ] || say "nothing to give back; there is no ledger here"
}

each_ledger() {
	ledgers=0
	for ledger in "$state"/ledger/*; do
		[ -d "$ledger" ] || continue
		ledgers=$((ledgers + 1))
		attempt "$(cat "$ledger/where")" "$1"
	done
}

# is_gone DIRECTORY: sets absent.
is_gone() {
	printf 'config\t%s\n' "$1" >"$work/wanted"
	locate_instance
	[ -n "$absent" ]
}

# forget_gone DIRECTORY: no mount is told from one that is gone for good, so only where that is asked for.
forget_gone() {
	[ "$verb" = restore-forget ] || fail "$absent; mount it, or where it is gone for good restore with --forget-gone: what would go back is in $1"
	discard "$1" || fail "can't remove $1"
	say "$absent; what would have gone back there is forgotten"
}

undo_journal() {
	if [ ! -d "$journal/done" ] && is_gone "$(head -n 1 "$journal/where")"; then forget_gone "$journal"; else recover; fi
}

open_ledger() {
	enter_instance
	read_instance
	read_ledger
	cut -f2 "$work/owners" | sort -u >"$work/mine"
	cut -f1 "$work/entries" >"$work/back"
	: >"$work/none"
	: >"$work/after"
}

# Those too whose rules a run put in place before it died, and has no policy of.
each_probe() {
	probes=0
	for file in "$state"/probes/*; do
		port=${file##*/}
		port=${port%%.*}
		case $port in *[!0-9]*) continue ;; esac
		# The first file of a probe stands for all of them.
		[ "$port" != "${probe##*/}" ] || continue
		probes=$((probes + 1))
		name_probe
		place=$(cat "$probe.place" 2>/dev/null)
		attempt "the probe of port $port" "$1"
	done
}

take_probe_out() {
	remove_rules || fail "the rules of port $port can't be removed: $trouble"
	clear "$probe" "$probe".*
	say "the probe of port $port is gone from ${place:-the packet filter}"
}

plan_probe_out() {
	holder=$(sed -n 's/^owner    //p' "$probe" 2>/dev/null)
	say "would remove the probe of port $port from ${place:-the packet filter}${holder:+; $holder wants it, and puts it there again with its next run}"
	exit 4
}

# Published records are the business of their component alone, which can't remove them without its keys.
tell_publishers() {
	for published in "$state"/dns/*; do
		[ ! -f "$published" ] || case $published in *.pending | *.new) ;; *) tell_publisher ;; esac
	done
}

tell_publisher() {
	say "$(sed -n 's/^owner	//p' "$published") publishes records of $(sed -n 's/^domain	//p' "$published") from here; they stay, with what it needs to remove them"
}

forget_idle_secrets() {
	for secret in "$state"/secrets/*; do
		published=$state/dns/${secret##*/}
		[ -f "$published" ] || [ -f "$published.pending" ] || clear "$secret"
	done
	rmdir "$state/secrets" 2>/dev/null
}

give_all_back() {
	[ ! -d "$journal" ] || fail "$(cat "$ledger/where") waits until what an earlier run left in $journal is undone"
	if is_gone "$(cat "$ledger/where")"; then
		forget_gone "$ledger"
		return
	fi
	open_ledger
	leaving=1
	asked=reload
	give_back
	discard "$ledger" || fail "can't remove $ledger"
}

plan_all_back() {
	if is_gone "$(cat "$ledger/where")"; then
		say "$absent; a restore with --forget-gone forgets what would go back there" 2>&1
		exit 4
	fi
	open_ledger
	decide "$work/none" "$work/back"
	if changed; then
		found=1
		check_files
		mkdir -p "$stage"
		check_names
		tell_plan 2>&1
	else
		tell_kept 2>&1
		say "nothing to give back in $config" 2>&1
	fi
	tell_owners 2>&1
	[ "$found" = 0 ] || exit 4
}

tell_plan() {
	tell_changes "would give back"
	tell_kept
	for name in main master; do
		cmp -s "$work/$name.cf" "$work/$name.old" && continue
		case $whole in
		*" $name.cf"*) say "$name.cf in $config comes back whole, as it was before the first change" ;;
		*) say "$name.cf in $config comes back line by line, as someone else changed it since" ;;
		esac
	done
}

tell_owners() {
	sed -n 's/^.*	\(.*\)	wants$/\1/p' "$work/owners" | sort -u >"$work/wanting"
	while IFS= read -r name; do
		say "$name still wants it as it is; its next run asks for that again"
	done <"$work/wanting"
}
