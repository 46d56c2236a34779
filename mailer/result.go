package mailer

import (
	"strings"
	"time"

	"planpost/core"
)

// The reasons that the mailer gives, worded under "reason.…".
const (
	reasonDeferred  = "delivery.deferred"  // a temporary failure; it is tried again
	reasonExpired   = "delivery.expired"   // tried for as long as we try
	reasonRefused   = "delivery.refused"   // the other side will not take it
	reasonUncertain = "delivery.uncertain" // nobody knows whether it arrived
	reasonGone      = "delivery.gone"      // its task or person exists no more
	reasonDraft     = "delivery.draft"     // no valid mail can be made of it
	reasonInternal  = "delivery.internal"  // a mistake of ours
	reasonPace      = "delivery.pace"      // its destination asked for fewer mails
)

// conclude turns what a transport saw into what is recorded; until is as in deferred.
func (m *Mailer) conclude(r *core.AttemptResult, o *Outcome, until time.Time) {
	r.Attempt.Remote, r.Attempt.Code, r.Attempt.Enhanced, r.Attempt.Text = o.Remote, o.Code, o.Enhanced, o.Text
	switch o.Class {
	case Sent:
		r.State, r.Attempt.Outcome = core.DeliverySent, "sent"
	case Permanent:
		r.State, r.Attempt.Outcome, r.Reason = core.DeliveryFailed, "failed", reasonRefused
	case Uncertain:
		m.uncertain(r)
	case Interrupted:
		r.State, r.Uncounted, r.RetryAt, r.Attempt.Outcome = core.DeliveryDue, true, m.core.Now(), "deferred"
		r.Reason = r.Delivery.Reason
	default:
		m.deferred(r, reasonDeferred, until)
	}
}

// deferred lets it be tried again, unless it has been tried for long enough
// (RFC 5321 §4.5.4.1 asks for four to five days; who answers by mail is not
// helped by news that old): until an instant, if one is given. That an earlier copy may have arrived is not forgotten.
func (m *Mailer) deferred(r *core.AttemptResult, reason string, until time.Time) {
	d, now := &r.Delivery, m.core.Now()
	wait := m.cfg.Retry[min(max(d.Attempts-1, 0), len(m.cfg.Retry)-1)]
	r.State, r.Attempt.Outcome, r.Reason, r.RetryAt = core.DeliveryDue, "deferred", reason, now.Add(m.jitter(wait))
	unknown := d.Reason == reasonUncertain
	if unknown {
		r.Reason = reasonUncertain
	}
	if until.IsZero() && !d.SentDate.IsZero() {
		until = d.SentDate.Add(m.cfg.GiveUp)
	}
	if until.IsZero() || r.RetryAt.Before(until) {
		return
	}
	r.State, r.Reason, r.RetryAt = core.DeliveryFailed, reasonExpired, time.Time{}
	if unknown {
		r.State, r.Reason = core.DeliveryUncertain, reasonUncertain
	}
}

// until is when a mail is worth nothing any more, if it says so itself: a link that ended helps nobody, and
// until then whoever waits for it has no other way in.
func until(l *core.Letter) time.Time {
	if l.Delivery.Stream == core.SecurityStream {
		return l.Link.ExpiresAt
	}
	return time.Time{}
}

// paced lets it wait for its turn. That is no attempt, and what the last one came to is not forgotten.
func (m *Mailer) paced(r *core.AttemptResult, wait time.Duration) {
	r.State, r.Uncounted, r.Attempt.Outcome, r.Attempt.Text = core.DeliveryDue, true, "deferred", r.Delivery.Text
	r.RetryAt = m.core.Now().Add(wait)
	if wait == longest { // many have no turn yet
		r.RetryAt = r.RetryAt.Add(-time.Duration(m.spread() * float64(wait) / 2))
	}
	if r.Reason = reasonPace; r.Delivery.Reason == reasonUncertain {
		r.Reason = reasonUncertain
	}
}

// uncertain sends the same mail once more after a while: most readers' servers
// know the Message-ID and show it once. A second unknown end is final.
func (m *Mailer) uncertain(r *core.AttemptResult) {
	r.Attempt.Outcome, r.Reason = "uncertain", reasonUncertain
	if r.Delivery.Reason == reasonUncertain {
		r.State = core.DeliveryUncertain
		return
	}
	r.State, r.RetryAt = core.DeliveryDue, m.core.Now().Add(m.cfg.Again)
}

// jitter moves a wait by up to a tenth.
func (m *Mailer) jitter(wait time.Duration) time.Duration {
	return wait + time.Duration((m.spread()-0.5)/5*float64(wait))
}

// cancel ends a delivery that must not be sent.
func (m *Mailer) cancel(r *core.AttemptResult, reason string) {
	r.State, r.Attempt.Outcome, r.Reason = core.DeliveryCancelled, "cancelled", reason
}

// noLetter decides about a delivery that there is no letter for. It tells
// whether that ends it; other trouble is ours and no attempt.
func (m *Mailer) noLetter(r *core.AttemptResult, err error) bool {
	if until, ok := core.Postponed(err); ok {
		r.Delivery.SentDate = time.Time{} // of the day when it goes
		r.State, r.Uncounted, r.RetryAt, r.Attempt.Outcome, r.Reason = core.DeliveryDue, true, until, "deferred", core.CodeOf(err)
		return true
	}
	switch kind, code := core.KindOf(err), core.CodeOf(err); {
	case kind == core.Conflict && strings.HasPrefix(code, "delivery.suppressed."):
		r.State, r.Attempt.Outcome, r.Reason = core.DeliveryHeld, "held", code
	case kind == core.Conflict && strings.HasPrefix(code, "delivery."):
		m.cancel(r, code)
	case kind == core.NotFound:
		m.cancel(r, reasonGone)
	default:
		return false
	}
	return true
}
