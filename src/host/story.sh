# What the operator reads: a line a step on standard error, each naming the host.

say() {
	printf '%s: %s\n' "$host" "$1" >&2
}

# The last line of every failure. Nothing was changed, or all was put back.
fail() {
	say "error: $1"
	exit 1
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
