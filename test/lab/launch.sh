#!/bin/sh
# Start a host, in the network namespace and private mount namespace that this already runs in:
# launch.sh HOST_DIR NAME systemd|plain SHARED…
set -eu

dir=${1:?host directory} name=${2:?name} init=${3:?init}
shift 3

# A control group of its own: several guests in one group would manage each other's processes.
mkdir -p "$dir/cgroup"
mount -t cgroup2 none "$dir/cgroup"
own=$(sed -n 's/^0:://p' /proc/self/cgroup)
group=${own%/}/mailhost-$name
printf '%s\n' "$group" >"$dir/group"
mkdir -p "$dir/cgroup$group"
echo $$ >"$dir/cgroup$group/cgroup.procs"
mount --bind "$dir/cgroup" /sys/fs/cgroup

# /etc and the rest of /var are plain copies, where file semantics are under test.
for part in "$@"; do
	[ -z "$(ls -A "$dir/root/$part")" ] || continue
	mount -t overlay overlay -o "lowerdir=$dir/base/$part,upperdir=$dir/upper/$part,workdir=$dir/work/$part" "$dir/root/$part" ||
		# A cache that is itself on an overlay can't hold another.
		cp -a "$dir/base/$part/." "$dir/root/$part/"
done

export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
case $init in
systemd) set -- --boot ;;
plain) set -- --as-pid2 /usr/local/sbin/lab-init ;;
esac
exec systemd-nspawn --quiet --directory="$dir/root" --machine="$name" --hostname=mx1.lab.test \
	--register=no --keep-unit --network-veth --resolv-conf=off --timezone=off --link-journal=no --console=pipe "$@"
