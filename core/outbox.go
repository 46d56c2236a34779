package core

import (
	"context"
	"strings"
	"time"

	"planpost/core/access"
	"planpost/mail"
)

// leaseLife is how long a claimed delivery belongs to its claimer: longer
// than a transport may take for one mail.
const leaseLife = 10 * time.Minute

// ClaimDeliveries leases at most limit due deliveries of a stream to the caller.
func (c *Core) ClaimDeliveries(ctx context.Context, stream Stream, limit int) (list []Delivery, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		list, err = tx.ClaimDeliveries(ctx, stream, c.Now(), leaseLife, limit)
		return err
	})
	return list, err
}

// NextDue is when the next delivery of a stream is due after an instant, say that of an empty claim; ok is false when nothing waits.
func (c *Core) NextDue(ctx context.Context, stream Stream, after time.Time) (at time.Time, ok bool, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		at, ok, err = tx.NextDue(ctx, stream, after)
		return err
	})
	return at, ok, err
}

// mailerTopic is the Bus topic of deliveries that may be due earlier than known.
const mailerTopic = "mailer"

// Wake is told, whichever process it happened in, when a delivery may be due earlier than known. It holds no work.
func (c *Core) Wake() <-chan string { return c.wake }

func (c *Core) wakeMailer() { c.bus.Publish(mailerTopic) }

