# Which keys of the ledger go back when an owner no longer wants them, and which others inherit with a service. Reads files of
# the work directory by their names: mine, keys (what is wanted now), owners, entries; prints keys, and writes rows of owners to `heirs`.

function isGoing(key) {
	return (key in ours) && !(key in other) && !(key in wanted)
}

# Of one that it inherited only what came with it: its own options go.
function isHeld(key, service) {
	service = serviceOf(key)
	if (!(service in opened)) return 0
	if (ours["service " service] != "inherits") return service in holders
	return ours[key] == "inherits" && ((service in holders) || (service in wantedOf))
}

function bequeath(key, i, n, name) {
	n = split(holders[serviceOf(key)], name, "\t")
	for (i = 1; i < n; i++) if (!((key, name[i]) in row)) print key, name[i], "inherits" >heirs
}

file == "mine" { mine[$0] = 1 }

file == "keys" {
	wanted[$0] = 1
	wantedOf[serviceOf($0)] = 1
}

file == "owners" { row[$1, $2] = 1 }
file == "owners" && ($2 in mine) && (!($1 in ours) || $3 != "inherits") { ours[$1] = $3 }
file == "owners" && !($2 in mine) && $3 == "wants" {
	other[$1] = 1
	if ($1 ~ /^option / && !isOwnGuard($2)) holders[serviceOf($1)] = holders[serviceOf($1)] $2 "\t"
}

file == "entries" {
	entry[++entries] = $1
	if ($1 ~ /^service [^ ]*$/ && $3 !~ /^#/ && $2 != $3 && isGoing($1)) opened[serviceOf($1)] = 1
}

END {
	for (i = 1; i <= entries; i++) {
		if (!isGoing(entry[i])) continue
		if (isHeld(entry[i])) bequeath(entry[i])
		else print entry[i]
	}
}
