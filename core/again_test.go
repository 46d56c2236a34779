package core_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail/auth"
	"planpost/store"
	"planpost/store/storetest"
)

// twice is a store that runs every closure a second time, as a store does
// after a deadlock or a lost connection; the first run leaves nothing behind.
type twice struct{ core.Store }

var errAgain = errors.New("once more")

func (s twice) View(ctx context.Context, fn func(core.Tx) error) error {
	return s.Store.View(ctx, func(tx core.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return fn(tx)
	})
}

func (s twice) InTx(ctx context.Context, fn func(core.Tx) error) error {
	err := s.Store.InTx(ctx, func(tx core.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return errAgain
	})
	if !errors.Is(err, errAgain) {
		return err
	}
	return s.Store.InTx(ctx, fn)
}

func TestAClosureThatRunsTwiceDoesItsWorkOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		h := newHouseOn(t, s, twice{s})
		h.letters()
		if r := h.one(h.letter("klara@client.test", "only once"), auth.Pass, h.replyTo(h.klara)); r.Disposition != core.Posted {
			t.Fatalf("%s (%s)", r.Disposition, r.Reason)
		}
		if list := h.comments(); len(list) != 1 || list[0].Text != "only once" || len(list[0].Recipients) != 3 {
			t.Errorf("comments %+v", list)
		}
		h.pass(time.Hour)
		sent, _ := h.letters()
		if l := sent["Eve"]; len(l.Entries) != 1 || len(l.Reasons) != 1 {
			t.Errorf("a mail with %d entries, reasons %v", len(l.Entries), l.Reasons)
		}
		basic, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "Bea", Address: "bea@client.test", Company: h.client.ID, Access: core.BasicAccess})
		h.must(err)
		made, err := h.c.CreateTask(h.ctx, h.as(basic), core.NewTask{Title: "From outside"})
		h.must(err)
		if got := made.Of(core.Assignee); !slices.Equal(got, []core.ID{h.eve.ID}) || made.Project != h.project.ID {
			t.Errorf("assignee %v", got)
		}
		held := h.one(h.letter("stranger@nowhere.test", "let me in"), auth.Pass, h.replyTo(h.klara))
		cm, err := h.c.Release(h.ctx, h.as(h.owner), held.ID, core.Release{Join: true})
		h.must(err)
		if last := h.lastComment(); last.ID != cm.ID || strings.Count(last.Text, "let me in") != 1 {
			t.Errorf("released %+v", last)
		}
	})
}
