package core

import (
	"context"
	"strings"
	"sync"
	"time"

	"planpost/mail"
)

// ReplyMode is how the addresses look that answers and reports come back to.
// What a provider lets through differs, so the self-test finds it out.
type ReplyMode string

// The modes, the best first. Addresses of every mode are understood in each of them.
const (
	// ReplyPlain gives each thread an address of its own: r-…@domain. It takes a domain whose every address leads here.
	ReplyPlain ReplyMode = "plain"
	// ReplyPlus puts it behind a plus: planpost+r-…@domain, for one mailbox that keeps what stands there.
	ReplyPlus ReplyMode = "plus"
	// ReplyThread has one address for all, and finds the thread by the Message-ID that an answer names.
	ReplyThread ReplyMode = "thread"
)

// ModeChange is the mode that was chosen at a time.
type ModeChange struct {
	Since time.Time
	Mode  ReplyMode
}

// replyModes keeps the changes of mode for a moment.
type replyModes struct {
	mu    sync.Mutex
	list  []ModeChange // guarded by mu, as is until
	until time.Time
}

// replyModeKept is how long a new mode may take to count in every process.
const replyModeKept = 30 * time.Second

// ReplyMode is the mode in force at a time: what the last self-test before it
// chose, plain before there was one. So a mail that is repeated says what it said.
func (c *Core) ReplyMode(ctx context.Context, at time.Time) (ReplyMode, error) {
	now := c.Now()
	c.replyModes.mu.Lock()
	defer c.replyModes.mu.Unlock()
	if !now.Before(c.replyModes.until) {
		var list []ModeChange
		err := c.store.Ask(ctx, func(tx Tx) (err error) {
			list, err = tx.ReplyModes(ctx)
			return err
		})
		if err != nil {
			return "", err
		}
		c.replyModes.list, c.replyModes.until = list, now.Add(replyModeKept)
	}
	return modeAt(c.replyModes.list, at), nil
}

// modeAt is the mode in force at a time; changes come oldest first.
func modeAt(list []ModeChange, at time.Time) ReplyMode {
	mode := ReplyPlain
	for _, m := range list {
		if !m.Since.After(at) {
			mode = m.Mode
		}
	}
	return mode
}

// chooseMode keeps the mode that a self-test chose, if it is another one.
func chooseMode(ctx context.Context, tx Tx, list []Finding, now time.Time) error {
	modes, err := tx.ReplyModes(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		mode := ReplyMode(strings.TrimPrefix(list[i].Code, "mode."))
		if list[i].What() == "mode" && list[i].State == FindingFine && mode != modeAt(modes, now) {
			return tx.AddReplyMode(ctx, ModeChange{Since: now, Mode: mode})
		}
	}
	return nil
}

// forgetReplyMode lets the next mail ask anew.
func (c *Core) forgetReplyMode() {
	c.replyModes.mu.Lock()
	defer c.replyModes.mu.Unlock()
	c.replyModes.until = time.Time{}
}

// ownLocal is a local part with a token as it is written in a mode.
func ownLocal(mode ReplyMode, token string) string {
	switch mode {
	case ReplyPlus:
		return boxLocal + "+" + token
	case ReplyThread:
		return boxLocal
	}
	return token
}

// untagged is the token of a local part, whichever way it was written.
func untagged(local string) string {
	if rest, ok := cutPrefixFold(local, boxLocal+"+"); ok {
		return rest
	}
	return local
}

// ownBox tells that an address is the one mailbox behind all of ours, whatever stands behind a plus, or a sender of ours.
func (c *Core) ownBox(a mail.Address) bool {
	base, _, _ := strings.Cut(a.Local, "+")
	return strings.EqualFold(a.Domain, c.cfg.MailDomain) && strings.EqualFold(base, boxLocal) || c.ownSender(a)
}
