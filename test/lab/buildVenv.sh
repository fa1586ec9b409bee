#!/bin/sh
# Install Python packages into a virtual environment: buildVenv.sh VENV PACKAGE...
set -eu
venv=${1:?venv}
shift
[ -e "$venv/ready" ] && exit 0
echo "lab: $*: installing into a virtual environment" >&2
rm -rf "$venv"
{
	# Debian's own Python, which its python3-venv belongs to.
	/usr/bin/python3 -m venv "$venv" &&
		"$venv/bin/pip" install --disable-pip-version-check "$@"
} >"$venv.log" 2>&1 || {
	tail -n 20 "$venv.log" >&2
	exit 1
}
touch "$venv/ready"
