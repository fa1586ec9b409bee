# Who holds what differs, and between which seconds someone else changed it, as far as the host can tell.
# Reads owners (key, owner, its word), times (file, ours, its own) and changes; adds to each change its owners, "after" and "until".

function known(time) {
	return time ~ /^[0-9]/ ? time : ""
}

BEGIN {
	FS = OFS = "\t"
}

file == "owners" && $3 == "wants" { owners[$1] = owners[$1] "" (owners[$1] == "" ? "" : "\001") $2 }

file == "times" {
	ours[$1] = known($2)
	own[$1] = known($3)
}

# A file's time may have been set by hand, to before our own write.
file == "changes" {
	until = $8 == 0 ? "" : own[$1]
	after = $8 == 0 ? "" : ours[$1]
	print $1, $2, $3, $4, $5, $6, $7, $8, $9, owners[$9], after, (until > after ? until : "")
}
