#!/bin/sh
# Runs inside a copy of a stock root: makes it a mail host that is also the name server of a site's zones.
set -eu
here=/root/kind

install -m 644 -o root -g bind "$here/named.conf" /etc/bind/named.conf
for key in lab other; do
	install -m 640 -o root -g bind "$here/$key.key" "/etc/bind/$key.key"
done
install -d -m 755 /etc/bind/lab
install -m 644 "$here"/zones/* /etc/bind/lab/
install -d -m 2775 -o root -g bind /var/lib/bind/lab
install -m 755 "$here/lab-zones" /usr/local/sbin/lab-zones
mkdir -p /etc/systemd/system/named.service.d
printf '[Service]\nExecStartPre=/usr/local/sbin/lab-zones\n' >/etc/systemd/system/named.service.d/lab.conf
systemctl enable named.service
