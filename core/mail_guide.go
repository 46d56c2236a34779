package core

import (
	"context"
	"time"

	"planpost/mail"
)

// MailWay is how answers come in to this host.
type MailWay string

// The ways there are. Mailboxes of a provider are not fetched.
const (
	// OwnMX: the domain's mail is brought here by all the world.
	OwnMX MailWay = "mx"
	// ForwardedMail: another server takes all mail of the domain and hands it on.
	ForwardedMail MailWay = "forward"
)

// MailGuide is how far an account's administrators are with setting mail up.
type MailGuide struct {
	Account ID
	// Way is empty until one is chosen.
	Way MailWay
	// Test is the test mail sent last, empty before; SentAt when it was asked for.
	Test   ID
	SentAt time.Time
	// AnsweredAt is when its answer came in, zero before; AnsweredBy who wrote it, as it says of itself.
	AnsweredAt time.Time
	AnsweredBy string
}

// GuideView is the page of the guide.
type GuideView struct {
	Guide MailGuide
	// Sent is the test mail as the list of outgoing mail has it; zero when there is none.
	Sent     DeliveryItem
	Findings []Finding
	// Asked tells that something is to be looked at now; Records that the records were.
	Asked, Records bool
}

// MailGuideTx keeps the guide of each account.
type MailGuideTx interface {
	PutMailGuide(ctx context.Context, g *MailGuide) error
	// FindMailGuide gives an empty one when nothing was done yet.
	FindMailGuide(ctx context.Context, account ID) (MailGuide, error)
	// AnswerTest notes the first answer to a test mail, and gives its account; empty when it is no test mail, or an older one.
	AnswerTest(ctx context.Context, test ID, at time.Time, by string) (account ID, err error)
}

// testNotice is the code of the notice that is the guide's test mail.
const testNotice = "mail.test"

// isTest tells that it is a test mail of the guide.
func (d *Delivery) isTest() bool {
	return d.Kind == NoticeLetter && len(d.Params) > 1 && d.Params[1] == testNotice
}

// testPause is how long somebody waits between test mails.
const testPause = 20 * time.Second

// MailGuide tells how far the setting up of mail is.
func (c *Core) MailGuide(ctx context.Context, a *Actor) (v GuideView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		v = GuideView{}
		ans, err := c.may(ctx, tx, a, "maildomain.edit", Object{})
		if err := firstError(err, denied(ans)); err != nil {
			return err
		}
		if v.Guide, err = tx.FindMailGuide(ctx, a.Account.ID); err != nil {
			return err
		}
		if v.Findings, err = tx.ListFindings(ctx, ""); err != nil {
			return err
		}
		for group := range HealthGroups() {
			asked, checked, err := tx.HealthTimes(ctx, group)
			if err != nil {
				return err
			}
			v.Asked = v.Asked || asked.After(checked)
			v.Records = v.Records || group == HealthRecords && !checked.IsZero()
		}
		if v.Guide.Test == "" {
			return nil
		}
		list, err := tx.ListDeliveries(ctx, a.Account.ID, DeliveryFilter{ID: v.Guide.Test, Limit: 1})
		if len(list) > 0 {
			v.Sent = list[0]
		}
		return err
	})
	if err == nil && v.Sent.Delivery.Person != a.Person.ID { // another's address is shown where mail is
		v.Sent.Address = ""
		v.Sent.Delivery.Text = maskText(v.Sent.Delivery.Text)
		if by, err := mail.ParseMailbox(v.Guide.AnsweredBy); err == nil {
			v.Guide.AnsweredBy = by.Masked()
		}
	}
	return v, err
}

// ChooseMailWay keeps how answers are to come in.
func (c *Core) ChooseMailWay(ctx context.Context, a *Actor, way MailWay) error {
	if way != OwnMX && way != ForwardedMail {
		return Fail(Invalid, "mailway")
	}
	return c.changeGuide(ctx, a, "maildomain.guide", func(_ Tx, g *MailGuide) error {
		g.Way = way
		return nil
	}, "way", string(way))
}

// SendTest writes the actor a mail to be answered, so that all the way there and back is proven by a person.
func (c *Core) SendTest(ctx context.Context, a *Actor) error {
	if a.Person.ID == "" || !writable(&a.Person) {
		return Fail(Conflict, "guide.nobody")
	}
	err := c.changeGuide(ctx, a, "maildomain.test", func(tx Tx, g *MailGuide) error {
		if c.Now().Before(g.SentAt.Add(testPause)) {
			return Fail(Limited, "guide.soon")
		}
		d := c.plainLetter(a.Account.ID, a.Person.ID, NoticeLetter, "code", testNotice)
		g.Test, g.SentAt, g.AnsweredAt, g.AnsweredBy = d.ID, c.Now(), time.Time{}, ""
		return tx.CreateDelivery(ctx, &d)
	})
	if err == nil {
		c.wakeMailer()
	}
	return err
}

func (c *Core) changeGuide(ctx context.Context, a *Actor, code string, change func(Tx, *MailGuide) error, params ...string) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "maildomain.edit", Object{}); err != nil {
			return err
		}
		g, err := tx.FindMailGuide(ctx, a.Account.ID)
		if err != nil {
			return err
		}
		g.Account = a.Account.ID
		if err := change(tx, &g); err != nil {
			return err
		}
		if err := tx.PutMailGuide(ctx, &g); err != nil {
			return err
		}
		return c.note(ctx, tx, a, code, Object{}, params...)
	})
	if err == nil {
		c.bus.Publish(HealthTopic)
	}
	return err
}

// testAnswered notes that a person answered a test mail. What a machine says is no answer.
func (c *Core) testAnswered(ctx context.Context, test ID, in *Inbound) error {
	if in.Message == nil || in.Class.Kind != mail.KindMessage {
		return nil
	}
	account := ID("")
	err := c.store.InTx(ctx, func(tx Tx) (err error) {
		account, err = tx.AnswerTest(ctx, test, c.Now(), only(in.Message.From))
		return err
	})
	if err == nil && account != "" {
		c.bus.Publish(HealthTopic)
	}
	return err
}
