#!/bin/sh
# The stock root with Python, which Ansible needs on its hosts: buildRoot.sh STOCK TARGET
set -eu
stock=${1:?stock root} target=${2:?target}
[ ! -d "$target" ] || exit 0
part=$target.part
rm -rf "$part"
cp -a "$stock" "$part"
cp /etc/resolv.conf "$part/etc/resolv.conf"
eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
unshare --mount --propagation private sh -euc '
	mount -t proc proc "$1/proc"
	chroot "$1" apt-get -q update
	chroot "$1" apt-get -qy --no-install-recommends install python3
' sh "$part" >"$target.log" 2>&1 || {
	tail -n 20 "$target.log" >&2
	exit 1
}
echo 'nameserver 127.0.0.1' >"$part/etc/resolv.conf"
mv "$part" "$target"
