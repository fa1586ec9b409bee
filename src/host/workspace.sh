# Our own places on the host: the state directory, one run's work directory, and the lock that keeps runs apart.

state=/var/lib/mailhost
stage=$state/stage
journal=$state/journal
# The longest policy, in bytes.
most_input=2000000
# The service of the stage that a handshake is with; none where it is with a live one.
staged=
last_word=
# 1 while this run holds the lock.
locked=1
# 1 where an owner goes for good, and where the last one did.
leaving=0
leave_nothing=0
# What the story calls a change.
deed=change
# Nobody, until a policy names one.
owner=
# Whose hash name_hash is.
hashed=nobody
name_hash=
# The work directory, once it is there, and the systemd unit of the master that a journal speaks of.
work=
unit=

# hash_name NAME: sets name_hash, which stands for an owner in names of files. A run asks for that of its own owner again and again.
hash_name() {
	[ "$1" != "$hashed" ] || return 0
	name_hash=$(printf '%s' "$1" | sha256sum | cut -c1-16)
	hashed=$1
}

# clear PATH…: removes what there is; where there is nothing it takes no process.
clear() {
	for left in "$@"; do
		if [ -e "$left" ] || [ -L "$left" ]; then rm -rf "$left"; fi
	done
}

open_workspace() {
	trap 'close_workspace' EXIT
	trap 'exit 1' HUP INT TERM PIPE
	work=$(mktemp -d "$state/run.XXXXXX") || fail "can't make a work directory in $state; is the disk full?"
	# A disk that fills up later cuts files short, and not everything that writes them says so.
	fallocate -l 4000000 "$work/room" 2>/dev/null || head -c 4000000 /dev/zero 2>/dev/null >"$work/room" || fail "no room in $state; 4 MB must be free"
	rm "$work/room"
	: >"$work/warnings"
}

# Before the lock is taken, so that who sends slowly, or never ends, keeps nobody waiting. No variable holds a NUL, and
# no text the byte that stands for it here. Who may only audit must not fill the memory either.
read_input() {
	input=$(head -c "$((most_input + 1))" | tr '\000' '\377' && echo .)
	input=${input%.}
	[ "${#input}" -gt "$most_input" ] || return 0
	say "error: standard input is longer than $most_input bytes; a policy up to that length is accepted"
	exit 2
}

# receive NAME: the input as a file, unless it holds a NUL, which every awk reads in another way.
receive() {
	case $input in *"$(printf '\377')"*) return 1 ;; esac
	printf '%s' "$input" >"$work/$1" || fail "no room in $state"
	input=
}

close_workspace() {
	rm -rf "$work"
	[ "$locked" = 1 ] || take_lock_again || return 0
	stop_stage
	if [ "$leave_nothing" = 1 ] && is_last_program; then
		rm -rf "$state.gone"
		if [ -d "$state/evidence" ] || ! mv "$state" "$state.gone" 2>/dev/null; then mv "$state/bin" "$state.gone" 2>/dev/null; fi
		rm -rf "$state.gone"
	fi
	set -- "$state"/*
	[ "$*" != "$state/lock" ] || { rm -f "$state/lock" && rmdir "$state"; } 2>/dev/null
}

# The programs go by one rename: a removal that is tried again needs its own, or none at all.
is_last_program() {
	for entry in "$state"/bin/* "$state"/bin/.[!.]*; do
		case $entry in "$0" | *'*') ;; *) return 1 ;; esac
	done
}

# What is only this owner's: its last receipt, its secrets, and programs that it used before this one.
forget_owner() {
	forget_watcher "$owner"
	rm -f "$(receipt_path "$owner")" "$(receipt_path "$owner").json" "$(secrets_path "$owner")"
	forget_old_programs
	for directory in receipts secrets bin; do
		rmdir "$state/$directory" 2>/dev/null
	done
}

# A renamed owner goes on with its last receipt; secrets were sent again under the new name.
take_over_names() {
	while IFS= read -r name; do
		old=$(receipt_path "$name")
		for part in '' .json; do
			[ ! -f "$old$part" ] || mv "$old$part" "$(receipt_path "$owner")$part"
		done
		rm -f "$(secrets_path "$name")"
	done <"$work/former"
	[ "$wants_secrets" = 1 ] || clear "$(secrets_path "$owner")"
}

# Uploads that this owner used before this program; a hash of the owner is the last part of their names.
# Only after a success: until then the state at the other end still names the old one, for its removal.
forget_old_programs() {
	hash_name "$owner"
	for old in "$state"/bin/.mailhost-*-"${name_hash%????????}".sh*; do
		[ "$old" = "$0" ] || clear "$old"
	done
	[ ! -d "$state/bin" ] || rmdir "$state/bin" 2>/dev/null || :
}

# Uploads in the login's home, where the call left us: they go when the copy that runs is on the disk, so that neither a kill
# nor a power cut leaves half a program and no upload. A forced replacement uploads first, removes and then applies: the hour
# tells its upload from that of an earlier run.
forget_uploads() {
	case $0 in "$state"/bin/.mailhost-*) ;; *) return 0 ;; esac
	for upload in "${0##*/}"*; do
		[ -f "$upload" ] || continue
		[ "$verb" != remove ] || [ -n "$(find "$upload" -mmin +60)" ] || continue
		sync "$0" "$state/bin" && rm -f "$upload"
	done
}

