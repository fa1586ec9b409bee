# One TLS handshake as a client does it, and what came of it:
# accepted, refused, notls (SMTP answers, no STARTTLS), dead (no greeting), closed (no listener), unable (our own openssl can't).
# handshake starttls|wrapper any|TLSv1|TLSv1.1|TLSv1.2|TLSv1.3 -connect ADDRESS:PORT|-unix SOCKET

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
	answer=$(converse "$@" $flag -cipher 'ALL:!aNULL:@SECLEVEL=0')
	case $answer in
	*'Cipher is (NONE)'*) ;;
	*'Cipher is '*) echo accepted && return ;;
	esac
	case $answer in
	*'no protocols available'* | *nknown\ option* | *'no ciphers available'*) echo unable ;;
	*onnection\ refused* | *'connect:errno'* | *'No such file'*) echo closed ;;
	*"Didn't find STARTTLS"*) if greets "$@"; then echo notls; else echo dead; fi ;;
	*alert* | *'unsupported protocol'* | *'wrong version'* | *'no shared cipher'* | *'unexpected eof'* | *'peer certificate'* | *errno=104* | *errno=0*) echo refused ;;
	*) echo dead ;;
	esac
}

# s_client shows what the server said first only as a hex dump: "0000 - 32 32 30" is 220.
greets() {
	converse "$@" -debug | grep -q '^0000 - 32 32 30'
}

# A session that goes on after its handshake: smtpd answers a command. It may die there, where SASL waits for TLS.
goes_on() {
	mode=$1
	shift
	[ "$mode" = wrapper ] || set -- "$@" -starttls smtp
	last_word='QUIT
'
	converse "$@" -quiet -crlf -cipher 'ALL:!aNULL:@SECLEVEL=0' | grep -q '^\(221\|[45][0-9][0-9]\)[ -]'
	answered=$?
	last_word=''
	return "$answered"
}

# What s_client says within five seconds, or until Postfix's log says that nobody will answer.
# KILL, because a transaction under way ignores the gentler signals, and so do its children.
converse() {
	printf %s "$last_word" | openssl s_client "$@" >"$work/words" 2>&1 7>&- 8>&- 9>&- &
	client=$!
	lose_patience "$client" >/dev/null 2>&1 7>&- 8>&- 9>&- &
	patience=$!
	wait "$client" 2>/dev/null
	kill -KILL "$patience" 2>/dev/null
	wait "$patience" 2>/dev/null
	cat "$work/words"
}

lose_patience() {
	for quarter in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		sleep 0.25
		! is_dead "$quarter" || break
	done
	kill -KILL "$1"
}

# A service that died at its start is restarted only a minute later. In a stage the log names it; of the live ones any death counts, after a second.
is_dead() {
	if [ -n "$staged" ]; then
		grep -q "[ /]$staged/smtpd.*: \(fatal\|panic\): " "$stage/log"
	else
		[ "$1" -ge 4 ] && [ "$marked" = 1 ] && log_since_mark | grep -q ': \(fatal\|panic\): \|bad command startup'
	fi
}
