# What a decision reads besides the two files.

function readWanted(line, w) {
	while ((getline line < wanted) > 0) {
		split(line, w, "\t")
		kind = w[1]
		if (kind == "allow") allowWeaker = 1
		else if (kind == "override") overrideFix = 1
		else if (kind == "tls") floor[w[2]] = w[3]
		else if (kind == "ciphers") profile[w[2]] = w[3]
		else if (kind == "exclude") excluded[w[2]] = w[3]
		else todo[++todos] = line
	}
	close(wanted)
}

function readTables(line, at, w, n, i, j, last, part) {
	readValues(effectiveFile, effective)
	readValues(defaultsFile, default_)
	while ((getline line < ports) > 0) if (split(line, w, " ") >= 2 && w[2] ~ /\/tcp$/) {
		n = split(line, w, " ")
		for (i = 1; i <= n; i++) if (i != 2 && !(w[i] in knownPort)) knownPort[w[i]] = w[2] + 0
	}
	if ("known_tcp_ports" in effective) {
		n = split(effective["known_tcp_ports"], w, /[ ,]+/)
		for (i = 1; i <= n; i++) {
			last = split(w[i], part, "=")
			for (j = 1; j < last; j++) knownPort[part[j]] = part[last] + 0
		}
	}
	while ((getline line < secretsFile) > 0) {
		split(line, w, "\t")
		secretValue[w[2], w[1]] = w[3]
	}
	while ((getline line < mineFile) > 0) mine[line] = 1
	while ((getline line < ownersFile) > 0) {
		split(line, w, "\t")
		if (!(w[2] in mine)) otherOwner[w[1]] = w[2]
	}
	while ((getline line < ledgerFile) > 0) {
		split(line, w, "\t")
		ledgerOrder[++ledgerCount] = w[1]
		ledgerBefore[w[1]] = decode(w[2])
		ledgerAfter[w[1]] = decode(w[3])
		ledgerSecret[w[1]] = w[4]
	}
}

function readValues(path, values, line, at) {
	while ((getline line < path) > 0) {
		at = index(line, " =")
		if (at > 1 && substr(line, 1, at - 1) !~ /[^A-Za-z0-9_.-]/) values[substr(line, 1, at - 1)] = trim(substr(line, at + 2))
	}
}
