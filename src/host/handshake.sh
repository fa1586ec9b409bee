# One TLS handshake as a client does it.

# handshake starttls|wrapper any|TLSv1|TLSv1.1|TLSv1.2|TLSv1.3 -connect ADDRESS:PORT|-unix SOCKET, after watch_clients, sets outcome:
# accepted, refused, notls (SMTP answers, no STARTTLS), dead (no greeting), closed (no listener), unable (our own openssl can't).
handshake() {
	mode=$1
	case $2 in
	any) flag='' ;;
	TLSv1) flag=-tls1 ;;
	TLSv1.1) flag=-tls1_1 ;;
	TLSv1.2) flag=-tls1_2 ;;
	*) flag=-tls1_3 ;;
	esac
	shift 2
	[ "$mode" = wrapper ] || set -- "$@" -starttls smtp
	# Without a certificate smtpd still agrees to anonymous ciphers, which hardly any client does.
	converse "$@" $flag -cipher 'ALL:!aNULL:@SECLEVEL=0'
	outcome=dead
	case $answer in
	*'Cipher is (NONE)'*) ;;
	*'Cipher is '*) outcome=accepted && return ;;
	esac
	case $answer in
	*'no protocols available'* | *nknown\ option* | *'no ciphers available'*) outcome=unable ;;
	*onnection\ refused* | *'connect:errno'* | *'No such file'*) outcome=closed ;;
	*"Didn't find STARTTLS"*) ! greets "$@" || outcome=notls ;;
	*alert* | *'unsupported protocol'* | *'wrong version'* | *'no shared cipher'* | *'unexpected eof'* | *'peer certificate'* | *errno=104* | *errno=0*) outcome=refused ;;
	esac
}

# s_client shows what the server said first only as a hex dump: "0000 - 32 32 30" is 220.
greets() {
	converse "$@" -debug
	case $answer in *"
0000 - 32 32 30"*) ;; *) return 1 ;; esac
}

# A session that goes on after its handshake: smtpd answers a command. It may die there, where SASL waits for TLS.
goes_on() {
	mode=$1
	shift
	[ "$mode" = wrapper ] || set -- "$@" -starttls smtp
	last_word='QUIT
'
	converse "$@" -quiet -crlf -cipher 'ALL:!aNULL:@SECLEVEL=0'
	last_word=''
	case "
$answer" in
	*"
"221[\ -]* | *"
"[45][0-9][0-9][\ -]*) ;;
	*) return 1 ;;
	esac
}

# Sets answer to what s_client says within five seconds, or until Postfix's log says that nobody will answer. Behind postscreen, which
# greets a stranger after postscreen_greet_wait (6 s), it may take twenty.
converse() {
	printf %s "$last_word" >"$work/typed"
	{
		answer=$(
			read -r client _ </proc/self/stat
			printf '%s %s %s\n' "$client" "${screened:-0}" "$staged" >"$work/client"
			exec openssl s_client "$@" <"$work/typed" 2>&1 7>&- 8>&- 9>&-
		)
	} 2>/dev/null
	: >"$work/client"
}

# Until unwatch_clients: one process for all handshakes of a look.
watch_clients() {
	: >"$work/client"
	end_lasting_clients </dev/null >/dev/null 2>&1 7>&- 8>&- 9>&- &
	patience=$!
}

unwatch_clients() {
	kill -KILL "$patience" 2>/dev/null
	wait "$patience" 2>/dev/null
}

# KILL, because a transaction under way ignores the gentler signals, and so do its children. `$$` is the run itself.
end_lasting_clients() {
	last=
	while sleep 0.25 && kill -0 "$$"; do
		client=
		read -r client screened staged <"$work/client"
		[ "$client" = "$last" ] || quarters=0
		last=$client
		[ -n "$client" ] || continue
		# Of a line that is being written a piece may be read, but not twice.
		if [ "$quarters" -ge $((screened ? 80 : 20)) ] || { [ "$quarters" -ge 1 ] && is_dead; }; then kill -KILL "$client"; fi
		quarters=$((quarters + 1))
	done
}

# A service that died at its start is restarted only a minute later. In a stage the log names it; of the live ones any death counts, after a
# second. Behind postscreen an smtpd is met only after the greeting, and may be another service's.
is_dead() {
	if [ -n "$staged" ]; then
		grep -q "[ /]$staged/smtpd.*: \(fatal\|panic\): " "$stage/log"
		return
	fi
	[ "$quarters" -ge 4 ] && [ "$marked" = 1 ] || return 1
	servers='smtpd|postscreen|tlsproxy'
	[ "$screened" != 1 ] || servers='postscreen|tlsproxy'
	# Up to the first bracket a line is the log's own; behind it stands what a client may have sent.
	log_since_mark | grep -qE "^[^[]*[ /](($servers|master)\[[0-9]+\]: (fatal|panic): |master\[[0-9]+\]: warning: .*/($servers): bad command startup)"
}
