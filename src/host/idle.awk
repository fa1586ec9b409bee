# Which of the sessions are idle and may be ended. Reads these files by the variable `file`:
#   sessions  as oldSessions.awk prints them             fds   `ls -l` of /proc/PID/fd, of their processes and of cleanup's
#   unix      `ss -xenH`                              tcp   `ss -tienH`
# with `cleanups`, the process numbers of all cleanup, and prints process, descriptor, local end, peer, seconds without a word.
# A mail under way, up to the answer to its final dot, has a queue id: a connection between the smtpd and a cleanup.
# A connection whose other end is not known may be one.

BEGIN {
	n = split(cleanups, word, " ")
	for (i = 1; i <= n; i++) isCleanup[word[i]] = 1
}

file == "sessions" && $2 == "smtpd" {
	process[$4] = $1
	descriptor[$4] = $3
}

file == "fds" && /^\/proc\/[0-9]+\/fd:$/ { split($0, word, "/"); holder = word[3] }

file == "fds" && match($0, /socket:\[[0-9]+\]$/) {
	inode = substr($0, RSTART + 8, RLENGTH - 9)
	if (holder in isCleanup) cleanupHas[inode] = 1
	else has[inode] = holder
}

file == "unix" && $1 == "u_str" && ($6 in has) {
	closed = $0 ~ / (---|-->|<--)/
	if ($8 in cleanupHas || ($8 == 0 && !closed)) mail[has[$6]] = 1
	rows[has[$6]]++
}

file == "tcp" && /^[A-Z]/ {
	inode = match($0, / ino:[0-9]+/) ? substr($0, RSTART + 5, RLENGTH - 5) : ""
	state = $1
	queued = $2 + $3
	local = $4
	peer = $5
}

file == "tcp" && /^[ \t]/ && (inode in process) {
	quiet = earlier(milliseconds("lastsnd:"), milliseconds("lastrcv:"))
	if (state == "ESTAB" && queued == 0 && quiet >= 30000 && isRemote() && rows[process[inode]] && !(process[inode] in mail))
		print process[inode], descriptor[inode], local, peer, int(quiet / 1000)
}

# What ss leaves out is 0.
function milliseconds(name) {
	return match($0, " " name "[0-9]+") ? substr($0, RSTART + length(name) + 1, RLENGTH - length(name) - 1) + 0 : 0
}

function earlier(a, b) {
	return a < b ? a : b
}

# Programs of the host itself, such as a content filter, are left alone.
function isRemote() {
	return peer !~ /^(\[?(::ffff:)?127\.|\[::1\])/ && hostOf(peer) != hostOf(local)
}

function hostOf(end) {
	sub(/:[0-9]+$/, "", end)
	return end
}
