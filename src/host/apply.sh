# The verbs that compare and change: apply, plan, audit, remove.

# decide WANTED GIVE-BACK: what would change, as files in the work directory.
decide() {
	clear "$work/refusal" "$work/overrides" "$work/ledger" "$work/lookups"
	: >"$work/warnings"
	: >"$work/changes"
	: >"$work/keys"
	decide_files "$1" "$2" "$work" "$main_file" "$master_file" "$work/effective"
	[ ! -f "$work/refusal" ] || fail "$(cat "$work/refusal")"
	whole_originals
}

# decide_files WANTED GIVE-BACK OUT MAIN MASTER EFFECTIVE
decide_files() {
	awk -v wanted="$1" -v giveBackFile="$2" -v out="$3" -v mainFile="$4" -v masterFile="$5" -v effectiveFile="$6" \
		-v defaultsFile="$work/defaults" -v ports="$work/ports" -v secretsFile="$(secrets_path "$owner")" -v ledgerFile="$work/entries" \
		-v ownersFile="$work/owners" -v mineFile="$work/mine" -v postfixNumber="$number" -v mainMode="$(stat -c %a "$main_file")" \
		-v mainBare="$(bare "$work/main.old")" -v masterBare="$(bare "$work/master.old")" \
		"$awk_ledgerKeys$awk_lines$awk_mainCf$awk_masterCf$awk_commented$awk_ports$awk_tables$awk_changes$awk_services$awk_tls$awk_tlsBlocks$awk_tlsProxies$awk_values$awk_lookupTables$awk_giveBack$awk_report$awk_decide" </dev/null ||
		fail "the decision failed; please report this with the policy"
}

# 1 for a file without a final newline.
bare() {
	[ -n "$(tail -c 1 "$1")" ] && echo 1 || echo 0
}

compare() {
	find_instance
	read_instance
	read_ledger
	decide "$work/wanted" ''
	if [ "$destroy" = restore ]; then
		keys_to_give_back "$work/keys" >"$work/back"
		tell_heirs
		[ ! -s "$work/back" ] || decide "$work/wanted" "$work/back"
	fi
	warn_of_system
}

changed() {
	! cmp -s "$work/main.cf" "$work/main.old" || ! cmp -s "$work/master.cf" "$work/master.old"
}

apply() {
	read_policy
	if asks_for_other; then
		take_over_names
		"apply_$policy_kind"
		return
	fi
	recover
	take_over_names
	compare
	foresee_collector
	if ! changed; then
		note_watcher || fail "nothing collects evidence: $trouble"
		no_change
		forget_old_programs
		return
	fi
	if ! heed_guards; then
		hold
		return
	fi
	transaction
	# Under the lock, and said at the end: the change, its receipt and its drain don't depend on it.
	missing=
	note_watcher || missing=$trouble
	forget_old_programs
	if [ "$kind" = drain ]; then
		drain "$drain_seconds"
		print_receipt "$kind" "$activated" "$old_sessions" "$until" "$ended" >"$work/printed"
		if take_lock_again && is_last_receipt; then remember_receipt "$kind" "$activated" "$old_sessions" "$until" "$ended"; fi
	else
		tell_sessions
	fi
	cat "$work/printed"
	[ -z "$missing" ] || stand "nothing collects evidence: $missing; run again"
}

# A guard says not now: all stays, and the receipt's warning says why.
hold() {
	: >"$work/changes"
	recall_receipt || probe_services "$work/services.old" "$work/after"
	print_receipt "$last_kind" "$last_at" "$last_remaining" "$last_until" "$last_ended"
}

no_change() {
	: >"$work/changes"
	next_owners "$work/keys" "$work/ledger"
	note_ledger
	recall_receipt || probe_services "$work/services" "$work/after"
	report_services "$work/after"
	say "nothing to change"
	print_receipt "$last_kind" "$last_at" "$last_remaining" "$last_until" "$last_ended"
}

# From the decision to the proof; every way out before the commit changes nothing, every way out after it puts all back.
transaction() {
	[ -n "$master_pid" ] || fail "Postfix does not run with $config; start it first, so that a change can be checked"
	check_files
	wait_for_packages
	wait_for_jobs || fail "systemd has had a job for Postfix for half a minute ($job); nothing was changed, try again when it is done"
	kind=$asked
	ignored=$(ignored_by_reload)
	[ -z "$ignored" ] || kind=restart
	if [ "$kind" = restart ] && [ "$master_pid" = 1 ]; then
		fail "${ignored:+settings.}${ignored:-activation} takes a restart, and Postfix is the first process of its container, which would end with it; make that change in its image"
	fi
	mkdir -p "$stage"
	check_names
	try_lookups
	new_address=$(postconf -c "$stage/names" -x -h inet_interfaces inet_protocols 2>/dev/null | usual_address)
	tell_changes "$deed"
	not_preflighted
	say "pre-flight on a stage without any port"
	probe_stage "$work/control" "$work/main.old" "$work/master.old"
	preflight "$work/main.cf" "$work/master.cf" || fail "pre-flight: $trouble; nothing was changed"
	choose_order
	stop_stage
	probe_services "$work/services.old" "$work/before"
	say "committing"
	commit_files
	activate "$kind" || roll_back
	verify || roll_back
	report_services "$work/after"
	next_owners "$work/keys" "$work/ledger"
	note_sessions
	record_change "$kind" "$activated" "$old_sessions" "$until" "$ended" || {
		trouble="can't write to $state"
		roll_back
	}
	finish || stand "$state can't be written to; what is to be remembered is in $journal. Run again"
	say "verified by handshakes with every listener$(unchecked)"
}

