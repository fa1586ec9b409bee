# The change itself: old files into the journal, new ones renamed into place under postconf's own lock.

# postconf locks FILE.tmp and checks afterwards that the name still means the file it locked; so do we.
lock_postconf() {
	until same_file 8 "$config/main.cf.tmp"; do
		true 2>/dev/null >>"$config/main.cf.tmp" || return 1
		exec 8>>"$config/main.cf.tmp"
		flock -w 30 8 || held_by_postconf main.cf.tmp || return 1
	done
	until same_file 9 "$config/master.cf.tmp"; do
		true 2>/dev/null >>"$config/master.cf.tmp" || return 1
		exec 9>>"$config/master.cf.tmp"
		flock -w 30 9 || held_by_postconf master.cf.tmp || return 1
	done
}

held_by_postconf() {
	trouble="a postconf has held $config/$1 for 30 seconds; all is as it was, try again when it is done"
	return 1
}

# An empty one is nobody's work: we made it, or someone who was killed.
unlock_postconf() {
	[ -s "$config/main.cf.tmp" ] || rm -f "$config/main.cf.tmp"
	[ -s "$config/master.cf.tmp" ] || rm -f "$config/master.cf.tmp"
	exec 8>&- 9>&-
}

# prepare_file NEW LIVE LIKE: the content of NEW, with mode and owner of LIKE, beside LIVE; a rename is then all that is left to do.
prepare_file() {
	clear "$2.mailhost"
	if cmp -s "$1" "$2" && same_mode "$2" "$3"; then return 0; fi
	cp -p "$3" "$2.mailhost" && cat "$1" >"$2.mailhost" && backdate "$2.mailhost" && sync "$2.mailhost"
}

place_file() {
	[ ! -f "$1.mailhost" ] || mv -f "$1.mailhost" "$1"
}

same_mode() {
	stat -c %a:%u:%g "$1" "$2" | { IFS= read -r one && IFS= read -r other && [ "$one" = "$other" ]; }
}

# From here a lost connection stops nothing.
commit_files() {
	trap '' HUP PIPE INT TERM
	write_journal || call_off "can't write the journal in $state; nothing was changed"
	trouble="can't write to $config; all is as it was"
	lock_postconf || call_off "$trouble"
	prepare_both || call_off "$trouble"
	as_read || call_off "$config was changed by someone else in the meantime; nothing was done. Run again"
	place_both || {
		put_old || give_up "$trouble"
		call_off "$trouble"
	}
	sync "${main_file%/*}" "${master_file%/*}"
	unlock_postconf
}

prepare_both() {
	prepare_file "$work/main.cf" "$main_file" "$main_file" && prepare_file "$work/master.cf" "$master_file" "$master_file"
}

# The files are what the decision was made from, and what the journal has.
as_read() {
	for name in main master; do
		file=$main_file
		[ "$name" = main ] || file=$master_file
		cmp -s "$work/$name.old" "$file" && cmp -s "$work/$name.old" "$journal/$name.cf" && same_mode "$file" "$journal/$name.cf" || return 1
	done
}

place_both() {
	if [ "$first" = main ]; then
		place_file "$main_file" && place_file "$master_file"
	else
		place_file "$master_file" && place_file "$main_file"
	fi
}

call_off() {
	rm -f "$main_file.mailhost" "$master_file.mailhost"
	unlock_postconf
	discard "$journal"
	fail "$1"
}

# The next run tries again, with what the journal has.
give_up() {
	unlock_postconf
	say "error: $1; and the old files could not be put back, they are in $journal"
	exit 3
}

# Puts back what the journal has where our file still stands, the way it came; what someone else wrote since is theirs.
put_old() {
	if [ "$first" = master ]; then
		put_back main "$main_file" && put_back master "$master_file"
	else
		put_back master "$master_file" && put_back main "$main_file"
	fi && sync "${main_file%/*}" "${master_file%/*}"
}

put_back() {
	prepare_file "$journal/$1.cf" "$2" "$journal/$1.cf" || return 1
	[ -f "$2.mailhost" ] || return 0
	if cmp -s "$journal/$1.new" "$2" || cmp -s "$journal/$1.cf" "$2"; then
		place_file "$2"
		return
	fi
	rm -f "$2.mailhost"
	say "$2 was changed by someone else since and stays"
}
