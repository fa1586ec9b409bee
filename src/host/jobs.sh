# Jobs of systemd for Postfix. A reload beside one can be lost, or leave both waiting for each other and Postfix down.

postfix_job() {
	[ -d /run/systemd/system ] || return 0
	systemctl list-jobs --no-legend --no-pager 2>/dev/null | awk '$2 ~ /^postfix(@.*)?\.service$/ { print $2 " " $3; exit }'
}

# wait_for_jobs: at most half a minute; sets `job` to what is still under way then.
wait_for_jobs() {
	tries=0
	while job=$(postfix_job) && [ -n "$job" ]; do
		[ "$tries" -gt 0 ] || say "waiting for a job of systemd ($job)"
		tries=$((tries + 1))
		[ "$tries" -le 30 ] || return 1
		sleep 1
	done
}
