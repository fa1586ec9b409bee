# Log files: what was written since the last run, through rotation by renaming, by copying and truncating, and compression.
# A file is known again by its first bytes, whatever its name is by now; a position is where a whole line ended.

content() {
	case $1 in
	*.gz) gzip -dc <"$1" ;;
	*.xz) xz -dc <"$1" ;;
	*.zst) zstd -dcq <"$1" ;;
	*.bz2) bzip2 -dc <"$1" ;;
	*) cat "$1" ;;
	esac 2>/dev/null
}

is_packed() {
	case $1 in *.gz | *.xz | *.zst | *.bz2) return 0 ;; esac
	return 1
}

# head_sum FILE LENGTH
head_sum() {
	content "$1" | head -c "$2" | sha256sum | cut -c1-32
}

# Older files of a log, the oldest first: log.1, log.2.gz, log-20261125.xz.
older_files() {
	for older in "$1".* "$1"-*; do
		rest=${older#"$1"?}
		case $rest in *.gz | *.xz | *.zst | *.bz2) rest=${rest%.*} ;; esac
		case $rest in '' | *[!0-9-]*) continue ;; esac
		# Of two of one second the higher number, or the earlier date, is the older.
		case $older in "$1"-*) rank=$rest ;; *) rank=-$rest ;; esac
		! is_twin "$older" || continue
		[ -f "$older" ] && printf '%s\t%s\t%s\n' "$(stat -c %Y "$older")" "$rank" "$older"
	done | sort -n -k1,1 -k2,2 | cut -f3
}

# Whether a packed file is what is packed so far of a plain one that is still there: its bytes count once.
is_twin() {
	is_packed "$1" && [ -f "${1%.*}" ] || return 1
	packed=$(content "$1" | head -c 512 | wc -c)
	[ "$(head_sum "$1" "$packed")" = "$(head_sum "${1%.*}" "$packed")" ]
}

# Where the last whole line of FILE's first SIZE bytes ends; a line without end counts as whole.
whole_lines() {
	window=$2
	[ "$window" -le 8192 ] || window=8192
	part=$({
		tail -c "+$(($2 - window + 1))" "$1" | head -c "$window" | tr '\000' '?'
		echo .
	} | awk '{ n = length($0) } END { print n - 1 }')
	[ "$part" -lt 8192 ] || part=0
	printf '%s' "$(($2 - part))"
}

# The file that a log is written to now. Just after a rotation there may be none, for syslog daemons make it with its first line:
# then it is the one before; or, where that is packed already, an empty one.
current_file() {
	if [ -s "$1" ]; then
		echo "$1"
		return
	fi
	older=$(older_files "$1" | tail -n 1)
	if [ -n "$older" ] && ! is_packed "$older"; then
		echo "$older"
	elif [ -n "$older" ] && [ ! -e "$1" ]; then
		echo /dev/null
	else
		echo "$1"
	fi
}

# The last bytes that were written to a log, in whichever file.
last_bytes() {
	current=$(current_file "$1")
	if [ -s "$current" ]; then
		tail -c 262144 "$current"
	else
		older=$(older_files "$1" | tail -n 1)
		[ -z "$older" ] || content "$older" | tail -c 262144
	fi
}

# open_log FD PATH: holds the file open, so that it can be read to its end whatever it is renamed to. Sets log_end_FD.
open_log() {
	case $1 in
	8) exec 8<"$(current_file "$2")" ;;
	9) exec 9<"$(current_file "$2")" ;;
	esac
	size=$(stat -L -c %s "/proc/self/fd/$1")
	size=$(whole_lines "/proc/self/fd/$1" "$size")
	case $1 in 8) log_end_8=$size ;; 9) log_end_9=$size ;; esac
}

# Files to read one after the other, each with its first byte, into `chain`; the open file comes last and is named by its descriptor.
# Sets `lost` where the place of the last run is not found any more, and `follow` where it is.
find_chain() {
	live=/proc/self/fd/$1 lost='' follow=0
	: >"$work/chain"
	saved=$(awk -F '\t' -v path="$2" '$1 == "file" && $2 == path { print $3, $4, $5, $6 }' "$work/state")
	older_files "$2" | while IFS= read -r older; do
		[ "$(stat -c %i "$older")" = "$(stat -L -c %i "$live")" ] || echo "$older"
	done >"$work/older"
	if [ -z "$saved" ]; then
		whole_history "$live" >"$work/chain"
		return
	fi
	read -r inode offset length sum <<-END
		$saved
	END
	if is_saved "$live" "$3"; then
		follow=1
		printf '%s\t%s\n' "$offset" "$live" >"$work/chain"
		return
	fi
	while IFS= read -r older; do
		if [ "$follow" = 1 ]; then
			printf '0\t%s\n' "$older"
		elif is_saved "$older" ''; then
			follow=1
			printf '%s\t%s\n' "$offset" "$older"
		fi
	done <"$work/older" >"$work/chain"
	# The subshell-free loop above leaves `follow` as it found it.
	if [ "$follow" = 0 ]; then
		lost=log
		while IFS= read -r older; do
			[ "$(stat -c %Y "$older")" -lt "$last_run" ] || printf '0\t%s\n' "$older"
		done <"$work/older" >"$work/chain"
	fi
	printf '0\t%s\n' "$live" >>"$work/chain"
}

