package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail"
)

// oddMails are real and made-up mails of others that broke somebody's program.
const oddMails = "../../../shared/corpus/odd"

func TestEveryOddMailEndsWithADisposition(t *testing.T) {
	if _, err := os.Stat(oddMails); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the corpus of odd mails is not beside the project")
	}
	var files []string
	must(t, filepath.WalkDir(oddMails, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".eml") {
			files = append(files, path)
		}
		return err
	}))
	bothEngines(t, func(t *testing.T, database string) {
		w := start(t, localConfig(t, database)).furnish()
		arrived := map[[32]byte]int{}
		for _, f := range files {
			raw, err := os.ReadFile(f)
			must(t, err)
			raw = wired(raw)
			switch err := w.send("somebody@odd.test", raw, w.replyTo(w.klara), w.intake()); {
			case err == nil:
				arrived[mail.ContentHash(raw)]++
			case !sendersFault(err):
				t.Errorf("%s: %v", f, err)
			default:
				t.Logf("%s: %v", f, err)
			}
		}
		w.checkArrived(t, arrived)
		if len(arrived) < len(files)*9/10 {
			t.Errorf("%d of %d mails were taken", len(arrived), len(files))
		}
	})
}

// wired is a mail as it travels: lines end in CR LF, the last one too.
func wired(raw []byte) []byte {
	raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		raw = append(raw, "\r\n"...)
	}
	return raw
}

// sendersFault tells whether a refusal is one of the protocol's: a CR that stands alone, a line without end.
func sendersFault(err error) bool {
	var e *textproto.Error
	return errors.As(err, &e) && (e.Code == 550 && strings.HasPrefix(e.Msg, "5.5.2") || e.Code == 554 && strings.HasPrefix(e.Msg, "5.6.0"))
}

// receipts are all of the account, by the hash of their message.
func (w *world) receipts(t *testing.T) map[string][]core.MessageItem {
	t.Helper()
	byHash := map[string][]core.MessageItem{}
	f := core.MessageFilter{Limit: 200}
	for {
		list, err := w.core.Messages(w.ctx, w.as(w.olga), f)
		must(t, err)
		for _, it := range list {
			byHash[it.Message.Hash] = append(byHash[it.Message.Hash], it)
			f.Before = it.Receipt.ID
		}
		if len(list) < f.Limit {
			return byHash
		}
	}
}

// contentOf is the one of the contents that the message was made of.
func contentOf(m *core.Message, contents map[[32]byte]int) (none [32]byte) {
	for h := range contents {
		if core.MessageHash(m.Account, m.HeaderID, h) == m.Hash {
			return h
		}
	}
	return none
}

// checkArrived: each message has one receipt for each of its two recipients, with a
// disposition and a reason that has words; the copies are counted; every page can be shown.
func (w *world) checkArrived(t *testing.T, arrived map[[32]byte]int) {
	t.Helper()
	b := newBrowser(t, w.cfg.BaseURL)
	b.signIn("olga@holzbau.test", testPassword)
	known := []core.Disposition{core.Posted, core.Created, core.Recorded, core.Held, core.Ignored, core.Duplicate}
	got := map[[32]byte][]core.MessageItem{}
	for _, items := range w.receipts(t) {
		got[contentOf(&items[0].Message, arrived)] = items
	}
	for h, times := range arrived {
		items := got[h]
		if len(items) != 2 || items[0].Receipt.Route == items[1].Receipt.Route {
			t.Errorf("message %x has %d receipts", h, len(items))
			continue
		}
		for _, it := range items {
			if !slices.Contains(known, it.Receipt.Disposition) || it.Receipt.Reason == "" || it.Receipt.Again != times-1 {
				t.Errorf("message %x, %q: %s (%s), %d times more of %d", h, it.Message.Subject, it.Receipt.Disposition, it.Receipt.Reason, it.Receipt.Again, times-1)
			}
			for _, path := range []string{"/messages/" + string(it.Receipt.ID), "/messages/" + string(it.Receipt.ID) + "/source"} {
				if p := b.get(path); p.status != 200 {
					t.Errorf("%s, %q: %d %s", path, it.Message.Subject, p.status, p.body)
				}
			}
		}
	}
	if len(got) != len(arrived) {
		t.Errorf("%d messages are kept, %d were taken", len(got), len(arrived))
	}
	tasks, err := w.core.Tasks(w.ctx, w.as(w.olga), core.TaskFilter{Status: "any", Limit: 200})
	must(t, err)
	for _, task := range tasks {
		if p := b.get(fmt.Sprintf("/tasks/%d", task.Number)); p.status != 200 {
			t.Errorf("task %d, %q: %d %s", task.Number, task.Title, p.status, p.body)
		}
	}
	for _, path := range []string{"/messages", "/held", "/tasks", "/people", "/outbox", "/log"} {
		if p := b.get(path); p.status != 200 {
			t.Errorf("%s: %d", path, p.status)
		}
	}
}
