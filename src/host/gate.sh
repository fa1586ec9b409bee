# The verbs for a policy that is a gate: whether mail for a name can be taken, and sent, at an IPv6 address. It only looks.

apply_gate() {
	look_through_gate
	forget_old_programs
	print_dns_receipt
}

plan_gate() {
	look_through_gate
	print_dns_receipt
}

# Who may only audit must not choose whom root asks for the reverse name.
audit_gate() {
	fail "a gate is a look at one moment, and is not audited; use plan"
}

remove_gate() {
	forget_owner
	forget_programs
	print_dns_receipt
}

look_through_gate() {
	need ip openssl
	find_instance
	read_instance
	resolver=$(sed -n 's/^ask	//p' "$work/wanted")
	sed -n 's/^gate	//p' "$work/wanted" >"$work/gates"
	sed -n 's/^tlsa	//p' "$work/wanted" >"$work/tlsa"
	while IFS='	' read -r name address; do
		name=${name%.}
		check_listener
		# Sending is as it was over IPv4, where a gate is for the certificate alone.
		case $address in *:*) check_source && check_pointer ;; esac
		check_hashes
	done <"$work/gates"
}

shut() {
	fail "the gate of $name is shut: $1"
}

check_listener() {
	find_socket
	if command -v ss >/dev/null 2>&1 && ! listens; then
		case ,$(printf '%s' "$inet_protocols" | tr -d ' '), in
		*,all,* | *,ipv"$(case $address in *:*) echo 6 ;; *) echo 4 ;; esac)",*) shut "nothing listens on $socket; look at inet_interfaces in main.cf and at smtp inet in master.cf, then restart Postfix" ;;
		*) shut "nothing listens on $socket, and inet_protocols is \"$inet_protocols\"; set it to all and restart Postfix" ;;
		esac
	fi
	watch_clients
	# To a public address this host itself comes as a stranger.
	screened=1
	handshake starttls any -connect "$socket" -servername "$name"
	unwatch_clients
	case $outcome in
	accepted) say "gate: Postfix answers on $socket with STARTTLS" ;;
	notls) shut "Postfix answers on $socket, but offers no STARTTLS" ;;
	closed) shut "$socket refuses connections; a packet filter of this host may do that" ;;
	refused) shut "Postfix answers on $socket, but the TLS handshake fails" ;;
	*) shut "there is no 220 on $socket; look into Postfix's log" ;;
	esac
}

# Over IPv4 a router may translate the address, and the certificate is the same wherever the service listens.
find_socket() {
	socket=$address:25
	case $address in *:*) socket=[$address]:25 ;; esac
	is_own_address && return
	case $address in *:*) shut "$address is no address of this host; give it the address first" ;; esac
	usual_address=$old_address
	find_target - 25
	socket=$target
}

is_own_address() {
	ip -o addr show 2>/dev/null | awk '{ sub(/\/.*/, "", $4); print $4 }' | grep -qxF -- "$address"
}

# Real sockets: the settings say what Postfix would do after a restart.
listens() {
	ss -Hltnp "sport = :25" 2>/dev/null | awk -v own="$socket" '($4 == own || $4 == "*:25" || $4 == (own ~ /\[/ ? "[::]:25" : "0.0.0.0:25")) && (!/users:/ || /"master"/) { found = 1 } END { exit !found }'
}

# Who sends from another address than the published one is refused elsewhere for want of a reverse name.
check_source() {
	case $(sending inet_protocols) in
	*ipv6* | *all*) ;;
	*)
		say "gate: this host sends over IPv4 only"
		return
		;;
	esac
	source=$(sending smtp_bind_address6)
	[ -n "$source" ] || source=$(ip -6 route get 2000:: 2>/dev/null | awk '{ for (i = 1; i < NF; i++) if ($i == "src") { print $(i + 1); exit } }')
	[ -n "$source" ] || shut "this host has no IPv6 route, so it can answer nobody there"
	[ "$source" = "$address" ] || shut "this host sends over IPv6 from $source, not from $address; set smtp_bind_address6 = $address, or have no temporary addresses"
	say "gate: this host sends over IPv6 from $source"
}

