# Protocol lists and cipher exclusions, as postconf(5) describes smtpd_tls_protocols and smtpd_tls_exclude_ciphers.
# A set of versions is a text of 0 and 1: SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3.

function versionIndex(name) {
	name = tolower(name)
	if (name in tlsIndex) return tlsIndex[name]
	return 0
}

function tlsInit(i) {
	versions = split("SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", versionName, " ")
	for (i = 1; i <= versions; i++) {
		tlsIndex[tolower(versionName[i])] = i
		tlsIndex["030" (i - 1)] = i
		tlsIndex["0x030" (i - 1)] = i
	}
	tlsIndex["sslv2"] = -1
}

# "bad" where Postfix would say "Invalid TLS protocol list" and go on without TLS.
function parseProtocols(list, i, j, n, token, mark, out, excluded, included, low, high, named) {
	low = 1
	high = versions
	named = 0
	gsub(/[,:]/, " ", list)
	n = split(list, token, " ")
	for (i = 1; i <= n; i++) {
		mark = token[i]
		if (mark ~ /^[<>]=/) {
			if (postfixNumber < 3006) return "bad"
			j = versionIndex(substr(mark, 3))
			if (j == 0) return "bad"
			if (mark ~ /^>/) low = j < 1 ? 1 : j
			else high = j
			continue
		}
		j = versionIndex(mark ~ /^!/ ? substr(mark, 2) : mark)
		if (j == 0 || mark ~ /^!?0/) return "bad"
		if (mark ~ /^!/) excluded[j] = 1
		else {
			included[j] = 1
			named = 1
		}
	}
	out = ""
	for (i = 1; i <= versions; i++)
		out = out (i >= low && i <= high && !(i in excluded) && (!named || i in included) ? 1 : 0)
	return out
}

function floorSet(version, i, out) {
	out = ""
	for (i = 1; i <= versions; i++) out = out (i >= versionIndex(version) ? 1 : 0)
	return out
}

function intersection(a, b, i, out) {
	out = ""
	for (i = 1; i <= versions; i++) out = out (substr(a, i, 1) == "1" && substr(b, i, 1) == "1" ? 1 : 0)
	return out
}

# `>=` reads best, but is an unknown protocol name before Postfix 3.6; exclusions are right everywhere.
function formatProtocols(set, separator, i, out) {
	if (postfixNumber >= 3006 && set ~ /^0*1+$/) return ">=" versionName[index(set, "1")]
	out = "!SSLv2"
	for (i = 1; i <= versions; i++) if (substr(set, i, 1) == "0") out = out separator "!" versionName[i]
	return out
}

# The protocol list that holds the floor, or what stands there already when that is as strict; sets `kept`.
function raisedProtocols(current, version, separator, have, want, both) {
	have = parseProtocols(current)
	want = floorSet(version)
	kept = 0
	if (have == want) return current
	if (have == "bad" || allowWeaker) return formatProtocols(want, separator)
	both = intersection(have, want)
	if (both !~ /1/) return ""
	if (both == have) {
		kept = 1
		return current
	}
	return formatProtocols(both, separator)
}

function mergedList(current, wanted, separator, i, n, token, have, out) {
	out = current
	n = split(current, token, /[ \t,:]+/)
	for (i = 1; i <= n; i++) have[token[i]] = 1
	n = split(wanted, token, " ")
	for (i = 1; i <= n; i++) if (!(token[i] in have)) out = out (out == "" ? "" : separator) token[i]
	return out
}

function isSubset(list, of, i, n, token, have) {
	n = split(of, token, /[ \t,:]+/)
	for (i = 1; i <= n; i++) have[token[i]] = 1
	n = split(list, token, /[ \t,:]+/)
	for (i = 1; i <= n; i++) if (token[i] != "" && !(token[i] in have)) return 0
	return 1
}
