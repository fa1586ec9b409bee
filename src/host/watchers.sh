# Who wants the collector: probes, and components with tlsEvidence.

# A file for each owner of the latter; each probe has its policy in probes.
tls_watchers=$state/tls-evidence

collector_is_wanted() {
	[ -d "$state/probes" ] || [ -d "$tls_watchers" ]
}

is_default_instance() {
	[ "$(stat -L -c %d:%i "$config")" = "$(stat -L -c %d:%i "$(postconf -h config_directory)")" ]
}

# What would make TLS evidence impossible, before anything is changed.
foresee_collector() {
	[ "$wants_evidence" = 1 ] || return 0
	is_default_instance || fail "tlsEvidence: evidence is collected of the Postfix in $(postconf -h config_directory) alone, not of the one in $config; leave it out here"
	warn_no_timer
}

watcher_path() {
	hash_name "$1"
	printf '%s/%s' "$tls_watchers" "$name_hash"
}

# The owner of this policy asks for TLS evidence, or no longer does. Sets trouble where the collector can't be put in place.
note_watcher() {
	if [ "$wants_evidence" = 1 ]; then
		watcher=$(watcher_path "$owner")
		if ! mkdir -p "$tls_watchers" || ! chmod 0700 "$tls_watchers" || ! printf '%s\n' "$owner" >"$watcher.new" || ! mv "$watcher.new" "$watcher"; then
			trouble="can't write to $tls_watchers"
			return 1
		fi
		forget_former_watchers
		place_collector
	else
		forget_former_watchers
		forget_watcher "$owner" || :
	fi
}

forget_former_watchers() {
	while IFS= read -r name; do forget_watcher "$name"; done <"$work/former"
}

# The collector goes first: a run that dies in between leaves an owner, whose next run ends it.
forget_watcher() {
	watcher=$(watcher_path "$1")
	[ -f "$watcher" ] || return 0
	others=$(find "$tls_watchers" -type f ! -path "$watcher" ! -name '*.new')
	[ -d "$state/probes" ] || [ -n "$others" ] || remove_collector
	rm -f "$watcher"
	[ -n "$others" ] || rm -rf "$tls_watchers"
}
