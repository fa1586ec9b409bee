# The change itself: old files into the journal, new ones renamed into place under postconf's own lock.

# postconf locks FILE.tmp and checks afterwards that the name still means the file it locked; so do we.
lock_postconf() {
	made_main_tmp=0
	made_master_tmp=0
	until same_file 8 "$config/main.cf.tmp"; do
		[ -e "$config/main.cf.tmp" ] || made_main_tmp=1
		exec 8>>"$config/main.cf.tmp"
		flock -w 30 8 || fail "a postconf has held $config/main.cf.tmp for 30 seconds; try again when it is done"
	done
	until same_file 9 "$config/master.cf.tmp"; do
		[ -e "$config/master.cf.tmp" ] || made_master_tmp=1
		exec 9>>"$config/master.cf.tmp"
		flock -w 30 9 || fail "a postconf has held $config/master.cf.tmp for 30 seconds; try again when it is done"
	done
}

unlock_postconf() {
	[ "$made_main_tmp" = 0 ] || rm -f "$config/main.cf.tmp"
	[ "$made_master_tmp" = 0 ] || rm -f "$config/master.cf.tmp"
	exec 8>&- 9>&-
}

# put_file NEW LIVE LIKE: the content of NEW, with mode and owner of LIKE, in the place of LIVE.
put_file() {
	cp -p "$3" "$2.mailhost" && cat "$1" >"$2.mailhost" && backdate "$2.mailhost" && sync "$2.mailhost" && mv -f "$2.mailhost" "$2"
}

commit_files() {
	trap '' HUP PIPE INT TERM
	lock_postconf
	if ! cmp -s "$work/main.old" "$main_file" || ! cmp -s "$work/master.old" "$master_file"; then
		unlock_postconf
		fail "$config was changed by someone else in the meantime; nothing was done. Run again"
	fi
	if ! write_journal; then
		rm -rf "$journal.new"
		unlock_postconf
		fail "can't write the journal in $state; nothing was changed"
	fi
	if ! put_changed "$first" || ! put_changed "$second"; then
		put_old
		unlock_postconf
		rm -rf "$journal"
		fail "can't write to $config; all is as it was"
	fi
	unlock_postconf
}

# The journal appears whole, by its rename, before the first live file changes.
write_journal() {
	rm -rf "$journal.new" && mkdir "$journal.new" &&
		cp -p "$main_file" "$journal.new/main.cf" && cp -p "$master_file" "$journal.new/master.cf" &&
		cp "$work/main.cf" "$journal.new/main.new" && cp "$work/master.cf" "$journal.new/master.new" &&
		printf '%s\n%s\n%s\n' "$config" "$main_file" "$master_file" >"$journal.new/where" &&
		sync && mv "$journal.new" "$journal"
}

put_changed() {
	if [ "$1" = main ]; then
		put_unless_same "$work/main.cf" "$main_file"
	else
		put_unless_same "$work/master.cf" "$master_file"
	fi
}

put_unless_same() {
	cmp -s "$1" "$2" || put_file "$1" "$2" "$2"
}

same_mode() {
	[ "$(stat -c %a:%u:%g "$1")" = "$(stat -c %a:%u:%g "$2")" ]
}

# Puts back what the journal has where our file still stands; what someone else wrote since is theirs.
put_old() {
	put_back "$journal/main.cf" "$journal/main.new" "$main_file" && put_back "$journal/master.cf" "$journal/master.new" "$master_file"
}

put_back() {
	rm -f "$3.mailhost"
	cmp -s "$1" "$3" && same_mode "$1" "$3" && return 0
	if ! cmp -s "$2" "$3" && ! cmp -s "$1" "$3"; then
		say "$3 was changed by someone else since and stays"
		return 0
	fi
	put_file "$1" "$3" "$1"
}

# A run that died between its commit and its end is undone first.
recover() {
	rm -rf "$journal.new"
	[ -d "$journal" ] || return 0
	{
		IFS= read -r config
		IFS= read -r main_file
		IFS= read -r master_file
	} <"$journal/where"
	say "an earlier run did not end; putting $config back as it was before it"
	put_old || fail "can't put $config back; the old files are in $journal"
	rm -f "$config/main.cf.tmp" "$config/master.cf.tmp"
	postfix -c "$config" reload >/dev/null 2>&1 7>&- || say "Postfix could not be reloaded"
	rm -rf "$journal"
}