# sending PARAMETER: as Postfix's client has it, an option of its service before main.cf.
sending() {
	option=$(postconf -c "$config" -P "smtp/unix/$1" 2>/dev/null | sed -n 's/^[^=]*= *//p')
	[ -n "$option" ] || option=$(postconf -c "$config" -x -h "$1" 2>/dev/null)
	printf '%s' "$option"
}

# Not known is not the same as wrong: who asked before may remember for a while that there was none.
check_pointer() {
	asked="this host's resolver"
	[ -z "$resolver" ] || asked=$resolver
	if command -v dig >/dev/null 2>&1; then
		dig ${resolver:+"@$resolver"} +short +time=5 +tries=2 -x "$address" PTR >"$work/pointers" 2>/dev/null || : >"$work/pointers"
	elif [ -n "$resolver" ]; then
		shut "dig is missing here, which asks $resolver; install the package bind9-dnsutils"
	else
		getent -s dns hosts "$address" 2>/dev/null | awk '{ print $2 "." }' >"$work/pointers"
	fi
	# A classless reverse zone answers with the alias first.
	pointers=$(grep -v '\.arpa\.$\|^;' "$work/pointers" | tr 'A-Z\n' 'a-z ' | sed 's/ $//')
	[ -n "$pointers" ] || shut "the reverse name of $address is not known to $asked; publish it, or where that was just done wait until its negative answer has run out"
	[ "$pointers" = "$name." ] || shut "the reverse name of $address is $pointers, not $name.; change it where the network's names are kept"
	say "gate: $address leads to $name, says $asked"
}

# A sender that believes TLSA records is served the certificate of a kind that it knows, and breaks off where no record matches that one (RFC 6698, section 4.1), so each in use needs its own.
check_hashes() {
	[ -s "$work/tlsa" ] || return 0
	seen=0
	: >"$work/fitting"
	read_chain RSA RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512 && check_chain
	read_chain ECDSA ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448 && check_chain
	[ "$seen" != 0 ] || shut "its certificate can't be read over $socket"
	sort -u "$work/fitting" >"$work/fitting.once"
	grep -vxF -f "$work/fitting.once" "$work/tlsa" | while read -r record; do
		say "gate: TLSA $record fits no certificate in use; it counts as the next one"
	done
	say "gate: $(grep -c . "$work/fitting.once") TLSA of $(grep -c . "$work/tlsa") fit the certificates in use ($seen)"
}

# read_chain KIND ALGORITHMS: what is sent to a client that knows only these; fails where that is nothing.
read_chain() {
	kind=$1
	watch_clients
	converse -connect "$socket" -starttls smtp -servername "$name" -showcerts -sigalgs "$2"
	unwatch_clients
	rm -f "$work"/certificate.*
	printf '%s\n' "$answer" | awk -v out="$work/certificate." '/-----BEGIN CERTIFICATE-----/ { inside = 1; n++ } inside { print >(out n) } /-----END CERTIFICATE-----/ { inside = 0 }'
	[ -s "$work/certificate.1" ]
}

check_chain() {
	seen=$((seen + 1))
	fitting=0
	while read -r usage selector matching hash; do
		fits || continue
		fitting=$((fitting + 1))
		echo "$usage $selector $matching $hash" >>"$work/fitting"
	done <"$work/tlsa"
	[ "$fitting" -gt 0 ] || shut "no TLSA record of it fits its $kind certificate, which is in use; the one that does is 3 1 1 $(key_hash sha256 "$work/certificate.1")"
}

# 3 is the host's own key, 2 one of its issuers'.
fits() {
	tool=sha256
	[ "$matching" = 1 ] || tool=sha512
	for certificate in "$work"/certificate.*; do
		case $usage:${certificate##*.} in 3:1) ;; 3:* | 2:1) continue ;; esac
		[ "$(key_hash "$tool" "$certificate")" != "$hash" ] || return 0
	done
	return 1
}

# A key that can't be read has no hash, least of all that of nothing.
key_hash() {
	openssl x509 -in "$2" -noout -pubkey 2>/dev/null | openssl pkey -pubin -outform DER >"$work/key.der" 2>/dev/null
	[ -s "$work/key.der" ] && openssl dgst "-$1" <"$work/key.der" | sed 's/.*= *//'
}
