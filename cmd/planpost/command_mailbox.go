package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"

	"planpost/core"
	"planpost/imapworker"
	"planpost/templates"
)

type mailboxCommand struct {
	List   mailboxList   `cmd:"" help:"Mailboxes that mail is fetched from, and how each is."`
	Add    mailboxAdd    `cmd:"" help:"Add a mailbox, or change the one with this server, port and user."`
	Test   mailboxTest   `cmd:"" help:"Connect, sign in and look; nothing is changed."`
	Pause  mailboxPause  `cmd:"" help:"Stop fetching from a mailbox."`
	Resume mailboxResume `cmd:"" help:"Go on fetching from a mailbox."`
	Remove mailboxRemove `cmd:"" help:"Forget a mailbox; on its server nothing changes, and what came stays."`
	Aside  mailboxAside  `cmd:"" help:"Messages on the server that were not taken in."`
	Fetch  mailboxFetch  `cmd:"" help:"Take in a message that was set aside, whatever its size."`
	Leave  mailboxLeave  `cmd:"" help:"Leave a message that was set aside on its server."`
	Pull   mailboxPull   `cmd:"" help:"Look once into a mailbox and take in what is new."`
	Watch  mailboxWatch  `cmd:"" help:"Fetch from one mailbox until stopped."`
}

// oneMailbox is a command about one mailbox.
type oneMailbox struct {
	inAccount
	Mailbox string `arg:"" help:"Mailbox, by id, name or address."`
}

// about opens the gateway for do with the mailbox that was named.
func (c *oneMailbox) about(ctx context.Context, term *terminal, do func(*gateway, *core.Actor, core.Mailbox) error) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		m, err := g.core.MailboxNamed(ctx, a, c.Mailbox)
		if err != nil {
			return err
		}
		return do(g, a, m)
	})
}

type mailboxList struct{ inAccount }

func (c *mailboxList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		list, err := g.core.Mailboxes(ctx, a)
		if err != nil {
			return err
		}
		for i := range list {
			if err := g.showMailbox(term, c.JSON, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (g *gateway) showMailbox(term *terminal, json bool, v *core.MailboxView) error {
	m := &v.Mailbox
	state, code, text := "fine", "", ""
	if f, bad := v.Trouble(); bad {
		state, code, text = templates.T("en", "fetch.error."+f.Code), f.Code, f.Text
	}
	if !m.PausedAt.IsZero() {
		state = "paused"
	}
	value := map[string]any{"id": m.ID, "name": m.Name, "address": m.Address.Mailbox(), "host": m.Host, "port": m.Port, "folders": m.Folders, "paused": !m.PausedAt.IsZero(),
		"configured": m.Configured, "code": code, "text": text, "contact_at": v.ContactAt(), "imported_at": v.ImportedAt(), "counts": v.Counts}
	return g.show(term, json, value, fmt.Sprintf("%s  %s  %s:%d  %s, %d taken in", m.ID, m.Address.Mailbox(), m.Host, m.Port, state, v.Counts[core.FetchDone]))
}

type mailboxAdd struct {
	inAccount
	URL string `arg:"" help:"imaps://user:password@host/INBOX or imap://…, with options after ? as in the configuration; - reads it from standard input."`
}

func (c *mailboxAdd) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		text := c.URL
		if text == "-" { // a password on a command line can be seen by others
			line, err := bufio.NewReader(term.in).ReadString('\n')
			if err != nil && line == "" {
				return errors.New("there is no address on standard input")
			}
			text = line
		}
		want, account, err := parseMailbox(text)
		if err != nil {
			return err
		}
		if account != "" {
			return errors.New("the account is named with --account")
		}
		list, err := g.core.Mailboxes(ctx, a)
		if err != nil {
			return err
		}
		for i := range list {
			if o := &list[i].Mailbox; o.Host == want.Host && o.Port == want.Port && strings.EqualFold(o.User, want.User) {
				want.ID = o.ID
			}
		}
		m, err := g.core.PutMailbox(ctx, a, want.Mailbox, want.Secret)
		if err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"id": m.ID, "name": m.Name, "address": m.Address.Mailbox()}, fmt.Sprintf("%s  %s", m.ID, m.Address.Mailbox()))
	})
}

type mailboxTest struct{ oneMailbox }

func (c *mailboxTest) Run(ctx context.Context, term *terminal) error {
	return c.about(ctx, term, func(g *gateway, a *core.Actor, m core.Mailbox) error {
		m, secret, err := g.core.MailboxForTest(ctx, a, m.ID)
		if err != nil {
			return err
		}
		w, err := g.openIMAP(nil)
		if err != nil {
			return err
		}
		r := w.Try(ctx, &m, secret)
		if err := g.showReport(term, c.JSON, &r); err != nil {
			return err
		}
		if r.Failed != "" {
			return errReported
		}
		return nil
	})
}

func (g *gateway) showReport(term *terminal, json bool, r *core.MailboxReport) error {
	var b strings.Builder
	for _, step := range r.Steps {
		fmt.Fprintf(&b, "✓ %s\n", templates.T("en", "fetch.step."+step))
	}
	if r.Failed != "" {
		fmt.Fprintf(&b, "✗ %s: %s %s (%s)\n", templates.T("en", "fetch.step."+r.Failed), templates.T("en", "fetch.error."+r.Code), templates.T("en", "fetch.cure."+r.Code), r.Text)
	}
	for _, f := range r.Folders {
		fmt.Fprintf(&b, "  %s: %d messages\n", f.Name, f.Messages)
	}
	return g.show(term, json, r, strings.TrimSuffix(b.String(), "\n"))
}

type mailboxPause struct{ oneMailbox }

