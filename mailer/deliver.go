package mailer

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"planpost/core"
	"planpost/mail"
)

const (
	// recordTime is how long recording may take while we are being stopped: what
	// was sent must be written down even then.
	recordTime = 30 * time.Second
	// recordPause is the wait before recording is tried again while the database is away.
	recordPause = 200 * time.Millisecond
)

// deliver takes one claimed delivery to its end and gives what is to be recorded. It never
// panics: a delivery that makes us stumble waits like one that failed.
func (m *Mailer) deliver(ctx context.Context, j *job) (r *core.AttemptResult) {
	now, d := m.core.Now(), &j.delivery
	left := d.LeaseUntil.Sub(now) - reserve
	if left <= 0 {
		return m.giveBack(d, "lease") // it waited too long for a worker; somebody else may have it soon
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	var err error
	r = &core.AttemptResult{Delivery: *d, Attempt: core.Attempt{StartedAt: now}}
	defer func() {
		if p := recover(); p != nil {
			m.log.Error("delivery", "delivery", d.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			m.deferred(r, reasonInternal, time.Time{})
		}
	}()
	again := true
	for again && err == nil { // a mail that waited too long for its turn is made anew, with its rights asked again
		again, err = m.attempt(ctx, r, j)
		j.until = time.Time{}
	}
	if err != nil {
		m.log.Warn("delivery not begun", "delivery", d.ID, "err", err)
		return m.giveBack(d, "trouble")
	}
	return r
}

// attempt fills r. An error means that nothing was tried and nothing is known; again that it was the turn of
// the mail too late.
func (m *Mailer) attempt(ctx context.Context, r *core.AttemptResult, j *job) (again bool, err error) {
	l, begin, err := m.letter(ctx, j)
	if err != nil {
		if m.noLetter(r, err) {
			return false, nil
		}
		return false, fmt.Errorf("letter: %w", err)
	}
	r.Delivery = l.Delivery // the link is known by now
	began, to := m.core.Now(), destination(l.To)
	if wait := m.paces.enter(to, began, l.Delivery.Stream == core.SecurityStream); wait > 0 {
		m.paced(r, wait)
		return false, nil
	}
	var o Outcome
	defer func() { m.paces.leave(to, began, m.core.Now(), &o) }() // also when making the mail came to nothing
	draft, err := m.draft(ctx, &l)
	if errors.Is(err, errWords) {
		m.log.Error("delivery cannot be worded", "delivery", r.Delivery.ID, "err", err)
		m.deferred(r, reasonInternal, time.Time{})
		return false, nil
	}
	if err != nil {
		return false, err
	}
	raw, err := mail.Compose(draft)
	if errors.Is(err, mail.ErrDraft) {
		m.log.Error("delivery cannot be written", "delivery", r.Delivery.ID, "err", err)
		r.State, r.Attempt.Outcome, r.Reason, r.Attempt.Text = core.DeliveryFailed, "failed", reasonDraft, err.Error()
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("compose: %w", err)
	}
	signature, err := m.core.Sign(ctx, l.From.Domain, raw, l.Date)
	if err != nil { // never unsigned: that would look forged to who expects our signature
		return false, fmt.Errorf("sign: %w", err)
	}
	raw = append(signature, raw...)
	o = m.transport.Send(ctx, Outgoing{ReversePath: l.ReversePath, Recipient: l.To, Raw: raw, Sender: l.From.Domain, Stream: l.Delivery.Stream, Begin: begin})
	if o.Class == Late {
		return true, nil
	}
	return false, m.sent(r, &l, draft, raw, &o)
}

// sent fills r with what became of a mail that was tried.
func (m *Mailer) sent(r *core.AttemptResult, l *core.Letter, draft *mail.Draft, raw []byte, o *Outcome) error {
	r.Attempt.Address = l.To.Norm()
	m.conclude(r, o, until(l))
	if l.Delivery.Link != "" && (o.Class == Sent || o.Class == Uncertain) { // it may be answered
		r.SentText = placeheld(draft.Text, l)
	}
	if !o.Keep {
		return nil
	}
	sealed, err := m.core.SealCaptured(l, raw)
	if err != nil {
		return fmt.Errorf("seal captured: %w", err)
	}
	r.Captured = sealed
	return nil
}

// placeheld is the text as it may be kept: without the live addresses, links and codes of this mail.
func placeheld(text string, l *core.Letter) string {
	for live, place := range map[string]string{l.ReplyTo.Mailbox(): "{reply}", l.ReversePath.Mailbox(): "{bounce}", l.LinkURL: "{link}", l.ThreadURL: "{link}", l.UnsubscribeURL: "{link}", l.Code: "{code}"} {
		if live != "" {
			text = strings.ReplaceAll(text, live, place)
		}
	}
	return text
}

// giveBack ends the lease of a delivery that nothing was done for.
func (m *Mailer) giveBack(d *core.Delivery, why string) *core.AttemptResult {
	now := m.core.Now()
	r := &core.AttemptResult{Delivery: *d, State: core.DeliveryDue, Uncounted: true, RetryAt: now, Reason: d.Reason,
		Attempt: core.Attempt{StartedAt: now, Outcome: "deferred", Text: why}}
	if why == "trouble" {
		r.RetryAt = now.Add(m.jitter(m.cfg.Retry[0]))
	}
	return r
}

// record writes what became of it, and does not give up while the lease lasts:
// what was sent and not written down goes out again when that ends, which does
// no harm but annoys, and later mails of the same thread wait until then. Once
// ctx has ended, because we are stopping, it tries for recordTime at most, and
// not at all for what was not tried. A lost answer is no trouble: a second
// record finds the lease gone.
func (m *Mailer) record(ctx context.Context, r *core.AttemptResult) {
	r.Attempt.EndedAt = m.core.Now()
	writing, cancel := context.WithTimeout(context.WithoutCancel(ctx), max(recordTime, r.Delivery.LeaseUntil.Sub(r.Attempt.EndedAt)))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(recordTime, cancel) })()
	for {
		err := m.core.RecordAttempt(writing, *r)
		if err == nil {
			return
		}
		if core.KindOf(err) != core.Unavailable || r.Uncounted && ctx.Err() != nil {
			m.log.Error("record attempt", "delivery", r.Delivery.ID, "state", string(r.State), "err", err)
			return
		}
		select {
		case <-time.After(recordPause):
		case <-writing.Done():
			m.log.Error("record attempt: the database stays away", "delivery", r.Delivery.ID, "state", string(r.State), "err", err)
			return
		}
	}
}
