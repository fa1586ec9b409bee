# Packets that our unlimited counters saw: "PORT TAB FAMILY TAB PACKETS", from iptables-save -c (after a line "family 4|6") or from
# nft list ruleset. Our rules are known by their comment; those in iptables' own tables, which nft lists as well, count once.

$1 == "family" {
	family = $2
	ours = 1
}

$1 == "table" {
	family = $2 == "ip6" ? 6 : 4
	ours = $3 ~ /^mailhost_/
}

!ours { next }

match($0, /"mailhost [0-9]+ count"/) {
	port = substr($0, RSTART + 10, RLENGTH - 17)
	own = family
	if ($0 ~ /(^|[ \t])ip6 |nfproto ipv6/) own = 6
	if (match($0, /^\[[0-9]+:/)) count = substr($0, 2, RLENGTH - 2)
	else if (match($0, /counter packets [0-9]+/)) count = substr($0, RSTART + 16, RLENGTH - 16)
	else next
	packets[port "\t" own] += count
}

END {
	for (key in packets) printf "%s\t%.0f\n", key, packets[key]
}
