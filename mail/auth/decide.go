package auth

// evidence is what the three checks found, before it is weighed.
type evidence struct {
	spf    SPFResult
	dkim   []DKIMResult
	policy policy
}

// decide weighs the evidence about the From domain author. It asks nobody and
// knows no clock, so the same evidence always gives the same verdict.
func decide(author string, e evidence) Verdict {
	align(author, &e)
	v := Verdict{SPF: e.spf, DKIM: e.dkim, DMARC: DMARCResult{Result: e.policy.result, Domain: author, Detail: e.policy.detail}}
	proof := passing(author, e)
	open := undecided(e)
	if e.policy.found {
		v.DMARC.Policy = e.policy.asks
		v.DMARC.Result = dmarcResult(proof, open)
	}
	switch {
	case proof != "":
		v.Outcome, v.Reason = Pass, proof
	case open || e.policy.result == ResultTempError:
		v.Outcome, v.Reason = Temporary, ReasonDNS
	case e.policy.found && e.policy.asks != policyNone:
		v.Outcome, v.Reason = Fail, ReasonPolicy
	case e.spf.Aligned && e.spf.Result == ResultFail:
		v.Outcome, v.Reason = Fail, ReasonSPFFail
	default:
		v.Outcome, v.Reason = None, noProof(e)
	}
	return v
}

// align marks what speaks for author, strictly where its policy wants that.
func align(author string, e *evidence) {
	e.spf.Aligned = aligned(e.spf.Domain, author, e.policy.strictSPF)
	for i := range e.dkim {
		e.dkim[i].Aligned = aligned(e.dkim[i].Domain, author, e.policy.strictDKIM)
	}
}

// passing names the aligned method that passed; DKIM first, because SPF says
// only that some customer of a shared host sent it. While the policy is not
// known, only the very same domain counts: a strict one would refuse others.
func passing(author string, e evidence) Reason {
	sure := func(domain string) bool {
		return e.policy.result != ResultTempError || domain == author
	}
	for _, d := range e.dkim {
		if d.Result == ResultPass && d.Aligned && sure(d.Domain) {
			return ReasonDKIM
		}
	}
	if e.spf.Result == ResultPass && e.spf.Aligned && sure(e.spf.Domain) {
		return ReasonSPF
	}
	return ""
}

// undecided tells that an aligned method might have passed, had the DNS answered.
func undecided(e evidence) bool {
	if e.spf.Aligned && e.spf.Result == ResultTempError {
		return true
	}
	for _, d := range e.dkim {
		if d.Aligned && d.Result == ResultTempError {
			return true
		}
	}
	return false
}

func dmarcResult(proof Reason, open bool) Result {
	switch {
	case proof != "":
		return ResultPass
	case open:
		return ResultTempError // RFC 7489 §6.6.2, step 5
	}
	return ResultFail
}

// noProof tells a signature or sender that failed from one that never was.
func noProof(e evidence) Reason {
	for _, d := range e.dkim {
		if d.Aligned {
			return ReasonFailed
		}
	}
	if e.spf.Aligned && e.spf.Result != ResultNone && e.spf.Result != ResultNeutral {
		return ReasonFailed
	}
	return ReasonNoEvidence
}
