# What the operator reads: a line a step on standard error, each naming the host.

# What a server, a log or a file says may hold what a terminal obeys.
# Never fails: who listens may be gone, and what is under way must not take that for trouble of its own.
say() {
	case $host$1 in
	*[!\ -~]*) printf '%s\n' "$host: $1" | awk "$awk_visible"'{ printf "%s%s", (NR > 1 ? " " : ""), visible($0) } END { print "" }' ;;
	*) printf '%s: %s\n' "$host" "$1" ;;
	esac >&2 2>/dev/null || :
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
