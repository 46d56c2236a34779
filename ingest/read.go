package ingest

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"unicode/utf8"

	"planpost/core"
	"planpost/mail"
	"planpost/mail/auth"
	"planpost/mail/reply"
	"planpost/safehtml"
)

// Bodies are read up to these lengths, in bytes; nobody writes more by hand.
const (
	longestText = 1 << 20
	longestHTML = 2 << 20
)

// codePanic is the code of a message that broke our own reading.
const codePanic = "panic"

// read finds out everything about a message that can be known without asking
// who is who. An error tells that it leads nowhere, or that nobody could say where.
func (r *Road) read(ctx context.Context, env *mail.Envelope, routes []core.Route, raw []byte, from *core.FetchedFrom) (*core.Inbound, error) {
	in := &core.Inbound{Envelope: env, Raw: raw, Hash: mail.ContentHash(raw), Routes: distinct(routes), Fetched: from}
	t := trace{steps: make([]core.Step, 0, 12)}
	t.envelope(env, len(raw))
	r.parse(in)
	t.parse(in)
	r.guard("pictures", func() { in.Heights = heights(in.Message) })
	r.verify(ctx, in)
	t.verdict(&in.Verdict)
	if in.Message != nil {
		t.hops(in.Message, r.cfg.Hostname)
		r.classify(in)
		t.class(&in.Class)
	}
	if err := r.core.Resolve(ctx, in); err != nil {
		return nil, err
	}
	if in.Message != nil {
		sent := r.extract(ctx, in)
		t.words(in, sent)
	}
	in.Trace = t.steps
	return in, nil
}

// distinct keeps each route once: a message with two addresses of one link is
// still one message to it.
func distinct(routes []core.Route) []core.Route {
	if len(routes) < 2 {
		return routes
	}
	type name struct {
		account core.ID
		key     string
	}
	seen := make(map[name]bool, len(routes))
	out := make([]core.Route, 0, len(routes))
	for _, route := range routes {
		n := name{route.Account, route.Key}
		if seen[n] {
			continue
		}
		seen[n] = true
		out = append(out, route)
	}
	return out
}

// guard runs one station. A panic in it is ours to mend and must not cost the
// sender the message nor others the process.
func (r *Road) guard(station string, f func()) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			ok = false
			r.log.Error("reading a message broke", slog.String("station", station), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		}
	}()
	f()
	return true
}

func (r *Road) parse(in *core.Inbound) {
	var err error
	if !r.guard("parse", func() { in.Message, err = mail.Parse(in.Raw, r.cfg.Limits) }) {
		in.Message, in.Unreadable = nil, codePanic
		return
	}
	var p *mail.ParseError
	switch {
	case errors.As(err, &p):
		in.Message, in.Unreadable = nil, p.Code
	case err != nil:
		in.Message, in.Unreadable = nil, mail.CodeNotAMessage
	}
}

// verify asks who sent it. Without exactly one author there is nobody to verify.
func (r *Road) verify(ctx context.Context, in *core.Inbound) {
	var from mail.Address
	if in.Message != nil && len(in.Message.From) == 1 {
		from = in.Message.From[0]
	}
	if !r.guard("verify", func() { in.Verdict = r.verifier.Verify(ctx, in.Envelope, in.Raw, from) }) {
		in.Verdict = auth.Verdict{Outcome: auth.None, Reason: auth.ReasonNoEvidence}
	}
}

func (r *Road) classify(in *core.Inbound) {
	ok := r.guard("classify", func() {
		in.Class = mail.Classify(in.Message, in.Envelope)
		if in.Class.Kind == mail.KindBounce || in.Class.Kind == mail.KindFeedback {
			in.Reports = mail.Reports(in.Message)
		}
	})
	if !ok { // nobody can tell whether a person wrote it: it must be looked at
		in.Message, in.Unreadable = nil, codePanic
	}
}

// extract finds the author's own words; it tells whether they were compared
// with what we sent.
func (r *Road) extract(ctx context.Context, in *core.Inbound) (sent bool) {
	if in.Message == nil {
		return false
	}
	m := in.Message
	text, html := clip(m.Text, longestText), clip(m.HTML, longestHTML)
	if in.Class.Kind == mail.KindBounce || in.Class.Kind == mail.KindFeedback || in.Class.Kind == mail.KindReceipt {
		in.Words = reply.Result{Reply: text, From: "text"} // a machine's: there are no own words in it
		return false
	}
	ask := reply.Input{Text: text, HTML: html, Subject: m.Subject, Marker: r.markers()}
	var err error
	// Without the text we sent quotes are still recognised by their marks, so its absence stops nothing.
	if ask.Sent, err = r.core.Recall(ctx, in, quotes(text, html, r.markers())); err != nil {
		r.log.Warn("the mail that is answered could not be read", slog.Any("error", err))
	}
	if !r.guard("extract", func() { in.Words = reply.Extract(ask) }) {
		in.Words = reply.Result{Reply: text, From: "text"} // too much is better than nothing
		return false
	}
	if ownHTML(&in.Words, html) {
		r.guard("safehtml", func() { in.HTML = safehtml.Clean(html, ownPictures(m)) })
	}
	return ask.Sent != ""
}

// clip shortens s to at most n bytes without breaking a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
