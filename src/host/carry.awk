# What one log file or run hands on to the next: a session may begin in one and end in another.

function readCarry(line, w, n, i) {
	while ((getline line < carry) > 0) {
		n = split(line, w, "\t")
		if (w[1] == "mail") lastMail = w[2]
		else if (w[1] == "newest") newest = (carriedNewest = w[2] + 0) * follow
		else if (w[1] == "lines") lines[w[2] "\t" w[3]] = w[4]
		else if (w[1] == "since" && w[2] in since && w[4] < since[w[2]] + 0) since[w[2]] = w[4]
		else if (w[1] == "lost") carriedLost = w[2]
		else if (w[1] == "refused" && n == 5) keepRefusal(w[2], w[3], w[4], w[5])
		else if (w[1] == "queued") keepQueued(w[2], w[3] "\n", w[4])
		else if (w[1] == "syn") {
			synTime[w[2]] = w[4]
			synPort[w[2]] = w[3]
		}
		else if (w[1] == "session") {
			time = w[6]
			openSession(w[2], w[3], w[4], w[5])
			for (i = 7; i <= n; i++) sessionUsers[w[2]] = sessionUsers[w[2]] w[i] "\n"
		}
	}
	close(carry)
}

function writeCarry(key, users, client) {
	if (newest < carriedNewest) newest = carriedNewest
	printf "mail\t%.0f\nnewest\t%.0f\n", mail ? seen : lastMail + 0, newest > carryNew
	for (key in lines) print "lines\t" key "\t" lines[key] > carryNew
	for (key in since) printf "since\t%s\t%s\t%.0f\n", key, topicService[key], since[key] > carryNew
	if (mail ? !begun && lost != "" : carriedLost != "") print "lost\t" (mail ? lost : carriedLost) > carryNew
	for (key in refusedBy) {
		split(refusedBy[key], client, "\t")
		if (client[3] > newest - 120) print "refused\t" key "\t" refusedBy[key] > carryNew
	}
	# Mail that no delivery was seen of yet.
	for (key in queued) if (length(queued[key]) == 2 && queuedTime[key] > newest - 3600) print "queued\t" key "\t" substr(queued[key], 1, 1) "\t" queuedTime[key] > carryNew
	for (key in synTime) if (synTime[key] > newest - 120) print "syn\t" key "\t" synPort[key] "\t" synTime[key] > carryNew
	for (key in sessionPort) {
		# An end that was never logged comes no more.
		if (sessionTime[key] < newest - 86400) continue
		users = substr(sessionUsers[key], 2)
		gsub(/\n/, "\t", users)
		sub(/\t$/, "", users)
		print "session\t" key "\t" sessionPort[key] "\t" sessionName[key] "\t" sessionAddress[key] "\t" sessionTime[key] (users == "" ? "" : "\t" users) > carryNew
	}
	close(carryNew)
}
