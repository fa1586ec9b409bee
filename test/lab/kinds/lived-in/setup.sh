#!/bin/sh
# Runs inside a copy of a stock root: makes it a host as a company runs it.
set -eu
here=/root/kind
cd "$here"

db=$(postconf -h default_database_type)
useradd --system --home-dir /var/vmail --create-home --shell /usr/sbin/nologin vmail

# Certificates: two kinds for the host's own name, a third by SNI.
mkdir -m 700 /etc/postfix/tls
make() {
	file=/etc/postfix/tls/$1.pem name=$2
	shift 2
	openssl req -x509 -nodes -days 3650 -subj "/CN=$name" -addext "subjectAltName=DNS:$name" -newkey "$@" -keyout "$file.key" -out "$file.crt"
	# Postfix wants the key before its certificates in a chain file.
	cat "$file.key" "$file.crt" >"$file"
	chmod 600 "$file"
	rm -f "$file.key" "$file.crt"
}
make rsa mx1.lab.test rsa:2048
make ecdsa mx1.lab.test ec -pkeyopt ec_paramgen_curve:prime256v1
make other mail.other.test rsa:2048

sed "s/@DB@/$db/" main.cf >/etc/postfix/main.cf
cp master.cf /etc/postfix/master.cf
chown root:postfix /etc/postfix/main.cf
chmod 640 /etc/postfix/main.cf
cp tls_policy vmailbox /etc/postfix/
echo 'mail.other.test /etc/postfix/tls/other.pem' >/etc/postfix/sni
postmap "$db:/etc/postfix/tls_policy" "$db:/etc/postfix/vmailbox"
postmap -F "$db:/etc/postfix/sni"
chmod 600 /etc/postfix/sni*
newaliases
# Makes the queue's directories, which Dovecot's sockets go into; on Debian 13 only the first start would.
postfix check

case $(dovecot --version) in
2.3.*) cp dovecot-2.3.conf /etc/dovecot/dovecot.conf ;;
*) cp dovecot-2.4.conf /etc/dovecot/dovecot.conf ;;
esac
for name in user@lab.test second@lab.test user@other.test; do
	echo "$name:{PLAIN}sesame"
done >/etc/dovecot/users
chown root:dovecot /etc/dovecot/users
chmod 640 /etc/dovecot/users

cp opendkim.conf /etc/opendkim.conf
openssl genrsa -out /etc/dkimkeys/mail.private 2048
chown opendkim:opendkim /etc/dkimkeys/mail.private
chmod 600 /etc/dkimkeys/mail.private

install -m 755 lab-filter /usr/local/sbin/lab-filter
cp lab-filter.service /etc/systemd/system/
systemctl enable lab-filter.service dovecot.service opendkim.service

# For a host without systemd.
start() {
	printf '#!/bin/sh\n%s\n' "$2" >"/usr/local/sbin/start-$1"
	chmod 755 "/usr/local/sbin/start-$1"
}
start dovecot 'exec dovecot'
start opendkim 'install -d -o opendkim -g opendkim /run/opendkim && exec opendkim -x /etc/opendkim.conf'
start lab-filter 'setsid /usr/local/sbin/lab-filter >/dev/null 2>&1 &'
