# Name servers: asked with dig, changed with nsupdate, both with the zone's key.

need_dns_tools() {
	for tool in dig nsupdate; do
		command -v "$tool" >/dev/null 2>&1 || fail "$tool is missing here; install the package bind9-dnsutils"
	done
}

# The zones of the policy, unless all goes, and those where something of ours still is.
find_zones() {
	awk -F '\t' -v OFS='\t' -v leaving="$leaving" '{ name = $2 }
		$1 == "zone" {
			if (!(name in line)) order[++n] = name
			if (!(name in line)) line[name] = $2 OFS $3 OFS $4 OFS $5 OFS $6 OFS $7
			if (FILENAME == ARGV[1] && !leaving) needed[name] = 1
		}
		$1 == "set" { names[++sets] = "." $3 }
		END {
			for (i = 1; i <= n; i++) {
				for (j = 1; j <= sets; j++)
					if (substr(names[j], length(names[j]) - length(order[i])) == "." order[i]) needed[order[i]] = 1
				if (order[i] in needed) print line[order[i]]
			}
		}' "$work/wanted" "$work/published" "$work/published.pending" >"$work/zones"
}

# Sets key_file for the zone at hand, "" where it has no key. A secret is never an argument.
find_key() {
	key_file=
	case $how in
	-) ;;
	file)
		key_file=$path
		[ -r "$key_file" ] || trouble="there is no key file $key_file"
		;;
	*)
		key_file=$work/key.$at
		secret=$(awk -F '\t' -v key="$key" '$1 == "key" && $2 == key { print $3 }' "$(secrets_path "$owner")" 2>/dev/null)
		[ -n "$secret" ] || trouble="the secret of its key $key did not come; raise repair"
		printf 'key "%s" {\n\talgorithm %s;\n\tsecret "%s";\n};\n' "$key" "$how" "$secret" >"$key_file"
		secret=
		;;
	esac
	[ -z "$trouble" ]
}

named_server() {
	printf '%s: %s port %s%s' "$zone" "$server" "$port" "$([ "$how" = - ] || printf ', key %s' "$key")"
}

# All sets of all zones as they are now.
ask_zones() {
	: >"$work/live"
	at=0
	while IFS='	' read -r zone server port key how path; do
		at=$((at + 1))
		ask_zone
	done <"$work/zones"
	LC_ALL=C sort -o "$work/live" "$work/live"
}

ask_zone() {
	trouble=
	awk -F '\t' -v asked="$zone" "$awk_dnsSets$awk_dnsQuestions" file=zones "$work/zones" file=wanted "$work/dns.wanted" file=ledger "$work/published" \
		file=pending "$work/published.pending" >"$work/questions"
	if heed_notes && find_key; then
		dig "@$server" -p "$port" ${key_file:+-k "$key_file"} +tcp +keepopen +norecurse +noall +comments +question +answer +authority +nosplit +time=5 +tries=2 \
			-f "$work/questions" >"$work/answers" 2>&1 </dev/null
		awk -v zone="$zone" "$awk_dnsAnswers" "$work/answers" >"$work/answer"
		trouble=$(sed -n 's/^trouble	[^	]*	//p' "$work/answer")
		[ "$trouble" != signature ] || test_key
	fi
	[ -n "$trouble" ] || drop_synthesized
	if [ -n "$trouble" ]; then
		zone_failed
	else
		cat "$work/answer" >>"$work/live"
	fi
}

# A login may be allowed no more than audits: its policy must not send root, or a key of root, to where no apply did.
heed_notes() {
	[ "$verb" = audit ] || return 0
	cat "$state"/dns/* 2>/dev/null | grep -qxF -- "zone	$zone	$server	$port	$key	$how	$path" && return
	trouble="nothing was ever published there from here; an audit asks only the servers that an apply published at, with their keys"
	return 1
}

# A wildcard answers for names that are not there (RFC 4592), and no prerequisite of an update takes that for a record of theirs. Of
# what we did not publish, an update that wants nothing tells which it is.
drop_synthesized() {
	awk -F '\t' '$1 == "set" { ours[$3, $4, $6] = 1 }
		$1 == "live" && !(($2, $3, $5) in ours) { print $2 "\t" $3 }
		$1 == "alias" { print $2 "\tCNAME" }' "$work/published" "$work/answer" | sort -u >"$work/foreign"
	: >"$work/synthesized"
	while IFS='	' read -r name type; do
		printf 'prereq yxrrset %s %s\n' "$name" "$type" >"$work/nothing"
		send_update "$work/nothing" || case $trouble in *'(NXRRSET)'* | *'(NXDOMAIN)'*) printf '%s\t%s\n' "$name" "$type" >>"$work/synthesized" ;; esac
	done <"$work/foreign"
	trouble=
	[ -s "$work/synthesized" ] || return 0
	awk -F '\t' 'NR == FNR { gone[$1, $2] = 1; next } !($1 == "live" && ($2, $3) in gone) && !($1 == "alias" && ($2, "CNAME") in gone)' \
		"$work/synthesized" "$work/answer" >"$work/answer.new" && mv "$work/answer.new" "$work/answer"
}

# dig does not say what is wrong with a key, an update that wants nothing does.
test_key() {
	trouble=
	printf 'prereq yxdomain %s\n' "$zone" >"$work/nothing"
	send_update "$work/nothing" || return 0
	trouble="its answers are not signed by the key"
}

# A zone that is not reached stops only what needs it.
zone_failed() {
	printf '%s\t%s\n' "$zone" "$(named_server): $trouble" >>"$work/failed"
}

# send_update FILE: nsupdate's lines without server, zone and send; sets trouble.
send_update() {
	{
		printf 'server %s %s\nzone %s\n' "$server" "$port" "$zone"
		cat "$1"
		printf 'send\n'
	} >"$work/update"
	nsupdate -v -t 30 ${key_file:+-k "$key_file"} "$work/update" >"$work/said" 2>&1 </dev/null && return 0
	trouble=$(explain_refusal "$(sed -n 's/^update failed: //p' "$work/said" | tail -n 1)")
	return 1
}

explain_refusal() {
	case $1 in
	*BADKEY*) echo "it knows no key of that name and algorithm that may change the zone (BADKEY)" ;;
	*BADSIG*) echo "the key has another secret there (BADSIG)" ;;
	*BADTIME*) echo "its clock and this host's differ too much (BADTIME)" ;;
	NOTAUTH*) echo "it is not the primary of this zone (NOTAUTH)" ;;
	REFUSED*) echo "it refuses this host and this key changes of the zone (REFUSED)" ;;
	YXRRSET* | NXRRSET* | YXDOMAIN* | NXDOMAIN*) echo "somebody else changed one of these records at the same moment ($1); run again to see it" ;;
	'') echo "no answer from it: $(tail -n 1 "$work/said")" ;;
	*) echo "it answers $1" ;;
	esac
}

serial_of() {
	dig "@$server" -p "$port" ${key_file:+-k "$key_file"} +tcp +norecurse +short +time=5 +tries=2 "$zone" SOA 2>/dev/null </dev/null | awk 'NF == 7 { print $3 }'
}
