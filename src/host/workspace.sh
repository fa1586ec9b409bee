# Our own places on the host: the state directory, one run's work directory, and the lock that keeps runs apart.

state=/var/lib/mailhost
stage=$state/stage
journal=$state/journal

open_workspace() {
	if ! mkdir -p "$state" || ! chmod 0711 "$state" || ! chown 0:0 "$state"; then fail "can't make $state"; fi
	work=$(mktemp -d "$state/run.XXXXXX") || fail "can't make a work directory in $state"
	trap 'close_workspace' EXIT
	trap 'exit 1' HUP INT TERM
	: >"$work/warnings"
}

close_workspace() {
	stop_stage
	rm -rf "$work"
	rmdir "$state" 2>/dev/null
}

# What is only this owner's: its last receipt, its secrets, and its programs.
forget_owner() {
	rm -f "$(receipt_path)" "$(receipt_path).json" "$(secrets_path "$owner")"
	forget_old_programs
	case $0 in "$state"/bin/*) rm -f "$0" ;; esac
	for directory in receipts secrets bin; do
		rmdir "$state/$directory" 2>/dev/null
	done
}

# Programs that this owner used before this one; the owner is the last part of the name.
# Only after a success: until then the state at the other end still names the old one, for its removal.
forget_old_programs() {
	case $0 in "$state"/bin/*) ;; *) return 0 ;; esac
	for old in "$state"/bin/.mailhost-*-"${0##*-}"; do
		[ "$old" = "$0" ] || rm -f "$old"
	done
}

# The lock is held by an open file, so it ends with this process, however that ends.
take_lock() {
	exec 7>>"$state/lock"
	if ! flock -n 7; then
		say "waiting for another run on this host ($(cat "$state/lock" 2>/dev/null))"
		flock -w 60 7 || fail "another run holds $state/lock: $(cat "$state/lock" 2>/dev/null)"
	fi
	printf '%s, process %s, since %s\n' "${owner:-$verb}" "$$" "$(now)" >"$state/lock"
	for left in "$state"/run.*; do
		[ "$left" = "$work" ] || rm -rf "$left"
	done
	stop_stage
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
	for lockfile in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock; do
		[ -e "$lockfile" ] || continue
		awk -v inode="$(stat -c %i "$lockfile")" '$2 == "POSIX" && $6 ~ (":" inode "$") { found = 1 } END { exit !found }' /proc/locks && return 0
	done
	return 1
}
