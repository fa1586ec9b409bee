# Joins rows of each day into one row for each key: the day file as it is and what a run found. Prints "DAY TAB ROW" without first lines, unsorted.
# day: the name of the day that a file is of, given before it; a day's files come one after the other. Joined after stamps.awk and rows.awk.

BEGIN { FS = "\t" }

FNR == 1 && day != current {
	printDay()
	current = day
}

/^#/ || NF != 9 { next }

{
	family = $4
	addRow(day, $1, $2, $3, $5, $6, $7, $8 + 0, $9 + 0)
}

END { printDay() }

# One day at a time is held in memory.
function printDay(key) {
	for (key in rowCount) printf "%s\t%.0f\t%.0f\t%.0f\n", key, rowCount[key], rowFirst[key], rowLast[key]
	split("", rowCount)
	split("", rowFirst)
	split("", rowLast)
	split("", rowsUsed)
	split("", rowsOther)
	split("", folded)
}
