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

# Users have files of their own, which outlive the system's.
journal_oldest() {
	journalctl -q --no-pager --system -o short-unix 2>/dev/null | head -n 1 | cut -d. -f1
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

# Where the last run ended: its cursor, and all after it counts; or, where its entry is gone, the time that the cursor tells; or the run's.
find_cursor() {
	rm -f "$work/cursor"
	since=
	cursor=$(awk -F '\t' -v stream="$stream" '$1 == "journal" && $2 == stream { print $3 }' "$work/state")
	if [ -n "$cursor" ] && [ "$moved" = 0 ] && cursor_stands; then
		printf '%s' "$cursor" >"$work/cursor"
		follow=1 after=0
		return
	fi
	[ "$after" = 0 ] || since="--since=@$after"
	[ "$moved" = 1 ] || after_cursor_time
	oldest=$(journal_oldest)
	[ "$last_run" != 0 ] && [ "${oldest:-0}" -gt "$last_run" ] || return 0
	lost=log
	[ $((time - last_run)) -le 3600 ] || lost=collector
	[ "$stream" != kernel ] || lost_kernel "$oldest"
}

# journalctl takes the nearest entry for one that is gone, and would leave that out.
cursor_stands() {
	[ "$(journalctl -q --no-pager -n 1 --cursor="$cursor" --show-cursor 2>/dev/null | sed -n 's/^-- cursor: //p')" = "$cursor" ]
}

# A cursor has its entry's microsecond, in base 16.
after_cursor_time() {
	micro=${cursor##*;t=}
	micro=${micro%%;*}
	case $micro in '' | *[!0-9a-f]*) return ;; esac
	micro=$((0x$micro + 1))
	since=--since=@$((micro / 1000000)).$(printf %06d "$((micro % 1000000))")
	after=0
}
