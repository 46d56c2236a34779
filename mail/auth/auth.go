// Package auth judges who sent a message: SPF (RFC 7208), DKIM (RFC 6376,
// 8301, 8463) and DMARC (RFC 7489) become one Verdict about the From domain.
//
//	envelope + bytes + From -> SPF  \
//	                           DKIM  > alignment -> Verdict
//	                           DMARC/              (ARC)
//
// ARC (RFC 8617) is asked where they prove nothing; whom it counts for says who
// trusts its sealers. The three run side by side under one deadline, so a name server that never
// answers costs the deadline once and gives the outcome Temporary. A trusted
// envelope costs nothing at all. Results found in the message itself
// (Authentication-Results) are not read, for anybody can write them; only
// of what was fetched from a mailbox, the topmost in the name of its server is,
// and then nothing else (theirs.go).
//
// It must not know what a verdict is used for, nor any account, token or task.
package auth

import (
	"context"
	"net"
	"sync"
	"time"

	"planpost/mail"
)

// Config says how a Verifier works. The zero value asks the system's name
// servers and uses the defaults below.
type Config struct {
	// Resolver answers the questions to the DNS; nil means net.DefaultResolver.
	Resolver Resolver
	// Timeout bounds one Verify, all its lookups together; zero means DefaultTimeout.
	Timeout time.Duration
	// MaxSignatures is how many DKIM signatures of one message are checked,
	// the topmost first; zero means DefaultMaxSignatures.
	MaxSignatures int
	// Now is the clock that expiry (x=) is compared with; nil means time.Now.
	Now func() time.Time
}

// Defaults of Config.
const (
	DefaultTimeout       = 5 * time.Second
	DefaultMaxSignatures = 5
)

// Verifier makes Verdicts. It is safe for concurrent use and holds no state
// between messages.
type Verifier struct {
	config Config
}

// NewVerifier returns a Verifier that works as c says.
func NewVerifier(c Config) *Verifier {
	if c.Resolver == nil {
		c.Resolver = net.DefaultResolver
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.MaxSignatures <= 0 {
		c.MaxSignatures = DefaultMaxSignatures
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Verifier{config: c}
}

// Verify judges the message raw that came with env. from is its single From
// mailbox; the zero Address says that there is none or are several, and then
// nobody can be verified. It returns within the configured time, never fails,
// and changes nothing; when ctx ends early the outcome is Temporary.
func (v *Verifier) Verify(ctx context.Context, env *mail.Envelope, raw []byte, from mail.Address) Verdict {
	if env.Trusted {
		return Verdict{Outcome: Pass, Reason: ReasonTrusted, Trusted: true}
	}
	head := scanHeader(raw, v.config.MaxSignatures)
	author, ok := asciiDomain(from.Domain)
	if reason := unusableFrom(head.froms, ok); reason != "" {
		return Verdict{Outcome: None, Reason: reason, SPF: SPFResult{Result: ResultNone}, DMARC: DMARCResult{Result: ResultNone}}
	}
	if env.AuthServID != "" {
		return theirs(raw, env.AuthServID, author)
	}
	if env.Past {
		return Verdict{Outcome: None, Reason: ReasonPast, SPF: SPFResult{Result: ResultNone}, DMARC: DMARCResult{Result: ResultNone, Domain: author}}
	}

	ctx, cancel := context.WithTimeout(ctx, v.config.Timeout)
	defer cancel()
	var (
		wg  sync.WaitGroup
		e   evidence
		dns = &lookups{resolver: v.config.Resolver}
	)
	// Both goroutines end with ctx at the latest: every lookup does.
	wg.Go(func() { e.spf = checkSPF(ctx, &lookups{resolver: v.config.Resolver}, env) })
	wg.Go(func() { e.policy = findPolicy(ctx, dns, author) })
	e.dkim = v.checkDKIM(ctx, dns, raw, head)
	wg.Wait()

	verdict := decide(author, e)
	verdict.Unchecked = head.signed - len(head.signatures)
	if verdict.Outcome != Pass && head.sealed {
		verdict.ARC = v.checkARC(ctx, dns, raw, author)
	}
	return verdict
}

// unusableFrom tells why a message without one usable From domain cannot be
// verified. The fields are counted here again because a DKIM signature covers
// the lowest From only: a second one above it would be what people see
// (RFC 6376 §8.15).
func unusableFrom(fields int, usable bool) Reason {
	switch {
	case fields > 1:
		return ReasonSeveralFrom
	case fields == 0 || !usable:
		return ReasonNoFrom
	}
	return ""
}
