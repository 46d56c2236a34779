package core

import (
	"context"
	"time"

	"planpost/core/access"
)

// MailRate is how many of the mails of the last 30 days came to a bad end.
type MailRate struct {
	// Of left us; Bad are those that came to it. Both are numbers of mails.
	Of, Bad int64
	// Most is the limit, in mails of ten thousand.
	Most int64
}

const (
	// rateSpan is what rates look back on; providers judge by a month at most.
	rateSpan = 30 * 24 * time.Hour
	// rateLeast is how many mails a rate must rest on, and rateBad how many bad ones: few tell nothing.
	rateLeast, rateBad = 100, 2
	// bounceMost and complaintMost are where providers begin to refuse, in mails of ten thousand: 5 % and 0.1 %.
	bounceMost, complaintMost = 500, 10
)

// Share is the rate, in mails of ten thousand; 0 when there was no mail.
func (r MailRate) Share() int64 {
	if r.Of == 0 {
		return 0
	}
	return (r.Bad*10000 + r.Of/2) / r.Of
}

// Few tells that there is too little mail to judge by.
func (r MailRate) Few() bool { return r.Of < rateLeast || r.Bad > 0 && r.Bad < rateBad }

// High tells that the rate is above its limit.
func (r MailRate) High() bool { return !r.Few() && r.Bad*10000 > r.Most*r.Of }

// Deferral is what a destination says to the mails that wait for it.
type Deferral struct {
	Domain string
	Mails  int64
	// Since is when the first of them was tried first, Next when one is tried again.
	Since, Next time.Time
	// Text are the latest words of the server, or of what kept us from it.
	Text string
}

// StoppedCount is how many addresses get no mail of a stream, for a reason.
type StoppedCount struct {
	Stream Stream
	Reason SuppressReason
	N      int64
}

// OldestDue is the mail that has been due longest; Since is when it was to leave first.
type OldestDue struct {
	Delivery ID
	Since    time.Time
}

// MailHealth is the state of mail as one page tells it: that of the host, and of the account's own mail.
type MailHealth struct {
	Findings []Finding
	// Checked is when each group was last looked at; Asked tells that one is to be looked at now.
	Checked map[string]time.Time
	Asked   bool
	// Bounces and Complaints are rates of the account's mail.
	Bounces, Complaints MailRate
	// Oldest is zero when nothing is due.
	Oldest    OldestDue
	Deferrals []Deferral
	Stopped   []StoppedCount
	May       Rights
}

// HealthNumbersTx counts an account's mail.
type HealthNumbersTx interface {
	// MailRates counts the mails made from an ID on that left, that came back or were refused, and the complaints since then.
	MailRates(ctx context.Context, account, from ID, since time.Time) (left, bounced, complained int64, err error)
	// FindOldestDue finds what has been due longest; ok is false when nothing is.
	FindOldestDue(ctx context.Context, account ID, now time.Time) (o OldestDue, ok bool, err error)
	// Deferrals are what waits for another try, by destination, the most first.
	Deferrals(ctx context.Context, account ID, limit int) ([]Deferral, error)
	CountStopped(ctx context.Context, account ID) ([]StoppedCount, error)
}

// mostDeferrals is how many destinations the page names.
const mostDeferrals = 50

// MailHealth tells how mail is. Servers' words are masked for technical administrators.
func (c *Core) MailHealth(ctx context.Context, a *Actor) (h MailHealth, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		h = MailHealth{Checked: map[string]time.Time{}}
		ans, err := c.may(ctx, tx, a, "maildomain.edit", Object{})
		if err := firstError(err, denied(ans)); err != nil {
			return err
		}
		if h.May, err = c.rights(ctx, tx, a, Object{}, "delivery.view", "suppression.view"); err != nil {
			return err
		}
		if h.Findings, err = tx.ListFindings(ctx, ""); err != nil {
			return err
		}
		for group := range HealthGroups() {
			asked, checked, err := tx.HealthTimes(ctx, group)
			if err != nil {
				return err
			}
			h.Checked[group], h.Asked = checked, h.Asked || asked.After(checked)
		}
		return c.mailNumbers(ctx, tx, a, &h)
	})
	return h, err
}

func (c *Core) mailNumbers(ctx context.Context, tx Tx, a *Actor, h *MailHealth) error {
	now, account := c.Now(), a.Account.ID
	since := now.Add(-rateSpan)
	left, bounced, complained, err := tx.MailRates(ctx, account, idAt(since), since)
	if err != nil {
		return err
	}
	h.Bounces, h.Complaints = MailRate{left, bounced, bounceMost}, MailRate{left, complained, complaintMost}
	if h.Oldest, _, err = tx.FindOldestDue(ctx, account, now); err != nil {
		return err
	}
	if h.Deferrals, err = tx.Deferrals(ctx, account, mostDeferrals); err != nil {
		return err
	}
	if h.Stopped, err = tx.CountStopped(ctx, account); err != nil {
		return err
	}
	ans, err := c.may(ctx, tx, a, "delivery.view", Object{})
	if ans.Must(access.Mask) {
		for i := range h.Deferrals {
			h.Deferrals[i].Text = maskText(h.Deferrals[i].Text)
		}
	}
	return err
}

// checksAtOnce is how often everything may be checked on demand, together with the way back after a pause.
const (
	checksAtOnce = 3
	checkEvery   = time.Minute
)

// CheckHealth has everything looked at within seconds.
func (c *Core) CheckHealth(ctx context.Context, a *Actor) error {
	err := c.store.View(ctx, func(tx Tx) error { return c.require(ctx, tx, a, "maildomain.edit", Object{}) })
	if err != nil {
		return err
	}
	// One host, perhaps many accounts: each check asks the DNS, signs in at the relay and sends a mail.
	if ok, wait := c.limiter.Allow(ctx, "health check", checksAtOnce, checkEvery); !ok {
		return limited("health.limited", wait)
	}
	err = c.store.InTx(ctx, func(tx Tx) error {
		for group := range HealthGroups() {
			if err := tx.AskHealth(ctx, group, c.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		c.bus.Publish(HealthTopic)
	}
	return err
}

// HealthTopic is the Bus topic of what is kept about the health of mail.
const HealthTopic = "health"
