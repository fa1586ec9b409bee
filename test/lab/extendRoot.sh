#!/bin/sh
# A root of the lab with more of Debian's packages: extendRoot.sh BASE TARGET PACKAGE…
set -eu
base=${1:?root} target=${2:?target}
shift 2
[ ! -d "$target" ] || exit 0
part=$target.part
rm -rf "$part"
cp -a "$base" "$part"
cp /etc/resolv.conf "$part/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$part/usr/sbin/policy-rc.d"
chmod 755 "$part/usr/sbin/policy-rc.d"
eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
[ -z "${http_proxy:-}" ] || export http_proxy
export DEBIAN_FRONTEND=noninteractive
unshare --mount --propagation private sh -eu -s "$part" "$@" >"$target.log" 2>&1 <<'END' || {
root=$1
shift
mount -t proc proc "$root/proc"
chroot "$root" apt-get -q update </dev/null
chroot "$root" apt-get -qy --no-install-recommends install "$@" </dev/null
END
	tail -n 20 "$target.log" >&2
	exit 1
}
rm -rf "$part/usr/sbin/policy-rc.d" "$part"/var/cache/apt/archives/*.deb "$part"/var/lib/apt/lists/*
echo 'nameserver 127.0.0.1' >"$part/etc/resolv.conf"
mv "$part" "$target"
