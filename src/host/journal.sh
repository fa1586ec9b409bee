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

# read_journal STREAM: kernel or mail. Reads up to `journal_end`; what comes later is the next run's.
read_journal() {
	stream=$1 kernel=0 mail=0 lost='' follow=0 after=0 offsets=0 journal=1 stamps=iso
	case $stream in
	kernel)
		kernel=1
		set -- SYSLOG_IDENTIFIER=kernel
		;;
	mail)
		mail=1
		set -- SYSLOG_FACILITY=2 + SYSLOG_IDENTIFIER=rsyslogd + SYSLOG_IDENTIFIER=systemd-journald
		after=$(seen_mail)
		;;
	esac
	: >"$work/first"
	: >"$work/last"
	cursor=$(awk -F '\t' -v stream="$stream" '$1 == "journal" && $2 == stream { print $3 }' "$work/state")
	if [ -n "$cursor" ]; then
		oldest=$(journal_oldest)
		if [ "${oldest:-0}" -gt "$last_run" ]; then
			lost=log
			[ $((time - last_run)) -le 3600 ] || lost=collector
		fi
		after=0 follow=1
		printf '%s' "$cursor" >"$work/cursor"
	else
		rm -f "$work/cursor"
		[ "$stream" = mail ] || after=$last_run
	fi
	if [ "$stream" = mail ] && [ "$mail_moved" = 1 ]; then after=$(seen_mail); fi
	if [ "$stream" = kernel ] && [ "$kernel_moved" = 1 ]; then after=$last_run; fi
	set_clock "$time" 0
	next_rows
	journal_lines "$@" | digest || fail "can't read the journal"
	[ ! -s "$work/cursor" ] || printf 'journal\t%s\t%s\n' "$stream" "$(cat "$work/cursor")" >>"$work/positions"
}

# A cursor that journalctl can't read any more (another machine's, or damaged): all that is newer than the last run.
journal_lines() {
	journalctl -q --no-pager -o short-unix --until "@$journal_end" --cursor-file="$work/cursor" "$@" 2>/dev/null ||
		{
			rm -f "$work/cursor"
			journalctl -q --no-pager -o short-unix --since "@$last_run" --until "@$journal_end" --cursor-file="$work/cursor" "$@"
		}
}
