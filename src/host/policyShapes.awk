# Which texts are a service, a name, a port and so on in a policy.

function isService(text) {
	return text ~ /^[^ \/]+\/(inet|unix|unix-dgram|fifo|pass)$/
}

function isName(text) {
	return text ~ /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/
}

function isPort(text) {
	return text ~ /^[0-9]+$/ && text + 0 >= 1 && text + 0 <= 65535
}

# A name as records have it: in full, with the last dot, in lower case. A classless reverse zone has a slash in it.
function isDomain(text) {
	return text ~ /^[a-z0-9_-]([a-z0-9_\/-]*\.)+$/
}

function isServer(text) {
	return text ~ /^[A-Za-z0-9:]([A-Za-z0-9.:-]*[A-Za-z0-9:])?$/
}

# What stands in a record of this type; nothing here means more than itself to nsupdate.
function isData(type, text) {
	if (type == "A") return text ~ /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/
	if (type == "AAAA") return text ~ /^[0-9a-f:]+$/ && text ~ /:.*:/
	if (type == "MX") return text == "0 ." || (text ~ /^[0-9]+ [^ ]+$/ && isDomain(substr(text, index(text, " ") + 1)))
	if (type == "PTR") return isDomain(text)
	return type == "TLSA" && text ~ /^[0-3] [01] [0-2] [0-9a-f]+$/
}

function isBlock(text) {
	return text ~ /^(incoming|submission|outgoing)$/
}
