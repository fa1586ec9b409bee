#!/bin/sh
# Remove a lab and all that it started: teardown.sh LAB_DIR. Also teardown.sh LAB_DIR HOST for one host.
set -u

lab=${1:?lab directory} only=${2:-*}
case $lab in
*/mailhost/labs/?*) ;;
*)
	echo "lab: $lab is not a lab's directory" >&2
	exit 2
	;;
esac

# Everything of a host is in its control group, so this ends exactly what the lab started.
end_host() {
	host=$1
	if [ -s "$host/group" ]; then
		group=$(cat "$host/group")
		# shellcheck disable=SC2016
		unshare --mount --propagation private sh -c '
			mount -t cgroup2 none "$1/cgroup" || exit 0
			top=$1/cgroup$2
			[ -d "$top" ] || exit 0
			tries=0
			until ! grep -q "populated 1" "$top/cgroup.events" || [ "$tries" -gt 100 ]; do
				echo 1 >"$top/cgroup.kill"
				sleep 0.05
				tries=$((tries + 1))
			done
			find "$top" -depth -type d -exec rmdir {} + 2>/dev/null
		' - "$host" "$group"
	fi
}

for host in "$lab"/hosts/$only; do
	[ -d "$host" ] || continue
	end_host "$host"
	[ -n "${KEEP_FILES:-}" ] || rm -rf --one-file-system "$host"
done
[ "$only" = '*' ] || exit 0

if [ -s "$lab/netns" ]; then
	ns=$(cat "$lab/netns")
	ip netns pids "$ns" 2>/dev/null | xargs -r kill -9
	ip netns delete "$ns" 2>/dev/null
fi
rm -rf --one-file-system "$lab"
