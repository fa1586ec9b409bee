# What runs the collector every few minutes: an own systemd timer, else a line for cron. No package, no saved rules of others.

collector_program=$state/bin/collector.sh
collector_units=/etc/systemd/system
collector_cron=/etc/cron.d/mailhost-evidence

install_collector() {
	warn_no_timer
	place_collector
}

has_timer() {
	[ -d /run/systemd/system ] || [ -d /etc/cron.d ]
}

warn_no_timer() {
	has_timer || warn no-timer "there is neither systemd nor cron here, so nothing collects evidence or puts the rules back after a reboot; run \"sh $collector_program collect\" every few minutes"
}

# Sets trouble where it can't.
place_collector() {
	if [ -f "$0" ] && ! cmp -s "$0" "$collector_program"; then
		if ! mkdir -p "$state/bin" || ! chmod 0700 "$state/bin" || ! cp "$0" "$collector_program.new" || ! mv "$collector_program.new" "$collector_program"; then
			trouble="can't write $collector_program"
			return 1
		fi
	fi
	if [ -d /run/systemd/system ]; then
		install_timer
	elif [ -d /etc/cron.d ]; then
		write_if_new "$collector_cron" "$(cron_line)"
	fi
}

install_timer() {
	written=0
	write_if_new "$collector_units/mailhost-evidence.service" "$(service_unit)" && write_if_new "$collector_units/mailhost-evidence.timer" "$(timer_unit)" || return 1
	if [ "$written" = 1 ] || ! systemctl is-active -q mailhost-evidence.timer || ! systemctl is-enabled -q mailhost-evidence.timer; then
		systemctl daemon-reload
		systemctl enable --now mailhost-evidence.timer >"$work/timer" 2>&1 || {
			trouble="systemd does not start mailhost-evidence.timer: $(tail -n 1 "$work/timer")"
			return 1
		}
	fi
}

# write_if_new FILE TEXT
write_if_new() {
	[ "$(cat "$1" 2>/dev/null)" != "$2" ] || return 0
	if ! printf '%s\n' "$2" >"$1.new" || ! chmod 0644 "$1.new" || ! mv "$1.new" "$1"; then
		trouble="can't write $1"
		return 1
	fi
	written=1
}

service_unit() {
	printf '%s\n' '[Unit]' "Description=Evidence of who uses this host's mail ports (mailhost)" '' '[Service]' 'Type=oneshot' \
		"ExecStart=/bin/sh $collector_program collect" 'Nice=10'
}

timer_unit() {
	printf '%s\n' '[Unit]' "Description=Evidence of who uses this host's mail ports (mailhost)" '' '[Timer]' 'OnBootSec=1' \
		'OnUnitActiveSec=5min' 'AccuracySec=10s' '' '[Install]' 'WantedBy=timers.target'
}

cron_line() {
	printf '%s\n' "@reboot root /bin/sh $collector_program collect" "*/5 * * * * root /bin/sh $collector_program collect"
}

# The last who wants evidence takes the collector with it.
remove_collector() {
	if [ -f "$collector_units/mailhost-evidence.timer" ]; then
		systemctl disable --now mailhost-evidence.timer >/dev/null 2>&1
		systemctl stop mailhost-evidence.service >/dev/null 2>&1
		rm -f "$collector_units/mailhost-evidence.timer" "$collector_units/mailhost-evidence.service"
		systemctl daemon-reload >/dev/null 2>&1
	fi
	rm -f "$collector_cron" "$collector_program"
}
