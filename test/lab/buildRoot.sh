#!/bin/sh
# Build one Debian root: buildRoot.sh SUITE KIND TARGET [BASE_ROOT]
# Built beside TARGET and renamed, so a TARGET that exists is whole.
set -eu
umask 022

suite=${1:?suite} kind=${2:?kind} target=${3:?target} base=${4:-}
here=$(cd "$(dirname "$0")" && pwd)
recipe=$here/kinds/$kind
part=$target.part

say() { printf 'lab: %s %s: %s\n' "$suite" "$kind" "$*" >&2; }

[ -d "$target" ] && exit 0
# A bind mount left in a half-built root must never be followed by rm.
if [ -d "$part" ]; then
	if grep -q " $part/" /proc/mounts; then
		say "something is mounted in $part"
		exit 1
	fi
	rm -rf "$part"
fi
mkdir -p "$(dirname "$target")"
: >"$target.log"

# The machine's own Debian mirror, where it names one; else debootstrap's default.
mirror() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2>/dev/null | sed -n '1s:/$::p'
}

# A machine that reaches its mirror through a proxy says so to apt, and debootstrap must know it too.
eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
[ -z "${http_proxy:-}" ] || export http_proxy

# Maintainer scripts ask for the host name, and must start nothing.
in_root() {
	# shellcheck disable=SC2016
	unshare --mount --uts --propagation private sh -euc '
		root=$1
		shift
		hostname mx1.lab.test
		mount -t proc proc "$root/proc"
		mount -t tmpfs tmpfs "$root/run"
		exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} chroot "$root" "$@"
	' in_root "$part" "$@"
}

logged() {
	"$@" >>"$target.log" 2>&1 && return
	tail -n 20 "$target.log" >&2
	exit 1
}

policy_rc() {
	printf '#!/bin/sh\nexit 101\n' >"$part/usr/sbin/policy-rc.d"
	chmod 755 "$part/usr/sbin/policy-rc.d"
}

packages=systemd,systemd-sysv,dbus,openssh-server,iptables,nftables,rsyslog,iproute2,openssl,procps
packages=$packages,sudo,busybox,gawk,mawk,acl,attr
case $suite in
bullseye) packages=$packages,doas ;;
*) packages=$packages,opendoas ;;
esac

case $kind in
stock)
	say "debootstrap (about a minute)"
	url=$(mirror)
	logged debootstrap --variant=minbase --include="$packages" "$suite" "$part" ${url:+"$url"}
	policy_rc
	# Postfix comes as on a real host: installed once the host has its name.
	echo mx1.lab.test >"$part/etc/hostname"
	printf '127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 mx1.lab.test mx1\n' >"$part/etc/hosts"
	logged in_root sh -c 'echo postfix postfix/mailname string lab.test | debconf-set-selections'
	logged in_root apt-get -qy --no-install-recommends install postfix
	;;
*)
	[ -f "$recipe/packages" ] || {
		printf 'lab: no such kind of host: %s\n' "$kind" >&2
		exit 2
	}
	say "$(cat "$recipe/packages"), and a site's configuration"
	cp -a "$base" "$part"
	cp /etc/resolv.conf "$part/etc/resolv.conf"
	policy_rc
	# A mirror may be a snapshot of some day, and sid's lists are valid for a week only.
	logged in_root apt-get -q -o Acquire::Check-Valid-Until=false update
	logged in_root xargs apt-get -qy --no-install-recommends install <"$recipe/packages"
	;;
esac

cp -r "$recipe" "$part/root/kind"
logged in_root sh -eu /root/kind/setup.sh "$suite"
rm -rf "$part/root/kind" "$part/usr/sbin/policy-rc.d" "$part"/var/cache/apt/*.bin "$part"/var/cache/apt/archives/*.deb "$part"/var/lib/apt/lists/*
: >"$part/etc/machine-id"
# Nothing answers here, so a lookup fails at once instead of waiting.
echo 'nameserver 127.0.0.1' >"$part/etc/resolv.conf"
[ ! -d "$part/var/spool/postfix/etc" ] || cp "$part/etc/resolv.conf" "$part/var/spool/postfix/etc/resolv.conf"
mv "$part" "$target"
say "ready"
