package core

import (
	"context"
	"fmt"
	"strings"
	"time"

	"planpost/mail"
)

// Probe is a mail that we send to ourselves to see what becomes of it on the way.
type Probe struct {
	ID ID
	// Form is how it is addressed: plain or plus.
	Form   ReplyMode
	SentAt time.Time
	// Refused are the words of who did not take it; empty while nobody refused.
	Refused string
	// ReturnedAt is when it came back, zero while it is under way; Seen what it was like then.
	ReturnedAt time.Time
	Seen       ProbeSeen
}

// ProbeSeen is what is compared of a probe that came back.
type ProbeSeen struct {
	To, Path, From, ReplyTo, MessageID string
	// AuthServ is whose Authentication-Results came with it (RFC 8601 §2.5), Signed the domains that signed.
	AuthServ string
	Signed   []string
	// Bounced are the words of a report, when that came in its place.
	Bounced string
}

// ProbeTx keeps probes.
type ProbeTx interface {
	PutProbe(ctx context.Context, p *Probe) error
	// FindProbe is false when there is none any more.
	FindProbe(ctx context.Context, id ID) (Probe, bool, error)
	ListProbes(ctx context.Context) ([]Probe, error)
	DeleteProbes(ctx context.Context) error
}

const (
	// probePrefix starts the local part of a probe's address, probeHeader is the field that names it.
	probePrefix = "p-"
	probeHeader = "X-Planpost-Probe"
	probeScope  = "probe"
	// probeLength is all that a local part may have (RFC 5321 §4.5.3.1.1).
	probeLength = 64
	// probeWait is how long one is waited for: greylisting takes some minutes.
	probeWait = 15 * time.Minute
)