# is_saved FILE END: whether it is the file that the last run read up to `offset`.
is_saved() {
	[ -z "$2" ] || [ "$2" -ge "$offset" ] || return 1
	if [ "$length" = 0 ]; then
		[ "$(stat -L -c %i "$1")" = "$inode" ]
		return
	fi
	[ "$(head_sum "$1" "$length")" = "$sum" ]
}

# All files of a log.
whole_history() {
	sed 's/^/0	/' "$work/older"
	printf '0\t%s\n' "$1"
}

# read_log FD PATH KERNEL MAIL: status 1 where the files moved meanwhile and all must be read again.
read_log() {
	case $1 in 8) log_end=$log_end_8 ;; 9) log_end=$log_end_9 ;; esac
	kernel=$3 mail=$4
	find_chain "$1" "$2" "$log_end"
	lines_in_chain=$(wc -l <"$work/chain")
	[ "$lost" = '' ] || [ $((time - last_run)) -le 3600 ] || lost=collector
	after=0
	if [ "$lost" != '' ]; then after=$(seen_mail); fi
	if [ "$mail" = 0 ] && [ "$lost" != '' ]; then
		after=$last_run
		lost_kernel "$(first_time "$(sed -n '1s/^[0-9]*	//p' "$work/chain")")"
	fi
	if [ "$mail" = 1 ] && [ "$mail_moved" = 1 ]; then after=$(seen_mail); fi
	if [ "$mail" = 0 ] && [ "$kernel_moved" = 1 ]; then after=$last_run; fi
	while IFS='	' read -r first file <&3; do
		last=-
		[ "$file" != "$live" ] || last=$log_end
		read_piece "$file" "$first" "$last"
		# One that was packed meanwhile may have been gone before it was read.
		[ -e "$file" ] || return 1
	done 3<"$work/chain"
	[ "$(stat -L -c %s "$live")" -ge "$log_end" ] || return 1
	[ "$lines_in_chain" -le 1 ] || [ "$(stat -L -c %i "$live")" = "$(stat -L -c %i "$(current_file "$2")")" ] || return 1
	remember_place "$2"
}

# Where the next run goes on. An empty file is known by nothing but the end of the one before it, for one that is copied and truncated stays the same.
remember_place() {
	marker=$live
	[ "$log_end" != 0 ] || [ ! -s "$work/older" ] || marker=$(tail -n 1 "$work/older")
	[ "$marker" = "$live" ] || log_end=$(content "$marker" | wc -c)
	length=512
	[ "$log_end" -ge 512 ] || length=$log_end
	printf 'file\t%s\t%s\t%s\t%s\t%s\n' "$1" "$(stat -L -c %i "$marker")" "$log_end" "$length" "$(head_sum "$marker" "$length")" >>"$work/positions"
}

# The last bytes of FILE up to LAST, or of all of it; a plain file is not read from its beginning for that.
end_of() {
	if [ "$2" != - ]; then
		tail -c "+$(($2 > 65536 ? $2 - 65535 : 1))" "$1" | head -c 65536 | head -c "$2"
	elif is_packed "$1"; then
		content "$1" | tail -c 65536
	else
		tail -c 65536 "$1"
	fi
}

# read_piece FILE FIRST LAST: its bytes from FIRST on, up to LAST or, where that is `-`, all.
read_piece() {
	content "$1" | head -c 65536 | grep -aF -f "$work/names" | head -n 1 >"$work/first"
	[ "$2" = 0 ] || : >"$work/first"
	end_of "$1" "$3" | grep -aF -f "$work/names" | tail -n 1 >"$work/last"
	content "$1" | head -n 1 >"$work/head"
	stamps_of <"$work/head"
	set_clock "$(stat -L -c %Y "$1")" "$([ "$follow" = 1 ] && echo "$last_run" || echo 0)"
	offsets=0 journal=0 piece_end=$3
	next_rows
	if [ "$3" != - ] && [ "$3" -le "$2" ]; then
		[ -z "$lost" ] || printf 'lost\t%s\n' "$lost" >>"$work/carry"
		return 0
	elif [ "$3" = - ] && [ "$2" = 0 ] && ! is_packed "$1"; then
		grep -aF -f "$work/patterns" "$1" | digest
	elif [ "$3" = - ]; then
		content "$1" | tail -c "+$(($2 + 1))" | grep -aF -f "$work/patterns" | digest
	elif [ "$2" = 0 ] && [ "$counts_bytes" = 1 ]; then
		offsets=1
		grep -abF -f "$work/patterns" "$1" | digest
	else
		tail -c "+$(($2 + 1))" "$1" | head -c "$(($3 - $2))" | grep -aF -f "$work/patterns" | digest
	fi || fail "can't read $1"
	lost=
}
