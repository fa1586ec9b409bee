# Joins rows of one day into one row for each key: the day file as it is and what a run found. Prints without the first line, unsorted.
# day: its name. Joined after stamps.awk and rows.awk.

BEGIN { FS = "\t" }

/^#/ || NF != 9 { next }

{
	family = $4
	addRow(day, $1, $2, $3, $5, $6, $7, $8 + 0, $9 + 0)
}

END {
	for (key in rowCount) printf "%s\t%.0f\t%.0f\t%.0f\n", substr(key, 12), rowCount[key], rowFirst[key], rowLast[key]
}
