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
		if (main[i] ~ /^[ \t]/) {
			if (params == 0) continue
			paramValue[params] = paramValue[params] " " trim(main[i])
			ownerOf[i] = params
			continue
		}
		at = index(main[i], "=")
		if (at == 0) continue
		k = ++params
		paramName[k] = trim(substr(main[i], 1, at - 1))
		paramValue[k] = substr(main[i], at + 1)
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

# The lines that make the parameter, duplicates included, without comments between them.
function rawMain(name, i, text) {
	text = ""
	for (i = 1; i <= mainLines; i++)
		if (i in ownerOf && paramName[ownerOf[i]] == name) text = text (text == "" ? "" : "\n") main[i]
	return text
}

function removeMain(name, exceptLine, i) {
	for (i = mainLines; i >= 1; i--)
		if (i in ownerOf && i != exceptLine && paramName[ownerOf[i]] == name) mainLines = splice(main, mainLines, i, 1, "")
	parseMain()
}

function setMain(name, value, i, left) {
	if (!isSet(name)) {
		main[++mainLines] = name " =" (value == "" ? "" : " " value)
		parseMain()
		return
	}
	i = paramFirst[lastParam[name]]
	match(main[i], /^[^=]*=[ \t]*/)
	left = substr(main[i], 1, RLENGTH)
	if (left ~ /[ \t]=$/) left = left " "
	main[i] = value == "" ? trim(left) : left value
	removeMain(name, i)
}

# Puts lines back where the parameter stands now, or at the end.
function putBackMain(name, text, i) {
	i = isSet(name) ? paramFirst[lastParam[name]] : mainLines + 1
	if (isSet(name)) {
		removeMain(name, i)
		for (i = 1; i <= mainLines; i++) if (i in ownerOf && paramName[ownerOf[i]] == name) break
	}
	mainLines = splice(main, mainLines, i, isSet(name) ? 1 : 0, text)
	parseMain()
}
