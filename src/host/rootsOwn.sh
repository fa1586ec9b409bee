# What Postfix and its programs run, load or read as root: nobody but root may decide what is there. A login may be allowed no
# more than this program, and its policy must not make it root.

roots_paths='daemon_directory command_directory shlib_directory meta_directory multi_instance_directories alternate_config_directories tls_config_file openssl_path'
roots_commands='debugger_command multi_instance_wrapper import_environment'

# is_roots PATH: by this path, and by the one that it leads to, nobody but root may write to it or to a directory above it.
is_roots() {
	for path in "$1" "$(readlink -f "$1")"; do
		set -- /
		while [ "$path" != "${path#*/}" ]; do
			set -- "$@" "${path:-/}"
			path=${path%/*}
		done
		[ -z "$path" ] || return 1
		[ "$(stat -L -c '%u %A' "$@" 2>/dev/null | grep -cx '0 .....-..-.')" = "$#" ] || return 1
	done
}

# A directory that a policy names. One that root started a Postfix with is root's choice already.
heed_config() {
	[ -z "$master_pid" ] || return 0
	grep -q '^config	' "$work/wanted" || return 0
	if is_roots "$config" && is_roots "$config/main.cf" && is_roots "$config/master.cf"; then return 0; fi
	fail "configDirectory is \"$config\"; it, its main.cf and master.cf and every directory above must be root's, and writable by nobody else"
}

# heed_roots DIRECTORY: the candidate there. What comes out is compared, as a value may name other parameters, and both ways in one
# place, as one may name the directory.
heed_roots() {
	# What goes back was there before.
	case $verb in remove | restore*) return 0 ;; esac
	hidden=$(awk -F '\t' -v names=" $roots_paths $roots_commands config_directory " '$1 == "option" && index(names, " " $3 " ") { print $2 ":" $3; exit }' "$work/wanted")
	[ -z "$hidden" ] || fail "services: $hidden is for main.cf alone; it says what Postfix runs as root"
	roots_values "$1" "$work/main.old" >"$work/roots.old"
	roots_values "$1" "$work/main.cf" >"$work/roots.new"
	[ "$(wc -l <"$work/roots.new")" = "$(wc -l <"$work/roots.old")" ] || fail "Postfix can't read the new files"
	while IFS= read -r line; do
		grep -qxF -- "$line" "$work/roots.old" || heed_roots_value "${line%% *}" "${line#*=}"
	done <"$work/roots.new"
}

# roots_values DIRECTORY MAIN: the number of a process is another one each time.
roots_values() {
	sed 's/\$[{(]*process_id[)}]*/PID/g' "$2" >"$1/main.cf"
	touch -t "$long_ago" "$1/main.cf"
	postconf -c "$1" -x 2>/dev/null | awk -v names=" $roots_paths $roots_commands " 'index(names, " " $1 " ")'
}

# heed_roots_value NAME VALUE: the message leaves out the value, which may be a secret setting.
heed_roots_value() {
	value=${2# }
	[ -n "$value" ] || return 0
	case $1 in
	debugger_command) fail "settings.$1: Postfix would run that as root, so it is for root alone to set, by hand" ;;
	multi_instance_wrapper) is_postmulti "${value%% *}" || fail "settings.$1: Postfix runs that as root; root's own postmulti is accepted" ;;
	import_environment)
		case $value in *LD_* | *PATH* | *OPENSSL* | *MAIL_CONFIG=* | *"MAIL_CONFIG ="*) ;; *) return 0 ;; esac
		fail "settings.$1: variables that say what a program loads are for root alone to set, by hand"
		;;
	*) heed_roots_path "$1" "$value" ;;
	esac
}

is_postmulti() {
	case $1 in */postmulti) is_roots "$1" ;; *) return 1 ;; esac
}

heed_roots_path() {
	printf '%s\n' "$2" | sed 's/[, ]/\n/g' | sed '/^$/d' >"$work/roots.paths"
	while IFS= read -r word; do
		case $1:$word in shlib_directory:no | tls_config_file:none | tls_config_file:default | openssl_path:openssl) continue ;; esac
		is_roots "$word" || fail "settings.$1: what is there runs as root, so it and every directory above must be there, root's, and writable by nobody else"
		[ "$1" != daemon_directory ] || [ -x "$word/master" ] || fail "settings.$1: there is no Postfix, as it holds no master"
	done <"$work/roots.paths"
}
