package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

func history(t *testing.T, s core.Store, record string, id core.ID) (was []string) {
	t.Helper()
	view(t, s, func(ctx context.Context, tx core.Tx) (err error) {
		was, err = store.History(ctx, tx, record, id)
		return err
	})
	return was
}

func TestWhatWasChangedIsInTheHistoryAsItWas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		p := w.Person(func(p *core.Person) { p.Name = "Before" })
		c := w.Comment(link.Object, "as it was")
		a := w.Reply(link, "twice", told...)
		accept(t, s, a)
		accept(t, s, w.Reply(link, "twice", told...))
		for _, x := range []struct {
			record string
			id     core.ID
		}{{"person", p.ID}, {"comment", c.ID}, {"task", link.Object}, {"setting", w.Account.ID}, {"receipt", a.Receipts[0].ID}, {"link", link.ID}} {
			if was := history(t, s, x.record, x.id); len(was) != 0 {
				t.Errorf("%s has a history before it was changed: %q", x.record, was)
			}
		}
		p.Name, c.Text = "After", "as it is"
		inTx(t, s, func(ctx context.Context, tx core.Tx) error {
			for _, err := range []error{tx.UpdatePerson(ctx, &p), tx.UpdatePerson(ctx, &p), tx.UpdateComment(ctx, &c),
				tx.RevokeLink(ctx, w.Account.ID, link.ID, "blocked", tx.Now()), store.Delete(ctx, tx, "comment", c.ID)} {
				if err != nil {
					return err
				}
			}
			if err := tx.PutSetting(ctx, w.Account.ID, "name", "Renamed"); err != nil {
				return err
			}
			return tx.SetTaskPeople(ctx, w.Account.ID, link.Object, []core.TaskPerson{{Person: w.Owner.ID, Relation: core.Assigner}})
		})
		if was := history(t, s, "person", p.ID); len(was) != 1 || !strings.Contains(was[0], "Before") {
			t.Errorf("person: %q", was)
		}
		if was := history(t, s, "comment", c.ID); len(was) != 2 || !strings.Contains(was[0], "as it was") || !strings.Contains(was[1], "as it is") {
			t.Errorf("comment: %q", was)
		}
		if was := history(t, s, "task_person", link.Object); len(was) != 4 {
			t.Errorf("relations: %q", was)
		}
		if was := history(t, s, "setting", w.Account.ID); len(was) != 1 || !strings.Contains(was[0], "Holz") {
			t.Errorf("setting: %q", was)
		}
		if was := history(t, s, "link", link.ID); len(was) != 1 {
			t.Errorf("link: %q", was)
		}
	})
}

func TestTextOfMailIsKeptByBothEngines(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		bad := "nul \x00 and \xff\xfe bytes, ' quotes, \\ and 😀"
		a := w.Reply(link, bad, told...)
		m := &a.Message
		m.From, m.FromName, m.Subject, m.HeaderID, m.InReplyTo, m.Helo, m.Text, m.Evidence, m.ReversePath = bad, bad, bad, bad, bad, bad, bad, bad, bad
		m.Trace[0].Params, m.Cuts[0].Text = []string{"x", bad}, bad
		a.Receipts[0].Params, a.Comments[0].HTML = []string{bad}, bad
		a.Attachments = []core.Attachment{{ID: core.NewID(), Account: w.Account.ID, Task: link.Object, Comment: a.Comments[0].ID, Name: bad, Type: bad, ContentID: bad, Hash: "00"}}
		accept(t, s, a)
		index(t, s)
		want := "nul \uFFFD and \uFFFD bytes, ' quotes, \\ and 😀"
		view(t, s, func(ctx context.Context, tx core.Tx) error {
			m, err := tx.FindMessage(ctx, w.Account.ID, a.Message.ID)
			if err != nil || m.Subject != want || m.HeaderID != want {
				t.Errorf("subject %q, %v", m.Subject, err)
			}
			list, err := tx.ListComments(ctx, core.Viewer{Account: w.Account.ID, All: true}, link.Object, "", 10)
			if err != nil || len(list) != 1 || list[0].Text != want || len(list[0].Attachments) != 1 || list[0].Attachments[0].Name != want {
				t.Errorf("comments %+v, %v", list, err)
			}
			return nil
		})
	})
}

func TestTheContextOfAReplyIsWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w := storetest.MakeWorld(t, s)
		staff, out := w.Person(), w.Person(storetest.Contact(w.Company().ID))
		second := w.Address(out.ID, "second@example.net")
		second.Primary = false
		inTx(t, s, func(ctx context.Context, tx core.Tx) error { return tx.AddAddress(ctx, &second) })
		project := w.Project()
		task := w.Task(storetest.In(project.ID), storetest.With(staff.ID, core.Assignee), storetest.With(out.ID, core.Participate))
		link := w.Link(out.ID, task.ID)
		read := func() (c core.ReplyContext) {
			view(t, s, func(ctx context.Context, tx core.Tx) (err error) {
				c, err = tx.FindReplyContext(ctx, link.ID, core.Answer{})
				return err
			})
			return c
		}
		c := read()
		if c.Link.ID != link.ID || c.Account.ID != w.Account.ID || c.Account.Zone != "Europe/Berlin" || c.Task.Number != 1 || len(c.Task.People) != 3 || c.Project.ID != project.ID {
			t.Errorf("%+v", c)
		}
		if c.Person.ID != out.ID || len(c.Person.Addresses) != 2 || !c.Person.Addresses[0].Primary || c.Person.Addresses[1].Norm != "second@example.net" {
			t.Errorf("person %+v", c.Person)
		}
		if len(c.People) != 3 || len(c.People[0].Addresses) == 0 || c.Blocked {
			t.Errorf("people %+v, blocked %v", c.People, c.Blocked)
		}
		w.Participant(project.ID, out.ID, func(p *core.Participant) { p.BlockedAt = storetest.Now() })
		if c := read(); !c.Blocked {
			t.Error("a blocked participant is not")
		}
		view(t, s, func(ctx context.Context, tx core.Tx) error {
			if _, err := tx.FindReplyContext(ctx, core.NewID(), core.Answer{}); core.CodeOf(err) != "link.unknown" {
				t.Errorf("a link that is not there: %v", err)
			}
			return nil
		})
	})
}

func TestPeopleAreFoundByBeginningsAndPaged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w := storetest.MakeWorld(t, s)
		for _, name := range []string{"Ärmel Özil", "anna Berg", "Anna Ahlers", "Zoë", "Борис"} {
			w.Person(func(p *core.Person) { p.Name = name })
		}
		names := func(f core.PersonFilter) (all []string) {
			view(t, s, func(ctx context.Context, tx core.Tx) error {
				list, err := tx.ListPeople(ctx, core.Viewer{Account: w.Account.ID, All: true}, f)
				for _, p := range list {
					all = append(all, p.Name)
				}
				return err
			})
			return all
		}
		for query, want := range map[string][]string{
			"an":             {"Anna Ahlers", "anna Berg"},
			"ozi":            {"Ärmel Özil"},
			"berg ann":       {"anna Berg"},
			"zoe":            {"Zoë"},
			"бор":            {"Борис"},
			"person1@exampl": {"Person 1"},
			"nna":            nil,
			"%":              {"Anna Ahlers", "anna Berg", "Ärmel Özil", "Person 1", "Zoë", "Борис"},
		} {
			if got := names(core.PersonFilter{Query: query}); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
		var paged []string
		f := core.PersonFilter{Limit: 2}
		for range 5 {
			view(t, s, func(ctx context.Context, tx core.Tx) error {
				list, err := tx.ListPeople(ctx, core.Viewer{Account: w.Account.ID, All: true}, f)
				for _, p := range list {
					paged = append(paged, p.Name)
					f.AfterName, f.AfterID = p.Name, p.ID
				}
				return err
			})
		}
		if want := names(core.PersonFilter{}); !slices.Equal(paged, want) || len(want) != 6 {
			t.Errorf("paged %q, want %q", paged, want)
		}
	})
}

