# What is asked of one zone's server, as dig reads it.

END {
	print asked, "SOA"
	for (i = 1; i <= sets; i++) {
		if (zoneOf(nameOf[i]) != asked) continue
		print nameOf[i], typeOf[i]
		# By it a server tells of a name that it has delegated, or that is in a smaller zone of its own.
		if ((nameOf[i], typeOf[i]) in wanted && !(nameOf[i] in placed)) print nameOf[i], "SOA"
		placed[nameOf[i]] = 1
		if (typeOf[i] == "TLSA") keys = 1
	}
	if (keys) print asked, "DNSKEY"
}
