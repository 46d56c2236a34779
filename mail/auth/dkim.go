package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// maxPicks bounds header fields times signed names over all signatures: the
// library walks the whole header for each name, which a hostile megabyte of
// header would turn into minutes. Honest mail stays below a tenth of it.
const maxPicks = 200_000

// maxKeyRecord bounds a key record in bytes. 8192-bit RSA needs 1,500; what is
// longer would only make the check expensive (RFC 8301 §3.2 asks for 4096).
const maxKeyRecord = 2048

// checkDKIM verifies the topmost signatures of raw. An unsigned message costs
// nothing.
func (v *Verifier) checkDKIM(ctx context.Context, dns *lookups, raw []byte, head header) []DKIMResult {
	if len(head.signatures) == 0 {
		return nil
	}
	results := make([]DKIMResult, len(head.signatures))
	picks := 0
	for i, s := range head.signatures {
		picks += head.fields * s.listed
		results[i] = DKIMResult{Result: ResultPermError, Domain: plainDomain(s.domain), Selector: note(s.selector)}
	}
	if picks > maxPicks {
		return explain(results, "header too large to check")
	}
	body := &bodyReader{ctx: ctx, rest: raw, ended: head.ended}
	checks, err := verifySignatures(body, &dkim.VerifyOptions{
		MaxVerifications: v.config.MaxSignatures,
		LookupTXT:        func(name string) ([]string, error) { return lookupKey(ctx, dns, name) },
	})
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) {
		return explain(results, err.Error())
	}
	for i := range min(len(checks), len(results)) {
		v.read(&results[i], head.signatures[i], checks[i], body.cut)
	}
	return results
}

// verifySignatures turns a panic of the library into an error: no message may
// take the process down.
func verifySignatures(r io.Reader, o *dkim.VerifyOptions) (checks []*dkim.Verification, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("check stopped: %v", p)
		}
	}()
	return dkim.VerifyWithOptions(r, o)
}

func explain(results []DKIMResult, why string) []DKIMResult {
	for i := range results {
		results[i].Detail = note(why)
	}
	return results
}

// lookupKey fetches the record of a public key.
func lookupKey(ctx context.Context, dns *lookups, name string) ([]string, error) {
	records, err := dns.LookupTXT(ctx, name)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if len(r) > maxKeyRecord {
			return nil, errors.New("key record too long")
		}
	}
	return records, nil
}

// read translates the library's finding about one signature.
func (v *Verifier) read(r *DKIMResult, s signature, c *dkim.Verification, cut bool) {
	expired := !c.Expiration.IsZero() && v.config.Now().After(c.Expiration)
	switch {
	case c.Err == nil && c.Domain != s.domain:
		// Two readings of one header: then neither may vouch for a domain.
		r.Result, r.Detail = ResultPermError, "ambiguous signature"
	case cut:
		r.Result, r.Detail = ResultTempError, "no time left to hash the body"
	case expired: // RFC 6376 §3.5, x=; before the error, whose clock is not ours.
		r.Result, r.Detail = ResultFail, "signature has expired"
	case c.Err == nil:
		r.Result, r.Detail = ResultPass, keyNote(s)
	case dkim.IsTempFail(c.Err):
		r.Result, r.Detail = ResultTempError, reasonOf(c.Err)
	case dkim.IsPermFail(c.Err) && !weak(c.Err):
		r.Result, r.Detail = ResultPermError, reasonOf(c.Err)
	default: // a wrong hash or signature, or l= (the part behind it is anybody's)
		r.Result, r.Detail = ResultFail, reasonOf(c.Err)
	}
}

// weak tells that the signature is sound in form and refused for its strength
// (RFC 8301 §3.1, §3.2).
func weak(err error) bool {
	return strings.Contains(err.Error(), "too short") || strings.Contains(err.Error(), "too weak")
}

func reasonOf(err error) string {
	return note(strings.TrimPrefix(err.Error(), "dkim: "))
}

// keyNote tells the strength of a valid signature. An RSA signature is exactly
// as long as its modulus, so the key need not be read twice.
func keyNote(s signature) string {
	if s.algorithm == "rsa" {
		return fmt.Sprintf("rsa %d bit", s.bits)
	}
	return note(s.algorithm)
}

// plainDomain is d= in the form of asciiDomain, or made harmless for showing.
func plainDomain(domain string) string {
	if ascii, ok := asciiDomain(domain); ok {
		return ascii
	}
	return note(domain)
}

// bodyReader gives a message out in small pieces (the library copies whatever
// it is given at once) until ctx ends. It then says EOF: an error would leave
// the library's goroutines waiting for ever, and cut tells the truth.
type bodyReader struct {
	ctx   context.Context
	rest  []byte
	ended bool
	cut   bool
}

func (b *bodyReader) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil && len(b.rest) > 0 {
		b.cut = true
		return 0, io.EOF
	}
	if len(b.rest) == 0 && !b.ended {
		// A header without an end is refused by the library unread; RFC 5322
		// §3.5 lets the empty line go missing together with the body.
		b.ended, b.rest = true, []byte("\r\n\r\n")
	}
	if len(b.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}
