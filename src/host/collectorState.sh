# Whether what runs the collector is as we made it: someone may have stopped, disabled, edited or removed it, or it may fail.

# collector_trouble: status 0 and what is wrong first, as collector_part, collector_is, collector_wants and collector_remedy.
collector_trouble() {
	collector_remedy='raise repair'
	wrong "$collector_program" "$([ -f "$collector_program" ] || echo missing)" present && return
	if [ -d /run/systemd/system ]; then
		timer_trouble
	elif [ -d /etc/cron.d ]; then
		cron_trouble
	else
		return 1
	fi
}

# wrong PART IS WANTED: what IS stands for, unless it is empty.
wrong() {
	collector_part=$1 collector_is=$2 collector_wants=$3
	[ -n "$2" ]
}

# as_written FILE TEXT: what the file is otherwise.
as_written() {
	if [ ! -f "$1" ]; then
		echo missing
	elif [ "$(cat "$1")" != "$2" ]; then
		echo edited
	fi
}

timer_trouble() {
	timer=mailhost-evidence.timer
	wrong "$collector_units/mailhost-evidence.service" "$(as_written "$collector_units/mailhost-evidence.service" "$(service_unit)")" 'as it was made' && return
	wrong "$collector_units/$timer" "$(as_written "$collector_units/$timer" "$(timer_unit)")" 'as it was made' && return
	collector_remedy="raise repair, or run systemctl enable --now $timer there"
	wrong "$timer" "$(systemctl is-enabled "$timer" 2>/dev/null | grep -vx enabled)" enabled && return
	wrong "$timer" "$(systemctl is-active "$timer" | grep -vx active)" active && return
	collector_remedy='see journalctl -u mailhost-evidence.service there'
	wrong mailhost-evidence.service "$(systemctl is-failed mailhost-evidence.service | grep -x failed)" working
}

cron_trouble() {
	wrong "$collector_cron" "$(as_written "$collector_cron" "$(cron_line)")" 'as it was made' && return
	collector_remedy='start cron there'
	wrong cron "$(cat /proc/[0-9]*/comm 2>/dev/null | grep -qxE 'cron|crond|fcron|systemd-cron' || echo 'not running')" running
}

# For an audit: the difference, and what helps.
note_collector() {
	idle_collector="$collector_part is $collector_is"
	warn collector "$idle_collector, so nothing collects evidence; $collector_remedy"
	edited=0
	if grep -rqxF -- "$owner" "$tls_watchers" 2>/dev/null; then
		edited=1
		printf 'evidence\t%s\twants\n' "$owner" >>"$work/owners"
	fi
	printf 'evidence\t%s\t1\t%s\t1\t%s\t\t%s\tevidence\n' "$collector_part" "$collector_is" "$collector_wants" "$edited" >>"$work/changes"
}
