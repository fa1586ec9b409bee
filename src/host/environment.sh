# Who calls, by sudo, doas or a forced command, brings an environment: nothing of it counts here.

umask 077
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
	case $name in
	PATH | PWD | SHELLOPTS | BASHOPTS | UID | EUID | PPID) ;;
	*) unset "$name" ;;
	esac
done
LC_ALL=C
export LC_ALL PATH
