# The journal of a change, one directory that appears and goes by a rename. A run that died is undone by it; once it has `done`, it is finished instead.
#   where               configuration directory, main.cf, master.cf, kind of activation, which file was renamed first, systemd unit
#   main.cf, master.cf  the old files, mode and owner too    main.new, master.new  what the new ones hold
#   before, services    what answered before the change
#   done                the change stands: the ledger and the receipt as they shall be, and whose receipt it is

# discard DIRECTORY: gone at once, however long its removal takes.
discard() {
	[ -d "$1" ] || return 0
	clear "$work/discarded"
	mv "$1" "$work/discarded" && sync "${1%/*}" && rm -rf "$work/discarded"
}

# It is on the disk before the first live file changes.
write_journal() {
	clear "$work/journal"
	mkdir "$work/journal" &&
		cp -p "$main_file" "$work/journal/main.cf" && cp -p "$master_file" "$work/journal/master.cf" &&
		cp "$work/main.cf" "$work/journal/main.new" && cp "$work/master.cf" "$work/journal/master.new" &&
		cp "$work/before" "$work/journal/before" && cp "$work/services.old" "$work/journal/services" &&
		write_where && sync "$work"/journal/* "$work/journal" && mv "$work/journal" "$journal" && sync "$state"
}

write_where() {
	# A master that the change ends is asked no more.
	unit=$(master_unit)
	printf '%s\n' "$config" "$main_file" "$master_file" "$kind" "$first" "$unit" >"$work/journal/where"
}

read_where() {
	{
		IFS= read -r config
		IFS= read -r main_file
		IFS= read -r master_file
		IFS= read -r kind
		IFS= read -r first
		IFS= read -r unit
	} <"$journal/where"
	find_ledger
}

# record_change KIND AT REMAINING UNTIL ENDED: the change stands from the rename on. What is to be remembered is then in its place sooner or later.
record_change() {
	print_receipt "$@" >"$work/printed" && build_ledger && note_files && note_receipt "$@" &&
		sync_tree "$work/done" && mv "$work/done" "$journal/done" && sync "$journal"
}

# Of who leaves nothing is remembered.
note_receipt() {
	[ "$leaving" = 0 ] || return 0
	build_receipt "$work/done" "$@" && receipt_path "$owner" >"$work/done/place"
}

# A ledger that changes while the files stay as they are.
record_ledger() {
	clear "$work/journal"
	mkdir "$work/journal" && write_where && build_ledger && mv "$work/done" "$work/journal/done" &&
		sync_tree "$work/journal" && mv "$work/journal" "$journal" && sync "$state" && finish
}

sync_tree() {
	find "$1" -exec sync {} +
}

build_ledger() {
	clear "$work/done"
	mkdir "$work/done" || return 1
	if [ -d "$ledger" ]; then cp -a "$ledger" "$work/done/ledger"; else mkdir "$work/done/ledger"; fi && printf '%s\n' "$config" >"$work/done/ledger/where" &&
		cp "$work/ledger" "$work/done/ledger/entries" && cp "$work/owners.new" "$work/done/ledger/owners"
}

# The files before our first change, and the sums of those that we wrote last. What others edited since our last write is
# theirs: the whole old file may not go back over it.
note_files() {
	for name in main master; do
		kept=$work/done/ledger/$name.cf
		if [ -f "$kept.sha256" ] && [ "$(sha256sum <"$work/$name.old")" != "$(cat "$kept.sha256")" ]; then : >"$kept.linewise" || return 1; fi
		[ -f "$kept" ] || cp -p "$journal/$name.cf" "$kept" || return 1
		sha256sum <"$work/$name.cf" >"$kept.sha256" || return 1
	done
}

# What is to be remembered goes to its place; this may be done again after a kill at any moment.
finish() {
	mkdir -p "$state/ledger" && chmod 0700 "$state/ledger" || return 1
	if [ -d "$journal/done/ledger" ]; then
		clear "$ledger" && mv "$journal/done/ledger" "$ledger" || return 1
	fi
	if [ -f "$journal/done/place" ]; then place_receipt "$journal/done" "$(cat "$journal/done/place")" || return 1; fi
	sync "$state/ledger" && discard "$journal"
}

# A run that died between its commit and its end: finished where its change stands, else undone.
recover() {
	[ -d "$journal" ] || return 0
	read_where
	if [ -d "$journal/done" ]; then
		say "an earlier run did not end; remembering what it did"
		finish || fail "can't write to $state; what is to be remembered is in $journal"
	else
		undo
	fi
	unit=
}

undo() {
	say "an earlier run did not end; putting $config back as it was before it"
	trouble="can't write to $config"
	{ lock_postconf && put_old; } || give_up "an earlier run did not end: $trouble"
	unlock_postconf
	find_master_again
	read_instance
	cp "$journal/before" "$work/before"
	cp "$journal/services" "$work/services.old"
	probe_services "$work/services.old" "$work/after"
	settle || {
		discard "$journal"
		say "error: the old files of an earlier run are back, but Postfix does not answer as before it: $trouble"
		exit 3
	}
	rm -f "$work/after"
	discard "$journal"
}