func TestATakenNameIsAConflict(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w := storetest.MakeWorld(t, s)
		p := w.Person()
		j := w.Project()
		ctx := context.Background()
		try := func(fn func(core.Tx) error) string { return core.CodeOf(s.InTx(ctx, fn)) }
		address := w.Address(w.Owner.ID, p.Addresses[0].Norm)
		if code := try(func(tx core.Tx) error { return tx.AddAddress(ctx, &address) }); code != "address.taken" {
			t.Errorf("address: %q", code)
		}
		j.ID, j.Inbound = core.NewID(), strings.ToUpper(j.Inbound)
		if code := try(func(tx core.Tx) error { return tx.CreateProject(ctx, &j) }); code != "project.inbound_taken" {
			t.Errorf("inbound address: %q", code)
		}
		for i, want := range []string{"", "identity.taken"} {
			id := core.Identity{ID: core.NewID(), Login: "anna", LoginNorm: "anna"}
			if code := try(func(tx core.Tx) error { return tx.CreateIdentity(ctx, &id) }); code != want {
				t.Errorf("identity %d: %q", i, code)
			}
		}
		for i, want := range []bool{true, false} {
			inTx(t, s, func(ctx context.Context, tx core.Tx) error {
				if i == 0 {
					if err := tx.PutValue(ctx, "code", "secret"); err != nil {
						return err
					}
				}
				if wrong, err := tx.TakeValue(ctx, "code", "guess"); wrong || err != nil {
					t.Errorf("a wrong code was taken: %v", err)
				}
				if got, err := tx.TakeValue(ctx, "code", "secret"); got != want || err != nil {
					t.Errorf("code taken %v, want %v, %v", got, want, err)
				}
				return nil
			})
		}
	})
}

func TestSessionsLiveAndEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		now := storetest.Now()
		id := core.Identity{ID: core.NewID(), Login: "A", LoginNorm: "a"}
		inTx(t, s, func(ctx context.Context, tx core.Tx) error {
			if err := tx.CreateIdentity(ctx, &id); err != nil {
				return err
			}
			for i := range 5 {
				err := tx.CreateSession(ctx, &core.Session{ID: fmt.Sprint("s", i), Identity: id.ID, CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(time.Duration(i) * time.Hour)})
				if err != nil {
					return err
				}
			}
			if err := tx.TouchSession(ctx, "s0", now, now.Add(9*time.Hour)); err != nil {
				return err
			}
			n, err := tx.DeleteExpiredSessions(ctx, now.Add(2*time.Hour), 10)
			if n != 2 {
				t.Errorf("%d ended, want 2", n)
			}
			return err
		})
		view(t, s, func(ctx context.Context, tx core.Tx) error {
			if v, err := tx.FindSession(ctx, "s0"); err != nil || !v.ExpiresAt.Equal(now.Add(9*time.Hour)) || v.Identity != id.ID {
				t.Errorf("%+v, %v", v, err)
			}
			if _, err := tx.FindSession(ctx, "s1"); core.KindOf(err) != core.NotFound {
				t.Errorf("an ended session is there: %v", err)
			}
			return nil
		})
		inTx(t, s, func(ctx context.Context, tx core.Tx) error { return tx.DeleteSessionsOf(ctx, id.ID) })
		view(t, s, func(ctx context.Context, tx core.Tx) error {
			if _, err := tx.FindSession(ctx, "s4"); core.KindOf(err) != core.NotFound {
				t.Errorf("a deleted session is there: %v", err)
			}
			return nil
		})
	})
}

