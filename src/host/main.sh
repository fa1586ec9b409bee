# mailhost.sh apply|plan|audit|remove|secrets|restore|restore-forget|restore-plan|collect HOST, evidence HOST [PORT [DAYS]], flow HOST [DAYS], see docs/policy.md.

verb=${1:-}
host=${2:-$(uname -n)}
# The command line names a host as ssh does: root@mx1, or ssh://root@[2001:db8::1]:22.
case $host in
*[!]A-Za-z0-9._:%@/+[-]*)
	host=$(uname -n)
	say "error: the host's name has characters that no name has"
	exit 2
	;;
esac
case $verb in
apply | plan | audit | remove | secrets | restore | restore-forget | restore-plan | collect | evidence | flow) ;;
*)
	say "error: the verb is \"$verb\"; use one of apply, plan, audit, remove, secrets, restore, restore-forget, restore-plan, collect, evidence, flow"
	exit 2
	;;
esac
need id
[ "$(id -u)" = 0 ] || fail "this runs as user $(id -un), not as root; log in as root, or set privilege to Sudo or Doas"
case $verb in
collect | evidence | flow)
	need awk flock sha256sum stat
	unset TZ
	"$verb" "${3:-}" "${4:-}"
	exit
	;;
esac
if [ $# -gt 2 ]; then
	say "error: there are more arguments than a verb and the host's name"
	exit 2
fi
forget_uploads 2>/dev/null
need awk cat chmod chown cmp cp cut date find flock grep head ln ls mkdir mktemp mv openssl readlink rm rmdir sed setsid sha256sum sleep sort stat sync tail touch tr uname wc
case $verb in restore*) ;; *) read_input ;; esac
take_lock
open_workspace
case $verb in
restore-plan) restore_plan ;;
restore-forget) restore ;;
*) "$verb" ;;
esac
