# Sessions that a server process of an older generation still serves: they run on older settings until they end.

# Sets old_sessions, the number of lines of $work/sessions, which oldSessions.awk describes.
count_sessions() {
	cat /proc/[0-9]*/stat >"$work/stat" 2>/dev/null
	old_sessions_awk list=1 file=stat "$work/stat" | list_descriptors >"$work/fds"
	cat "/proc/$master_pid/net/tcp" "/proc/$master_pid/net/tcp6" >"$work/tcp" 2>/dev/null
	old_sessions_awk list=0 file=stat "$work/stat" file=fds "$work/fds" FS='\t' file=services "$work/services.old" "$work/services" \
		FS=' ' file=tcp "$work/tcp" >"$work/sessions"
	old_sessions=$(wc -l <"$work/sessions")
	old_sessions=$((old_sessions))
}

old_sessions_awk() {
	awk -v OFS='\t' -v master="$master_pid" "$awk_oldSessions" "$@"
}

# The open files of master and of the processes whose numbers come on standard input.
list_descriptors() {
	sed 's/.*/\/proc\/&\/fd/' | xargs ls -l "/proc/$master_pid/fd" 2>/dev/null
}

# Until when they last if their clients say nothing more: smtpd_timeout, the longest of main.cf's and of the processes' own options.
sessions_end() {
	until=
	[ "$old_sessions" -gt 0 ] || return 0
	seconds=$({
		printf 'smtpd_timeout=%s\n' "$smtpd_timeout"
		cut -f1 "$work/sessions" | while IFS= read -r process; do tr '\0' '\n' <"/proc/$process/cmdline"; done 2>/dev/null
	} | awk -F = '$1 == "smtpd_timeout" {
		if ($2 !~ /^[0-9]+[smhdw]?$/) { unknown = 1; exit }
		unit = substr($2, length($2))
		time = $2 * (unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86400 : unit == "w" ? 604800 : 1)
		if (time > longest) longest = time
	} END { if (!unknown) print longest }')
	[ -z "$seconds" ] || until=$(date -u -d "@$(($(date +%s) + seconds))" +%Y-%m-%dT%H:%M:%SZ)
}

tell_sessions() {
	if [ "$old_sessions" = 0 ]; then
		say "no server session on old settings since $(now)"
	else
		say "server sessions on old settings: $old_sessions${until:+, until $until at most if their clients say nothing more}"
	fi
}
