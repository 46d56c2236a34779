package core

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// agreeTime is how long somebody may take on the provider's page.
const agreeTime = 15 * time.Minute

// AgreeState makes what goes to a provider and comes back with its answer, and the verifier that proves there that we
// asked (RFC 7636). Both are derived, and good for this session alone: nothing is kept.
func (c *Core) AgreeState(a *Actor, mailbox ID) (state, verifier string) {
	head := string(mailbox) + "." + strconv.FormatInt(c.Now().Unix(), 10)
	return head + "." + c.agreeSum("state", a, head), c.agreeSum("verifier", a, head)
}

// OpenAgreeState reads what came back; false when it is none of ours, another session's, or too old.
func (c *Core) OpenAgreeState(a *Actor, state string) (mailbox ID, verifier string, ok bool) {
	i := strings.LastIndexByte(state, '.')
	if i < 0 {
		return "", "", false
	}
	head, sum := state[:i], state[i+1:]
	if !hmac.Equal([]byte(sum), []byte(c.agreeSum("state", a, head))) {
		return "", "", false
	}
	id, at, _ := strings.Cut(head, ".")
	made, err := strconv.ParseInt(at, 10, 64)
	if err != nil || c.Now().After(time.Unix(made, 0).Add(agreeTime)) {
		return "", "", false
	}
	return ID(id), c.agreeSum("verifier", a, head), true
}

func (c *Core) agreeSum(what string, a *Actor, head string) string {
	h := hmac.New(sha256.New, c.keys.Derive("mailbox agreement"))
	h.Write([]byte(what + "\n" + a.Session + "\n" + string(a.Person.ID) + "\n" + string(a.Account.ID) + "\n" + head))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// BeginMailbox lets a mailbox begin that was added and not begun yet: with new mail only, or with old mail since a day.
func (c *Core) BeginMailbox(ctx context.Context, a *Actor, id ID, since time.Time) error {
	return c.changeMailbox(ctx, a, id, "mailbox.begin", true, func(tx Tx, m *Mailbox) error {
		folders, err := tx.MailFolders(ctx, m.ID)
		if err != nil {
			return err
		}
		for i := range folders {
			if folders[i].Validity != 0 {
				return Fail(Conflict, "mailbox.begun")
			}
		}
		if since.After(c.Now()) {
			return Fail(Invalid, "mailbox.since")
		}
		m.Since, m.PausedAt, m.UpdatedAt = since, time.Time{}, c.Now()
		return tx.PutMailbox(ctx, m)
	})
}

// Begun tells that the mailbox was looked into before.
func (v *MailboxView) Begun() bool {
	for i := range v.Folders {
		if v.Folders[i].Validity != 0 {
			return true
		}
	}
	return false
}
