# Postfix's own log, wherever it goes: the journal, a file, or both.

marked=0

# By position, never by time: a clock may jump.
mark_log() {
	marked=1
	log_file=''
	for file in "$maillog_file" /var/log/mail.log /var/log/maillog; do
		[ -n "$file" ] && [ -f "$file" ] && log_file=$file && break
	done
	log_size=0
	[ -z "$log_file" ] || log_size=$(stat -c %s "$log_file")
	has_journal=0
	[ -d /run/systemd/journal ] && command -v journalctl >/dev/null 2>&1 && has_journal=1
	log_cursor=
	[ "$has_journal" = 0 ] || log_cursor=$(journalctl -q --no-pager -n 1 --show-cursor 2>/dev/null | sed -n 's/^-- cursor: //p')
}

log_since_mark() {
	if [ "$has_journal" = 1 ]; then
		journalctl -q --no-pager -o short ${log_cursor:+--after-cursor="$log_cursor"} 2>/dev/null
	fi
	if [ -n "$log_file" ]; then
		# A log that was rotated since is read from its start.
		[ "$(stat -c %s "$log_file")" -ge "$log_size" ] || log_size=0
		tail -c "+$((log_size + 1))" "$log_file" 2>/dev/null
	fi
}

# The worst thing that Postfix complained of since the mark, for errors.
log_complaint() {
	log_since_mark | sed -n 's/^.* \(\([^ ]*\/[a-z]*\|postfix[^ ]*\|master\)\[[0-9]*\]: \(fatal\|panic\|error\|warning\): .*\)$/\1/p' | worst_line
}

# Of log lines the first fatal one, else the first error, else the first warning; not what was so before, nor what our own handshakes provoke.
worst_line() {
	awk '/overriding earlier entry|unused parameter|unsupported protocol/ { next }
		{ rank = /(fatal|panic): / ? 3 : /error: / ? 2 : 1 }
		rank > worst { worst = rank; line = $0 }
		END { if (worst) print line }'
}
