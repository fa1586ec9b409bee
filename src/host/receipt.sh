# The receipt of a run, and the memory of the last one: a run without changes repeats its activation and services.

receipt_path() {
	hash_name "$1"
	printf '%s/receipts/%s' "$state" "$name_hash"
}

# No state keeps what is only looked at.
set_receipt_limit() {
	limit=1024
	looking=0
	case $verb in plan | audit)
		limit=65536
		looking=1
		;;
	esac
}

# print_receipt KIND AT [REMAINING UNTIL ENDED]
print_receipt() {
	for part in changes after overrides warnings; do
		[ -f "$work/$part" ] || : >"$work/$part"
	done
	set_receipt_limit
	awk -F '\t' "$awk_visible$awk_json$awk_changeItem$awk_receipt" host="$(uname -n)" version="$version" kind="$1" at="$2" remaining="${3:-}" until="${4:-}" ended="${5:-}" \
		limit="$limit" looking="$looking" full="$work/receipt" \
		"$work/changes" "$work/after" "$work/overrides" "$work/warnings"
}

# build_receipt DIRECTORY KIND AT REMAINING UNTIL ENDED: what is to be remembered.
build_receipt() {
	{
		printf '%s,%s,%s,%s,%s\n' "$2" "$3" "$4" "$5" "$6"
		cat "$work/after"
	} >"$1/remembered" && cp "$work/receipt" "$1/remembered.json"
}

# place_receipt DIRECTORY PATH: whatever of it is not yet in its place.
place_receipt() {
	mkdir -p "$state/receipts" && chmod 0700 "$state/receipts" || return 1
	[ ! -f "$1/remembered.json" ] || mv "$1/remembered.json" "$2.json" || return 1
	[ ! -f "$1/remembered" ] || mv "$1/remembered" "$2" || return 1
	sync "$state/receipts"
}

remember_receipt() {
	build_receipt "$work" "$@" && place_receipt "$work" "$(receipt_path "$owner")"
}

# Whether the remembered one is this run's: without the lock, others may have written or removed it.
is_last_receipt() {
	grep -q "^$kind,$activated," "$(receipt_path "$owner")" 2>/dev/null
}

# Sets last_kind and what belongs to it, and $work/after, from the last run that changed something.
recall_receipt() {
	path=$(receipt_path "$owner")
	last_kind=none
	last_at=
	last_remaining=
	last_until=
	last_ended=
	[ -f "$path" ] || return 1
	IFS=, read -r last_kind last_at last_remaining last_until last_ended <"$path"
	sed 1d "$path" >"$work/after"
}
