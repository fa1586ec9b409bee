# Changes that evidence must allow first. They are judged only by a run that would change something.

# heed_guards: whether the change may be made. It ends the run where the policy says so, and else leaves a warning.
heed_guards() {
	sed -n 's/^guard	//p' "$work/wanted" >"$work/guards"
	while IFS='	' read -r guard guarded guard_days; do
		evidence_against || continue
		if [ -n "$despite" ]; then
			say "the evidence speaks against it, which the policy overrides ($despite): $reason"
			continue
		fi
		case $guard in quiet) stays="port $guarded stays as it is" ;; *) stays="the floor of $guarded stays as it is" ;; esac
		grep -qx 'refused	hold' "$work/wanted" || fail "$stays: $reason"
		say "held, $stays: $reason"
		warn held "$stays: $reason"
		return 1
	done <"$work/guards"
}

# evidence_against: sets reason where the port or the old version was used, or nobody can know.
evidence_against() {
	guard_verdict >"$work/verdict" 2>"$work/verdict.said"
	word=$(sed -n 's/^verdict	\([^	]*\)	.*$/\1/p' "$work/verdict")
	reason=$(sed -n 's/^verdict	[^	]*	//p' "$work/verdict")
	case $word in
	retire | raise)
		say "the evidence allows it: $reason"
		return 1
		;;
	esac
	[ -n "$word" ] || reason="the evidence can't be read: $(sed 's/^.*: error: //' "$work/verdict.said" | tail -n 1)"
	passes=$(sed -n 's/^passes	//p' "$work/verdict")
	case $passes:$reason in
	:* | -:* | *"from $passes on"*) ;;
	*) reason="$reason; without further use it would pass from $passes on" ;;
	esac
	# A wait is of use only where something collects meanwhile.
	! collector_is_wanted || ! collector_trouble || reason="$reason; $collector_part is $collector_is, so nothing collects evidence: $collector_remedy"
}

# As the verb evidence judges, in a process of its own: collecting has a work directory and a lock of its own.
guard_verdict() (
	if ! is_default_instance; then
		no_evidence "evidence is collected of the Postfix in $(postconf -h config_directory) alone, and this is the one in $config"
	fi
	asked_days=$guard_days
	case $guard in quiet) port_verdict ;; *) floor_verdict "$(sed -n "s/^tls	$guarded	//p" "$work/wanted")" ;; esac
	rm -rf "$work"
)

no_evidence() {
	printf 'verdict	not enough evidence	%s\n' "$1"
	exit
}

port_verdict() {
	[ -f "$state/probes/$guarded" ] || no_evidence "no probe watches port $guarded; add an Smtps465Probe"
	asked_port=$guarded
	gather_evidence
	judge "$guarded" "" ""
}

# floor_verdict VERSION
floor_verdict() {
	collector_is_wanted || no_evidence "nothing on this host collects evidence; set tlsEvidence: true"
	asked_port=
	gather_evidence
	topic=tls-in parameter=smtpd_tls_loglevel
	[ "$guarded" != outgoing ] || topic=tls-out parameter="smtp_tls_loglevel or lmtp_tls_loglevel"
	if ! grep -q "^since	$topic	" "$evidence/state.tsv"; then
		rm -rf "$work"
		no_evidence "Postfix logs no TLS version ($parameter is 0); set tlsEvidence: true"
	fi
	judge "" "$1" "$guarded"
}
