# Values that Postfix takes without a word and then goes on without TLS, or refuses all TLS: postconf and `postfix check` exit 0 on each.

# What is accepted instead, "" for a value that will do. A value with a $ is not known before Postfix reads it.
function acceptedInstead(name, value) {
	if (value == "" || value ~ /\$/) return ""
	if (name ~ /_tls_(mandatory_)?ciphers$/) return oneOf(value, "high medium low export null")
	if (name ~ /^(smtpd|postscreen)_tls_security_level$/) return oneOf(value, "none may encrypt")
	if (name ~ /^(smtp|lmtp)_tls_security_level$/) return oneOf(value, "none may encrypt dane dane-only fingerprint verify secure")
	if (name !~ /_tls_(mandatory_)?protocols$/ || parseProtocols(value) ~ /1/) return ""
	return "use a list such as " (postfixNumber >= 3006 ? ">=TLSv1.2 or " : "") "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1, which leaves a version that this Postfix knows"
}

function oneOf(value, accepted, i, n, word) {
	n = split(accepted, word, " ")
	for (i = 1; i <= n; i++) if (word[i] == tolower(value)) return ""
	gsub(/ /, ", ", accepted)
	return "use one of " accepted
}

function checkValue(argument, name, value, instead) {
	instead = acceptedInstead(name, value)
	if (instead != "") refuse(argument " is \"" value "\"; " instead)
}
