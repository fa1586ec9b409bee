# mailhost.sh apply|plan|audit|remove|secrets|restore|restore-plan|collect HOST, evidence HOST [PORT [DAYS]], see docs/policy.md.

umask 077
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
export LC_ALL PATH
unset MAIL_CONFIG

verb=${1:-}
host=${2:-$(uname -n)}
case $verb in
apply | plan | audit | remove | secrets | restore | restore-plan | collect | evidence) ;;
*)
	say "error: the verb is \"$verb\"; use one of apply, plan, audit, remove, secrets, restore, restore-plan, collect, evidence"
	exit 2
	;;
esac
need id
[ "$(id -u)" = 0 ] || fail "this runs as user $(id -un), not as root; log in as root, or set privilege to Sudo or Doas"
case $verb in
collect | evidence)
	need awk flock sha256sum stat
	unset TZ
	"$verb" "${3:-}" "${4:-}"
	exit
	;;
esac
need awk cat chmod chown cmp cp cut date find flock grep head ln ls mkdir mktemp mv openssl readlink rm rmdir sed setsid sha256sum sleep sort stat sync tail touch tr uname wc
take_lock
open_workspace
case $verb in
restore-plan) restore_plan ;;
*) "$verb" ;;
esac
