# Handshakes with the live listeners: before the change as a baseline, after it as the proof.

# find_target ADDRESS PORT: sets target to where a service can be reached from here; ADDRESS is - for one without.
find_target() {
	target=$1
	[ "$target" != - ] || target=$usual_address
	case $target in
	\[*) ;;
	*:*) target=[$target] ;;
	esac
	target=$target:$2
}

# Prints where a service without an address is reached by inet_interfaces and inet_protocols, a line each; s_client resolves a name as Postfix does.
usual_address() {
	awk '
		NR == 1 { gsub(/,/, " "); first = $1 }
		NR == 2 { loopback = $0 ~ /ipv4|all/ ? "127.0.0.1" : "::1" }
		END { print (first == "" || first ~ /^(all|loopback-only|localhost)$/ ? loopback : first) }'
}

# choose_address LIST: the services after a change are where the new files say, all others where the old ones do.
choose_address() {
	usual_address=$old_address
	[ "$1" != "$work/services" ] || usual_address=$new_address
}

# probe_services LIST OUT: for each listening service, and each that was one before the change, "key port mode result accepted-versions goes-on", the versions as 0 and 1.
probe_services() {
	: >"$2"
	[ -f "$work/before" ] || : >"$work/before"
	awk -F '\t' -v OFS='\t' 'FILENAME ~ /before$/ { known[$1] = 1; next }
		$2 == "inet" && ($3 == "smtpd" || $3 == "postscreen" || ($1 "/" $2) in known) { print $1 "/" $2, $4, ($5 == "" ? "-" : $5), $6, $3 == "postscreen" }' "$work/before" "$1" >"$work/listeners"
	choose_address "$1"
	watch_clients
	while IFS='	' read -r service port address wrapper screened; do
		find_target "$address" "$port"
		mode=starttls
		[ "$wrapper" != 1 ] || mode=wrapper
		result=
		set_of=0
		for tls in TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; do
			handshake "$mode" "$tls" -connect "$target"
			case $outcome in
			accepted) set_of=${set_of}1 result=accepted ;;
			unable) set_of=${set_of}- ;;
			refused) set_of=${set_of}0 result=${result:-refused} ;;
			*)
				set_of=${set_of}0
				result=$outcome
				break
				;;
			esac
		done
		on=1
		[ "$result" != accepted ] || goes_on "$mode" -connect "$target" || on=0
		printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$service" "$port" "$mode" "${result:-unable}" "$set_of" "$on" >>"$2"
	done <"$work/listeners"
	unwatch_clients
}

# Sets trouble at the first thing that is worse than before or than the policy allows. The master says that it reloads before it
# lets its old processes go, and until then one of them may answer with the old versions.
verify() {
	looks=1
	until answers_well || [ "$looks" -ge 5 ]; do
		case $trouble in *' still accepts '*) ;; *) break ;; esac
		looks=$((looks + 1))
		sleep 0.3
		activated=$(now)
	done
	if [ -n "$trouble" ]; then
		line=$(log_complaint)
		trouble="$trouble${line:+: $line}"
		return 1
	fi
	[ "$looks" = 1 ] || say "an old process of Postfix still answered for a moment; new connections have the new settings since $activated"
}

# Compares what answers now with the baseline and with what the policy allows. Where ciphers change, versions before TLSv1.2 may be lost
# with them: those of main.cf are everyone's, and those of what stands behind postscreen are met at its port.
answers_well() {
	probe_services "$work/services" "$work/after"
	trouble=$(awk -F '\t' '
		function allows(set, i) { return set == "bad" ? 1 : substr(set, i, 1) == "1" }
		FILENAME ~ /before$/ { was[$1] = $4; had[$1] = $5; mute[$1] = !$6; next }
		FILENAME ~ /changes$/ {
			if ($2 !~ /(ciphers|cipherlist)$/) next
			service = $1 == "main.cf" || !sub(/\/inet:[^:]*$/, "/inet", $2) ? "any" : $2
			recut[service] = 1
			next
		}
		FILENAME ~ /services$/ { allowed[$1 "/" $2] = $8; due[$1 "/" $2] = $9; next }
		FILENAME ~ /after$/ {
			if (($4 == "dead" || $4 == "closed") && !($1 in was && was[$1] == $4)) { print $1 " does not answer on port " $2; exit }
			if (was[$1] == "accepted" && $4 == "notls") { print $1 " no longer offers STARTTLS"; exit }
			if (was[$1] == "accepted" && $4 != "accepted") { print $1 " completes no TLS handshake any more"; exit }
			if (!$6 && !mute[$1]) { print $1 " says nothing more after a TLS handshake"; exit }
			oldest = ("any" in recut || $1 in recut) ? 4 : 2
			for (i = 2; i <= 5; i++) {
				name = i == 2 ? "TLSv1" : "TLSv1." (i - 2)
				if (substr($5, i, 1) == "1" && !allows(allowed[$1], i)) { print $1 " still accepts " name; exit }
				if (i >= oldest && substr(had[$1], i, 1) == "1" && substr($5, i, 1) == "0" && due[$1] != "bad" && allows(due[$1], i)) { print $1 " refuses " name ", which it should accept"; exit }
			}
		}' "$work/before" "$work/changes" "$work/services" "$work/after")
	[ -n "$trouble" ] || await_closing
	[ -z "$trouble" ]
}

# Sets trouble where a service that was removed still listens.
await_closing() {
	awk -F '\t' 'NR == FNR { left[$4] = 1; next } $2 == "inet" && $4 != "" && !($4 in left) { print $1 "/" $2 "\t" $4 "\t" ($5 == "" ? "-" : $5) }' \
		"$work/services" "$work/services.old" >"$work/gone"
	[ -s "$work/gone" ] || return 0
	choose_address "$work/services.old"
	watch_clients
	while IFS='	' read -r service port address; do
		find_target "$address" "$port"
		is_closed "$target" || {
			trouble="$service was removed, but port $port is still open"
			break
		}
	done <"$work/gone"
	unwatch_clients
}

# is_closed ADDRESS:PORT, within four seconds.
is_closed() {
	tries=0
	while [ "$tries" -lt 20 ]; do
		handshake wrapper any -connect "$1"
		[ "$outcome" != closed ] || return 0
		tries=$((tries + 1))
		sleep 0.2
	done
	return 1
}

answers_as_before() {
	tries=0
	while [ "$tries" -lt 3 ]; do
		probe_services "$work/services.old" "$work/again"
		awk -F '\t' 'NR == FNR { was[$1] = $4; next } was[$1] != $4 { bad = 1 } END { exit bad }' "$work/before" "$work/again" && return 0
		tries=$((tries + 1))
		sleep 0.5
	done
	return 1
}

report_services() {
	while IFS='	' read -r service port mode result set_of _; do
		case $result in
		notls) [ "$port" = 25 ] || [ "$port" = 587 ] && warn no-starttls "$service offers no STARTTLS (no certificate, or smtpd_tls_security_level is none), so a floor has no effect on it yet" ;;
		refused) warn no-handshake "$service completes no TLS handshake on port $port, at any version; Postfix's log says why" ;;
		unable) warn not-checkable "$service could not be checked on port $port: the host's own openssl can't" ;;
		dead) warn not-checkable "$service could not be checked on port $port: it greets nobody, as where all its processes are busy or it waits for a proxy" ;;
		closed) warn not-checkable "$service could not be checked on port $port: nothing listens there" ;;
		esac
	done <"$1"
}
