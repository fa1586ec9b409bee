# Changes that evidence must allow first. They are judged only by a run that would change something.

# heed_guards: whether the change may be made. It ends the run where the policy says so, and else leaves a warning.
heed_guards() {
	despite=$(sed -n 's/^despite	//p' "$work/wanted")
	sed -n 's/^guard	quiet	//p' "$work/wanted" >"$work/guards"
	while IFS='	' read -r quiet_port quiet_days; do
		evidence_against "$quiet_port" "$quiet_days" || continue
		if [ -n "$despite" ]; then
			say "the evidence speaks against it, which the policy overrides ($despite): $reason"
			continue
		fi
		grep -qx 'refused	hold' "$work/wanted" || fail "port $quiet_port stays as it is: $reason"
		say "held, port $quiet_port stays as it is: $reason"
		warn held "port $quiet_port stays as it is: $reason"
		return 1
	done <"$work/guards"
}

# evidence_against PORT DAYS: sets reason where the port was used, or nobody can know.
evidence_against() {
	verdict_of "$1" "$2" >"$work/verdict" 2>"$work/verdict.said"
	word=$(sed -n 's/^verdict	\([^	]*\)	.*$/\1/p' "$work/verdict")
	reason=$(sed -n 's/^verdict	[^	]*	//p' "$work/verdict")
	if [ "$word" = retire ]; then
		say "the evidence allows it: $reason"
		return 1
	fi
	[ -n "$word" ] || reason="the evidence can't be read: $(sed 's/^.*: error: //' "$work/verdict.said" | tail -n 1)"
	passes=$(sed -n 's/^passes	//p' "$work/verdict")
	case $passes:$reason in
	:* | -:* | *"from $passes on"*) ;;
	*) reason="$reason; without further use it would pass from $passes on" ;;
	esac
}

# As the verb evidence judges, in a process of its own: collecting has a work directory and a lock of its own.
verdict_of() (
	if [ ! -f "$state/probes/$1" ]; then
		printf 'verdict	not enough evidence	no probe watches port %s; add an Smtps465Probe\n' "$1"
		exit
	fi
	asked_port=$1
	asked_days=$2
	gather_evidence
	judge "$1" "" ""
	rm -rf "$work"
)
