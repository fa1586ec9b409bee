#!/bin/sh
# Put other name servers beside the BIND of a root: buildServers.sh TARGET BIND_ROOT
# Built beside TARGET and renamed, so a TARGET that exists is whole.
set -eu
umask 022

target=${1:?target} bind=${2:?root of kind bind}
here=$(cd "$(dirname "$0")" && pwd)
part=$target.part

[ -d "$target" ] && exit 0
if grep -q " $part/" /proc/mounts; then
	printf 'lab: something is mounted in %s\n' "$part" >&2
	exit 1
fi
printf 'lab: Knot and PowerDNS beside BIND\n' >&2
rm -rf "$part"
cp -a "$bind" "$part"
cp /etc/resolv.conf "$part/etc/resolv.conf"
# Maintainer scripts must start nothing.
printf '#!/bin/sh\nexit 101\n' >"$part/usr/sbin/policy-rc.d"
chmod 755 "$part/usr/sbin/policy-rc.d"
cp -r "$here/nameServers" "$part/root/nameServers"

# A machine that reaches its mirror through a proxy says so to apt.
eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
# shellcheck disable=SC2016
if ! unshare --mount --uts --propagation private sh -euc '
	hostname mx1.lab.test
	mount -t proc proc "$1/proc"
	mount -t tmpfs tmpfs "$1/run"
	exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} chroot "$1" sh -eu /root/nameServers/setup.sh
' - "$part" >"$target.log" 2>&1; then
	tail -n 20 "$target.log" >&2
	exit 1
fi

rm -rf "$part/root/nameServers" "$part/usr/sbin/policy-rc.d" "$part"/var/cache/apt/*.bin "$part"/var/cache/apt/archives/*.deb "$part"/var/lib/apt/lists/*
echo 'nameserver 127.0.0.1' >"$part/etc/resolv.conf"
mv "$part" "$target"
