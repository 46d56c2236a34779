package core

import (
	"context"
	"slices"
	"time"

	"planpost/mail"
)

// MailboxWatch is what is known of the way to a mailbox besides its folders.
type MailboxWatch struct {
	Mailbox ID
	// Causes are those of an alarm that holds: each the Code of a trouble with its words, the folder, and since when.
	Causes []AlarmCause
	// SentAt is when a mail of ours last went to it, ProvenAt when one last came back.
	SentAt, ProvenAt time.Time
	// Warned is the number of days before the end of its secret of which was told last; 0 for none.
	Warned int
}

// MailboxWatchTx keeps them.
type MailboxWatchTx interface {
	// FindMailboxWatch is the zero value for a mailbox of which nothing is kept.
	FindMailboxWatch(ctx context.Context, mailbox ID) (MailboxWatch, error)
	PutMailboxWatch(ctx context.Context, w *MailboxWatch) error
}

// The causes of an alarm besides the codes of troubles.
const (
	mailboxSilent = "silent" // nobody fetches
	mailboxBehind = "behind" // mail lies on the server and was not taken in
	mailboxAside  = "aside"  // messages wait for a decision
	mailboxCanary = "canary" // our mail to it does not arrive
)

// canaryLate is how long a mail of ours may take at least: greylisting takes some minutes.
const canaryLate = 15 * time.Minute

