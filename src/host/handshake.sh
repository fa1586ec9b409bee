# One TLS handshake as a client does it, and what came of it:
# accepted, refused, notls (SMTP answers, no STARTTLS), dead (no greeting), closed (no listener), unable (our own openssl can't).
# KILL, because a transaction under way ignores the gentler signals, and so do its children.
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
	answer=$(timeout -s KILL 5 openssl s_client "$@" $flag -cipher 'ALL:@SECLEVEL=0' </dev/null 2>&1)
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
	timeout -s KILL 5 openssl s_client "$@" -debug </dev/null 2>/dev/null | grep -q '^0000 - 32 32 30'
}