func TestTheRecorderFindsMessages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		a := w.Reply(link, "one", told...)
		a.Message.Subject, a.Message.From, a.Message.HeaderID = "Rückfrage zum Dach", "Anna@Example.ORG", "abc-1@example.org"
		a.Message.Hash = core.HeaderKey(w.Account.ID, "abc-1@example.org") + a.Message.Hash
		accept(t, s, a)
		held := w.Reply(link, "two", told...)
		held.Message.Subject = "Something else"
		held.Receipts[0].Disposition, held.Receipts[0].Reason = core.Held, "token.other"
		accept(t, s, held)
		v := core.Viewer{Account: w.Account.ID, Person: w.Owner}
		for _, c := range []struct {
			f    core.MessageFilter
			want int
		}{
			{core.MessageFilter{}, 2}, {core.MessageFilter{Disposition: core.Held}, 1}, {core.MessageFilter{Disposition: core.Posted}, 1},
			{core.MessageFilter{Task: link.Object}, 2}, {core.MessageFilter{Query: "ruckfr"}, 1}, {core.MessageFilter{Query: "anna@example.org"}, 1},
			{core.MessageFilter{Query: "<abc-1@example.org>"}, 1}, {core.MessageFilter{Query: "frage"}, 0}, {core.MessageFilter{Before: held.Receipts[0].ID}, 1},
			{core.MessageFilter{Reason: "token.other"}, 1}, {core.MessageFilter{Reason: "token"}, 0}, {core.MessageFilter{Since: held.Receipts[0].ID}, 1},
			{core.MessageFilter{Since: a.Receipts[0].ID}, 2}, {core.MessageFilter{Query: strings.ToUpper(string(held.Message.ID))}, 1}, {core.MessageFilter{Query: string(core.NewID())}, 0},
		} {
			view(t, s, func(ctx context.Context, tx core.Tx) error {
				list, err := tx.ListMessages(ctx, v, c.f)
				if err != nil || len(list) != c.want {
					t.Errorf("%+v: %d, want %d, %v", c.f, len(list), c.want, err)
				}
				return nil
			})
		}
		view(t, s, func(ctx context.Context, tx core.Tx) error {
			for id, want := range map[string]int{"abc-1@example.org": 1, "abc-2@example.org": 0, "": 0} {
				if list, err := tx.MessagesWithHeaderID(ctx, w.Account.ID, id); len(list) != want || err != nil {
					t.Errorf("messages with the Message-ID %q: %v %v", id, list, err)
				}
			}
			return nil
		})
		r := held.Receipts[0]
		r.Disposition, r.DecidedBy, r.DecidedAt = core.Refused, w.Owner.ID, storetest.Now()
		for i, want := range []bool{true, false} {
			inTx(t, s, func(ctx context.Context, tx core.Tx) error {
				if ok, err := tx.DecideReceipt(ctx, &r); ok != want || err != nil {
					t.Errorf("decided %d: %v, %v", i, ok, err)
				}
				return nil
			})
		}
		hour := storetest.Now().Truncate(time.Hour)
		inTx(t, s, func(ctx context.Context, tx core.Tx) error {
			for range 3 {
				if err := tx.CountRefusal(ctx, &core.Refusal{Peer: "192.0.2.0/24", Reason: "unknown", Hour: hour, Count: 2}); err != nil {
					return err
				}
			}
			list, err := tx.ListRefusals(ctx, hour)
			if len(list) != 1 || list[0].Count != 6 {
				t.Errorf("refusals %+v", list)
			}
			return err
		})
	})
}

func TestTheNewestExchangeWithOutsiders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w, link, told := conversation(t, s)
		last := func() (c core.Comment, ok bool) {
			view(t, s, func(ctx context.Context, tx core.Tx) (err error) {
				c, ok, err = tx.LastExchange(ctx, w.Account.ID, link.Object)
				return err
			})
			return c, ok
		}
		to := func(hidden bool, people ...core.ID) func(*core.Comment) {
			return func(c *core.Comment) { c.Recipients, c.Hidden = people, hidden }
		}
		w.Comment(link.Object, "inside", to(false, told[0]))
		if c, ok := last(); ok {
			t.Errorf("nobody outside took part in %q", c.Text)
		}
		want := w.Comment(link.Object, "to the outsider", to(false, link.Person, told[0]))
		w.Comment(link.Object, "hidden", to(true, link.Person))
		w.Comment(link.Object, "inside again", to(false, told[0]))
		if c, ok := last(); !ok || c.ID != want.ID || len(c.Recipients) != 2 {
			t.Errorf("%+v %v, want %q", c, ok, want.Text)
		}
	})
}

func TestTheLogIsReadFromTheNewest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w := storetest.MakeWorld(t, s)
		inTx(t, s, func(ctx context.Context, tx core.Tx) error {
			for i := range 5 {
				if err := tx.AppendLog(ctx, &core.LogEntry{ID: core.NewID(), Account: w.Account.ID, At: tx.Now(), Code: fmt.Sprint(i), Params: []string{"a", "b"}}); err != nil {
					return err
				}
			}
			return nil
		})
		var codes []string
		view(t, s, func(ctx context.Context, tx core.Tx) error {
			var before core.ID
			for range 3 {
				page, err := tx.ListLog(ctx, w.Account.ID, core.LogFilter{Before: before, Limit: 2})
				if err != nil {
					return err
				}
				for _, e := range page.Entries {
					codes, before = append(codes, e.Code), e.ID
				}
			}
			return nil
		})
		if !slices.Equal(codes, []string{"4", "3", "2", "1", "0"}) {
			t.Errorf("%v", codes)
		}
	})
}
