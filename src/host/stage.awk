# The files of a stage, from a candidate's mainFile and masterFile: directories of its own, no inet service at all,
# one unix smtpd for each smtpd service with its own options. Also writes `probes`: socket name, service, "wrapper" or "starttls".

BEGIN {
	readEffective()
	mainLines = readLines(mainFile, main)
	parseMain()
	setMain("queue_directory", stage "/queue")
	setMain("data_directory", stage "/data")
	setMain("syslog_name", "mailhost-preflight")
	setMain("maillog_file", stage "/log")
	setMain("maillog_file_prefixes", stage)
	setMain("alternate_config_directories", "")
	setMain("multi_instance_enable", "no")
	# tlsmgr opens these itself, wherever a full path leads, and empties a cache that it opens.
	setMain("smtpd_tls_session_cache_database", "")
	setMain("smtp_tls_session_cache_database", "")
	setMain("lmtp_tls_session_cache_database", "")
	setMain("tls_random_exchange_name", stage "/data/prng_exch")
	writeLines(stage "/conf/main.cf", main, mainLines, "", 0)
	masterLines = readLines(masterFile, master)
	parseMaster()
	writeServices(stage "/conf/master.cf")
}

function writeServices(path, e, i, j, n, off, socket, wrapper) {
	print "tlsmgr unix - - n 1000? 1 tlsmgr" > path
	print "proxymap unix - - n - - proxymap" > path
	print "postlog unix-dgram n - n - 1 postlogd" > path
	printf "" > probes
	for (e = 1; e <= entries; e++) {
		if (field[e, 8] != "smtpd" || field[e, 2] !~ /^(inet|pass)$/) continue
		socket = "probe" e
		print socket " unix n - n - - smtpd" > path
		wrapper = effective["smtpd_tls_wrappermode"]
		for (j = 1; j <= optionCount[e]; j++) {
			if (optionName[e, j] == "smtpd_tls_wrappermode") wrapper = optionValue[e, j]
			print "  -o " optionText(optionName[e, j], optionValue[e, j], optionValue[e, j] ~ /[ \t]/) > path
		}
		n = split("smtpd_milters smtpd_upstream_proxy_protocol smtpd_client_restrictions smtpd_helo_restrictions smtpd_sender_restrictions smtpd_etrn_restrictions smtpd_data_restrictions smtpd_end_of_data_restrictions smtpd_proxy_filter content_filter smtpd_command_filter smtpd_tls_session_cache_database local_recipient_maps", off, " ")
		for (i = 1; i <= n; i++) print "  -o " off[i] "=" > path
		print "  -o smtpd_recipient_restrictions=reject\n  -o smtpd_relay_restrictions=reject\n  -o smtpd_sasl_auth_enable=no\n  -o smtpd_delay_reject=yes" > path
		print "  -o smtpd_client_connection_count_limit=0\n  -o smtpd_client_connection_rate_limit=0\n  -o smtpd_client_auth_rate_limit=0\n  -o syslog_name=" socket > path
		print socket "\t" entryKey(e) "\t" (tolower(wrapper) == "yes" ? "wrapper" : "starttls") > probes
	}
}

function readEffective(line, at) {
	while ((getline line < effectiveFile) > 0) {
		at = index(line, " =")
		if (at > 1) effective[substr(line, 1, at - 1)] = trim(substr(line, at + 2))
	}
}