// RecordAttempt writes what became of a claimed delivery. When the lease
// had ended meanwhile, nothing is written: somebody else has it now.
func (c *Core) RecordAttempt(ctx context.Context, r AttemptResult) error {
	r.Attempt.Text = cut(oneLine(c.redact(r.Attempt.Text)), 500)
	if r.Attempt.EndedAt.IsZero() {
		r.Attempt.EndedAt = c.Now()
	}
	if r.Attempt.ID == "" {
		r.Attempt.ID, r.Attempt.Account, r.Attempt.Delivery, r.Attempt.Number = NewID(), r.Delivery.Account, r.Delivery.ID, r.Delivery.Attempts
	}
	var kept bool
	err := c.store.InTx(ctx, func(tx Tx) error {
		var err error
		if kept, err = tx.FinishAttempt(ctx, &r); err == nil && kept && r.Reason == reasonDigest {
			return c.joinDigest(ctx, tx, &r.Delivery)
		}
		if err != nil || !kept || r.State != DeliveryFailed || r.Attempt.Address == "" || !nobodyThere(r.Attempt.Enhanced) {
			return err
		}
		for _, s := range stops(SuppressBounce, r.Delivery.Stream) {
			if err := tx.Suppress(ctx, &Suppression{ID: NewID(), Account: r.Delivery.Account, Address: r.Attempt.Address, Stream: s, Reason: SuppressBounce,
				Evidence: r.Attempt.Text, Delivery: r.Delivery.ID, CreatedAt: r.Attempt.EndedAt}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || !kept {
		return err
	}
	c.log.Info("delivery", "delivery", r.Delivery.ID, "state", string(r.State), "attempt", r.Attempt.Number, "code", r.Attempt.Code, "remote", r.Attempt.Remote, "reason", r.Reason)
	c.bus.Publish(OutboxTopic(r.Delivery.Account))
	if r.Delivery.Task != "" {
		c.bus.Publish(TaskTopic(r.Delivery.Task))
	}
	return nil
}

// SealCaptured seals a mail that the demo keeps instead of sending it.
func (c *Core) SealCaptured(l *Letter, raw []byte) ([]byte, error) {
	return c.Seal(&l.Account, l.Delivery.ID, raw)
}

// Captured gives a mail that was captured, as its recipient got it. It holds
// live addresses: only the demo's own mailbox page may show it.
func (c *Core) Captured(ctx context.Context, account, delivery ID) ([]byte, error) {
	var sealed []byte
	var a Account
	err := c.store.View(ctx, func(tx Tx) error {
		var err error
		if a, err = tx.FindAccount(ctx, account); err != nil {
			return err
		}
		sealed, err = tx.FindCaptured(ctx, account, delivery)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.Unseal(&a, delivery, sealed)
}

// DeliveryView is a delivery's page.
type DeliveryView struct {
	Item     DeliveryItem
	Attempts []Attempt
	Fate     DeliveryFate
	May      Rights
}

// Deliveries lists mails of the account, newest first.
func (c *Core) Deliveries(ctx context.Context, a *Actor, f DeliveryFilter) (list []DeliveryItem, err error) {
	f.Limit = pageSize(f.Limit)
	err = c.store.View(ctx, func(tx Tx) error {
		ans, err := c.may(ctx, tx, a, "delivery.view", Object{})
		if err != nil {
			return err
		}
		if err := denied(ans); err != nil {
			return err
		}
		if list, err = tx.ListDeliveries(ctx, a.Account.ID, f); err != nil {
			return err
		}
		if ans.Must(access.Mask) {
			maskDeliveries(list)
		}
		return nil
	})
	return list, err
}

// maskDeliveries leaves what a technical administrator needs: times, states, domains (A6).
func maskDeliveries(list []DeliveryItem) {
	for i := range list {
		it := &list[i]
		if a, err := mail.ParseMailbox(it.Address); err == nil {
			it.Address = a.Masked()
		}
		it.PersonName, it.TaskTitle, it.TaskNumber = "", "", 0
		it.Delivery.Text = maskText(it.Delivery.Text)
	}
}

// maskText takes addresses out of a server's words.
func maskText(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		if strings.Contains(w, "@") {
			words[i] = "…"
		}
	}
	return strings.Join(words, " ")
}

// Delivery gives one mail with its attempts.
func (c *Core) Delivery(ctx context.Context, a *Actor, id ID) (v DeliveryView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		ans, err := c.may(ctx, tx, a, "delivery.view", Object{"delivery", id})
		if err != nil {
			return err
		}
		if err := denied(ans); err != nil {
			return err
		}
		list, err := tx.ListDeliveries(ctx, a.Account.ID, DeliveryFilter{ID: id, Limit: 1})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return Fail(NotFound, "not_found")
		}
		if v.Attempts, err = tx.ListAttempts(ctx, a.Account.ID, id); err != nil {
			return err
		}
		if v.Fate, err = c.fate(ctx, tx, &list[0].Delivery, v.Attempts); err != nil {
			return err
		}
		if ans.Must(access.Mask) {
			maskDeliveries(list)
			for i := range v.Attempts {
				v.Attempts[i].Text, v.Attempts[i].Address = maskText(v.Attempts[i].Text), maskText(v.Attempts[i].Address)
			}
		}
		v.Item = list[0]
		v.May, err = c.rights(ctx, tx, a, Object{"delivery", id}, "delivery.retry", "delivery.cancel")
		return err
	})
	return v, err
}

// SendAgain makes a delivery that ended due once more; the same mail, byte for byte.
func (c *Core) SendAgain(ctx context.Context, a *Actor, id ID) error {
	return c.redeliver(ctx, a, "delivery.retry", id, DeliveryDue)
}

// CancelDelivery stops one that waits.
func (c *Core) CancelDelivery(ctx context.Context, a *Actor, id ID) error {
	return c.redeliver(ctx, a, "delivery.cancel", id, DeliveryCancelled)
}

// HoldDelivery keeps one that waits back until somebody lets it go by SendAgain.
func (c *Core) HoldDelivery(ctx context.Context, a *Actor, id ID) error {
	return c.redeliver(ctx, a, "delivery.cancel", id, DeliveryHeld)
}

func (c *Core) redeliver(ctx context.Context, a *Actor, action access.Action, id ID, to DeliveryState) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, action, Object{"delivery", id}); err != nil {
			return err
		}
		ok, err := tx.SetDeliveryState(ctx, a.Account.ID, id, to, "by_hand", tx.Now())
		if err != nil {
			return err
		}
		if !ok {
			return Fail(Conflict, "delivery.state")
		}
		code := string(action)
		if to == DeliveryHeld {
			code = "delivery.hold"
		}
		return c.note(ctx, tx, a, code, Object{"delivery", id})
	})
	if err == nil {
		c.bus.Publish(OutboxTopic(a.Account.ID))
		c.wakeMailer()
	}
	return err
}

// deliveryFacts are those of the delivery's task, and MINE for who wrote what it carries.
func deliveryFacts(ctx context.Context, tx Tx, a *Actor, id ID) (facts access.Facts, blocked bool, err error) {
	d, err := tx.FindDelivery(ctx, a.Account.ID, id)
	if err != nil {
		return 0, false, err
	}
	facts = CapFacts(&a.Person)
	if d.Task != "" {
		if facts, blocked, err = tx.TaskFacts(ctx, &a.Person, d.Task); err != nil {
			return 0, false, err
		}
	}
	notes, err := tx.NotificationsOf(ctx, a.Account.ID, id)
	if err != nil {
		return 0, false, err
	}
	for _, n := range notes {
		if n.Comment == "" {
			continue
		}
		cm, err := tx.FindComment(ctx, a.Account.ID, n.Comment)
		if err != nil {
			return 0, false, err
		}
		facts = facts.When(cm.Author == a.Person.ID && a.Person.ID != "", access.Mine)
	}
	return facts, blocked, nil
}
