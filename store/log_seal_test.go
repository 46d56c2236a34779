package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"planpost/cluster"
	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

// sealed is an account whose log of six entries is sealed in two seals.
type sealed struct {
	t     *testing.T
	ctx   context.Context
	s     *store.Store
	c     *core.Core
	actor *core.Actor
	ahead time.Duration // how far the core's clock goes before the real one
}

func newSealed(t *testing.T, s *store.Store) *sealed {
	w := storetest.MakeWorld(t, s)
	keys, err := core.NewKeyring([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	x := &sealed{t: t, ctx: context.Background(), s: s, actor: core.OperatorOf(w.Account), ahead: 3 * time.Hour}
	x.c = core.New(core.Config{}, core.Parts{Store: s, Bus: cluster.NewBus(), Limiter: cluster.NewLimiter(nil), Keys: keys, Now: func() time.Time { return time.Now().Add(x.ahead) }})
	for range 2 {
		for i := range 3 {
			x.append(core.NewID(), fmt.Sprint("task.deed", i))
		}
		x.must(x.c.SealLog(x.ctx))
	}
	return x
}

func (x *sealed) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *sealed) append(id core.ID, code string) {
	x.t.Helper()
	x.must(x.s.InTx(x.ctx, func(tx core.Tx) error {
		return tx.AppendLog(x.ctx, &core.LogEntry{ID: id, Account: x.actor.Account.ID, At: tx.Now(), Via: "page", Auth: "password", Code: code, Object: "task",
			Params: []string{"name", "value"}, Changes: []core.Change{{Field: "title", Was: "a", Now: "b"}}})
	}))
}

func (x *sealed) verify(head string) core.LogReport {
	x.t.Helper()
	r, err := x.c.VerifyLog(x.ctx, x.actor, head)
	x.must(err)
	return r
}

// entries are all, oldest first.
func (x *sealed) entries() (list []core.LogEntry) {
	x.t.Helper()
	x.must(x.s.View(x.ctx, func(tx core.Tx) (err error) {
		list, err = tx.LogAfter(x.ctx, x.actor.Account.ID, "", "~", 100)
		return err
	}))
	return list
}

func TestR5AnUntouchedLogAgreesWithItsSeals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		x := newSealed(t, open())
		x.ahead = 0
		x.append(core.NewID(), "task.young")
		x.must(x.c.SealLog(x.ctx)) // too young: not sealed
		r := x.verify("")
		if r.Problem != "" || r.Sealed != 6 || r.Waiting != 1 || !strings.HasPrefix(r.Head, "2:") {
			t.Errorf("%+v", r)
		}
		if again := x.verify(r.Head); again.Problem != "" {
			t.Errorf("with its own head: %+v", again)
		}
	})
}

func TestR5LogVerifyNamesTheFirstBrokenEntry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		for name, c := range map[string]struct {
			tamper  func(x *sealed, third core.LogEntry)
			problem string
			entry   bool // the third one is named
		}{
			"text": {func(x *sealed, e core.LogEntry) {
				store.Tamper(x.t, x.s, `update change_log set params = '["name","other"]' where id = $1`, e.ID)
			}, core.LogEntryChanged, true},
			"changes": {func(x *sealed, e core.LogEntry) {
				store.Tamper(x.t, x.s, `update change_log set changes = '' where id = $1`, e.ID)
			}, core.LogEntryChanged, true},
			"actor": {func(x *sealed, e core.LogEntry) {
				store.Tamper(x.t, x.s, `update change_log set actor_id = 'x' where id = $1`, e.ID)
			}, core.LogEntryChanged, true},
			"time": {func(x *sealed, e core.LogEntry) {
				store.Tamper(x.t, x.s, `update change_log set at = at + 1 where id = $1`, e.ID)
			}, core.LogEntryChanged, true},
			"gone": {func(x *sealed, e core.LogEntry) { store.Tamper(x.t, x.s, `delete from change_log where id = $1`, e.ID) }, core.LogEntryMissing, true},
			"seal": {func(x *sealed, e core.LogEntry) {
				store.Tamper(x.t, x.s, `update log_seal set at = at + 1 where account_id = $1 and number = 2`, e.Account)
			}, core.LogSealChanged, false},
			"no seal": {func(x *sealed, e core.LogEntry) {
				store.Tamper(x.t, x.s, `delete from log_seal where account_id = $1 and number = 1`, e.Account)
			}, core.LogSealMissing, false},
		} {
			t.Run(name, func(t *testing.T) {
				x := newSealed(t, s)
				third := x.entries()[2]
				c.tamper(x, third)
				r := x.verify("")
				if r.Problem != c.problem || c.entry && r.Entry.ID != third.ID {
					t.Errorf("%+v, not %s of %s", r, c.problem, third.ID)
				}
			})
		}
	})
}

