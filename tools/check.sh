#!/bin/sh
# Everything that can be said about the sources without running them.
set -u
cd "$(dirname "$0")/.." || exit 1
PATH=$PWD/node_modules/.bin:$PATH
failed=0

step() {
	"$@" && return
	printf 'check: failed: %s\n' "$*" >&2
	failed=1
}

step biome ci --error-on-warnings .
step tsc --noEmit

if command -v shellcheck >/dev/null && command -v shfmt >/dev/null; then
	# The host program's files know each other only once they are joined: names used elsewhere are judged on the whole.
	# `-ef` (SC3013) is in POSIX since 2024, and has been in dash, bash and busybox for long.
	part=$(find src/host -name '*.sh')
	other=$(shfmt -f tools test bench examples .ci/run)
	# Shell files' names are ours, and have no blanks.
	# shellcheck disable=SC2086
	{
		step shfmt -d $part $other
		step shellcheck --severity=style --shell=sh --exclude=SC2034,SC2154,SC3013 $part
		step shellcheck --severity=style $other
	}
	step shellcheck --severity=style dist/host/mailhost.sh
else
	echo 'check: shellcheck or shfmt is missing: shell files are not checked' >&2
fi
exit "$failed"
