#!/bin/sh
# Runs inside a copy of a root of kind bind: Knot and PowerDNS as Debian has them, on ports of their own, with the keys of the site.
set -eu
here=/root/kind
lab=bGFiIHNlY3JldCBvZiBsYWIsIDMyIGJ5dGVzIGxvbmc=
other=bGFiIHNlY3JldCBvZiBvdGhlciwgMzIgYnl0ZXMgbG8=

install -m 640 -o root -g knot "$here/knot.conf" /etc/knot/knot.conf
: >/etc/knot/zones.conf

install -m 640 -o root -g pdns "$here/pdns.conf" /etc/powerdns/pdns.conf
rm -f /etc/powerdns/pdns.d/*
database=/var/lib/powerdns/pdns.sqlite3
sqlite3 "$database" </usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql
chown -R pdns:pdns /var/lib/powerdns
pdnsutil import-tsig-key lab-key hmac-sha256 "$lab"
pdnsutil import-tsig-key other-key hmac-sha256 "$other"
chown -R pdns:pdns /var/lib/powerdns

systemctl enable knot.service pdns.service
