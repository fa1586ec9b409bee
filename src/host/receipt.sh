# The receipt of a run, and the memory of the last one: a run without changes repeats its activation and services.

receipt_path() {
	printf '%s/receipts/%s' "$state" "$(printf '%s' "$1" | sha256sum | cut -c1-16)"
}

# print_receipt KIND AT
print_receipt() {
	for part in changes after overrides warnings; do
		[ -f "$work/$part" ] || : >"$work/$part"
	done
	awk -F '\t' "$awk_visible$awk_receipt" host="$(uname -n)" version="$version" kind="$1" at="$2" limit=1000 full="$work/receipt" \
		"$work/changes" "$work/after" "$work/overrides" "$work/warnings"
}

remember_receipt() {
	mkdir -p "$state/receipts" && chmod 0700 "$state/receipts" || return 0
	path=$(receipt_path "$owner")
	{
		printf '%s %s\n' "$1" "$2"
		cat "$work/after"
	} >"$path.new" && mv "$path.new" "$path"
	cp "$work/receipt" "$path.json"
}

# Sets last_kind, last_at and $work/after from the last run that changed something.
recall_receipt() {
	path=$(receipt_path "$owner")
	last_kind=none
	last_at=
	[ -f "$path" ] || return 1
	read -r last_kind last_at <"$path"
	sed 1d "$path" >"$work/after"
}
