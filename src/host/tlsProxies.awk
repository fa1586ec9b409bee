# tlsproxy(8) does the TLS of postscreen(8), and of clients that reuse TLS connections. A client hands it versions and grades, but
# what a grade means, and the key exchanges, are its own.

# The entry that does the TLS of this one's sessions, 0 if there is none.
function proxyOf(e, f, name) {
	name = expand(serviceValue(e, "tlsproxy_service_name"), e)
	for (f = 1; f <= entries; f++) if (field[f, 8] == "tlsproxy" && field[f, 1] == name) return f
	return 0
}

function reuses(e) {
	return role(e) == "outgoing" && tolower(expand(serviceValue(e, field[e, 8] "_tls_connection_reuse"), e)) == "yes"
}

function isProxyOf(f, block, e) {
	for (e = 1; e <= entries; e++) if ((block == "outgoing" ? reuses(e) : field[e, 8] == "postscreen") && proxyOf(e) == f) return 1
	return 0
}

# Whose rules it has: those of incoming mail, unless it serves clients alone.
function proxyBlock(f) {
	return isProxyOf(f, "outgoing") && !isProxyOf(f, "incoming") ? "outgoing" : "incoming"
}

# Other rules than the client's would take the profile from mail that goes out, or lay another's on it.
function checkProxies(block, e, f, i, n, name) {
	block = "outgoing" in profile ? "outgoing" : "incoming"
	if (!(block in profile)) return
	n = split("tls_medium_cipherlist tls_preempt_cipherlist tls_eecdh_auto_curves tls_ffdhe_auto_groups", name, " ")
	for (e = 1; e <= entries; e++) {
		f = reuses(e) ? proxyOf(e) : 0
		if (f == 0 || (block == "incoming" && proxyBlock(f) == "outgoing")) continue
		for (i = 1; i <= n; i++) if (expand(serviceValue(e, name[i]), e) != expand(serviceValue(f, name[i]), f)) refuseProxy(block, e, f, name[i])
	}
}

function refuseProxy(block, e, f, name, reuse) {
	reuse = field[e, 8] "_tls_connection_reuse"
	refuse("tls." block ".profile is \"" profile[block] "\", but " entryKey(f) " does the TLS of " entryKey(e) ", whose " reuse " is yes, and has another " name \
		"; give tls.incoming and tls.outgoing the same profile, " entryKey(e) " a tlsproxy of its own by tlsproxy_service_name, or set " reuse " = no")
}