// ProbeLocal is the token of a probe's address, in mixed case, which must not matter.
func (k *Keyring) ProbeLocal(probe ID) string {
	b := []byte(probePrefix + sealToken(k.keys[0], k.keys[0].bounc, probe, probeScope))
	for i := 0; i < len(b); i += 2 {
		if 'a' <= b[i] && b[i] <= 'z' {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}

// OpenProbe reads a token; what stands behind it makes the address long and means nothing.
func (k *Keyring) OpenProbe(local string) (probe ID, ok bool) {
	rest, found := cutPrefixFold(local, probePrefix)
	if !found || len(rest) < tokenLen {
		return "", false
	}
	return k.openToken(rest[:tokenLen], bounceKey, probeScope)
}

// ProbeAddress is where a probe goes: as long as an address may be, in mixed case.
func (c *Core) ProbeAddress(p *Probe) mail.Address {
	local := ownLocal(p.Form, c.keys.ProbeLocal(p.ID)) + "."
	for len(local) < probeLength {
		local += string("xX"[len(local)%2])
	}
	return mail.Address{Local: local, Domain: c.cfg.MailDomain}
}

func (c *Core) probeMessageID(id ID) string { return "p-" + string(id) + "@" + c.cfg.MailDomain }

// NewProbes begins a self-test: one probe of each form, in place of what was under way.
func (c *Core) NewProbes(ctx context.Context) (list []Probe, err error) {
	for _, form := range []ReplyMode{ReplyPlain, ReplyPlus} {
		list = append(list, Probe{ID: NewID(), Form: form, SentAt: c.Now()})
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := tx.DeleteProbes(ctx); err != nil {
			return err
		}
		for i := range list {
			if err := tx.PutProbe(ctx, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// Probes are those under way.
func (c *Core) Probes(ctx context.Context) (list []Probe, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		list, err = tx.ListProbes(ctx)
		return err
	})
	return list, err
}

// RefuseProbe notes that nobody took a probe.
func (c *Core) RefuseProbe(ctx context.Context, probe ID, words string) error {
	return c.changeProbe(ctx, probe, func(p *Probe) { p.Refused = cut(oneLine(words), 500) })
}

// changeProbe does nothing when the probe is given up.
func (c *Core) changeProbe(ctx context.Context, probe ID, change func(*Probe)) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		p, ok, err := tx.FindProbe(ctx, probe)
		if err != nil || !ok {
			return err
		}
		change(&p)
		return tx.PutProbe(ctx, &p)
	})
}

// ProbeMail is the mail of a probe, signed as all of ours is. Its return path leads to itself,
// so that a report about it is recognised, too.
func (c *Core) ProbeMail(ctx context.Context, p *Probe, subject, text string) (path, to mail.Address, raw []byte, err error) {
	to = c.ProbeAddress(p)
	draft := &mail.Draft{From: []mail.Address{{Local: boxLocal, Domain: c.cfg.MailDomain}}, To: []mail.Address{to}, ReplyTo: []mail.Address{to},
		MessageID: c.probeMessageID(p.ID), Date: p.SentAt, Subject: subject, Text: text, Boundary: string(p.ID),
		Header: []mail.Field{{Name: "Auto-Submitted", Value: "auto-generated"}, {Name: probeHeader, Value: c.keys.ProbeLocal(p.ID)}}}
	if raw, err = mail.Compose(draft); err != nil {
		return path, to, nil, fmt.Errorf("probe: %w", err)
	}
	signature, err := c.Sign(ctx, c.cfg.MailDomain, raw, p.SentAt)
	if err != nil {
		return path, to, nil, fmt.Errorf("sign probe: %w", err)
	}
	return mail.Address{Local: ownLocal(p.Form, c.keys.ProbeLocal(p.ID)), Domain: c.cfg.MailDomain}, to, append(signature, raw...), nil
}

// probesReturned takes what came back of the self-test.
func (c *Core) probesReturned(ctx context.Context, in *Inbound) (list []Receipt, err error) {
	for i := range in.Routes {
		if in.Routes[i].Kind != RouteProbe {
			continue
		}
		r, err := c.probeReturned(ctx, in, &in.Routes[i])
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// probeReturned keeps what a probe is like that came back. It is nobody's
// message, so there is no row of it: the receipt only tells the door that it was taken.
func (c *Core) probeReturned(ctx context.Context, in *Inbound, route *Route) (Receipt, error) {
	seen := ProbeSeen{To: route.Shown, Path: in.Envelope.ReversePath.Mailbox()}
	for i := range in.Reports {
		seen.Bounced = cut(oneLine(strings.TrimSpace(in.Reports[i].Status+" "+in.Reports[i].Diagnostic)), 500)
	}
	if m := in.Message; m != nil {
		seen.MessageID = m.MessageID
		seen.From, seen.ReplyTo = only(m.From), only(m.ReplyTo)
		id, _, _ := strings.Cut(m.Header.Get("Authentication-Results"), ";")
		seen.AuthServ, _, _ = strings.Cut(strings.TrimSpace(id), " ") // a version may follow
		for _, s := range m.Header.Values("DKIM-Signature") {
			seen.Signed = appendNew(seen.Signed, signingDomainOf(s))
		}
	}
	if in.Fetched != nil && route.Probe == in.Fetched.Mailbox.ID {
		return c.probeReceipt(route), c.canaryReturned(ctx, in)
	}
	if err := c.testAnswered(ctx, route.Probe, in); err != nil {
		return Receipt{}, err
	}
	err := c.changeProbe(ctx, route.Probe, func(p *Probe) { p.ReturnedAt, p.Seen = c.Now(), seen })
	return c.probeReceipt(route), err
}

func (c *Core) probeReceipt(route *Route) Receipt {
	r := Receipt{ID: NewID(), Message: route.Probe, Recipient: probePrefix + "…@" + c.cfg.MailDomain, Key: route.Key, Route: RouteProbe, ReceivedAt: c.Now()}
	r.end(Recorded, "probe")
	return r
}

func only(list []mail.Address) string {
	if len(list) != 1 {
		return ""
	}
	return list[0].Mailbox()
}

// signingDomainOf is the d= of a signature (RFC 6376 §3.5).
func signingDomainOf(signature string) string {
	for tag := range strings.SplitSeq(signature, ";") {
		if name, value, ok := strings.Cut(tag, "="); ok && strings.TrimSpace(name) == "d" {
			return strings.ToLower(strings.TrimSpace(value))
		}
	}
	return ""
}
