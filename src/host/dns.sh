# The verbs for a policy that has a domain: records published by DNS update (RFC 2136), in zones of any number of servers.

dns_word() {
	sed -n "s/^$1	//p" "$work/wanted"
}

apply_domain() {
	compare_dns
	refuse_dns
	tell_dns ''
	say_failed
	# From here a lost connection ends nothing: an update that was sent is waited for.
	trap '' HUP PIPE
	settle_pending
	run_step grow
	[ ! -e "$work/failed.grow" ] || decide_dns
	run_step forward
	[ -e "$work/failed.forward" ] || run_step shrink
	finish_dns
}

# Compares the policy, what was published and what is there.
compare_dns() {
	look_at_zones
	decide_dns
	refuse_without_forward
}

look_at_zones() {
	need_dns_tools
	domain=$(dns_word domain)
	part=$(dns_word part)
	part=${part:-main}
	repair=$(dns_word repair)
	repair=${repair:-0}
	cp "$work/wanted" "$work/dns.wanted"
	[ "$leaving" = 0 ] || : >"$work/dns.wanted"
	: >"$work/failed"
	: >"$work/none"
	read_published
	repairing=$(awk -F '\t' -v part="$part" -v repair="$repair" '$1 == "part" && $2 == part && $3 != repair { found = 1 } END { print found + 0 }' "$work/published")
	find_zones
	ask_zones
}

# with_sets PROGRAM VARIABLE…: an awk program that knows all sets, which it reads by itself.
with_sets() {
	sets_program=$1
	shift
	awk -F '\t' -v part="$part" -v leaving="$leaving" \
		-v alone="$(awk -F '\t' -v part="$part" '$1 == "part" && $2 != part { other = 1 } END { print !other }' "$work/published")" "$@" \
		"$awk_dnsSets$sets_program" file=zones "$work/zones" file=failed "$work/failed" file=wanted "$work/dns.wanted" file=ledger "$work/published" \
		file=pending "$work/published.pending" file=others "$work/others" file=live "$work/live" || fail "the decision failed; please report this with the policy"
}

decide_dns() {
	rm -f "$work"/grow.* "$work"/forward.* "$work"/shrink.* "$work/changes.dns" "$work/refusals" "$work/warnings.dns" "$work/held" "$work/silent"
	: >"$work/silent"
	: >"$work/changes.dns"
	with_sets "$awk_dnsDecide" -v out="$work" -v domain="$domain" -v repairing="$repairing" -v phase="$(dns_word phase)" -v lowered="$(dns_word lowered)" \
		-v adopt="$(grep -c '^adopt	' "$work/wanted")" -v large="$(grep -c '^allow	large' "$work/wanted")"
}

# Without the zone of the domain there is nothing to do but to say so.
refuse_without_forward() {
	awk -F '\t' '$1 !~ /\.arpa\.$/ { print $2; exit }' "$work/failed" >"$work/trouble"
	[ ! -s "$work/trouble" ] || fail "$(cat "$work/trouble"); nothing was changed"
}

refuse_dns() {
	[ -s "$work/refusals" ] || return 0
	sed 1d "$work/refusals" >"$work/more"
	while IFS= read -r line; do say "refused: $line"; done <"$work/more"
	fail "$(head -n 1 "$work/refusals"); nothing was changed"
}

tell_dns() {
	if [ ! -s "$work/changes.dns" ]; then
		say "nothing to change"
		return
	fi
	awk -F '\t' -v before="$1" '{ print before ($3 == "+" ? "add " : $3 == "-" ? "remove " : "set the TTL of ") $4 }' "$work/changes.dns" >"$work/story"
	while IFS= read -r line; do say "$line"; done <"$work/story"
}

say_failed() {
	cut -f2 "$work/failed" >"$work/story"
	while IFS= read -r line; do say "$line"; done <"$work/story"
}

# One update for each zone, all of it or none.
run_step() {
	at=0
	while IFS='	' read -r zone server port key how path; do
		at=$((at + 1))
		[ ! -s "$work/$1.$at" ] || run_update "$1"
	done <"$work/zones"
}

