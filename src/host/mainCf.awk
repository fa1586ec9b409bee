# main.cf: logical lines as postconf(5) reads them. A blank or comment line does not end one; the last of several wins.

function parseMain(i, k, at) {
	split("", ownerOf)
	split("", paramName)
	split("", paramValue)
	split("", paramFirst)
	split("", lastParam)
	params = 0
	for (i = 1; i <= mainLines; i++) {
		if (isComment(main[i])) continue
		if (main[i] ~ /^[ \t\r\f\v]/) {
			if (params == 0) continue
			paramValue[params] = paramValue[params] " " trim(main[i])
			ownerOf[i] = params
			continue
		}
		at = index(main[i], "=")
		if (at == 0) continue
		k = ++params
		paramName[k] = trim(substr(main[i], 1, at - 1))
		paramValue[k] = trim(substr(main[i], at + 1))
		paramFirst[k] = i
		ownerOf[i] = k
		lastParam[paramName[k]] = k
	}
	for (k = 1; k <= params; k++) paramValue[k] = trim(paramValue[k])
}

function isSet(name) {
	return name in lastParam
}

function fileValue(name) {
	return paramValue[lastParam[name]]
}

# The lines that make the parameter, duplicates and the comments within them included.
function rawMain(name, i, k, text, between) {
	text = ""
	k = 0
	for (i = 1; i <= mainLines; i++) {
		if (!(i in ownerOf)) between = between "\n" main[i]
		else if (paramName[ownerOf[i]] == name) {
			text = text "" (text == "" ? "" : ownerOf[i] == k ? between "\n" : "\n") main[i]
			k = ownerOf[i]
			between = ""
		} else between = ""
	}
	return text
}

# Comments stay where they are.
function removeMain(name, exceptLine, i) {
	for (i = mainLines; i >= 1; i--)
		if (i in ownerOf && i != exceptLine && paramName[ownerOf[i]] == name) mainLines = splice(main, mainLines, i, 1, "")
	parseMain()
}

function setMain(name, value, i, left, ending) {
	if (!isSet(name)) {
		main[++mainLines] = name " =" (value == "" ? "" : " " value)
		parseMain()
		return
	}
	i = paramFirst[lastParam[name]]
	match(main[i], /^[^=]*=[ \t]*/)
	left = substr(main[i], 1, RLENGTH)
	if (left ~ /[ \t]=$/) left = left " "
	ending = main[i] ~ /\r$/ ? "\r" : ""
	main[i] = (value == "" ? trim(left) : left value) ending
	removeMain(name, i)
}

# Puts lines back where the parameter stands now, or at the end. Comments that stood between them stayed in the file.
function putBackMain(name, text, at, i, n, part) {
	if (!isSet(name)) {
		mainLines = splice(main, mainLines, mainLines + 1, 0, withoutComments(text))
		parseMain()
		return
	}
	removeMain(name, paramFirst[lastParam[name]])
	at = paramFirst[lastParam[name]]
	n = split(name commentsOf(text), part, "\n")
	for (i = 2; i <= n && main[at + i - 1] == part[i] ""; i++);
	mainLines = i > n ? splice(main, mainLines, at, n, text) : splice(main, mainLines, at, 1, withoutComments(text))
	parseMain()
}

# Each behind a newline.
function commentsOf(text, n, part, i, out) {
	n = split(text, part, "\n")
	out = ""
	for (i = 1; i <= n; i++) if (isComment(part[i])) out = out "\n" part[i]
	return out
}

function withoutComments(text, n, part, i, out) {
	n = split(text, part, "\n")
	out = ""
	for (i = 1; i <= n; i++) if (!isComment(part[i])) out = out "" (out == "" ? "" : "\n") part[i]
	return out
}
