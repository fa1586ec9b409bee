# What differs, said with its owners and since when: for audit, and for whoever is about to change what someone else edited.

find_drift() {
	{
		printf 'main.cf\t%s\t%s\n' "$(time_of "$ledger/main.cf.sha256")" "$(time_of "$main_file")"
		printf 'master.cf\t%s\t%s\n' "$(time_of "$ledger/master.cf.sha256")" "$(time_of "$master_file")"
	} >"$work/times"
	awk "$awk_drift" file=owners "$work/owners" file=times "$work/times" file=changes "$work/changes" >"$work/drift" && mv "$work/drift" "$work/changes"
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
