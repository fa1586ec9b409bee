# What the keys of a ledger and the names of its owners tell.

function serviceOf(key, part) {
	split(key, part, " ")
	return part[2]
}

# A component's own child that guards a part of its policy.
function isOwnGuard(name, own) {
	for (own in mine) if (index(name, own "-guarded-") == 1) return 1
	return 0
}
