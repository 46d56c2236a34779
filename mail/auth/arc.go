package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The Authenticated Received Chain (RFC 8617): a server that passes a message on writes down what it found out about the
// sender, and signs that together with the message and what those before it wrote. Mailing lists and forwarders break
// SPF and DKIM; the chain tells what they saw before.

// ARCResult is what the chain in a message says. It vouches for nobody by itself: whoever seals can write anything, so a
// chain counts only as far as its sealers are trusted (Verdict.Honour).
type ARCResult struct {
	// Result is none without a chain, pass, fail, or temperror while the DNS does not tell.
	Result Result `json:"result"`
	// Sets are those who passed the message on, the last one first; only those of a chain that passed.
	Sets []ARCSet `json:"sets,omitempty"`
	// Detail is a short technical note in ASCII: what is wrong with the chain.
	Detail string `json:"detail,omitempty"`
}

// ARCSet is what one of those wrote who passed a message on.
type ARCSet struct {
	// Sealer is the domain that sealed (d= of its ARC-Seal).
	Sealer string `json:"sealer"`
	// Author is the From domain if the sealer found the message to be from there, else empty.
	Author string `json:"author,omitempty"`
}

// maxChain bounds the fields of a chain in bytes: each seal signs all before it.
const maxChain = 256 << 10

// maxSets is how long a chain may be (RFC 8617 §4.2.1).
const maxSets = 50

// arcError is what is wrong with a chain; temporary when the DNS did not tell.
type arcError struct {
	why       string
	temporary bool
}

func (e *arcError) Error() string { return e.why }

func broken(format string, args ...any) error { return &arcError{why: fmt.Sprintf(format, args...)} }

// checkARC validates the chain of a message whose From domain is author, in the order of RFC 8617 §5.2.
func (v *Verifier) checkARC(ctx context.Context, dns *lookups, raw []byte, author string) (r ARCResult) {
	defer func() {
		if p := recover(); p != nil { // no message may take the process down
			r = ARCResult{Result: ResultFail, Detail: note(fmt.Sprint("check stopped: ", p))}
		}
	}()
	fields, body := splitFields(raw)
	sets, err := arcSets(fields)
	if err == nil && len(sets) == 0 {
		return ARCResult{Result: ResultNone}
	}
	if err == nil {
		err = v.checkChain(ctx, dns, fields, sets, body)
	}
	if err != nil {
		r = ARCResult{Result: ResultFail, Detail: note(err.Error())}
		if e := new(arcError); errors.As(err, &e) && e.temporary {
			r.Result = ResultTempError
		}
		return r
	}
	r.Result = ResultPass
	for i, s := range slices.Backward(sets) {
		set := ARCSet{Sealer: plainDomain(s.seal["d"])}
		// What is not signed may have been changed after the seal.
		if i == len(sets)-1 && !slices.Contains(signedNames(s.signature["h"]), "from") {
			r.Detail = "the From field is not signed"
		} else if said := said(s.results, author); said.Outcome == Pass {
			set.Author = author
		}
		r.Sets = append(r.Sets, set)
	}
	return r
}

// arcSet are the three fields of one instance. seal and signature are their tags.
type arcSet struct {
	sealField, signField, resultField *field
	seal, signature                   map[string]string
	// results is the payload of the ARC-Authentication-Results (RFC 8601 §2.2).
	results string
}

// arcSets collects the sets in order. Anything that is missing, double or not as it must be is an error (RFC 8617 §5.2, steps 1 to 3).
func arcSets(fields []field) ([]arcSet, error) {
	by := make(map[int]*arcSet)
	most, size := 0, 0
	for i := range fields {
		f := &fields[i]
		if f.name != "arc-seal" && f.name != "arc-message-signature" && f.name != "arc-authentication-results" {
			continue
		}
		if size += len(f.whole); size > maxChain {
			return nil, broken("the chain is too large")
		}
		tags, payload, n, err := readARC(f)
		if err != nil {
			return nil, err
		}
		s := by[n]
		if s == nil {
			s = &arcSet{}
			by[n] = s
		}
		most = max(most, n)
		switch {
		case f.name == "arc-seal" && s.sealField == nil:
			s.sealField, s.seal = f, tags
		case f.name == "arc-message-signature" && s.signField == nil:
			s.signField, s.signature = f, tags
		case f.name == "arc-authentication-results" && s.resultField == nil:
			s.resultField, s.results = f, payload
		default:
			return nil, broken("instance %d has two %s", n, f.name)
		}
	}
	sets := make([]arcSet, 0, most)
	for n := 1; n <= most; n++ {
		s := by[n]
		if s == nil || s.sealField == nil || s.signField == nil || s.resultField == nil {
			return nil, broken("instance %d is not complete", n)
		}
		if err := s.checkTags(n); err != nil {
			return nil, err
		}
		sets = append(sets, *s)
	}
	return sets, nil
}

// readARC reads the tags of a field and its instance. ARC-Authentication-Results has only the instance, first, and then its payload.
func readARC(f *field) (tags map[string]string, payload string, n int, err error) {
	value := f.value()
	if f.name == "arc-authentication-results" {
		first, rest, ok := strings.Cut(value, ";")
		name, number, is := strings.Cut(first, "=")
		if !ok || !is || strings.TrimSpace(name) != "i" {
			return nil, "", 0, broken("ARC-Authentication-Results does not begin with its instance")
		}
		n, err = instance(number)
		return nil, rest, n, err
	}
	if tags, err = tagList(value); err != nil {
		return nil, "", 0, err
	}
	n, err = instance(tags["i"])
	return tags, "", n, err
}

