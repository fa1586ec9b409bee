# What was there before our first change, and who asked for what: one directory for each configuration directory.
#   entries   key, lines before, lines after, secret    owners    key, owner, "wants", "left" or "inherits"
#   (wants: changed by us or found so; left: no longer in that owner's policy, but still for its restore to give back;
#   inherits: what the owner that opened a service left there for one that has options of it, who gives it back with those)
#   where     the configuration directory
#   main.cf, master.cf   the files before the first change, mode and owner too; *.sha256 the ones that we wrote last
#   *.linewise   someone else edited in between: the whole file must not go back, only our lines

# Sets ledger.
find_ledger() {
	ledger=''
	rest=$config
	while [ "$rest" != "${rest#*/}" ]; do
		ledger=$ledger${rest%%/*}+
		rest=${rest#*/}
	done
	ledger=$state/ledger/$ledger$rest
}

read_ledger() {
	: >"$work/entries"
	: >"$work/owners"
	: >"$work/heirs"
	[ ! -f "$ledger/entries" ] || cp "$ledger/entries" "$work/entries"
	[ ! -f "$ledger/owners" ] || cp "$ledger/owners" "$work/owners"
	sed -n 's/^owner	//p; s/^former	//p' "$work/wanted" >"$work/mine"
}

# Keys that only this owner holds and that the new policy does not want: given back, if the policy says restore. A service
# that it opened stays as it is, whole, while another owner has options of it; that one inherits it, by rows in $work/heirs.
keys_to_give_back() {
	awk -F '\t' -v OFS='\t' -v heirs="$work/heirs" "$awk_ledgerKeys$awk_heirs" file=mine "$work/mine" file=keys "$1" file=owners "$work/owners" file=entries "$work/entries"
}

# A service that is left open because of others' options of it.
tell_heirs() {
	sed -n 's/^service \([^ ]*\)	\(.*\)	inherits$/master.cf \1 stays as it is: \2 has options of it/p' "$work/heirs" >"$work/held"
	while IFS= read -r line; do
		say "$line"
	done <"$work/held"
}

# Where a removal gives nothing back, because another owner wants it too.
tell_shared() {
	awk -F '\t' 'file == "mine" { mine[$0] = 1 }
		file == "owners" { if ($2 in mine) ours[$1] = 1; else if ($3 == "wants") other[$1] = $2 }
		file == "entries" && ($1 in ours) && ($1 in other) {
			key = $1
			if (key ~ /^option /) sub(/ [^ ]*$/, ":&", key)
			sub(/: /, ":", key)
			sub(/ fields$/, "", key)
			sub(/^main /, "main.cf ", key)
			sub(/^(option|service) /, "master.cf ", key)
			print key " stays: " other[$1] " wants it too"
		}' file=mine "$work/mine" file=owners "$work/owners" file=entries "$work/entries" >"$work/held"
	while IFS= read -r line; do
		say "$line"
	done <"$work/held"
}

# The owners after this run: this one holds what it wants, and what was ever changed for it until it leaves. What it
# wants and found so is its own too: another owner must not change it without a word. A service that its own guarded
# change closed is no longer that one's.
next_owners() {
	printf '%s\n' "$owner" >"$work/owner"
	awk -F '\t' -v OFS='\t' -v leaving="$leaving" 'function undone(name, key, own) {
			for (own in mine) if (index(name, own "-guarded-") == 1 && (key in wanted) && key ~ /^service /) return 1
			return 0
		}
		file == "owner" { owner = $0 }
		file == "mine" { mine[$0] = 1 }
		file == "keys" { wanted[$0] = 1; print $0, owner, "wants" }
		file == "entries" { known[$1] = 1 }
		file == "owners" && !($2 in mine) && ($3 == "wants" || $1 in known) && !undone($2, $1) { print }
		file == "owners" && ($2 in mine) && ($1 in known) && !($1 in wanted) && !leaving { print $1, owner, ($3 == "inherits" ? $3 : "left") }
		file == "heirs" { print }' \
		file=owner "$work/owner" file=mine "$work/mine" file=keys "$1" file=entries "$2" file=owners "$work/owners" file=heirs "$work/heirs" | sort -u >"$work/owners.new"
}

# What a run without a change learned: who wants what, and what is no longer ours. Nothing is written where nothing is new.
note_ledger() {
	cmp -s "$work/ledger" "$work/entries" && cmp -s "$work/owners.new" "$work/owners" && return 0
	record_ledger || fail "can't write the ledger in $state"
}

# Where nothing of ours is left in a file that only we wrote, the whole original goes back. We never change its mode
# and owner: where they differ from those of the original, someone else did that.
whole_originals() {
	whole=
	for name in main master; do
		[ -f "$ledger/$name.cf" ] || continue
		[ ! -e "$ledger/$name.cf.linewise" ] || continue
		grep -q "^$([ "$name" = main ] && echo main || echo '[os]')" "$work/ledger" 2>/dev/null && continue
		[ "$(sha256sum <"$work/$name.old")" = "$(cat "$ledger/$name.cf.sha256")" ] || continue
		cp "$ledger/$name.cf" "$work/$name.cf"
		cmp -s "$work/$name.cf" "$work/$name.old" && continue
		whole="$whole $name.cf"
		if [ "$name" = main ]; then file=$main_file; else file=$master_file; fi
		same_mode "$ledger/$name.cf" "$file" || warn kept-foreign "mode or owner of $file was changed by someone else since, and stays"
	done
	[ -z "$whole" ] || list_services
}

# The services of the files as they will be; the decision listed those of files put together line by line.
list_services() {
	mkdir -p "$work/whole"
	cp "$work/main.cf" "$work/master.cf" "$work/whole/"
	touch -t "$long_ago" "$work/whole/main.cf" "$work/whole/master.cf"
	postconf -c "$work/whole" >"$work/whole/effective" 2>/dev/null || return 0
	: >"$work/whole/wanted"
	decide_files "$work/whole/wanted" '' "$work/whole" "$work/main.cf" "$work/master.cf" "$work/whole/effective"
	cp "$work/whole/services" "$work/services"
}

# A ledger without entries and owners is none.
forget_empty_ledgers() {
	for ledger in "$state"/ledger/*; do
		[ -s "$ledger/entries" ] || [ -s "$ledger/owners" ] || discard "$ledger"
	done
	rmdir "$state/ledger" 2>/dev/null
}

# The last to leave takes the programs along, but for one that someone else runs or waits with. What is known of clients stays.
forget_programs() {
	for left in "$state"/*; do
		case ${left##*/} in bin | lock | evidence | run.*) ;; *) return 0 ;; esac
	done
	for program in "$state"/bin/.mailhost-*; do
		[ "$program" = "$0" ] || in_use "${program##*/}" || rm -f "$program"
	done
	leave_nothing=1
}

in_use() {
	grep -qsF "$1" /proc/[0-9]*/cmdline
}
