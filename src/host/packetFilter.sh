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
	# Files there have no size, so they are read.
	grep -q . "/proc/net/ip$([ "$1" = 4 ] || echo 6)_tables_names" 2>/dev/null
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
	[ "$old_place" = "$place" ] || remove_rules
	if [ "$place" = nft ]; then
		nft -f "$work/rules4" 2>"$work/filter" || return 1
		return 0
	fi
	note_made_tables
	for family in 4 6; do
		tool=$(tables_tool "${place%% *}" "$family")
		command -v "$tool" >/dev/null 2>&1 || continue
		tell_tables "$tool" "$work/rules$family" || return 1
		drop_strays "$tool"
	done
}

# every_tool FAMILY: all that may have our rules, for the alternatives may have been switched since.
every_tool() {
	for name in iptables iptables-nft iptables-legacy; do
		[ "$1" = 4 ] || name=ip6${name#ip}
		command -v "$name" >/dev/null 2>&1 || continue
		if is_legacy_tool "$name" && ! has_legacy_tables "$1"; then continue; fi
		echo "$name"
	done
}

# drop_strays TOOL: ours where another kind of tool than this one put them, of the family at hand.
drop_strays() {
	: >"$work/none"
	legacy=0
	! is_legacy_tool "$1" || legacy=1
	for other in $(every_tool "$family"); do
		kind_of_other=0
		! is_legacy_tool "$other" || kind_of_other=1
		[ "$legacy" = "$kind_of_other" ] || tell_tables "$other" "$work/none"
	done
}

# tell_tables TOOL RULES: our old rules out and the new ones in, at once.
tell_tables() {
	{
		echo '*filter'
		"$1" -w 5 -S 2>/dev/null | sed -n "/--comment \"mailhost $port \(count\|log\)\"/s/^-A/-D/p"
		cat "$2"
		echo COMMIT
	} >"$work/restore"
	[ "$(wc -l <"$work/restore")" -gt 2 ] || return 0
	"$1-restore" -w 5 -n <"$work/restore" >"$work/filter" 2>&1
}

# Ours, wherever they are.
standing_rules() {
	nft list table inet "$nft_table" 2>/dev/null
	for family in 4 6; do
		for tool in $(every_tool "$family"); do
			"$tool" -w 5 -S 2>/dev/null | grep -- "--comment \"mailhost $port \(count\|log\)\""
		done
	done
}

# Wherever they are: the note of the place may be gone, or name another tool by now. Where they stay it fails, and sets trouble.
remove_rules() {
	: >"$work/none"
	: >"$work/filter"
	! nft list table inet "$nft_table" >/dev/null 2>&1 || nft delete table inet "$nft_table" 2>"$work/filter"
	for family in 4 6; do
		for tool in $(every_tool "$family"); do tell_tables "$tool" "$work/none"; done
	done
	drop_made_tables
	trouble=$(tail -n 1 "$work/filter")
	[ -z "$(standing_rules)" ] || return 1
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
