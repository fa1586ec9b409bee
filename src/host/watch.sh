# What to look for in the logs: the probes on this host, and under which names Postfix's services write.

# The probes' policies, each line after its port and a tab.
probe_lines() {
	for probe in "$state"/probes/*; do
		case ${probe##*/} in *[!0-9]*) continue ;; esac
		[ -f "$probe" ] && sed "s/^/${probe##*/}	/" "$probe"
	done
}

# make_watch STATE: the file `watch`, the patterns that lines of interest have, and the names that Postfix logs under.
make_watch() {
	if [ "$flow" = 1 ]; then : >"$work/probes"; else probe_lines >"$work/probes"; fi
	: >"$work/services"
	: >"$work/options"
	: >"$work/expanded"
	default_name=postfix
	client_ports=no tls_in=0 tls_out=0 lmtp_out=0 maillog_file='' main_changed=0 master_changed=0
	if command -v postconf >/dev/null 2>&1; then
		config=$(postconf -h config_directory 2>/dev/null)
		postconf -M >"$work/services" 2>/dev/null
		postconf -P >"$work/options" 2>/dev/null
		postconf -P -x >"$work/expanded" 2>/dev/null
		postconf -x -h syslog_name smtpd_client_port_logging smtpd_tls_loglevel smtp_tls_loglevel maillog_file lmtp_tls_loglevel >"$work/settings" 2>/dev/null
		{
			IFS= read -r default_name
			IFS= read -r client_ports
			IFS= read -r tls_in
			IFS= read -r tls_out
			IFS= read -r maillog_file
			IFS= read -r lmtp_out
		} <"$work/settings"
		main_changed=$(changed_at "$config/main.cf")
		master_changed=$(changed_at "$config/master.cf")
	fi
	if command -v getent >/dev/null 2>&1; then getent services; else cat /etc/services; fi >"$work/ports" 2>/dev/null
	awk -v OFS='	' -v defaultName="$default_name" -v clientPorts="$client_ports" -v tlsIn="$tls_in" -v tlsOut="$tls_out" -v lmtpOut="$lmtp_out" \
		-v flow="$flow" -v mainChanged="$main_changed" -v masterChanged="$master_changed" -v now="$time" -v ports="$work/ports" "$awk_watch" \
		part=probes "$work/probes" part=services "$work/services" part=options "$work/options" part=expanded "$work/expanded" part=state "$1" >"$work/watch" ||
		fail "can't tell what to look for in the logs"
	{
		printf '127.0.0.1\n::1\n'
		ip -o address show 2>/dev/null | awk '{ sub(/\/.*$/, "", $4); print $4 }'
	} | sed 's/^/own-address	/' >>"$work/watch"
	if [ "$flow" = 1 ]; then
		flow_patterns >"$work/patterns"
	else
		make_patterns
	fi
	awk -F '\t' '$1 == "known" { print " " $2 "/" }' "$work/watch" >"$work/names"
}

# Since when a file is what it is: one that came from elsewhere may have kept the time of its last edit.
changed_at() {
	stat -L -c '%Y
%Z' "$1" | sort -n | tail -n 1
}

flow_patterns() {
	printf '%s\n' ': connect from ' ': CONNECT from ' ': client=' 'reject: ' ': to=<' 'statistics: max connection' rate-limiting 'Suppressed '
}

# grep looks for many texts fast where all begin with one of two bytes: here S and /, so of a prefix or a name only what follows these is asked for.
# anvil speaks wherever there is traffic: a sign of life.
make_patterns() {
	awk -F '\t' '
		$1 == "prefix" {
			text = $3 "IN="
			at = match(text, /[S\/]/)
			if (!at || length(text) - at < 5) at = length(text) > 15 ? length(text) - 14 : 1
			print substr(text, at)
		}
		$1 == "own" || $1 == "shared" {
			sub(/^[^\/]+\//, "/", $2)
			print $2 "/smtpd["
		}' "$work/watch" >"$work/patterns"
	printf '%s\n' 'S connection established' 'SSL_accept error from' 'S library problem: error' '/anvil[' 'Suppressed ' >>"$work/patterns"
	! syslog_limits || echo rate-limiting >>"$work/patterns"
}

# Whether rsyslog may leave lines out, and say so: as Debian configures it, it never does.
syslog_limits() {
	cat /etc/rsyslog.conf /etc/rsyslog.d/*.conf 2>/dev/null | grep -Eqi '^[^#]*(imjournal|rate_?limit)'
}
