# Where a probe's rules can stand so that packets really pass them.
# A place is "iptables CHAIN", "legacy CHAIN" or "nft": a table of our own, before all others of the host.

own_addresses() {
	ip -o "-$1" addr show scope global 2>/dev/null | awk '!/ temporary/ { sub(/\/.*/, "", $4); print $4 }' | sort -u
}

# What is watched: the addresses asked for, else all of the host's own, one family a file.
find_destinations() {
	for family in 4 6; do
		own_addresses "$family" >"$work/own$family"
		: >"$work/to$family"
	done
	probe_word "$work/wanted" to >"$work/to"
	if [ ! -s "$work/to" ]; then
		cp "$work/own4" "$work/to4"
		cp "$work/own6" "$work/to6"
	fi
	address_translation >"$work/nat"
	while IFS= read -r address; do
		family=4
		case $address in *:*) family=6 ;; esac
		grep -qxF -- "$address" "$work/own$family" || grep -qwF -- "$address" "$work/nat" ||
			fail "destinations: $address is no address of this host ($(cat "$work/own4" "$work/own6" | tr '\n' ' ')) and nothing here translates it; a provider that translates addresses outside shows this host only the inner one, so use that"
		printf '%s\n' "$address" >>"$work/to$family"
	done <"$work/to"
	[ -s "$work/to4" ] || [ -s "$work/to6" ] || fail "destinations: this host has no address but loopback; name one"
}

# Rules that send packets for some port elsewhere, from whichever backend.
address_translation() {
	{
		! command -v nft >/dev/null 2>&1 || nft list ruleset 2>/dev/null
		for family in 4 6; do
			for backend in iptables legacy; do
				tool=$(tables_tool "$backend" "$family")
				command -v "$tool" >/dev/null 2>&1 || continue
				if is_legacy_tool "$tool" && ! has_legacy_tables "$family"; then continue; fi
				"$tool" -w 5 -t nat -S 2>/dev/null
			done
		done
	} | grep -i 'dnat\|redirect'
}

is_translated() {
	awk -v port="$port" '$0 !~ /dport/ || $0 ~ ("(^|[^0-9])" port "([^0-9]|$)") { found = 1 } END { exit !found }' "$work/nat"
}

# The rule that stands in the way of a place; empty where the way is free.
in_the_way() {
	for family in 4 6; do
		[ -s "$work/to$family" ] || continue
		"$(tables_tool "$1" "$family")" -w 5 -S 2>/dev/null |
			awk -v chain="$chain" -v port="$port" -v destinations="$(tr '\n' ' ' <"$work/to$family")" "$awk_filterRules"
	done | sed '/^$/d' | head -n 1
}

# take_chain BACKEND ADVICE: the classic place, where nothing ends the way before it.
take_chain() {
	obstacle=$(in_the_way "$1")
	[ -z "$obstacle" ] || fail "chain $chain: \"$obstacle\" comes before the probe would, so it would not see every connection; $2"
	place="$1 $chain"
}

# Sets place. A table of our own stays where it is: a way that became free may close again.
choose_place() {
	case $asked_backend in
	nft)
		command -v nft >/dev/null 2>&1 || fail "backend is \"nft\", but there is no nft here"
		place=nft
		return
		;;
	iptables | legacy)
		require_chain "$asked_backend"
		take_chain "$asked_backend" "use backend nft or auto"
		! is_translated || fail "backend is \"$asked_backend\", but port $port is translated before $chain sees it ($(head -n 1 "$work/nat")); use backend nft or auto"
		return
		;;
	esac
	if [ "$chain" != INPUT ]; then
		require_chain iptables
		take_chain iptables "use chain INPUT, for which the host finds a place that packets pass"
		return
	fi
	place=nft
	if ! command -v nft >/dev/null 2>&1; then
		command -v iptables >/dev/null 2>&1 || fail "neither nft nor iptables is here; install nftables"
		take_chain iptables "install nftables, so that it can have a place of its own"
		return
	fi
	[ "$(cat "$probe.place" 2>/dev/null)" != nft ] || return 0
	if command -v iptables >/dev/null 2>&1 && iptables_would_do; then place="iptables $chain"; fi
}

require_chain() {
	for family in 4 6; do
		[ -s "$work/to$family" ] || continue
		tool=$(tables_tool "$1" "$family")
		command -v "$tool" >/dev/null 2>&1 || fail "backend is \"$1\", but there is no $tool here; use backend nft"
		"$tool" -w 5 -S "$chain" >/dev/null 2>&1 || fail "chain is \"$chain\", and $tool has no such chain; use INPUT or make it first"
	done
}

# firewalld drops the rules of others when it reloads; legacy tables would stay behind, empty, after us.
iptables_would_do() {
	[ "${#prefix}" -le 29 ] || return 1
	[ ! -d /run/firewalld ] || return 1
	for family in 4 6; do
		[ -s "$work/to$family" ] || continue
		tool=$(tables_tool iptables "$family")
		command -v "$tool" >/dev/null 2>&1 || return 1
		if is_legacy_tool "$tool"; then has_legacy_tables "$family" || return 1; fi
	done
	! is_translated && [ -z "$(in_the_way iptables)" ]
}
