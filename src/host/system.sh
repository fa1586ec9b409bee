# Systems that nothing here was ever tried on are served all the same, and named.

# Prints what this system calls itself, unless it is of Debian's family.
foreign_system() {
	release=/etc/os-release
	[ -r "$release" ] || release=/usr/lib/os-release
	[ -r "$release" ] || release=/dev/null
	awk -F = '
		{
			value = substr($0, index($0, "=") + 1)
			gsub(/"/, "", value)
		}
		($1 == "ID" || $1 == "ID_LIKE") && " " value " " ~ / debian / { kin = 1 }
		$1 == "PRETTY_NAME" { name = value }
		END { if (!kin) print (name == "" ? "a system without a name" : name) }' "$release"
}

warn_of_system() {
	system=$(foreign_system)
	[ -z "$system" ] || warn untested "this is $system; mailhost is tested on Debian 11, 12, 13 and sid alone"
}
