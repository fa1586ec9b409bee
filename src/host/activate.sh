# Making a change effective, and knowing since when.

# Parameters that a reload ignores: postconf(5), "to change inet_interfaces, stop and start Postfix", and what master.c reads before its loop.
ignored_by_reload() {
	awk -F '\t' '$1 == "main.cf" && $2 ~ /^(inet_interfaces|inet_protocols|queue_directory|data_directory|daemon_directory|command_directory|mail_owner|setgid_group|maillog_file|import_environment)$/ { print $2; exit }' "$work/changes"
}

# The systemd unit that is there for the master, if any. Debian's names differ by release; the kernel knows in which it runs.
# One that was started by hand runs in that of its starter, such as ssh.service, which is not ours to restart.
master_unit() {
	[ -d /run/systemd/system ] || return 0
	inside=$(sed -n 's/^.*\/\([^/]*\.service\)$/\1/p' "/proc/$master_pid/cgroup" 2>/dev/null | head -n 1)
	case $inside in
	'') ;;
	postfix*) echo "$inside" ;;
	*)
		systemctl show --property=MainPID,ExecStart "$inside" 2>/dev/null |
			grep -qE "^MainPID=$master_pid\$|^ExecStart=.*(postfix|postmulti|/master )" && echo "$inside"
		;;
	esac
}

activate() {
	# One that came after the commit: the new files must be taken into use all the same.
	wait_for_jobs || say "systemd still has a job for Postfix ($job); going on without it"
	mark_log
	find_keeper
	if [ "$1" = restart ]; then restart_postfix; else reload_postfix; fi
}

reload_postfix() {
	status_sockets >"$work/status"
	postfix -c "$config" reload >"$work/reload" 2>&1 7>&- || restarted_by_others || {
		# Without a terminal postfix(1) itself complains only in the log.
		trouble="postfix reload failed: $(tail -n 1 "$work/reload" | grep . || log_complaint)"
		return 1
	}
	await_reload || return 1
	activated=$(now)
	say "$kind done at $activated; new connections have the new settings"
}

# By which its children report to master: unnamed connected stream sockets, two for each service.
status_sockets() {
	ls -l "/proc/$master_pid/fd" >"$work/fds" 2>/dev/null
	awk 'file == "fds" && sub(/^.* -> socket:\[/, "") { sub(/\]$/, ""); mine[$0] = 1 }
		file == "unix" && NF == 7 && $5 == "0001" && $6 == "03" && ($7 in mine) { print $7 }' file=fds "$work/fds" file=unix "/proc/$master_pid/net/unix" 2>/dev/null
}

# A reload gives each service new ones (master_status.c), whatever becomes of the log: it may go elsewhere, come late, or be cut by a rate
# limit on the very host that is busy. A socket of another kind among them, as for a wakeup, does not count against half of them.
has_reloaded() {
	if [ -s "$work/status" ]; then
		status_sockets | awk 'file == "before" { before[$0] = 1; count++; next } { now++; if ($0 in before) left++ }
			END { exit now == 0 || left * 2 > count }' file=before "$work/status" file=now -
	else
		log_since_mark | grep -q "\[$master_pid\]: reload -- version"
	fi
}

# `postfix reload` only says that the signal was sent.
await_reload() {
	tries=0
	until has_reloaded || restarted_by_others; do
		tries=$((tries + 1))
		if [ "$tries" -gt 100 ] || ! kill -0 "$master_pid" 2>/dev/null; then
			trouble="Postfix did not reload: $(log_complaint)"
			return 1
		fi
		sleep 0.1
	done
}

# A package upgrade may restart Postfix at this very moment: a master that started after the commit has read the new files.
restarted_by_others() {
	kill -0 "$master_pid" 2>/dev/null && return 1
	old_master=$master_pid
	tries=0
	while find_master_again && [ -z "$master_pid" ] && package_manager_runs && [ "$tries" -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	if [ -z "$master_pid" ]; then
		master_pid=$old_master
		return 1
	fi
	kind=restart
	say "Postfix was restarted by someone else at the same time"
}

find_master_again() {
	running_masters >"$work/masters"
	find_master
}

restart_postfix() {
	if [ "$master_pid" = 1 ]; then
		trouble="${trouble:+$trouble; }Postfix is the first process of its container, which a restart would end"
		return 1
	fi
	own_unit=$(master_unit)
	own_unit=${own_unit:-$unit}
	if [ -n "$own_unit" ]; then restart_unit; else stop_and_start; fi >"$work/restart" 2>&1 || {
		trouble="restart failed: $(tail -n 1 "$work/restart")"
		return 1
	}
	find_master_again
	if [ -z "$master_pid" ]; then
		trouble="Postfix is not running after the restart: $(log_complaint)"
		return 1
	fi
	activated=$(now)
	say "restart done at $activated"
}

# A unit may start Postfix and have no word to stop it: then the old master is still there.
restart_unit() {
	systemctl reset-failed "$own_unit"
	systemctl restart "$own_unit" 7>&-
	restarted=$?
	if kill -0 "${master_pid:-none}"; then stop_and_start; else return $restarted; fi
}

# In a session of its own: who kills this run between the two does not leave the server down.
# The lock of a master that ended may live a moment longer, in a child that it was just making.
stop_and_start() {
	setsid -w sh -s "$config" "$turns" <<-'END'
		postfix -c "$1" stop 7>&- </dev/null
		for _ in $(seq "$2"); do
			sleep 0.2
			# It has its lock before it listens.
			if postfix -c "$1" status 7>&- </dev/null; then sleep 1 && exit 0; fi
		done
		for _ in 1 2 3 4 5 6; do
			if postfix -c "$1" start 7>&- </dev/null || postfix -c "$1" status 7>&- </dev/null; then exit 0; fi
			sleep 0.3
		done
		exit 1
	END
}

# Under a supervisor such as runit or s6, by `postfix start-fg`, which is to start it again: a server that we started would not be its own.
# Sets how often it is waited for; once, for a master that a change ended is asked no more.
find_keeper() {
	[ -z "${turns:-}" ] || return 0
	turns=0
	[ -z "$master_pid" ] || ! tr '\0' '\n' <"/proc/$master_pid/cmdline" 2>/dev/null | grep -qx -- '-[is]' || turns=25
}

# Whether a service that answered before the change was found dead after it: throttled, it answers again only after a restart.
fell_silent() {
	[ -f "$work/after" ] && awk -F '\t' 'NR == FNR { if ($4 != "dead" && $4 != "closed") answered[$1] = 1; next }
		($4 == "dead" || $4 == "closed") && $1 in answered { found = 1 } END { exit !found }' "$work/before" "$work/after"
}

# The old files are back: now a server that answers as it did with them. One that answers is not restarted, even where it did not reload.
settle() {
	if [ "$kind" != restart ] && kill -0 "${master_pid:-none}" 2>/dev/null && ! fell_silent; then
		activate reload
		answers_as_before && return 0
	fi
	activate restart && answers_as_before
}

# Back to the old files, and a server that answers as it did with them.
roll_back() {
	say "putting the old configuration back: $trouble"
	reason=$trouble
	{ lock_postconf && put_old; } || give_up "$reason"
	unlock_postconf
	settle || {
		discard "$journal"
		say "error: $reason; the old files are back, but Postfix does not answer as before: $trouble"
		exit 3
	}
	discard "$journal"
	fail "$reason; the old configuration is back and answers as before"
}
