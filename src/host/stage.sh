# A second Postfix instance of our own that shows what a configuration does before it is the live one.
# It has no network port, accepts no recipient, ends by itself after a minute, and writes nowhere but into the stage.

stop_stage() {
	[ -d "$stage" ] || return 0
	tries=0
	while stage_masters=$(masters_of_stage) && [ -n "$stage_masters" ] && [ "$tries" -lt 100 ]; do
		for process in $stage_masters; do
			kill "$process" 2>/dev/null
		done
		tries=$((tries + 1))
		sleep 0.02
	done
	rm -rf "$stage"
}

# By their environment, for a run that was killed may have left no pid file yet, or an old one.
masters_of_stage() {
	grep -lx master /proc/[0-9]*/comm 2>/dev/null | while IFS= read -r comm; do
		tr '\0' '\n' 2>/dev/null <"${comm%/comm}/environ" | grep -q "^MAIL_CONFIG=$stage/" || continue
		process=${comm%/comm}
		printf '%s ' "${process#/proc/}"
	done
}

# prepare_stage MAIN MASTER: the files of a candidate; everything else of the configuration directory is seen through links.
prepare_stage() {
	[ -d "$stage/conf" ] || make_stage || fail "can't make $stage"
	awk -v mainFile="$1" -v masterFile="$2" -v effectiveFile="$work/effective" -v stage="$stage" -v probes="$work/probes" \
		"$awk_lines$awk_mainCf$awk_masterCf$awk_stage" </dev/null || fail "can't write a stage for $config"
	touch -t "$long_ago" "$stage/conf/main.cf" "$stage/conf/master.cf"
}

make_stage() {
	mkdir -p "$stage/conf" "$stage/data" "$stage/queue/pid" "$stage/queue/private" "$stage/queue/public" || return 1
	chmod 0711 "$stage"
	chmod 0755 "$stage/queue" "$stage/conf" "$stage/queue/pid"
	chown "$mail_owner" "$stage/data" "$stage/queue/private" "$stage/queue/public"
	chmod 0710 "$stage/queue/public"
	# The files may hold secrets: readable by root, which the master is, and by no one else but Postfix, which gave up root when it reads them again.
	: >"$stage/conf/main.cf"
	: >"$stage/conf/master.cf"
	chown "0:$(id -g "$mail_owner")" "$stage/conf/main.cf" "$stage/conf/master.cf"
	chmod 0640 "$stage/conf/main.cf" "$stage/conf/master.cf"
	set --
	for entry in "$config"/* "$config"/.[!.]*; do
		case ${entry##*/} in main.cf* | master.cf* | '*' | '.[!.]*') continue ;; esac
		set -- "$@" "$entry"
	done
	[ $# = 0 ] || ln -s "$@" "$stage/conf"
}

# Postfix sleeps and reads again while a file is less than two seconds old: every program that starts then is late. Of files
# that nobody else sees any time will do.
long_ago=200001010000
backdate() {
	touch -d "@$(($(date +%s) - 5))" "$@"
}

start_stage() {
	# The lock of the master before may live a moment longer, in a child that it was just making.
	rm -f "$stage/queue/pid/master.pid" "$stage/data/master.lock" "$stage/log"
	MAIL_CONFIG="$stage/conf" "$daemon_directory/master" -c "$stage/conf" -e 60 -w >"$work/stage.out" 2>&1 7>&- 8>&- 9>&-
}

end_stage() {
	[ -s "$stage/queue/pid/master.pid" ] || return 0
	read -r pid <"$stage/queue/pid/master.pid"
	kill "$pid" 2>/dev/null
	tries=0
	while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 250 ]; do
		tries=$((tries + 1))
		sleep 0.02
	done
	: >"$stage/queue/pid/master.pid"
}