# The lock is held by an open file, so it ends with this process, however that ends. The last of us removes it,
# so a lock that was waited for counts only while its name still means the same file.
take_lock() {
	until same_file 7 "$state/lock"; do
		if ! mkdir -p "$state" || ! chmod 0711 "$state" || ! chown 0:0 "$state" || ! true >>"$state/lock"; then fail "can't write $state/lock; is the disk full or read-only?"; fi
		exec 7>>"$state/lock"
		flock -n 7 && continue
		say "waiting for another run on this host ($(cat "$state/lock" 2>/dev/null))"
		wait_for_lock
	done
	name_holder "$verb"
	clear "$state"/run.* "$state.gone"
	for waiting in "$state"/drain.*; do
		kill -0 "${waiting##*.}" 2>/dev/null || clear "$waiting"
	done
	stop_stage
}

# After a while without it: only if nobody else has it now, and our state is still there.
take_lock_again() {
	[ "$locked" = 0 ] || return 0
	[ -f "$state/lock" ] && command exec 7>>"$state/lock" && flock -n 7 && same_file 7 "$state/lock" && locked=1
}

# As long as one run after another comes to its end: a queue of many components is the fault of none.
wait_for_lock() {
	holder=$(cat "$state/lock" 2>/dev/null)
	until flock -w 60 7; do
		[ "$(cat "$state/lock" 2>/dev/null)" != "$holder" ] || fail "another run holds $state/lock: $holder"
		holder=$(cat "$state/lock" 2>/dev/null)
	done
}

name_holder() {
	printf '%s, process %s, since %s\n' "$1" "$$" "$(now)" >"$state/lock"
}

same_file() {
	[ ! -L "$2" ] && [ "/proc/self/fd/$1" -ef "$2" ]
}

# dpkg's lock is a POSIX record lock: flock can't see it, /proc/locks names its inode.
wait_for_packages() {
	tries=0
	while package_manager_runs; do
		[ "$tries" -gt 0 ] || say "waiting for the package manager"
		tries=$((tries + 1))
		[ "$tries" -le 60 ] || fail "the package manager has held its lock for a minute; try again when it is done"
		sleep 1
	done
}

package_manager_runs() {
	[ -r /proc/locks ] || return 1
	locks=$(stat -c %i /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock 2>/dev/null)
	[ -n "$locks" ] || return 1
	printf '%s\n' "$locks" | awk 'file == "names" { named[$0] = 1 } file == "locks" && $2 == "POSIX" { sub(/^.*:/, "", $6); if ($6 in named) found = 1 } END { exit !found }' \
		file=names - file=locks /proc/locks
}
