# The counters of our rules, which no rate limit holds back.

# Where a probe's rules are, as the part that made them wrote it down: the first word is the tool.
places() {
	cat "$state"/probes/*.place 2>/dev/null
}

# "PORT TAB FAMILY TAB PACKETS" for each of our counters that is there now. Probes of two ports may stand in two places.
read_counters() {
	for tool in $(places | cut -d ' ' -f 1 | sort -u); do
		case $tool in
		legacy) dump_rules iptables-legacy-save ip6tables-legacy-save ;;
		nft) nft list ruleset 2>/dev/null ;;
		iptables) dump_rules iptables-save ip6tables-save ;;
		esac
	done | awk "$awk_counters"
}

dump_rules() {
	echo family 4
	"$1" -c 2>/dev/null
	echo family 6
	"$2" -c 2>/dev/null
}
