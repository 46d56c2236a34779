package auth

import "testing"

// SPF says that some customer of a server sent it, a signature that the domain did.
func TestASignatureIsMoreThanAServer(t *testing.T) {
	own, foreign := DKIMResult{Result: ResultPass, Aligned: true}, DKIMResult{Result: ResultPass}
	broken := DKIMResult{Result: ResultFail, Aligned: true}
	for name, c := range map[string]struct {
		v    Verdict
		want Strength
	}{
		"nothing":                         {Verdict{Outcome: None, Reason: ReasonNoEvidence}, Unproven},
		"a signature that proves nothing": {Verdict{Outcome: Fail, Reason: ReasonPolicy, DKIM: []DKIMResult{foreign, broken}}, Unproven},
		"a signature in a failed verdict": {Verdict{Outcome: Temporary, Reason: ReasonDNS, DKIM: []DKIMResult{own}}, Unproven},
		"a server":                        {Verdict{Outcome: Pass, Reason: ReasonSPF, DKIM: []DKIMResult{foreign, broken}}, Proven},
		"a forwarder's word":              {Verdict{Outcome: Pass, Reason: ReasonARC, DKIM: []DKIMResult{broken}}, Proven},
		"the mailbox's server":            {Verdict{Outcome: Pass, Reason: ReasonServer}, Proven},
		"that server, by a signature":     {Verdict{Outcome: Pass, Reason: ReasonServer, DKIM: []DKIMResult{own}}, Signed},
		"a signature":                     {Verdict{Outcome: Pass, Reason: ReasonDKIM, DKIM: []DKIMResult{broken, own}}, Signed},
		"a source whose word is proof":    {Verdict{Outcome: Pass, Reason: ReasonTrusted, Trusted: true}, Signed},
	} {
		if got := c.v.Strength(); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
