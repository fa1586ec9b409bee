# What was there before our first change, and who asked for what: one directory for each configuration directory.
#   entries   key, lines before, lines after, secret    owners    key, owner, "wants" or "left"
#   (left: no longer in that owner's policy, but still for its restore to give back)
#   main.cf, master.cf   the files before the first change, mode and owner too; *.sha256 the ones that we wrote last
#   *.linewise   someone else edited in between: the whole file must not go back, only our lines

read_ledger() {
	: >"$work/entries"
	: >"$work/owners"
	[ ! -f "$ledger/entries" ] || cp "$ledger/entries" "$work/entries"
	[ ! -f "$ledger/owners" ] || cp "$ledger/owners" "$work/owners"
	sed -n 's/^owner	//p; s/^former	//p' "$work/wanted" >"$work/mine"
}

# Keys that only this owner holds and that the new policy does not want: given back, if the policy says restore.
keys_to_give_back() {
	awk -F '\t' 'file == "mine" { mine[$0] = 1 }
		file == "owners" { if ($2 in mine) ours[$1] = 1; else if ($3 == "wants") other[$1] = 1 }
		file == "keys" { wanted[$0] = 1 }
		file == "entries" && ($1 in ours) && !($1 in other) && !($1 in wanted) { print $1 }' \
		file=mine "$work/mine" file=owners "$work/owners" file=keys "$1" file=entries "$work/entries"
}

# The owners after this run: this one holds what was ever changed for it, wanted still or not, until it leaves.
next_owners() {
	printf '%s\n' "$owner" >"$work/owner"
	awk -F '\t' -v OFS='\t' -v leaving="$leaving" 'file == "owner" { owner = $0 }
		file == "mine" { mine[$0] = 1 }
		file == "keys" { wanted[$0] = 1 }
		file == "entries" { known[$1] = 1; if ($1 in wanted) print $1, owner, "wants" }
		file == "owners" && ($1 in known) { if (!($2 in mine)) print; else if (!leaving && !($1 in wanted)) print $1, owner, "left" }' \
		file=owner "$work/owner" file=mine "$work/mine" file=keys "$1" file=entries "$2" file=owners "$work/owners" | sort -u >"$work/owners.new"
}

# What others edited since our last write is theirs: the whole old file may not go back over it.
note_foreign_edits() {
	for name in main master; do
		[ -f "$ledger/$name.cf.sha256" ] || continue
		[ "$(sha256sum <"$work/$name.old")" = "$(cat "$ledger/$name.cf.sha256")" ] || : >"$ledger/$name.cf.linewise"
	done
}

write_ledger() {
	mkdir -p "$ledger" && chmod 0700 "$state/ledger"
	for name in main master; do
		[ -f "$ledger/$name.cf" ] || cp -p "$journal/$name.cf" "$ledger/$name.cf"
		sha256sum <"$work/$name.cf" >"$ledger/$name.cf.sha256"
	done
	cp "$work/ledger" "$ledger/entries.new" && mv "$ledger/entries.new" "$ledger/entries"
	cp "$work/owners.new" "$ledger/owners.new" && mv "$ledger/owners.new" "$ledger/owners"
}

# Where nothing of ours is left in a file that only we wrote, the whole original goes back, mode and owner too.
whole_originals() {
	main_like=$main_file
	master_like=$master_file
	whole=0
	for name in main master; do
		[ -f "$ledger/$name.cf" ] || continue
		[ ! -e "$ledger/$name.cf.linewise" ] || continue
		grep -q "^$([ "$name" = main ] && echo main || echo '[os]')" "$work/ledger" 2>/dev/null && continue
		[ "$(sha256sum <"$work/$name.old")" = "$(cat "$ledger/$name.cf.sha256")" ] || continue
		cmp -s "$ledger/$name.cf" "$work/$name.cf" || whole=1
		cp "$ledger/$name.cf" "$work/$name.cf"
		if [ "$name" = main ]; then main_like=$ledger/main.cf; else master_like=$ledger/master.cf; fi
	done
	[ "$whole" = 0 ] || list_services
}

# The services of the files as they will be; the decision listed those of files put together line by line.
list_services() {
	mkdir -p "$work/whole"
	cp "$work/main.cf" "$work/master.cf" "$work/whole/"
	backdate "$work/whole/main.cf" "$work/whole/master.cf"
	postconf -c "$work/whole" >"$work/whole/effective" 2>/dev/null || return 0
	: >"$work/whole/wanted"
	decide_files "$work/whole/wanted" '' "$work/whole" "$work/main.cf" "$work/master.cf" "$work/whole/effective"
	cp "$work/whole/services" "$work/services"
}

# After the last restore nothing of ours remains.
forget_ledger() {
	rm -rf "$ledger"
	rmdir "$state/ledger" 2>/dev/null
	[ ! -d "$state/ledger" ] || return 0
	rm -rf "${state:?}/bin" "$state/lock"
}
