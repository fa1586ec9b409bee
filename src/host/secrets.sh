# Secret main.cf values arrive by themselves, before the policy that names them by revision only.

secrets_path() {
	hash_name "$1"
	printf '%s/secrets/%s' "$state" "$name_hash"
}

# Standard input: "owner OWNER", then lines "revision N NAME = VALUE", or "key NAME SECRET" of keys that sign DNS updates.
secrets() {
	receive received || fail "secretSettings: a NUL byte is not accepted"
	IFS= read -r line <"$work/received"
	owner=${line#owner }
	[ "$owner" != "$line" ] || fail "secrets begin with an owner line"
	awk 'NR > 1 && /^key [a-z0-9_.-]+\. [A-Za-z0-9+\/=]+$/ {
		printf "key\t%s\t%s\n", $2, $3
		next
	}
	NR > 1 {
		at = index($0, " = ")
		if (!match($0, /^revision [0-9]+ [A-Za-z0-9_][A-Za-z0-9_.-]* = /) || /[\001-\037\177]|\302[\200-\237]/) exit 1
		head = substr($0, 1, at - 1)
		split(head, word, " ")
		printf "%s\t%s\t%s\n", word[2], word[3], substr($0, at + 3)
	}' "$work/received" >"$work/new" || fail "secretSettings: a line is no \"revision N NAME = VALUE\", or has a control character"
	path=$(secrets_path "$owner")
	mkdir -p "$state/secrets" || fail "can't make $state/secrets"
	chmod 0700 "$state/secrets"
	if [ -f "$path" ]; then
		stale=$(awk -F '\t' '$1 == "key" { next } NR == FNR { was[$2 FS $1] = $3; next } ($2 FS $1) in was && was[$2 FS $1] != $3 { print $2 " revision " $1; exit }' "$path" "$work/new")
		[ -z "$stale" ] || fail "secretSettings: $stale has another value than before; raise secretRevision"
	fi
	{ sync "$work/new" && mv "$work/new" "$path" && sync "$state/secrets"; } || fail "can't write to $state/secrets"
	say "secrets received"
}
