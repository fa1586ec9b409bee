# Giving back all that the ledgers of this host hold, whoever asked for it: for when no stack is there to do it.

restore() {
	recover
	each_ledger give_all_back
	# Left by a run that died after its last ledger.
	rmdir "$state/ledger" 2>/dev/null
	# Of all owners, those too that have nothing in a ledger.
	rm -rf "$state/receipts" "$state/secrets" "$tls_watchers"
	collector_is_wanted || remove_collector
	forget_programs
}

# Writes nothing outside its own stage; status 4 where there is something to give back.
restore_plan() {
	[ ! -d "$journal" ] || say "an earlier run did not end; restore undoes that first"
	found=0
	each_ledger plan_all_back
	[ "$found" = 0 ] || exit 4
}

each_ledger() {
	ledgers=0
	for ledger in "$state"/ledger/*; do
		[ -d "$ledger" ] || continue
		ledgers=$((ledgers + 1))
		printf 'config\t%s\n' "$(cat "$ledger/where")" >"$work/wanted"
		find_instance
		read_instance
		read_ledger
		cut -f2 "$work/owners" | sort -u >"$work/mine"
		cut -f1 "$work/entries" >"$work/back"
		: >"$work/none"
		: >"$work/after"
		"$1"
	done
	[ "$ledgers" -gt 0 ] || say "nothing to give back; there is no ledger here"
}

give_all_back() {
	leaving=1
	asked=reload
	give_back
	discard "$ledger"
	rmdir "$state/ledger" 2>/dev/null
}

plan_all_back() {
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
