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

// replyModes keeps the mode in force for a moment.
type replyModes struct {
	mu    sync.Mutex
	mode  ReplyMode // guarded by mu, as is until
	until time.Time
}

// replyModeKept is how long a new mode may take to count in every process.
const replyModeKept = 30 * time.Second

// ReplyMode is the mode in force: what the last self-test chose, plain before there was one.
func (c *Core) ReplyMode(ctx context.Context) (ReplyMode, error) {
	now := c.Now()
	c.replyModes.mu.Lock()
	defer c.replyModes.mu.Unlock()
	if now.Before(c.replyModes.until) {
		return c.replyModes.mode, nil
	}
	var kept []Finding
	err := c.store.Ask(ctx, func(tx Tx) (err error) {
		kept, err = tx.ListFindings(ctx, HealthSelfTest)
		return err
	})
	if err != nil {
		return "", err
	}
	c.replyModes.mode, c.replyModes.until = modeOf(kept), now.Add(replyModeKept)
	return c.replyModes.mode, nil
}

// modeOf is the mode that findings of the self-test chose.
func modeOf(list []Finding) ReplyMode {
	for i := range list {
		switch list[i].Code {
		case "mode.plus":
			return ReplyPlus
		case "mode.thread":
			return ReplyThread
		}
	}
	return ReplyPlain
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
		return senderLocal + "+" + token
	case ReplyThread:
		return senderLocal
	}
	return token
}

// untagged is the token of a local part, whichever way it was written.
func untagged(local string) string {
	if rest, ok := cutPrefixFold(local, senderLocal+"+"); ok {
		return rest
	}
	return local
}

// ownBox tells that an address is the one mailbox behind all of ours, whatever stands behind a plus.
func (c *Core) ownBox(a mail.Address) bool {
	base, _, _ := strings.Cut(a.Local, "+")
	return strings.EqualFold(a.Domain, c.cfg.MailDomain) && strings.EqualFold(base, senderLocal)
}
