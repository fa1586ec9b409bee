# What the operator reads: a line a step on standard error, each naming the host.

# What a server, a log, a file or a policy says may hold what a terminal obeys, and be long: then its middle is left out.
# Never fails: who listens may be gone, and what is under way must not take that for trouble of its own.
say() {
	case $host$1 in
	*[!\ -~]*) say_safely "$1" ;;
	*) if [ "${#1}" -gt 1500 ]; then say_safely "$1"; else printf '%s: %s\n' "$host" "$1"; fi ;;
	esac >&2 2>/dev/null || :
}

say_safely() {
	printf '%s\n' "$host: $1" | awk "$awk_visible"'{ text = text (NR > 1 ? " " : "") $0 }
		END {
			if (length(text) > 1500) text = substr(text, 1, 1000) " ... " substr(text, length(text) - 299)
			print visible(text)
		}'
}

# The last line of every failure. Nothing was changed, or all was put back.
fail() {
	say "error: $1"
	exit 1
}

# The same where something was changed for good, and what belongs to it could not be done.
stand() {
	say "error: the change stands, but $1"
	exit 3
}

need() {
	for tool in "$@"; do
		command -v "$tool" >/dev/null 2>&1 || fail "$tool is missing here; install it first"
	done
}

now() {
	date -u +%Y-%m-%dT%H:%M:%SZ
}

warn() {
	printf '%s\t%s\n' "$1" "$2" >>"$work/warnings"
}
