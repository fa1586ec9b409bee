# What we published at name servers, one file for each owner, kept where the updates are sent from:
#   owner OWNER    domain NAME    part PART REPAIR    zone ZONE SERVER PORT KEY HOW PATH    set PART NAME TYPE TTL VALUE
# PATH.pending is an update that was sent and whose answer has not been heard: "set" as above, "gone PART NAME TYPE".

published_path() {
	hash_name "$1"
	printf '%s/dns/%s' "$state" "$name_hash"
}

read_published() {
	published=$(published_path "$owner")
	take_over_published
	for kind in '' .pending; do
		cat "$found$kind" >"$work/published$kind" 2>/dev/null || : >"$work/published$kind"
	done
	for other in "$state"/dns/*; do
		case $other in "$found" | *.pending | *.new | *'*') continue ;; esac
		awk -F '\t' -v OFS='\t' '$1 == "owner" { owner = $2 } $1 == "set" { print owner, $0 }' "$other"
	done >"$work/others"
}

# Sets found, where what this component published is noted. Who only looks moves nothing.
take_over_published() {
	found=$published
	while IFS= read -r name; do
		old=$(published_path "$name")
		if [ ! -f "$old" ] || [ -f "$found" ]; then continue; fi
		case $verb in plan | audit)
			found=$old
			continue
			;;
		esac
		[ ! -f "$old.pending" ] || mv "$old.pending" "$published.pending"
		mv "$old" "$published"
	done <"$work/former"
}

# The update that is about to be sent.
note_pending() {
	if ! { mkdir -p "$state/dns" && chmod 0700 "$state/dns" && cat "$1" >>"$published.pending" && sync "$published.pending"; }; then fail "can't write to $state/dns"; fi
}

# merge_published SETS: these are ours, or no longer; written only where something is new.
merge_published() {
	awk -F '\t' -v OFS='\t' 'FILENAME == ARGV[1] {
			if ($1 == "gone") gone[$3, $4] = 1
			else if ($1 == "handed") handed[$3, $4] = $2
			else if ($1 == "set") fresh[++n] = $0
			next
		}
		$1 != "set" || ($3, $4) in gone { next }
		($3, $4) in handed { $2 = handed[$3, $4] }
		{ print }
		END { for (i = 1; i <= n; i++) print fresh[i] }' "$1" "$work/published" >"$work/sets"
	{
		printf 'owner\t%s\ndomain\t%s\n' "$owner" "$domain"
		grep '^part	' "$work/published" | grep -v "^part	$part	"
		[ "$leaving" = 1 ] || printf 'part\t%s\t%s\n' "$part" "$repair"
		sed 's/^/zone	/' "$work/zones"
		cat "$work/sets"
	} >"$work/published.new"
	if cmp -s "$work/published.new" "$published"; then return; fi
	if ! { mkdir -p "$state/dns" && chmod 0700 "$state/dns" && cp "$work/published.new" "$published.new" && sync "$published.new" && mv "$published.new" "$published" && sync "$state/dns"; }; then
		fail "can't write to $state/dns; what is at the name server is right, and the next run sees it"
	fi
	mv "$work/published.new" "$work/published"
}

# What the last run left unanswered is decided now, unless its zone does not answer still.
settle_pending() {
	[ ! -s "$work/silent" ] || merge_published "$work/silent"
	[ -s "$work/failed" ] || forget_pending
}

forget_pending() {
	rm -f "$published.pending"
}

# Once no part is left: nothing of ours is at any name server.
forget_published() {
	grep -q '^part	' "$published" 2>/dev/null && return 1
	rm -f "$published" "$published.pending"
	rmdir "$state/dns" 2>/dev/null
	return 0
}
