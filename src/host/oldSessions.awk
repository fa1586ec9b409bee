# Which server sessions run on older settings. Reads these files by the variable `file`:
#   stat      /proc/PID/stat of all processes          fds   `ls -l` of /proc/PID/fd, master's too
#   services  what listens, before and after           tcp   /proc/PID/net/tcp and tcp6
# With `list` it prints the process numbers of server processes; else, for each session of an older generation,
# process, command, descriptor, inode and port.

# Children of our master. On a reload postscreen and tlsproxy finish their sessions as children of init.
file == "stat" && match($0, /^[0-9]+ \((smtpd|postscreen|tlsproxy)\) /) {
	name = substr($0, index($0, "(") + 1, RLENGTH - index($0, "(") - 2)
	split(substr($0, RLENGTH + 1), word, " ")
	if (word[2] != master && (name == "smtpd" || word[2] != 1)) next
	command[$1] = name
	if (list) print $1
}

file == "fds" && /^\/proc\/[0-9]+\/fd:$/ { split($0, word, "/"); process = word[3] }

file == "fds" && match($0, /[0-9]+ -> [a-z]+:\[[0-9]+\]$/) {
	split(substr($0, RSTART, RLENGTH), word, / -> [a-z]+:\[|\]/)
	if (process == master) masterHas[word[2]] = 1
	else if (process in command) {
		if (word[1] == 5) status[process] = word[2]
		holder[word[2]] = process
		descriptor[word[2]] = word[1]
	}
}

file == "services" && $2 == "inet" && ($3 == "smtpd" || $3 == "postscreen") { ports[$4] = 1 }

# 01 is ESTABLISHED, 08 CLOSE_WAIT (include/net/tcp_states.h).
file == "tcp" && ($4 == "01" || $4 == "08") {
	port = hex(substr($2, index($2, ":") + 1))
	if (port in ports && $10 in holder) portOf[$10] = port
}

function hex(text, i, n) {
	n = 0
	for (i = 1; i <= length(text); i++) n = n * 16 + index("0123456789ABCDEF", substr(text, i, 1)) - 1
	return n
}

# A child reports to master by descriptor 5 (master_proto.h), an end that master itself has open too, until a reload gives it new ones.
END {
	if (list) exit
	for (inode in portOf) {
		process = holder[inode]
		if (process in status && !(status[process] in masterHas)) print process, command[process], descriptor[inode], inode, portOf[inode]
	}
}
