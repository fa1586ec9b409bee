# The end of sessions on old settings. Never by a signal: master would throttle the service, and there would be no banner for
# a minute. Ending the TCP connection of an idle session leaves its smtpd to end by itself.

# let_others_run gives up the lock: what follows changes no file of the host. Other runs clear away work directories of
# runs that died, so this one's gets a name of its own.
let_others_run() {
	mv "$work" "$state/drain.$$" || return 0
	work=$state/drain.$$
	rm -f "$work"/main.* "$work"/master.* "$work/effective"
	exec 7>&-
	locked=0
}

# Waits for at most $1 seconds for the sessions of $work/sessions to end, then ends those that are idle.
drain() {
	proxy_filter=$(sed -n 's/^smtpd_proxy_filter = //p' "$work/effective")
	let_others_run
	hurried=0
	trap 'hurried=1' INT TERM
	cut -f1 "$work/sessions" | sort -u >"$work/draining"
	[ "$old_sessions" = 0 ] || say "server sessions on old settings: $old_sessions; they have $1 seconds to end by themselves"
	await_sessions "$1"
	if [ "$old_sessions" -gt 0 ] && [ "$hurried" = 0 ]; then end_idle_sessions; fi
	sessions_end
	tell_sessions
}

# Sessions that a later reload of someone else makes old are not ours to wait for.
count_draining() {
	count_sessions
	awk -F '\t' 'NR == FNR { ours[$1] = 1; next } $1 in ours' "$work/draining" "$work/sessions" >"$work/ours"
	mv "$work/ours" "$work/sessions"
	old_sessions=$(wc -l <"$work/sessions")
	old_sessions=$((old_sessions))
}

await_sessions() {
	waited=0
	while [ "$old_sessions" -gt 0 ] && [ "$waited" -lt "$1" ] && [ "$hurried" = 0 ]; do
		sleep 1
		waited=$((waited + 1))
		count_draining
		[ $((waited % 30)) -ne 0 ] || say "server sessions on old settings after $waited seconds: $old_sessions"
	done
}

end_idle_sessions() {
	if ! command -v ss >/dev/null 2>&1; then
		warn not-ended "ss (iproute2) is missing here, so idle sessions on old settings were not ended"
		return
	fi
	sed -n 's/^\([0-9]*\) (cleanup) .*/\1/p' "$work/stat" >"$work/cleanups"
	cleanups=$(tr '\n' ' ' <"$work/cleanups")
	cut -f1 "$work/sessions" | cat - "$work/cleanups" | list_descriptors >"$work/fds"
	ss -xenH >"$work/unix" 2>/dev/null
	idle_sessions >"$work/idle"
	while IFS='	' read -r process descriptor local peer silent; do
		may_be_ended || continue
		end_session || break
	done <"$work/idle"
	sleep 1
	count_draining
}

# idle_sessions [FILTER…]
idle_sessions() {
	ss -tienH "$@" >"$work/tcp.ss" 2>/dev/null
	awk -v OFS='\t' -v cleanups="$cleanups" "$awk_idle" FS='\t' file=sessions "$work/sessions" FS=' ' file=fds "$work/fds" \
		file=unix "$work/unix" file=tcp "$work/tcp.ss"
}

# Asked again right before the end: half a minute of silence until now means that nothing began since the look at all of them.
may_be_ended() {
	! has_proxy_filter && waits_for_client && [ -n "$(idle_sessions src "$local" dst "$peer")" ]
}

# With a filter before the queue no queue id tells whether a mail is under way.
has_proxy_filter() {
	[ -n "$({
		printf 'smtpd_proxy_filter=%s\n' "$proxy_filter"
		tr '\0' '\n' <"/proc/$process/cmdline"
	} 2>/dev/null | sed -n 's/^smtpd_proxy_filter=//p' | tail -n 1)" ]
}

# An smtpd that polls its client's descriptor for input, and nothing else, has answered all that it was told.
waits_for_client() {
	{ read -r _ polled count _ <"/proc/$process/syscall"; } 2>/dev/null
	[ "$count" = 0x1 ] || return 1
	dd "if=/proc/$process/mem" bs=1 skip="$((polled))" count=6 2>/dev/null | od -An -td2 |
		awk -v descriptor="$descriptor" '$1 + $2 == descriptor && $3 == 1 { found = 1 } END { exit !found }'
}

# Fails where the kernel can't.
end_session() {
	if [ -n "$(ss -KtnH src "$local" dst "$peer" 2>"$work/words")" ]; then
		ended=$((ended + 1))
		say "ended the idle session of $peer with $local, silent for $silent seconds"
	elif [ -n "$(ss -tnH state established src "$local" dst "$peer")" ]; then
		warn not-ended "idle sessions on old settings could not be ended: $(tail -n 1 "$work/words" | grep . || echo 'this kernel has no CONFIG_INET_DIAG_DESTROY')"
		return 1
	fi
}
