#!/bin/sh
# The first process of a machine whose power fails. It has the verb, the policy and the program on its kernel's command line and a second disk.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
mount -t tmpfs tmpfs /run
mkdir -p /run/lock /run/brought
hostname mx1.lab.test
ip link set lo up
tar -xf /dev/vdb -C /run/brought
rsyslogd
tell() {
	sed "s/^/POWER $1 /"
}
files() {
	(cd /etc/postfix && sha256sum main.cf master.cf) | tell "$1"
}
files found
postfix start >/dev/null 2>&1
sleep 2 | busybox nc 127.0.0.1 25 2>/dev/null | head -n 1 | tell banner
verb=$(sed -n 's/.* verb=\([a-z]*\).*/\1/p' /proc/cmdline)
sh /run/brought/mailhost "$verb" mx1 </run/brought/policy 2>&1 | tell said
files made
sleep 2 | busybox nc 127.0.0.1 25 2>/dev/null | head -n 1 | tell answer
find /etc/postfix /var/lib/mailhost \( -name '*.mailhost' -o -name '*.tmp' -o -name 'run.*' -o -name stage -o -name journal \) 2>/dev/null | tell left
sync
echo "POWER done"
echo o >/proc/sysrq-trigger
sleep 100
