package auth

import "strings"

// Result is the result of one method, in the words of RFC 8601 §2.7.
type Result string

// The results. Not every method knows all of them.
const (
	ResultNone      Result = "none"
	ResultPass      Result = "pass"
	ResultFail      Result = "fail"
	ResultSoftFail  Result = "softfail"
	ResultNeutral   Result = "neutral"
	ResultTempError Result = "temperror"
	ResultPermError Result = "permerror"
)

// Outcome is what all methods together say about the From domain.
type Outcome string

// The outcomes.
const (
	// Pass: the From domain vouches for the message, or its source is trusted.
	Pass Outcome = "pass"
	// Fail: the From domain says that such a message is not its own.
	Fail Outcome = "fail"
	// None: nothing is proven, neither way.
	None Outcome = "none"
	// Temporary: the DNS did not tell; the same message may pass later.
	Temporary Outcome = "temporary"
)

// Reason is a stable code for why the Outcome is what it is.
type Reason string

// The reasons.
const (
	ReasonTrusted     Reason = "trusted"       // Pass: the source's word counts as proof
	ReasonDKIM        Reason = "dkim"          // Pass: an aligned signature is valid
	ReasonSPF         Reason = "spf"           // Pass: the peer may send for an aligned domain
	ReasonPolicy      Reason = "dmarc.policy"  // Fail: nothing aligned passed and the domain asks to be strict
	ReasonSPFFail     Reason = "spf.fail"      // Fail: an aligned domain disowns the peer (-all)
	ReasonDNS         Reason = "dns.temporary" // Temporary
	ReasonNoFrom      Reason = "from.missing"  // None: no From, or one without a usable domain
	ReasonSeveralFrom Reason = "from.several"  // None: more than one From field
	ReasonFailed      Reason = "evidence.failed"
	ReasonNoEvidence  Reason = "evidence.none"
	ReasonServer      Reason = "server" // Pass: the server of the mailbox says so
	ReasonARC         Reason = "arc"    // Pass: a trusted sealer found it proven (Verdict.Honour)
	ReasonPast        Reason = "past"   // None: old mail, of which nothing can be proven any more
)

// SPFResult is what SPF says (RFC 7208). It speaks of the envelope, so it
// counts for the author only when Aligned.
type SPFResult struct {
	Result Result `json:"result"`
	// Domain is the one of MAIL FROM, or of HELO with the null reverse-path.
	Domain string `json:"domain,omitempty"`
	// Helo tells that Domain is the HELO name.
	Helo bool `json:"helo,omitempty"`
	// Aligned tells that Domain belongs with the From domain, whatever Result is.
	Aligned bool `json:"aligned,omitempty"`
	// Detail is a short technical note in ASCII, for operators.
	Detail string `json:"detail,omitempty"`
}

// DKIMResult is what one signature says (RFC 6376).
type DKIMResult struct {
	Result   Result `json:"result"`
	Domain   string `json:"domain,omitempty"`   // d=
	Selector string `json:"selector,omitempty"` // s=
	// Aligned tells that Domain belongs with the From domain, whatever Result is.
	Aligned bool `json:"aligned,omitempty"`
	// Detail is a short technical note in ASCII: the key of a valid signature
	// ("rsa 2048 bit"), or what is wrong with another.
	Detail string `json:"detail,omitempty"`
}

// DMARCResult is what the From domain asks for and whether it is met (RFC 7489).
type DMARCResult struct {
	Result Result `json:"result"`
	// Policy is none, quarantine or reject; empty without a record.
	Policy string `json:"policy,omitempty"`
	// Domain is the From domain.
	Domain string `json:"domain,omitempty"`
	// Detail is a short technical note in ASCII, for operators.
	Detail string `json:"detail,omitempty"`
}

// Verdict is the evidence about one message and what follows from it. It is
// stored with the message as JSON.
type Verdict struct {
	Outcome Outcome `json:"outcome"`
	Reason  Reason  `json:"reason"`
	// Trusted tells that nothing was looked up because the source's word is proof.
	Trusted bool `json:"trusted,omitempty"`
	// Server is whose results these are; empty for our own.
	Server string `json:"server,omitempty"`
	// SPF, DKIM and DMARC are empty when Trusted. DKIM has one entry for each
	// signature that was checked, in the order of the header.
	SPF   SPFResult    `json:"spf,omitzero"`
	DKIM  []DKIMResult `json:"dkim,omitempty"`
	DMARC DMARCResult  `json:"dmarc,omitzero"`
	// ARC is only asked for where the rest proved nothing.
	ARC ARCResult `json:"arc,omitzero"`
	// Unchecked counts the signatures beyond the limit.
	Unchecked int `json:"unchecked,omitempty"`
}

// Verified tells whether the From domain is proven to have sent the message.
func (v Verdict) Verified() bool { return v.Outcome == Pass }

// Codes is a summary for logs and lists, such as
// "spf=pass dkim=fail,pass dmarc=pass" or "trusted".
func (v Verdict) Codes() string {
	if v.Trusted {
		return string(ReasonTrusted)
	}
	var b strings.Builder
	b.WriteString("spf=" + word(v.SPF.Result) + " dkim=")
	for i, d := range v.DKIM {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(word(d.Result))
	}
	if len(v.DKIM) == 0 {
		b.WriteString(string(ResultNone))
	}
	b.WriteString(" dmarc=" + word(v.DMARC.Result))
	return b.String()
}

// word makes the zero Result readable.
func word(r Result) string {
	if r == "" {
		return string(ResultNone)
	}
	return string(r)
}

// note makes foreign text fit for a Detail: printable ASCII, one line, short.
func note(s string) string {
	const most = 160
	if len(s) > most {
		s = s[:most]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