func instance(text string) (int, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 8)
	if err != nil || n < 1 || n > maxSets {
		return 0, broken("no instance from 1 to %d", maxSets)
	}
	return int(n), nil
}

// checkTags looks at what RFC 8617 §4.1 asks of the fields of instance n.
func (s *arcSet) checkTags(n int) error {
	want := "pass"
	if n == 1 {
		want = "none"
	}
	switch cv := s.seal["cv"]; {
	case cv != want:
		return broken("instance %d is sealed as %q", n, cv)
	case has(s.seal, "h"):
		return broken("the seal of instance %d has h=", n)
	case !has(s.signature, "h") || !has(s.signature, "bh"):
		return broken("the signature of instance %d has no h= or bh=", n)
	case has(s.signature, "l"): // the part behind it is anybody's
		return broken("the signature of instance %d has l=", n)
	case slices.Contains(signedNames(s.signature["h"]), "arc-seal"): // RFC 8617 §4.1.2
		return broken("the signature of instance %d signs a seal", n)
	}
	for _, tags := range []map[string]string{s.seal, s.signature} {
		if t, given := tags["t"]; given {
			if _, err := strconv.ParseUint(t, 10, 63); err != nil {
				return broken("t= of instance %d is no time", n)
			}
		}
	}
	return nil
}

func has(tags map[string]string, name string) bool {
	_, ok := tags[name]
	return ok
}

// checkChain checks the newest message signature and every seal (RFC 8617 §5.2, steps 4 to 6). Older message signatures
// may be broken by those who passed the message on.
func (v *Verifier) checkChain(ctx context.Context, dns *lookups, fields []field, sets []arcSet, body []byte) error {
	keys := &keyring{ctx: ctx, dns: dns, known: make(map[string]keyFound)}
	last := &sets[len(sets)-1]
	if err := v.checkMessage(keys, fields, last, body); err != nil {
		return err
	}
	for n := len(sets); n > 0; n-- {
		s := &sets[n-1]
		signed := new(bytes.Buffer)
		for i := range n {
			o := &sets[i]
			for _, f := range []*field{o.resultField, o.signField} {
				signed.Write(f.relaxed(false))
				signed.WriteString("\r\n")
			}
			signed.Write(o.sealField.relaxed(i == n-1))
			if i < n-1 {
				signed.WriteString("\r\n")
			}
		}
		if err := keys.check(s.seal, signed.Bytes()); err != nil {
			return fmt.Errorf("seal %d: %w", n, err)
		}
	}
	return nil
}

// checkMessage checks an ARC-Message-Signature, which is made as a DKIM-Signature is (RFC 6376 §3.7).
func (v *Verifier) checkMessage(keys *keyring, fields []field, s *arcSet, body []byte) error {
	tags := s.signature
	header, bodyForm := "simple", "simple"
	if c, given := tags["c"]; given {
		var both bool
		if header, bodyForm, both = strings.Cut(c, "/"); !both {
			bodyForm = "simple"
		}
	}
	if !isForm(header) || !isForm(bodyForm) {
		return broken("c= is not known")
	}
	if x, given := tags["x"]; given {
		if at, err := strconv.ParseInt(x, 10, 62); err != nil || v.config.Now().Unix() > at {
			return broken("the message signature has expired")
		}
	}
	want, err := base64Of(tags["bh"])
	if err != nil || !bytes.Equal(want, hashBody(body, bodyForm == "relaxed")) {
		return broken("the body was changed")
	}
	signed := new(bytes.Buffer)
	pick := picker(fields, s.signField)
	for _, name := range signedNames(tags["h"]) {
		if f := pick(name); f != nil {
			signed.Write(f.form(header, false))
			signed.WriteString("\r\n")
		}
	}
	signed.Write(s.signField.form(header, true))
	if err := keys.check(tags, signed.Bytes()); err != nil {
		return fmt.Errorf("message signature: %w", err)
	}
	return nil
}

func isForm(s string) bool { return s == "simple" || s == "relaxed" }

// signedNames are the names in h=, in lower case.
func signedNames(h string) (names []string) {
	for name := range strings.SplitSeq(h, ":") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// picker gives the fields of a name from the bottom up, each once and never own (RFC 6376 §5.4.2).
func picker(fields []field, own *field) func(name string) *field {
	left := make(map[string][]*field)
	for i := range fields {
		if f := &fields[i]; f != own {
			left[f.name] = append(left[f.name], f)
		}
	}
	return func(name string) *field {
		list := left[name]
		if len(list) == 0 {
			return nil
		}
		left[name] = list[:len(list)-1]
		return list[len(list)-1]
	}
}

// Honour is the verdict with the chain counted for those who trust these sealers, domains in lower case: where one of
// them, or one before whom all are of them, found the message to be from its From domain, it is. The chain speaks for
// mail that proves nothing by itself or was broken on its way, never against any.
func (v Verdict) Honour(sealers []string) Verdict {
	if v.Outcome == Pass || v.ARC.Result != ResultPass || v.Reason == ReasonNoFrom || v.Reason == ReasonSeveralFrom {
		return v
	}
	for _, s := range v.ARC.Sets {
		if !slices.Contains(sealers, s.Sealer) {
			break
		}
		if s.Author != "" && s.Author == v.DMARC.Domain {
			v.Outcome, v.Reason = Pass, ReasonARC
			break
		}
	}
	return v
}
