# Protocol lists and cipher exclusions, as postconf(5) describes smtpd_tls_protocols and smtpd_tls_exclude_ciphers.
# A set of versions is a text of 0 and 1: SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3.

function tlsInit(i) {
	versions = split("SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", versionName, " ")
	for (i = 1; i <= versions; i++) versionIndex[tolower(versionName[i])] = i
	versionIndex["sslv2"] = 0
}

# "bad" where Postfix would say "Invalid TLS protocol list" and go on without TLS.
function parseProtocols(list, i, j, n, token, name, out, excluded_, included, low, high, named) {
	low = 1
	high = versions
	named = 0
	gsub(/[,:\r]/, " ", list)
	n = split(tolower(list), token, " ")
	for (i = 1; i <= n; i++) {
		name = token[i]
		if (name ~ /^[<>]=/) {
			j = boundIndex(substr(name, 3))
			if (postfixNumber < 3006 || j == "bad") return "bad"
			if (name ~ /^>/) low = j > 0 ? j : 1
			else high = j > 0 ? j : versions
			continue
		}
		if (name ~ /^!/) {
			if (!(substr(name, 2) in versionIndex)) return "bad"
			excluded_[versionIndex[substr(name, 2)]] = 1
		} else {
			if (!(name in versionIndex)) return "bad"
			included[versionIndex[name]] = 1
			named = 1
		}
	}
	out = ""
	for (i = 1; i <= versions; i++)
		out = out "" (i >= low && i <= high && !(i in excluded_) && (!named || i in included) ? 1 : 0)
	return out
}

# A bound is a name or a hexadecimal number, such as 0303. None of both is none, and OpenSSL ignores a number that means no version.
function boundIndex(text, digits, i, number) {
	if (text in versionIndex && text != "sslv2") return versionIndex[text]
	if (text == "" || text == "none") return 0
	digits = text
	sub(/^0x/, "", digits)
	if (digits == "" || digits ~ /[^0-9a-f]/) return "bad"
	number = 0
	for (i = 1; i <= length(digits); i++) number = number * 16 + index("0123456789abcdef", substr(digits, i, 1)) - 1
	return number >= 768 && number < 768 + versions ? number - 767 : 0
}

function floorSet(version, i, out) {
	out = ""
	for (i = 1; i <= versions; i++) out = out "" (i >= versionIndex[tolower(version)] ? 1 : 0)
	return out
}

function intersection(a, b, i, out) {
	out = ""
	for (i = 1; i <= versions; i++) out = out "" (substr(a, i, 1) == "1" && substr(b, i, 1) == "1" ? 1 : 0)
	return out
}

function union(a, b, i, out) {
	out = ""
	for (i = 1; i <= versions; i++) out = out "" (substr(a, i, 1) == "1" || substr(b, i, 1) == "1" ? 1 : 0)
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
function raisedProtocols(current, version, separator, weaker, have, least, both) {
	have = parseProtocols(current)
	least = floorSet(version)
	kept = 0
	if (have == least) return current
	if (have == "bad" || weaker) return formatProtocols(least, separator)
	both = intersection(have, least)
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
	for (i = 1; i <= n; i++) if (!(token[i] in have)) out = out "" (out == "" ? "" : separator) token[i]
	return out
}

function isSubset(list, of, i, n, token, have) {
	n = split(of, token, /[ \t,:]+/)
	for (i = 1; i <= n; i++) have[token[i]] = 1
	n = split(list, token, /[ \t,:]+/)
	for (i = 1; i <= n; i++) if (token[i] != "" && !(token[i] in have)) return 0
	return 1
}