func (c *mailboxPause) Run(ctx context.Context, term *terminal) error {
	return c.about(ctx, term, func(g *gateway, a *core.Actor, m core.Mailbox) error {
		if err := g.core.PauseMailbox(ctx, a, m.ID, true); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"id": m.ID, "paused": true}, m.Name+": paused")
	})
}

type mailboxResume struct{ oneMailbox }

func (c *mailboxResume) Run(ctx context.Context, term *terminal) error {
	return c.about(ctx, term, func(g *gateway, a *core.Actor, m core.Mailbox) error {
		if err := g.core.PauseMailbox(ctx, a, m.ID, false); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"id": m.ID, "paused": false}, m.Name+": goes on")
	})
}

type mailboxRemove struct{ oneMailbox }

func (c *mailboxRemove) Run(ctx context.Context, term *terminal) error {
	return c.about(ctx, term, func(g *gateway, a *core.Actor, m core.Mailbox) error {
		if err := g.core.RemoveMailbox(ctx, a, m.ID); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"id": m.ID, "removed": true}, m.Name+": removed")
	})
}

type mailboxAside struct{ oneMailbox }

func (c *mailboxAside) Run(ctx context.Context, term *terminal) error {
	return c.about(ctx, term, func(g *gateway, a *core.Actor, m core.Mailbox) error {
		v, err := g.core.MailboxPage(ctx, a, m.ID)
		if err != nil {
			return err
		}
		for i := range v.Aside {
			e := &v.Aside[i]
			name := fmt.Sprintf("%s/%d/%d", e.Folder, e.Validity, e.UID)
			value := map[string]any{"message": name, "state": e.State, "size": e.Size, "at": e.At, "tries": e.Tries, "code": e.Code, "text": e.Text, "from": e.From, "subject": e.Subject}
			if err := g.show(term, c.JSON, value, fmt.Sprintf("%s  %s  %d KiB  %s  %s  %s", name, e.State, e.Size>>10, e.From, e.Subject, e.Text)); err != nil {
				return err
			}
		}
		return nil
	})
}

// fetchedName reads a message as mailbox aside shows it.
func fetchedName(text string) (n core.FetchedName, err error) {
	folder, rest, _ := strings.Cut(text, "/")
	if _, err := fmt.Sscanf(rest, "%d/%d", &n.Validity, &n.UID); err != nil {
		return n, errors.New("name the message as planpost mailbox aside shows it")
	}
	n.Folder = core.ID(folder)
	return n, nil
}

type mailboxFetch struct {
	oneMailbox
	Message string `arg:"" help:"The message, as mailbox aside shows it."`
}

func (c *mailboxFetch) Run(ctx context.Context, term *terminal) error {
	return c.about(ctx, term, func(g *gateway, a *core.Actor, m core.Mailbox) error {
		n, err := fetchedName(c.Message)
		if err == nil {
			err = g.core.AskFetched(ctx, a, m.ID, n)
		}
		if err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"message": c.Message, "asked": true}, "it is fetched next")
	})
}

type mailboxLeave struct {
	oneMailbox
	Message string `arg:"" help:"The message, as mailbox aside shows it."`
}

func (c *mailboxLeave) Run(ctx context.Context, term *terminal) error {
	return c.about(ctx, term, func(g *gateway, a *core.Actor, m core.Mailbox) error {
		n, err := fetchedName(c.Message)
		if err == nil {
			err = g.core.LeaveAside(ctx, a, m.ID, n)
		}
		if err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"message": c.Message, "left": true}, "it stays on the server")
	})
}

// fetching is a command that fetches from one mailbox itself.
type fetching struct {
	oneMailbox
	Seen string `placeholder:"FILE" help:"File to which the Message-ID of each message is added once it is kept, one a line."`
}

// worker gives a worker, and what closes the file of what it has seen.
func (c *fetching) worker(g *gateway, only core.ID) (*imapworker.Worker, func() error, error) {
	seen := func(string) {}
	done := func() error { return nil }
	if c.Seen != "" {
		f, err := os.OpenFile(c.Seen, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, nil, err
		}
		var mu sync.Mutex // one line at a time
		seen = func(id string) {
			mu.Lock()
			defer mu.Unlock()
			fmt.Fprintln(f, id)
		}
		done = f.Close
	}
	w, err := g.openIMAP(func(cfg *imapworker.Config) { cfg.Accepted, cfg.Only = seen, only })
	return w, done, err
}

type mailboxPull struct{ fetching }

// importMemory is how large the heap may be, in bytes, before garbage is collected more often, while one mailbox is
// fetched: a large one must not need more memory than a small one.
const importMemory = 28 << 20

func (c *mailboxPull) Run(ctx context.Context, term *terminal) error {
	debug.SetMemoryLimit(importMemory)
	return c.about(ctx, term, func(g *gateway, a *core.Actor, m core.Mailbox) error {
		m, _, err := g.core.MailboxForTest(ctx, a, m.ID)
		if err != nil {
			return err
		}
		w, done, err := c.worker(g, m.ID)
		if err != nil {
			return err
		}
		n, err := w.Pull(ctx, &m)
		if err = errors.Join(err, done()); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"id": m.ID, "messages": n}, fmt.Sprintf("%s: %d new", m.Name, n))
	})
}

type mailboxWatch struct{ fetching }

func (c *mailboxWatch) Run(ctx context.Context, term *terminal) error {
	debug.SetMemoryLimit(importMemory)
	return c.about(ctx, term, func(g *gateway, a *core.Actor, m core.Mailbox) error {
		if _, _, err := g.core.MailboxForTest(ctx, a, m.ID); err != nil {
			return err
		}
		w, done, err := c.worker(g, m.ID)
		if err != nil {
			return err
		}
		return errors.Join(w.Run(ctx), done())
	})
}
