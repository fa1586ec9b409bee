# The policy of this run, read by policy.awk, and what of it the run's course depends on.

read_policy() {
	receive policy || {
		say "error: the policy has a NUL byte"
		exit 2
	}
	awk "$awk_policyShapes$awk_policy" "$work/policy" >"$work/wanted" || {
		say "error: $(tail -n 1 "$work/wanted")"
		exit 2
	}
	read_wanted
	hash_name "$owner"
	name_holder "$owner"
	drain_seconds=
	case $asked in drain\ *) drain_seconds=${asked#drain } asked=reload ;; esac
}

# What concerns the run as a whole. In this shell: a run without a change has hardly another process.
read_wanted() {
	asked='' destroy='' policy_kind='' despite='' wants_evidence=0 wants_secrets=0
	: >"$work/former"
	while IFS='	' read -r keyword rest; do
		case $keyword in
		owner) owner=$rest ;;
		former) printf '%s\n' "$rest" >>"$work/former" ;;
		activate) asked=$rest ;;
		destroy) destroy=$rest ;;
		despite) despite=$rest ;;
		evidence) wants_evidence=1 ;;
		secret) wants_secrets=1 ;;
		probe | gate | domain) policy_kind=${policy_kind:-$keyword} ;;
		zone) case $rest in *'	hmac-'*) wants_secrets=1 ;; esac ;;
		esac
	done <"$work/wanted"
}

# A policy that is not about Postfix's settings has verbs of its own.
asks_for_other() {
	[ -n "$policy_kind" ]
}