// Who can write the database but has not the master key cannot make a seal that agrees.
func TestR5AnEntryPutInLaterIsFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		x := newSealed(t, open())
		second := x.entries()[1].ID
		b := second.Bytes()
		b[15]++
		forged := core.IDOf(b)
		x.append(forged, "task.forged")
		x.ahead = 4 * time.Hour
		if r := x.verify(""); r.Problem != core.LogEntryAdded || r.Entry.ID != forged {
			t.Errorf("%+v", r)
		}
	})
}

func TestR5ACutOffEndIsFoundByANotedHead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		x := newSealed(t, open())
		head := x.verify("").Head
		for _, e := range x.entries()[3:] {
			store.Tamper(t, x.s, `delete from change_log where id = $1`, e.ID)
		}
		store.Tamper(t, x.s, `delete from log_seal where account_id = $1 and number = 2`, x.actor.Account.ID)
		if r := x.verify(""); r.Problem != "" || r.Sealed != 3 {
			t.Fatalf("without a head nothing shows: %+v", r)
		}
		if r := x.verify(head); r.Problem != core.LogHeadMissing {
			t.Errorf("%+v", r)
		}
	})
}

// A transaction that commits late is sealed later, not taken for a forgery.
func TestR5AnEntryCommittedLateIsSealed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		x := newSealed(t, open())
		b := x.entries()[1].ID.Bytes()
		b[15]++
		x.append(core.IDOf(b), "task.late")
		x.ahead = time.Hour
		x.must(x.c.SealLate(x.ctx))
		x.must(x.c.SealLate(x.ctx)) // once is enough
		x.ahead = 5 * time.Hour
		r := x.verify("")
		if r.Problem != "" || r.Sealed != 7 || !strings.HasPrefix(r.Head, "3:") {
			t.Errorf("%+v", r)
		}
		x.append(core.NewID(), "task.next")
		x.must(x.c.SealLog(x.ctx))
		if r := x.verify(""); r.Problem != "" || r.Sealed != 8 {
			t.Errorf("after the late seal the next does not follow: %+v", r)
		}
	})
}

func TestTheLogIsFiltered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w := storetest.MakeWorld(t, s)
		ctx, now := context.Background(), time.Now().UTC().Truncate(time.Second)
		me, task := core.NewID(), core.NewID()
		var all []core.LogEntry
		for i, e := range []core.LogEntry{
			{Actor: me, Via: "page", Code: "task.create", Object: "task", ObjectID: task, At: now.Add(-time.Hour)},
			{Actor: me, Via: "mail", Code: "comment.create", Object: "comment", At: now},
			{Via: "cli", Code: "task.close", Object: "task", ObjectID: task, At: now},
			{Via: "cli", Code: "taskforce.make", Object: "other", At: now},
		} {
			e.ID, e.Account = core.NewID(), w.Account.ID
			all = append(all, e)
			if err := s.InTx(ctx, func(tx core.Tx) error { return tx.AppendLog(ctx, &all[i]) }); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			f    core.LogFilter
			want string
		}{
			{core.LogFilter{}, "taskforce.make task.close comment.create task.create"},
			{core.LogFilter{Code: "task"}, "task.close task.create"},
			{core.LogFilter{Code: "task.close"}, "task.close"},
			{core.LogFilter{Actor: me}, "comment.create task.create"},
			{core.LogFilter{Via: "cli"}, "taskforce.make task.close"},
			{core.LogFilter{Object: "task", ObjectID: task}, "task.close task.create"},
			{core.LogFilter{From: now}, "taskforce.make task.close comment.create"},
			{core.LogFilter{Until: now}, "task.create"},
		} {
			var codes []string
			if err := s.View(ctx, func(tx core.Tx) error {
				page, err := tx.ListLog(ctx, w.Account.ID, c.f)
				codes = nil
				for _, e := range page.Entries {
					codes = append(codes, e.Code)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(codes, " "); got != c.want {
				t.Errorf("%+v gives %s, not %s", c.f, got, c.want)
			}
		}
	})
}
