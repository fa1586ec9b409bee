# What is asked of one zone's server, as dig reads it.

END {
	print asked, "SOA"
	for (i = 1; i <= sets; i++) {
		if (zoneOf(nameOf[i]) != asked) continue
		print nameOf[i], typeOf[i]
		if (typeOf[i] == "TLSA") keys = 1
	}
	if (keys) print asked, "DNSKEY"
}
