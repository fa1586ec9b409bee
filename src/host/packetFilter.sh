# The rules of a probe in the packet filter: ours alone, known by their comment. Nothing of others is read back or written.

# read_probe WANTED
read_probe() {
	port=$(sed -n 's/^probe	tcp	//p' "$1")
	chain=$(probe_word "$1" chain)
	source_ports=$(probe_word "$1" source)
	asked_backend=$(probe_word "$1" backend)
	persist=$(probe_word "$1" persist)
	level=$(sed -n 's/^log	\([a-z]*\)	.*$/\1/p' "$1")
	prefix=$(sed -n 's/^log	[a-z]*	\(.*\)|$/\1/p' "$1")
	rate=$(sed -n 's/^rate	\([^	]*\)	.*$/\1/p' "$1")
	burst=$(sed -n 's/^rate	[^	]*	//p' "$1")
	name_probe
}

name_probe() {
	probe=$state/probes/$port
	nft_table=mailhost_$port
}

probe_word() {
	sed -n "s/^$2	//p" "$1"
}

# The tool of a backend for an address family, 4 or 6.
tables_tool() {
	case $1$2 in
	iptables4) echo iptables ;;
	iptables6) echo ip6tables ;;
	legacy4) echo iptables-legacy ;;
	legacy6) echo ip6tables-legacy ;;
	esac
}

# Looking with a legacy tool would make its tables, so the kernel is asked first whether there are any.
has_legacy_tables() {
	[ -s "/proc/net/ip$([ "$1" = 4 ] || echo 6)_tables_names" ]
}

is_legacy_tool() {
	case $("$1" -V 2>/dev/null) in *legacy*) return 0 ;; esac
	return 1
}

# make_rules: what the place's own tool is to be told, in one text a family.
make_rules() {
	: >"$work/rules4"
	: >"$work/rules6"
	if [ "$place" = nft ]; then
		nft_rules >"$work/rules4"
		return
	fi
	for family in 4 6; do
		while IFS= read -r address; do
			match="-A $chain -d $address -p tcp -m tcp --sport $source_ports --dport $port --syn"
			printf '%s -m comment --comment "mailhost %s count"\n' "$match" "$port"
			printf '%s -m limit --limit %s --limit-burst %s -m comment --comment "mailhost %s log" -j LOG --log-level %s --log-prefix "%s"\n' \
				"$match" "$rate" "$burst" "$port" "$level" "$prefix"
		done <"$work/to$family" >"$work/rules$family"
	done
}

nft_rules() {
	printf 'table inet %s\ndelete table inet %s\ntable inet %s {\n\tchain prerouting {\n\t\ttype filter hook prerouting priority -310; policy accept;\n' \
		"$nft_table" "$nft_table" "$nft_table"
	for family in 4 6; do
		ip=ip
		[ "$family" = 4 ] || ip=ip6
		while IFS= read -r address; do
			match="$ip daddr $address tcp sport $(printf '%s' "$source_ports" | tr : -) tcp dport $port tcp flags & (fin|syn|rst|ack) == syn"
			printf '\t\t%s counter comment "mailhost %s count"\n' "$match" "$port"
			printf '\t\t%s limit rate %s burst %s packets log prefix "%s" level %s comment "mailhost %s log"\n' \
				"$match" "$rate" "$burst" "$prefix" "$(nft_level)" "$port"
		done <"$work/to$family"
	done
	printf '\t}\n}\n'
}

nft_level() {
	case $level in
	error) echo err ;;
	warning) echo warn ;;
	*) echo "$level" ;;
	esac
}

# list_rules PLACE: our rules as the host has them now, without counts.
list_rules() {
	case $1 in
	nft) nft -s list table inet "$nft_table" 2>/dev/null ;;
	'') ;;
	*)
		for family in 4 6; do
			tool=$(tables_tool "${1%% *}" "$family")
			command -v "$tool" >/dev/null 2>&1 || continue
			"$tool" -w 5 -S "${1#* }" 2>/dev/null | grep -- "--comment \"mailhost $port \(count\|log\)\""
		done
		;;
	esac
}

# Whether the rules stand as they were put there, and nothing came before them since.
rules_hold() {
	[ -f "$probe.listing" ] || return 1
	[ "$(cat "$probe.place")" = "$place" ] || return 1
	cat "$work/rules4" "$work/rules6" | cmp -s - "$probe.rules" || return 1
	list_rules "$place" | cmp -s - "$probe.listing"
}

# install_rules: exactly one copy of ours, each family in one step of the kernel.
install_rules() {
	old_place=$(cat "$probe.place" 2>/dev/null)
	[ "$old_place" = "$place" ] || remove_rules "$old_place"
	if [ "$place" = nft ]; then
		nft -f "$work/rules4" 2>"$work/filter" || return 1
		return 0
	fi
	note_made_tables
	for family in 4 6; do
		tell_tables "${place%% *}" "$family" "$work/rules$family" || return 1
	done
}

# tell_tables BACKEND FAMILY RULES: our old rules out and the new ones in, at once.
tell_tables() {
	tool=$(tables_tool "$1" "$2")
	command -v "$tool" >/dev/null 2>&1 || return 0
	{
		echo '*filter'
		"$tool" -w 5 -S 2>/dev/null | sed -n "/--comment \"mailhost $port \(count\|log\)\"/s/^-A/-D/p"
		cat "$3"
		echo COMMIT
	} >"$work/restore"
	[ "$(wc -l <"$work/restore")" -gt 2 ] || return 0
	"$tool-restore" -w 5 -n <"$work/restore" >"$work/filter" 2>&1
}

# remove_rules PLACE: where they stay it fails, and sets trouble.
remove_rules() {
	: >"$work/filter"
	case $1 in
	'') ;;
	nft) nft delete table inet "$nft_table" 2>"$work/filter" ;;
	*)
		: >"$work/none"
		for family in 4 6; do tell_tables "${1%% *}" "$family" "$work/none"; done
		drop_made_tables
		;;
	esac
	trouble=$(tail -n 1 "$work/filter")
	[ -z "$(list_rules "$1")" ] || return 1
	rm -f "$probe.listing" "$probe.place" "$probe.rules"
}

# iptables makes a whole table for its first rule; one that was not there before us goes with us. Legacy tables are no tables of nft.
note_made_tables() {
	[ "${place%% *}" = iptables ] || return 0
	command -v nft >/dev/null 2>&1 || return 0
	for family in 4 6; do
		[ -s "$work/rules$family" ] || continue
		! is_legacy_tool "$(tables_tool iptables "$family")" || continue
		table=ip
		[ "$family" = 4 ] || table=ip6
		nft list table "$table" filter >/dev/null 2>&1 || echo "$table" >>"$probe.made"
	done
}

drop_made_tables() {
	[ -f "$probe.made" ] || return 0
	while IFS= read -r family; do
		nft list table "$family" filter 2>/dev/null >"$work/table"
		grep -v '^table \|^	chain \(INPUT\|FORWARD\|OUTPUT\) {$\|type filter hook [a-z]* priority [a-z0-9]*; policy accept;\|^	}$\|^}$\|^$' "$work/table" >/dev/null ||
			nft delete table "$family" filter 2>/dev/null
	done <"$probe.made"
	rm -f "$probe.made"
}
