#!/bin/sh
# Install sslyze into a virtual environment: buildSslyze.sh VENV
set -eu
venv=${1:?venv}
[ -e "$venv/ready" ] && exit 0
echo 'lab: sslyze: installing into a virtual environment' >&2
rm -rf "$venv"
{
	# Debian's own Python, which its python3-venv belongs to.
	/usr/bin/python3 -m venv "$venv" &&
		"$venv/bin/pip" install --disable-pip-version-check 'sslyze==6.3.*'
} >"$venv.log" 2>&1 || {
	tail -n 20 "$venv.log" >&2
	exit 1
}
touch "$venv/ready"
