# Which Postfix: the configuration directory that the running master itself uses.

# One line for each running master of this machine: its process and its configuration directory. Those of containers have another root.
# A master works in its queue directory and has its number in a file there. What is named master too and has not is a child before
# its exec, or `master -t` of `postfix status`.
running_masters() {
	grep -lx master /proc/[0-9]*/comm 2>/dev/null | while IFS= read -r comm; do
		process=${comm%/comm}
		{ read -r holder <"$process/cwd/pid/master.pid"; } 2>/dev/null || continue
		[ "$holder" = "${process#/proc/}" ] || continue
		[ "$process/root/" -ef / ] || continue
		is_roots_process "$process" || continue
		directory=$(tr '\0' '\n' <"$process/environ" 2>/dev/null | sed -n 's/^MAIL_CONFIG=//p')
		directory=${directory##*
}
		case $directory in "$state"/*) continue ;; esac
		printf '%s %s\n' "${process#/proc/}" "${directory:-$(postconf -h config_directory)}"
	done
}

# Whoever else calls a process of his so would choose what root runs. The owner of the directory in /proc may be root all the same.
# Read at once: bash seeks back after each line, and what the kernel then makes anew may have another length.
is_roots_process() {
	grep -qs '^Uid:	0	0	' "$1/status"
}

# The process of the master that runs with our configuration directory, by whatever path it was given; none if it does not run.
find_master() {
	master_pid=
	while read -r process directory; do
		[ "$directory" -ef "$config" ] && master_pid=$process
	done <"$work/masters"
}

find_instance() {
	locate_instance
	[ -z "$absent" ] || fail "$absent"
	enter_instance
}

# Sets config, and absent to what is missing there, which may be gone for good or for the moment.
locate_instance() {
	absent=
	config=$(sed -n 's/^config	//p' "$work/wanted")
	config=${config%/}
	for tool in postconf postfix; do
		command -v "$tool" >/dev/null 2>&1 && continue
		absent="no Postfix here: there is no $tool in $PATH$(foreign_system | sed 's/^/; this is /; s/$/, and mailhost is tested on Debian alone/')"
		return
	done
	running_masters >"$work/masters"
	# On a host that boots ssh answers before Postfix does.
	[ -s "$work/masters" ] || {
		wait_for_jobs
		running_masters >"$work/masters"
	}
	[ -n "$config" ] || choose_running
	if [ ! -f "$config/main.cf" ] || [ ! -f "$config/master.cf" ]; then absent="configDirectory is \"$config\"; it must hold main.cf and master.cf"; fi
}

choose_running() {
	running=0
	while read -r _ directory; do
		running=$((running + 1))
		config=$directory
	done <"$work/masters"
	case $running in
	0) config=$(postconf -h config_directory) ;;
	1) ;;
	*) fail "several Postfix instances run here: $(cut -d' ' -f2- "$work/masters" | sort | tr '\n' ' '); name one by configDirectory" ;;
	esac
}

enter_instance() {
	find_master
	heed_config
	main_file=$(readlink -f "$config/main.cf")
	master_file=$(readlink -f "$config/master.cf")
	find_ledger
}

read_instance() {
	reads=1
	until read_values; do
		reads=$((reads + 1))
		[ "$reads" -le 5 ] || fail "$config was changed by someone else again and again while it was read; nothing was done. Run again"
	done
	{
		IFS= read -r version
		IFS= read -r daemon_directory
		IFS= read -r mail_owner
		IFS= read -r maillog_file
		IFS= read -r smtpd_timeout
		IFS= read -r _
		IFS= read -r inet_protocols
	} <"$work/directories"
	# Until new files are seen.
	new_address=$old_address
	number=${version#*.}
	number=$((${version%%.*} * 1000 + ${number%%[!0-9]*}))
	[ "$number" -ge 3004 ] || fail "Postfix $version is too old; 3.4 is the oldest supported"
	if command -v getent >/dev/null 2>&1; then
		getent services >"$work/ports"
	else
		cat /etc/services >"$work/ports" 2>/dev/null
	fi
	[ -s "$work/ports" ] || : >"$work/ports"
}

# The two files and what Postfix makes of them. Fails where they changed in between, for then the values may be of other files.
read_values() {
	cp "$main_file" "$work/main.old" || fail "can't read $main_file"
	cp "$master_file" "$work/master.old" || fail "can't read $master_file"
	postconf -c "$config" >"$work/effective" 2>"$work/postconf" || fail "Postfix can't read $config: $(tail -n 1 "$work/postconf")"
	postconf -c "$config" -d >"$work/defaults" 2>/dev/null
	postconf -c "$config" -x -h mail_version daemon_directory mail_owner maillog_file smtpd_timeout inet_interfaces inet_protocols \
		>"$work/directories" 2>/dev/null || fail "Postfix before 3.4 is not supported"
	old_address=$(sed -n '6,7p' "$work/directories" | usual_address)
	cmp -s "$main_file" "$work/main.old" && cmp -s "$master_file" "$work/master.old"
}

# Files that we could not put back as they are, or that someone else will write again, are refused.
check_files() {
	mounted=$(awk -v main="$main_file" -v master="$master_file" '$5 == main || $5 == master { print $5; exit }' /proc/self/mountinfo)
	[ -z "$mounted" ] || fail "$mounted is a mount point of its own, which can't be renamed over; mount its directory instead"
	for file in "$main_file" "$master_file"; do
		listed=$(ls -ld "$file")
		case $listed in ??????????+*) fail "$file has an ACL, which a rename would lose; remove it with setfacl -b" ;; esac
		links=${listed#* }
		case ${links# } in '1 '*) ;; *) fail "$file has hard links; a rename would part them, so replace them by one file" ;; esac
		[ -w "${file%/*}" ] || fail "${file%/*} can't be written to, not even by root; is it mounted read-only?"
		[ -w "$file" ] || fail "$file can't be written to, not even by root; if it is immutable, allow changes with chattr -i"
	done
	# What we wrote we may take back, whoever else writes there.
	case $verb in restore*) ;; *) heed_headers ;; esac
	[ -w "$config" ] || fail "$config can't be written to, not even by root; is it mounted read-only?"
	[ "$main_file" = "$config/main.cf" ] || warn symlink "$config/main.cf is a link; $main_file was edited"
	[ "$master_file" = "$config/master.cf" ] || warn symlink "$config/master.cf is a link; $master_file was edited"
}

# What the heads of the files say of another tool, each with its file; that may not go on without it being named.
heed_headers() {
	awk 'FNR <= 30 && !(FILENAME in found) && /^[ \t]*#/ && tolower($0) ~ /managed by|ansible.managed|maintained by|controlled by|generated by|do not edit/ {
		found[FILENAME] = 1
		print FILENAME "\t" $0
	}' "$main_file" "$master_file" >"$work/headers"
	[ -s "$work/headers" ] || return 0
	sed -n 's/^shared	//p' "$work/wanted" >"$work/shared"
	while IFS='	' read -r file header; do
		is_shared || fail "$file says \"$header\"; another tool would write over our changes. Change it there, or name that tool by sharedWith"
	done <"$work/headers"
}

is_shared() {
	while IFS= read -r word; do
		case $header in *"$word"*) return 0 ;; esac
	done <"$work/shared"
	return 1
}
