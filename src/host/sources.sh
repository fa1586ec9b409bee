# Where the kernel's and Postfix's lines are read: files, where they are written and not behind the journal; else the journal.

mail_files() {
	! is_log_file "$maillog_file" || echo "$maillog_file"
	usual_mail_files
}

# Not where Postfix's output goes, as in a container: that of this run is another one. A file may be renamed just now.
is_log_file() {
	case $1 in '' | /dev/* | /proc/*) return 1 ;; esac
	[ -f "$1" ] || [ ! -e "$1" ]
}

usual_mail_files() {
	printf '%s\n' /var/log/mail.log /var/log/maillog /var/log/syslog /var/log/messages
}

kernel_files() {
	printf '%s\n' /var/log/kern.log /var/log/syslog /var/log/messages
}

# newest_in FILE STREAM: the time of its last line of that stream, 0 where there is none.
newest_in() {
	last_bytes "$1" 2>/dev/null | case $2 in
	kernel) grep -aF ' kernel: ' ;;
	mail) grep -aF -f "$work/names" ;;
	esac | tail -n 1 >"$work/last"
	[ -s "$work/last" ] || {
		echo 0
		return
	}
	stamps_of <"$work/last"
	set_clock "$time" $((time - 86400))
	time_of_last
}

# The time of the one line in `last`, 0 where it has none.
time_of_last() {
	awk -v zones="$table" -v refYear="$ref_year" -v refMonth="$ref_month" -v refDay="$ref_day" \
		"$awk_stamps"'{ at = $0 ~ /^[0-9]/ ? isoTime($1) : shortTime($0) } END { printf "%.0f", (at < 0 ? 0 : at) }' "$work/last"
}

# first_time FILE: the time of its first line.
first_time() {
	content "$1" | head -n 1 >"$work/last"
	stamps_of <"$work/last"
	set_clock "$(stat -L -c %Y "$1")" 0
	time_of_last
}

# lost_kernel TIME: the kernel's lines from the last run up to then are gone, and with them what they tell of others' lines.
lost_kernel() {
	back=$1
	if [ "$back" -le 0 ] || [ "$back" -gt "$time" ]; then back=$time; fi
	[ "$back" -le "$last_run" ] || printf 'gap\t%s\t%s\n' "$last_run" "$back" >>"$work/kernel.lost"
}

# choose_source STREAM: sets `source` to a file, to `journal` or to nothing. What was chosen stays, while it is not behind.
choose_source() {
	file='' file_time=0 journal_time=0
	for candidate in $("$1_files"); do
		[ -e "$(current_file "$candidate")" ] || continue
		newest=$(newest_in "$candidate" "$1")
		[ -n "$file" ] && [ "$newest" -le $((file_time + 60)) ] && continue
		file=$candidate file_time=$newest
	done
	! has_journal || journal_time=$(journal_newest "$1")
	before=$(awk -F '\t' -v stream="$1" '$1 == "source" && $2 == stream { print $3 }' "$work/state")
	source=$file
	if has_journal; then
		if [ -z "$file" ] || [ "$journal_time" -gt $((file_time + 60)) ]; then source=journal; fi
		if [ "$before" = journal ] && [ "$file_time" -le $((journal_time + 60)) ]; then source=journal; fi
		if [ "$file_time" = 0 ]; then source=journal; fi
	fi
	if [ -n "$before" ] && [ "$before" != journal ] && [ -e "$(current_file "$before")" ] && [ "$source" != journal ]; then
		[ "$(newest_in "$before" "$1")" -lt $((file_time - 60)) ] || source=$before
	fi
	printf 'source\t%s\t%s\n' "$1" "${source:-none}" >>"$work/sources"
	# Where the other source was read last time, its lines must not count again.
	case $before in '' | none | "$source") moved=0 ;; *) moved=1 ;; esac
}

# The end of Postfix's part is fixed before the kernel's is read, so that a client's first packet is known before its first line.
read_sources() {
	: >"$work/sources"
	choose_source mail
	mail_source=$source mail_moved=$moved
	choose_source kernel
	kernel_source=$source kernel_moved=$moved
	[ -s "$work/probes" ] || kernel_source=
	journal_end=$time
	case $mail_source in '' | journal) ;; *) open_log 8 "$mail_source" ;; esac
	case $kernel_source in '' | journal | "$mail_source") ;; *) open_log 9 "$kernel_source" ;; esac
	case $kernel_source in
	journal) read_journal kernel ;;
	'' | "$mail_source") ;;
	*) read_log 9 "$kernel_source" 1 0 || return 1 ;;
	esac
	case $mail_source in
	'') printf 'lost\tlog\n' >>"$work/carry" ;;
	journal)
		read_old_files || return 1
		read_journal mail
		;;
	"$kernel_source")
		read_old_journal
		read_log 8 "$mail_source" 1 1 || return 1
		;;
	*)
		read_old_journal
		read_log 8 "$mail_source" 0 1 || return 1
		;;
	esac
}

# The first time, what files hold from before the journal was the only log.
read_old_files() {
	[ "$last_run" = 0 ] || return 0
	for candidate in $(mail_files); do
		[ -e "$(current_file "$candidate")" ] || continue
		[ "$(newest_in "$candidate" mail)" != 0 ] || continue
		open_log 8 "$candidate"
		read_log 8 "$candidate" 0 1
		return
	done
}

# The first time, what the journal holds from before the oldest file.
read_old_journal() {
	[ "$last_run" = 0 ] && has_journal || return 0
	oldest=$(older_files "$mail_source" | head -n 1)
	oldest=${oldest:-$mail_source}
	journal_end=$(($(first_time "$oldest") - 1))
	[ "$journal_end" -le 0 ] || read_journal mail
	sed -i '/^journal	mail	/d' "$work/positions"
	journal_end=$time
}
