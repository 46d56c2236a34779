package auth

// Strength is how well it is proven that the From domain sent a message. The more an action does, the more it may ask.
type Strength int

// The strengths, the weakest first.
const (
	// Unproven: nothing proves it.
	Unproven Strength = iota
	// Proven: the domain allows the server that it came from (SPF, RFC 7208), which others may share; or somebody who
	// passed it on says so (RFC 8617), or the mailbox's own server.
	Proven
	// Signed: the domain itself signed the message (DKIM, RFC 6376), or it came from a source whose word is proof.
	Signed
)

// Strength grades the verdict.
func (v Verdict) Strength() Strength {
	if v.Outcome != Pass {
		return Unproven
	}
	if v.Trusted {
		return Signed
	}
	for _, d := range v.DKIM {
		if d.Aligned && d.Result == ResultPass {
			return Signed
		}
	}
	return Proven
}