// WatchMailboxes begins and ends the alarms of mailboxes, and tells the administrators of both; and of secrets that end.
func (c *Core) WatchMailboxes(ctx context.Context) error {
	list, err := c.FetchedMailboxes(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		if err := c.watchMailbox(ctx, &list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (c *Core) watchMailbox(ctx context.Context, m *Mailbox) error {
	changed := false
	err := c.store.InTx(ctx, func(tx Tx) error {
		changed = false
		w, err := tx.FindMailboxWatch(ctx, m.ID)
		if err != nil {
			return err
		}
		causes, err := c.mailboxCauses(ctx, tx, m, &w)
		if err != nil {
			return err
		}
		fresh := slices.IndexFunc(causes, func(a AlarmCause) bool { return !slices.ContainsFunc(w.Causes, a.same) })
		ended := len(causes) == 0 && len(w.Causes) > 0
		warn := m.expiryDue(&w, c.Now())
		if fresh < 0 && warn == 0 && len(causes) == len(w.Causes) {
			return nil
		}
		about := []string{"name", m.Name, "address", m.Address.Mailbox(), "mailbox", string(m.ID)}
		switch {
		case fresh >= 0:
			err = c.tellAdministrators(ctx, tx, m.Account, "mailbox.broken", append(about, "trouble", causes[fresh].Code, "at", causes[fresh].Since.Format(time.RFC3339)))
		case ended:
			err = c.tellAdministrators(ctx, tx, m.Account, "mailbox.mended", append(about, "at", c.Now().Format(time.RFC3339)))
		}
		if err == nil && warn != 0 {
			w.Warned = warn
			err = c.tellAdministrators(ctx, tx, m.Account, "mailbox.expiry", append(about, "day", m.OAuth.SecretEnds.Format(time.DateOnly)))
		}
		if err != nil {
			return err
		}
		w.Mailbox, w.Causes, changed = m.ID, causes, true
		return tx.PutMailboxWatch(ctx, &w)
	})
	if err == nil && changed {
		c.wakeMailer()
		c.bus.Publish(MailboxTopic(m.Account))
	}
	return err
}

// mailboxCauses are those that hold now. What has begun keeps its time.
func (c *Core) mailboxCauses(ctx context.Context, tx Tx, m *Mailbox, w *MailboxWatch) (list []AlarmCause, err error) {
	now, patience := c.Now(), time.Duration(m.AlarmMinutes)*time.Minute
	add := func(code, name string, since time.Time) {
		a := AlarmCause{code, name, since}
		if i := slices.IndexFunc(w.Causes, a.same); i >= 0 {
			a = w.Causes[i]
		}
		list = append(list, a)
	}
	folders, err := tx.MailFolders(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	for i := range folders {
		f := &folders[i]
		if !slices.Contains(m.Folders, f.Name) {
			continue
		}
		last := f.ContactAt
		if last.Before(m.UpdatedAt) {
			last = m.UpdatedAt
		}
		switch {
		case f.Code != "" && now.Sub(f.Since) >= patience:
			add(f.Code, f.Name, f.Since)
		case f.Code == "" && now.Sub(last) >= patience+time.Minute: // the state is written every few seconds while somebody looks
			add(mailboxSilent, f.Name, last)
		}
		if f.Missing > 0 && now.Sub(f.MissingSince) >= patience {
			add(mailboxBehind, f.Name, f.MissingSince)
		}
	}
	if len(folders) == 0 && now.Sub(m.UpdatedAt) >= patience+time.Minute {
		add(mailboxSilent, "", m.UpdatedAt)
	}
	counts, err := tx.CountFetched(ctx, m.ID)
	if counts[FetchLarge]+counts[FetchFailed]+counts[FetchGone] > 0 {
		add(mailboxAside, "", now)
	}
	if m.CanaryMinutes > 0 && w.SentAt.After(w.ProvenAt) && now.Sub(w.SentAt) >= max(patience, canaryLate) {
		add(mailboxCanary, "", w.SentAt)
	}
	return list, err
}

// expirySteps are the days before the end of a secret on which is told of it.
var expirySteps = [...]int{14, 7, 1}

// expiryDue is the step to tell of now; 0 for none.
func (m *Mailbox) expiryDue(w *MailboxWatch, now time.Time) int {
	if m.OAuth.SecretEnds.IsZero() {
		return 0
	}
	for _, days := range slices.Backward(expirySteps[:]) {
		if !now.Before(m.OAuth.SecretEnds.AddDate(0, 0, -days)) {
			if w.Warned == 0 || days < w.Warned {
				return days
			}
			return 0
		}
	}
	return 0
}

// ExpiresSoon tells that what lets us in ends within two weeks.
func (m *Mailbox) ExpiresSoon(now time.Time) bool {
	return !m.OAuth.SecretEnds.IsZero() && !now.Before(m.OAuth.SecretEnds.AddDate(0, 0, -expirySteps[0]))
}

// Canary is a mail of ours to a mailbox, which proves the whole way when it comes back.
type Canary struct {
	Mailbox Mailbox
	// Plus sends it to an address with a plus, by which it is also seen whether those arrive.
	Plus bool
}

// CanariesDue are the mails that are to go out now, noted as sent: to each mailbox as often as it says, and once when it begins.
func (c *Core) CanariesDue(ctx context.Context) (due []Canary, err error) {
	list, err := c.FetchedMailboxes(ctx)
	if err != nil {
		return nil, err
	}
	for i := range list {
		m := &list[i]
		send := false
		err := c.store.InTx(ctx, func(tx Tx) error {
			w, err := tx.FindMailboxWatch(ctx, m.ID)
			if err != nil {
				return err
			}
			every, now := time.Duration(m.CanaryMinutes)*time.Minute, c.Now()
			if send = w.SentAt.IsZero() || every > 0 && !now.Before(w.SentAt.Add(every)); !send {
				return nil
			}
			folders, err := tx.MailFolders(ctx, m.ID)
			// While nobody can look it would prove nothing, and before the beginning it would not be ours.
			if send = err == nil && slices.ContainsFunc(folders, func(f MailFolder) bool { return f.Validity != 0 && f.Code == "" }); !send {
				return err
			}
			w.Mailbox, w.SentAt = m.ID, now
			return tx.PutMailboxWatch(ctx, &w)
		})
		if err != nil {
			return nil, err
		}
		if send && !m.Plus {
			due = append(due, Canary{*m, false})
		}
		if send && plainAddress(m.Address) {
			due = append(due, Canary{*m, true})
		}
	}
	return due, nil
}

// CanaryMail is the mail, signed as all of ours is.
func (c *Core) CanaryMail(ctx context.Context, k *Canary, subject, text string) (path, to mail.Address, raw []byte, err error) {
	token := c.keys.ProbeLocal(k.Mailbox.ID)
	to = mail.Address{Local: k.Mailbox.Address.Local, Domain: k.Mailbox.Address.Domain}
	if k.Plus {
		to.Local += "+" + token
	}
	now := c.Now()
	draft := &mail.Draft{From: []mail.Address{c.sender(WorkStream, ReplyPlain)}, To: []mail.Address{to}, ReplyTo: []mail.Address{to},
		MessageID: "k-" + string(NewID()) + "@" + c.cfg.MailDomain, Date: now, Subject: subject, Text: text, Boundary: string(k.Mailbox.ID),
		Header: []mail.Field{{Name: "Auto-Submitted", Value: "auto-generated"}, {Name: probeHeader, Value: token}}}
	if raw, err = mail.Compose(draft); err != nil {
		return path, to, nil, err
	}
	signature, err := c.Sign(ctx, draft.From[0].Domain, raw, now)
	return mail.Address{Local: ownLocal(ReplyPlain, token), Domain: c.cfg.MailDomain}, to, append(signature, raw...), err
}

// canaryReturned notes that a mail of ours came back out of the mailbox that it went to, and whether its plus did.
func (c *Core) canaryReturned(ctx context.Context, in *Inbound) error {
	m := in.Fetched.Mailbox
	token := "+" + c.keys.ProbeLocal(m.ID)
	plus := slices.ContainsFunc(in.Envelope.Recipients, func(a mail.Address) bool {
		_, ok := cutPrefixFold(a.Local, m.Address.Local+token)
		return ok
	})
	err := c.store.InTx(ctx, func(tx Tx) error {
		w, err := tx.FindMailboxWatch(ctx, m.ID)
		if err != nil {
			return err
		}
		w.Mailbox, w.ProvenAt = m.ID, tx.Now()
		if err := tx.PutMailboxWatch(ctx, &w); err != nil || !plus || m.Plus {
			return err
		}
		now, err := tx.FindMailbox(ctx, m.Account, m.ID)
		if err != nil {
			return err
		}
		now.Plus = true
		if err := tx.PutMailbox(ctx, &now); err != nil {
			return err
		}
		account, err := tx.FindAccount(ctx, m.Account)
		if err != nil {
			return err
		}
		return c.repliesFollow(ctx, tx, &Actor{Account: account, Via: "system", Operator: true}, &now, false)
	})
	c.bus.Publish(MailboxTopic(m.Account))
	return err
}
