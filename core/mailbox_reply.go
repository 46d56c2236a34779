package core

import (
	"context"
	"strings"

	"planpost/mail"
)

// Where answers come to a mailbox, its address stands in Reply-To, with the thread's token behind a plus where the
// mailbox's server keeps that; elsewhere the thread is found by our Message-ID (Resolve).

// repliesText is the setting as it is kept: mailbox, plus or not, address.
func (a *AccountSettings) repliesText() string {
	if a.ReplyMailbox == "" {
		return ""
	}
	return string(a.ReplyMailbox) + " " + onOff(a.ReplyPlus) + " " + a.ReplyAddress
}

func (a *AccountSettings) putReplies(v string) {
	a.ReplyMailbox, a.ReplyPlus, a.ReplyAddress = "", false, ""
	if words := strings.Fields(v); len(words) == 3 {
		a.ReplyMailbox, a.ReplyPlus, a.ReplyAddress = ID(words[0]), words[1] == "on", words[2]
	}
}

// checkReplies takes a mailbox of the account, by ID or address, or nothing.
func checkReplies(ctx context.Context, tx Tx, account ID, value string) (string, error) {
	name, _, _ := strings.Cut(strings.TrimSpace(value), " ")
	if name == "" {
		return "", nil
	}
	list, err := tx.ListMailboxes(ctx, account)
	if err != nil {
		return "", err
	}
	m, ok := MailboxOf(list, name)
	if !ok || !plainAddress(m.Address) {
		return "", Fail(Invalid, "setting.replies")
	}
	a := AccountSettings{ReplyMailbox: m.ID, ReplyPlus: m.Plus, ReplyAddress: m.Address.Mailbox()}
	return a.repliesText(), nil
}

// plainAddress tells that an address can take a token: no quotes, and not too long with it (RFC 5321 §4.5.3.1.1).
func plainAddress(a mail.Address) bool {
	return len(a.Local)+1+len(replyPrefix)+tokenLen <= 64 && !strings.ContainsAny(a.Mailbox(), "\" ")
}

// replyAddress is where an answer with a token goes, for an account.
func (c *Core) replyAddress(a *Account, mode ReplyMode, token string) mail.Address {
	if a.ReplyMailbox != "" {
		if box, err := mail.ParseMailbox(a.ReplyAddress); err == nil {
			if a.ReplyPlus {
				box.Local += "+" + token
			}
			return mail.Address{Name: a.Name, Local: box.Local, Domain: box.Domain}
		}
	}
	return mail.Address{Name: a.Name, Local: ownLocal(mode, token), Domain: c.cfg.MailDomain}
}

// repliesFollow keeps the setting as the mailbox is now, or drops it with the mailbox.
func (c *Core) repliesFollow(ctx context.Context, tx Tx, actor *Actor, m *Mailbox, gone bool) error {
	was, err := tx.FindAccount(ctx, m.Account)
	if err != nil || was.ReplyMailbox != m.ID {
		return err
	}
	now := was
	now.ReplyMailbox, now.ReplyPlus, now.ReplyAddress = "", false, ""
	if !gone && plainAddress(m.Address) {
		now.ReplyMailbox, now.ReplyPlus, now.ReplyAddress = m.ID, m.Plus, m.Address.Mailbox()
	}
	return c.keepSettings(ctx, tx, actor, &was, &now)
}
