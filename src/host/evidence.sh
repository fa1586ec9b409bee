# The verb evidence PORT DAYS: brings the day files up to date, and prints all that a report needs; docs/evidence.md has its shape.

evidence() {
	asked_port=$1
	asked_days=${2:-180}
	case $asked_port$asked_days in *[!0-9]*) fail "evidence takes a port and a number of days, not \"$1 $2\"" ;; esac
	gather_evidence
	cat "$work/evidence"
	judge "$asked_port" "" ""
	for topic in tls-in tls-out; do
		grep -q "^since	$topic	" "$evidence/state.tsv" || continue
		case $topic in tls-in) blocks='incoming submission' ;; *) blocks=outgoing ;; esac
		for block in $blocks; do
			judge_floor TLSv1.2
			judge_floor TLSv1.3
		done
	done
	rm -rf "$work"
}

# The verb flow DAYS: brings the day files of incoming mail up to date, and prints them. Who asks once has them kept from then on.
flow() {
	asked_days=${1:-30}
	case $asked_days in *[!0-9]*) fail "flow takes a number of days, not \"$1\"" ;; esac
	take_evidence_lock 60
	collect_flow
	time=$(date +%s)
	print_days
	now_row time "$time"
	awk -F '\t' '$1 == "source" && $2 == "mail" { print "now\tsource-mail\t" ($3 ~ /^\// ? "files" : $3) }' "$evidence/state.tsv"
}

# Under the one lock of all evidence.
collect_flow() {
	evidence=$evidence/flow flow=1
	if ! mkdir -p "$evidence" || ! chmod 0750 "$evidence"; then fail "can't make $evidence"; fi
	chown 0:adm "$evidence" 2>/dev/null
	collect_now
}

# All that is known of asked_port and asked_days, up to now.
gather_evidence() {
	take_evidence_lock 60
	collect_now
	work=$evidence/work
	mkdir -p "$work"
	time=$(date +%s)
	probe_lines >"$work/probes"
	[ -n "$asked_port" ] || asked_port=$(cut -f1 "$work/probes" | sort -n | head -n 1)
	asked_port=${asked_port:-465}
	print_days >"$work/evidence"
	print_now >>"$work/evidence"
}

# judge PORT FLOOR BLOCK: what verdict.awk says of the evidence.
judge() {
	own_floors=$(awk -F '\t' '$1 == "own-floor" { printf " %s", $2 }' "$evidence/state.tsv")
	awk -v now="$time" -v days="$asked_days" -v port="$1" -v floor="$2" -v block="$3" -v ownFloors="$own_floors" "$awk_stamps$awk_verdict" "$work/evidence"
}

judge_floor() {
	judge "" "$1" "$block" | sed -n "s/^verdict/floor	$block	$1/p"
}

# All days by one process: there may be hundreds of files.
print_days() {
	limit=$(awk -v time="$((time - asked_days * 86400))" "$awk_stamps"'BEGIN { print dayOf(time) }')
	set --
	for file in "$evidence"/????-??-??.tsv; do
		[ ! -f "$file" ] || set -- "$@" "$file"
	done
	[ "$#" != 0 ] || return 0
	awk -v limit="$limit" 'FNR == 1 { day = substr(FILENAME, length(FILENAME) - 13, 10) }
		day "" >= limit "" && !/^#/ { print day "\t" $0 }' "$@" || fail "can't read the days in $evidence"
}

now_row() {
	printf 'now\t%s\t%s\n' "$1" "$2"
}

print_now() {
	now_row time "$time"
	now_row boot "$(awk '$1 == "btime" { print $2 }' /proc/stat)"
	read_counters >"$work/counters"
	now_row rule4 "$(rule_is 4)"
	now_row rule6 "$(rule_is 6)"
	place=$(sed -n 1p "$state/probes/$asked_port.place" 2>/dev/null)
	now_row place "${place:-none}"
	now_row since "$(cat "$state/probes/$asked_port.since" 2>/dev/null)"
	now_row listener "$(listener "$asked_port")"
	awk -F '\t' -v port="$asked_port" '$1 == "source" { print "now\tsource-" $2 "\t" ($3 ~ /^\// ? "files" : $3) }
		$1 == "syslog_name" && $2 == port { name = $3 } END { print "now\tsyslog_name\t" (name == "" ? "none" : name) }' "$evidence/state.tsv"
	watch_state
}

rule_is() {
	if grep -q "^$asked_port	$1	" "$work/counters"; then
		echo present
	elif [ -n "$(destinations_of "$1")" ]; then
		echo absent
	else
		echo unneeded
	fi
}

# The addresses of a family that the probe watches: those that it names, else the host's own.
destinations_of() {
	case $1 in 4) pattern='[.]' ;; *) pattern=: ;; esac
	if grep -q "^$asked_port	to " "$work/probes"; then
		sed -n "s/^$asked_port	to  *//p" "$work/probes" | grep "$pattern"
	else
		own_addresses "$1"
	fi
}

# Who listens on a TCP port, by the name that a mail administrator knows it by.
listener() {
	command -v ss >/dev/null 2>&1 || {
		echo unknown
		return
	}
	ss -Hltnp "sport = :$1" 2>/dev/null | awk '
		{ found = 1 }
		name == "" && match($0, /users:\(\("[^"]+"/) { name = substr($0, RSTART + 9, RLENGTH - 10) }
		/\("master",/ { name = "master" }
		END {
			if (!found) name = "none"
			else if (name == "") name = "unknown"
			else if (name == "master") name = "postfix"
			else if (name ~ /^stunnel/) name = "stunnel"
			else if (name ~ /^(haproxy|nginx|docker-proxy|envoy|traefik)$/) name = "proxy " name
			print name
		}'
}

# Whether the rule is seen to work: its counter against its lines.
watch_state() {
	awk -F '\t' -v port="$asked_port" -v probed="$(grep -c "^$asked_port	" "$work/probes")" -v days="$asked_days" '
		$1 == "now" { now[$2] = $3; next }
		$2 == "syn" && $3 == port { lines += $8 }
		$2 == "counted" && $3 == port { packets += $8 }
		$2 == "gap" && $3 == port && $7 == "limited" { lost += $8 }
		function say(state, remedy) {
			print "now\tstate\t" state
			print "now\tremedy\t" remedy
			exit
		}
		END {
			if (!probed) say("unverified", "there is no probe for port " port "; add one")
			if (now["rule4"] == "absent" || now["rule6"] == "absent") say("unverified", "the rule is gone; mailhost puts it back at its next run, or raise repair")
			if (packets > 0 && lines == 0) say("unverified", "the rule counts but the kernel logs nothing, as in a container; set net.netfilter.nf_log_all_netns=1 on the machine that carries it")
			if (lost > 0) say("incomplete", "the rate limit swallowed lines; raise rate, or go by the counters")
			if (packets + lines == 0) say("vantage unverified", "not even a scanner came; try report --knock from outside, and look for a filter before this host")
			say("verified", "-")
		}' "$work/evidence"
}
