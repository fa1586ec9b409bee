# A line of the story for each change.

function asShown(present, text) {
	return !present ? "(unset)" : text == "" ? "(empty)" : text
}

function holders(list) {
	if (list == "") return "held by no component yet"
	gsub("\001", ", ", list)
	return "held by " list
}

function period(after, until) {
	if (after != "" && until != "") return " between " after " and " until
	if (after != "") return " after " after
	return until != "" ? " at " until " at the latest" : ""
}

function foreign() {
	return $8 == "1" && !$7 ? "; someone else changed it" period($11, $12) : ""
}

{
	line = host ": " verb " " $1 " " $2 ": " asShown($3, $4) " -> " asShown($5, $6) foreign()
	if (verb == "differs") line = line "; " holders($10)
	print visible(line)
}
