# What differs, said with its owners and since when: for audit, and for whoever is about to change what someone else edited.

find_drift() {
	tell_times main.cf "$main_file" >"$work/times"
	tell_times master.cf "$master_file" >>"$work/times"
	awk "$awk_drift" file=owners "$work/owners" file=times "$work/times" file=changes "$work/changes" >"$work/drift" && mv "$work/drift" "$work/changes"
}

# When we wrote a file last, if ever, and when it was written last.
tell_times() {
	ours=
	[ ! -f "$ledger/$1.sha256" ] || ours=$(time_of "$ledger/$1.sha256")
	printf '%s\t%s\t%s\n' "$1" "$ours" "$(time_of "$2")"
}

# The second when a file was last written.
time_of() {
	date -u -r "$1" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null
}

tell_changes() {
	find_drift
	tell_differences "$1"
}

tell_differences() {
	awk -F '\t' -v host="$host" -v verb="$1" "$awk_visible$awk_tellChanges" "$work/changes" >&2
}
