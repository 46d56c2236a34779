package mailer

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"planpost/cluster"
	"planpost/core"
	"planpost/files"
	"planpost/store"
)

// BenchmarkOutbound sends what is due, over SQLite, to a server in the same
// process: rows, rendering, composing, SMTP and recording, all counted.
func BenchmarkOutbound(b *testing.B) {
	dir := b.TempDir()
	db, err := store.Open(b.Context(), store.Config{URL: "sqlite:" + filepath.Join(dir, "planpost.db")})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	folder, err := files.Open(filepath.Join(dir, "files"))
	if err != nil {
		b.Fatal(err)
	}
	defer folder.Close()
	keys, err := core.NewKeyring(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		b.Fatal(err)
	}
	c := core.New(core.Config{BaseURL: "http://127.0.0.1:8080", Quiet: -1}, core.Parts{Store: db, Files: folder, Staging: folder, Bus: cluster.NewBus(), Limiter: cluster.NewLimiter(nil), Keys: keys})
	owe(b, c, b.N)
	p := newPeer(&testing.T{})
	relay, err := NewRelay(RelayConfig{Address: p.addr(), Security: NoTLS})
	if err != nil {
		b.Fatal(err)
	}
	defer relay.Close()
	m := New(Config{}, Parts{Core: c, Files: folder, Transport: relay})
	b.ResetTimer()
	start := time.Now()
	if err := m.UntilIdle(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "mails/s")
	if _, mails, _ := p.seen(); len(mails) != b.N {
		b.Fatalf("%d mails of %d", len(mails), b.N)
	}
}

// owe makes n due mails: comments in n/10+1 tasks, each to one person outside.
func owe(b *testing.B, c *core.Core, n int) {
	b.Helper()
	account, owner, err := c.CreateAccount(b.Context(), core.Setup{AccountName: "Nordlicht", Name: "Anna Berg", Address: "anna@nordlicht.example", Password: "paper boats at noon"})
	if err != nil {
		b.Fatal(err)
	}
	actor := &core.Actor{Person: owner, Account: account, Via: "page"}
	person, err := c.CreateContact(b.Context(), actor, core.NewContact{Name: "Élodie Moreau", Address: "elodie@out.example", Locale: "fr"})
	if err != nil {
		b.Fatal(err)
	}
	words := bytes.Repeat([]byte("Voici les plans, dites-nous ce que vous en pensez. "), 60)
	var task core.Task
	for i := range n {
		if i%10 == 0 {
			task, err = c.CreateTask(b.Context(), actor, core.NewTask{Title: fmt.Sprint("Façade ", i), Assignee: owner.ID})
			if err != nil {
				b.Fatal(err)
			}
			if err = c.SetPeopleAndDates(b.Context(), actor, task.ID, core.TaskPeople{Assignee: owner.ID, Participants: []core.ID{person.ID}}); err != nil {
				b.Fatal(err)
			}
			continue // being asked to take part is a mail, too
		}
		if _, err := c.Comment(b.Context(), actor, core.NewComment{Task: task.ID, Text: string(words), Tell: []core.ID{person.ID}}); err != nil {
			b.Fatal(err)
		}
	}
}