# For the last word on a change: what a warning tells of more fully.
unchecked() {
	awk -F '\t' '$4 ~ /^(unable|dead|closed)$/ { names = names (names == "" ? "" : ", ") $1 } END { if (names != "") print " but " names }' "$work/after"
}

# Those on old settings now. Who removes a component is told nothing of them.
note_sessions() {
	old_sessions=
	until=
	ended=
	[ "$leaving" = 0 ] || return 0
	count_sessions
	sessions_end
	ended=0
	if [ "$kind" = reload ] && [ -n "$drain_seconds" ]; then kind=drain; fi
}

# Between the two renames one file is new and the other old: that state must answer too.
choose_order() {
	first=main
	cmp -s "$work/main.cf" "$work/main.old" && return 0
	cmp -s "$work/master.cf" "$work/master.old" && return 0
	preflight_middle "$work/main.cf" "$work/master.old" && return 0
	first=master
	preflight_middle "$work/main.old" "$work/master.cf" || fail "pre-flight: neither file can be renamed first: $trouble; nothing was changed"
}

# In the middle an old version may still be accepted; what counts is that everything answers.
preflight_middle() {
	probe_stage "$work/candidate" "$1" "$2"
	trouble=$(awk -F '\t' 'NR == FNR { was[$1] = $2; next } was[$1] == "accepted" && $2 != "accepted" { print $1 " would complete no handshake"; exit }
		was[$1] == "notls" && $2 != "notls" && $2 != "accepted" { print $1 " would not answer"; exit }' "$work/control" "$work/candidate")
	[ -z "$trouble" ]
}

plan() {
	read_policy
	if asks_for_other; then
		"plan_$policy_kind"
		return
	fi
	[ ! -d "$journal/done" ] || recover
	compare
	if changed; then
		check_files
		mkdir -p "$stage"
		check_names
		try_lookups
		tell_changes "would change"
	else
		say "nothing to change"
	fi
	recall_receipt || probe_services "$work/services" "$work/after"
	print_receipt none ''
}

audit() {
	read_policy
	if asks_for_other; then
		"audit_$policy_kind"
		return
	fi
	[ ! -d "$journal/done" ] || recover
	compare
	: >"$work/after"
	idle_collector=
	if [ "$wants_evidence" = 1 ] && collector_trouble; then note_collector; fi
	if ! changed && [ -z "$idle_collector" ]; then
		print_receipt none ''
		return
	fi
	tell_changes differs
	print_receipt none ''
	exit 4
}

remove() {
	read_policy
	if asks_for_other; then
		"remove_$policy_kind"
		return
	fi
	[ ! -d "$journal/done" ] || recover
	if [ "$destroy" = restore ] || [ -d "$journal" ]; then
		locate_instance
		if [ -n "$absent" ]; then
			say "$absent, so there is nothing to give back to"
			release_only
			return
		fi
	fi
	recover
	if [ "$destroy" = keep ]; then
		release_only
		return
	fi
	enter_instance
	read_instance
	read_ledger
	leaving=1
	: >"$work/none"
	tell_shared
	keys_to_give_back "$work/none" >"$work/back"
	tell_heirs
	give_back
	forget_owner
	forget_empty_ledgers
	forget_programs
}

# give_back: the keys in $work/back, as one transaction, with a receipt.
give_back() {
	deed="give back"
	decide "$work/none" "$work/back"
	tell_kept
	kind=none
	activated=
	if changed; then
		transaction
	else
		next_owners "$work/none" "$work/ledger"
		note_ledger
		say "nothing to give back"
		print_receipt "$kind" "$activated" >"$work/printed"
	fi
	cat "$work/printed"
}

# What someone else changed since; a removal's receipt is read by nobody, its story is.
tell_kept() {
	sed -n 's/^kept-foreign	//p' "$work/warnings" >"$work/kept"
	while IFS= read -r line; do
		say "$line"
	done <"$work/kept"
}

# The server stays as it is; what was there before stays in the ledger, without this owner.
release_only() {
	for ledger in "$state"/ledger/*; do
		[ -f "$ledger/owners" ] || continue
		read_ledger
		awk -F '\t' 'NR == FNR { mine[$0] = 1; next } !($2 in mine)' "$work/mine" "$work/owners" >"$work/owners.new" && mv "$work/owners.new" "$ledger/owners"
	done
	forget_owner
	forget_empty_ledgers
	say "left as it is; what was there before stays in $state/ledger"
	version=$(postconf -h mail_version 2>/dev/null)
	print_receipt none ''
}
