# The journal: what was written since the last run, by its own cursor.

has_journal() {
	command -v journalctl >/dev/null 2>&1 && [ -d /run/systemd/journal ]
}

# The newest line of a stream in the journal, as seconds; 0 where there is none.
journal_newest() {
	case $1 in
	kernel) journalctl -q --no-pager -o short-unix -n 1 SYSLOG_IDENTIFIER=kernel ;;
	mail) journalctl -q --no-pager -o short-unix -n 100 SYSLOG_FACILITY=2 | grep -F -f "$work/names" | tail -n 1 ;;
	esac 2>/dev/null | awk '/^[0-9]/ { at = int($1) } END { print at + 0 }'
}

journal_oldest() {
	journalctl -q --no-pager -o short-unix 2>/dev/null | head -n 1 | cut -d. -f1
}

# read_journal STREAM: kernel or mail. Reads up to `journal_end`, a whole second, where it matters that no later line is read.
read_journal() {
	stream=$1 kernel=0 mail=0 lost='' follow=0 after=0 offsets=0 journal=1 stamps=iso
	case $stream in
	kernel)
		kernel=1 after=$last_run moved=$kernel_moved
		set -- SYSLOG_IDENTIFIER=kernel
		;;
	mail)
		mail=1 after=$(seen_mail) moved=$mail_moved
		set -- SYSLOG_FACILITY=2 + SYSLOG_IDENTIFIER=rsyslogd + SYSLOG_IDENTIFIER=systemd-journald
		;;
	esac
	: >"$work/first"
	: >"$work/last"
	find_cursor
	until="--until=@$journal_end"
	[ "$stream$matching$journal_end" != "mail0$time" ] || until=
	set_clock "$time" 0
	next_rows
	[ -z "$until" ] || set -- "$until" "$@"
	[ -z "$since" ] || set -- "$since" "$@"
	journalctl -q --no-pager -o short-unix --cursor-file="$work/cursor" "$@" | digest || fail "can't read the journal"
	[ ! -s "$work/cursor" ] || printf 'journal\t%s\t%s\n' "$stream" "$(cat "$work/cursor")" >>"$work/positions"
}

# Where the last run ended: its cursor, and all after it counts; or, where there is none or journalctl can't read it any more
# (another machine's, a damaged file's), its time.
find_cursor() {
	rm -f "$work/cursor"
	since=
	cursor=$(awk -F '\t' -v stream="$stream" '$1 == "journal" && $2 == stream { print $3 }' "$work/state")
	oldest=$(journal_oldest)
	if [ "$last_run" != 0 ] && [ "${oldest:-0}" -gt "$last_run" ]; then
		lost=log
		[ $((time - last_run)) -le 3600 ] || lost=collector
		[ "$stream" != kernel ] || lost_kernel "$oldest"
	fi
	if [ -n "$cursor" ] && [ "$moved" = 0 ] && journalctl -q --no-pager -n 1 --after-cursor="$cursor" >/dev/null 2>&1; then
		printf '%s' "$cursor" >"$work/cursor"
		follow=1 after=0
	elif [ "$after" != 0 ]; then
		since="--since=@$after"
	fi
}
