# What the decision reads besides the two files: the policy's words, Postfix's values, ports, secrets, owners and the ledger.

function readTables() {
	readValues(effectiveFile, effective)
	readValues(defaultsFile, default_)
	readPorts()
	readSecrets()
	readOwners()
	readLedger()
}

function readValues(path, values, line, at) {
	while ((getline line < path) > 0) {
		at = index(line, " =")
		if (at > 1 && substr(line, 1, at - 1) !~ /[^A-Za-z0-9_.-]/) values[substr(line, 1, at - 1)] = trim(substr(line, at + 2))
	}
	close(path)
}

# The first name of a port that is found counts; from 3.6 on Postfix knows some names by itself, before all others.
function readPorts(line, word, n, i, j, last, part) {
	while ((getline line < ports) > 0) {
		sub(/#.*/, "", line)
		n = split(line, word, " ")
		if (n < 2 || word[2] !~ /\/tcp$/) continue
		for (i = 1; i <= n; i++) if (i != 2 && !(word[i] in knownPort)) knownPort[word[i]] = word[2] + 0
	}
	close(ports)
	n = split(valueOf("known_tcp_ports"), word, /[ \t,]+/)
	for (i = 1; i <= n; i++) {
		last = split(word[i], part, "=")
		for (j = 1; j < last; j++) knownPort[part[j]] = part[last] + 0
	}
}

function readSecrets(line, word) {
	while ((getline line < secretsFile) > 0) {
		split(line, word, "\t")
		secretValue[word[2], word[1]] = word[3]
	}
	close(secretsFile)
}

function readOwners(line, word) {
	while ((getline line < mineFile) > 0) mine[line] = 1
	close(mineFile)
	while ((getline line < ownersFile) > 0) {
		split(line, word, "\t")
		if (word[3] != "wants") continue
		if (word[2] in mine) held[word[1]] = 1
		else if (!(word[1] in otherOwner) || isOwnGuard(otherOwner[word[1]])) otherOwner[word[1]] = word[2]
	}
	close(ownersFile)
}

function readLedger(line, word) {
	while ((getline line < ledgerFile) > 0) {
		split(line, word, "\t")
		ledgerOrder[++ledgerCount] = word[1]
		ledgerBefore[word[1]] = decode(word[2])
		ledgerAfter[word[1]] = decode(word[3])
		ledgerSecret[word[1]] = word[4]
	}
	close(ledgerFile)
}

# Lines that act on one name each wait in `todo`.
function readWanted(line, word) {
	while ((getline line < wanted) > 0) {
		split(line, word, "\t")
		if (word[1] == "allow") allowWeaker = 1
		else if (word[1] == "override") overrideFix = 1
		else if (word[1] == "tls") floor[word[2]] = word[3]
		else if (word[1] == "ciphers") profile[word[2]] = word[3]
		else if (word[1] == "exclude") excluded[word[2]] = word[3]
		else todo[++todos] = line
	}
	close(wanted)
}

function valueOf(name) {
	return name in effective ? effective[name] : ""
}

# Values of $name, ${name} and $(name): an entry's own options count before main.cf; without an entry, e is 0.
function expand(text, e, depth, at, name, rest, before) {
	if (depth > 10) return text
	before = ""
	while (match(text, /\$(\{[A-Za-z0-9_]+\}|\([A-Za-z0-9_]+\)|[A-Za-z0-9_]+)/)) {
		at = RSTART
		name = substr(text, at + 1, RLENGTH - 1)
		rest = substr(text, at + RLENGTH)
		gsub(/[{}()]/, "", name)
		before = before substr(text, 1, at - 1) expand(serviceValue(e, name), e, depth + 1)
		text = rest
	}
	return before text
}

# What the service uses: its own option, else main.cf.
function serviceValue(e, name, j) {
	j = e > 0 ? findOption(e, name) : 0
	return j > 0 ? optionValue[e, j] : valueOf(name)
}