run_update() {
	trouble=
	note_pending "$work/$1.$at.sets"
	if find_key && send_update "$work/$1.$at"; then
		merge_published "$work/$1.$at.sets"
		merge_live "$work/$1.$at.sets"
		say "$zone updated at $server port $port"
		count_changes "$1" "$(serial_of)" >>"$work/updated"
		return
	fi
	say "$(named_server): $trouble"
	zone_failed
	: >"$work/failed.$1"
	# What was refused did not happen; of what was not answered, the next run sees whether it did.
	case $trouble in "no answer"*) : >"$work/unheard" ;; esac
}

# count_changes STEP SERIAL: of the zone at hand.
count_changes() {
	awk -F '\t' -v OFS='\t' -v step="$1" -v zone="$zone" -v serial="$2" '$1 == step && $2 == zone { if ($3 != "-") added++; if ($3 != "+") removed++ }
		END { print zone, added + 0, removed + 0, serial }' "$work/changes.dns"
}

# The server has these now.
merge_live() {
	awk -F '\t' -v OFS='\t' 'FILENAME == ARGV[1] {
			if ($1 == "gone") gone[$3, $4] = 1
			else fresh[++n] = "live" OFS $3 OFS $4 OFS $5 OFS $6
			next
		}
		!($1 == "live" && ($2, $3) in gone) { print }
		END { for (i = 1; i <= n; i++) print fresh[i] }' "$1" "$work/live" | LC_ALL=C sort >"$work/live.new" && mv "$work/live.new" "$work/live"
}

finish_dns() {
	if [ -s "$work/failed" ]; then
		[ -e "$work/unheard" ] || forget_pending
		[ ! -f "$work/held" ] || while IFS= read -r line; do say "$line"; done <"$work/held"
		say "error: $(head -n 1 "$work/failed" | cut -f2); what does not need this zone stands, the next run does the rest"
		exit 3
	fi
	merge_published "$work/none"
	forget_pending
	forget_old_programs
	print_dns_receipt
}

print_dns_receipt() {
	for file in changes updated warnings.dns; do [ -f "$work/$file" ] || : >"$work/$file"; done
	sort -u "$work/warnings.dns" >>"$work/warnings"
	set_receipt_limit
	awk -F '\t' "$awk_visible$awk_json$awk_changeItem$awk_dnsReceipt" host="$(uname -n)" limit="$limit" looking="$looking" \
		"$work/changes" "$work/updated" "$work/warnings"
}

# What differs, as the receipts of plan and audit have it.
find_dns_drift() {
	with_sets "$awk_dnsDrift" -v after="$(time_of "$found")" >"$work/changes"
}

# Counts of what apply would do.
print_dns_plan() {
	awk -F '\t' -v OFS='\t' '{ if (!($2 in seen)) zone[++n] = $2; seen[$2] = 1; if ($3 != "-") added[$2]++; if ($3 != "+") removed[$2]++ }
		END { for (i = 1; i <= n; i++) print zone[i], added[zone[i]] + 0, removed[zone[i]] + 0, "" }' "$work/changes.dns" >"$work/updated"
	print_dns_receipt
}

plan_domain() {
	compare_dns
	refuse_dns
	find_dns_drift
	tell_dns 'would '
	say_failed
	print_dns_plan
}

audit_domain() {
	look_at_zones
	find_dns_drift
	print_dns_receipt
	tell_differences differs
	say_failed
	if [ -s "$work/failed" ]; then
		say "error: $(head -n 1 "$work/failed" | cut -f2); its records were not compared"
		exit 3
	fi
	[ -s "$work/changes" ] || return 0
	exit 4
}

# Only what is ours, and of a set that others changed only the values that are.
remove_domain() {
	leaving=1
	compare_dns
	tell_dns ''
	trap '' HUP PIPE
	settle_pending
	run_step forward
	[ -e "$work/failed.forward" ] || run_step shrink
	say_failed
	[ ! -s "$work/failed" ] || fail "$(head -n 1 "$work/failed" | cut -f2); its records are still there. Run again, or remove $published where the zone is gone for good"
	merge_published "$work/none"
	cut -f2 "$work/warnings.dns" 2>/dev/null | while IFS= read -r line; do say "$line"; done
	if forget_published; then
		forget_owner
		forget_programs
	fi
	print_dns_receipt
}
