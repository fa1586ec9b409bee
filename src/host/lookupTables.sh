# A lookup table that Postfix can't use: it greets all the same, and then answers each client with 451 or defers the mail.

# Before anything is touched. From the queue directory, as Postfix opens what has no directory.
try_lookups() {
	[ -s "$work/lookups" ] || return 0
	postconf -c "$config" -m >"$work/types" 2>/dev/null
	queue_directory=$(postconf -c "$stage/names" -x -h queue_directory 2>/dev/null)
	while IFS='	' read -r argument type how table; do
		grep -qxF -- "$type" "$work/types" ||
			fail "$argument: this Postfix has no lookup table type \"$type\", which $table is of; install its package, or use one of $(sort "$work/types" | paste -sd ' ' -)"
		[ "$how" = try ] || continue
		trouble=$(cd "$queue_directory" && postmap -c "$config" -q x "$table" 2>&1 >/dev/null </dev/null | sed -n 's/^postmap: \(fatal\|error\|panic\): //p' | head -n 1)
		[ -z "$trouble" ] || fail "$argument: $table can't be looked up ($trouble); make $(table_advice "$type") first"
	done <"$work/lookups"
}

table_advice() {
	case $1 in
	btree | cdb | dbm | hash | lmdb | sdbm) echo "it with postmap" ;;
	*) echo "that file" ;;
	esac
}
