#!/bin/sh
# Runs inside a new root: accounts, ssh, and a network that a lab can fill in. Postfix stays as Debian made it.
set -eu

install -m 755 /root/kind/lab-init /usr/local/sbin/lab-init

# Debian's default; installing gawk for the tests must not change which awk a program meets.
update-alternatives --set awk /usr/bin/mawk

user() { useradd --create-home --shell /bin/bash "$1"; }
# Mail for user@lab.test arrives on every kind of host.
user user
user deploy
user locked
user dora
user plain
# Its absence is an error in the journal at each login.
touch /etc/default/locale

echo 'locked:lab-sesame' | chpasswd
echo 'plain:lab-sesame' | chpasswd
printf 'deploy ALL=(ALL:ALL) NOPASSWD: ALL\nlocked ALL=(ALL:ALL) ALL\n' >/etc/sudoers.d/lab
chmod 440 /etc/sudoers.d/lab
printf 'permit nopass dora as root\npermit locked as root\n' >/etc/doas.conf
chmod 600 /etc/doas.conf
for home in /root /home/deploy /home/locked /home/dora /home/plain; do
	mkdir -p "$home/.ssh"
	chmod 700 "$home/.ssh"
	chown --reference="$home" "$home/.ssh"
done

cat >/etc/ssh/sshd_config.d/lab.conf <<-'END'
	MaxStartups 300:30:600
	UseDNS no
END

systemctl enable systemd-networkd.service
systemctl disable systemd-networkd-wait-online.service || :
systemctl mask systemd-resolved.service systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service console-getty.service
