package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

func putValue(ctx context.Context, s core.Store, key string) error {
	return s.InTx(ctx, func(tx core.Tx) error { return tx.PutValue(ctx, key, "x") })
}

func hasValue(t *testing.T, s core.Store, key string) (ok bool) {
	t.Helper()
	view(t, s, func(ctx context.Context, tx core.Tx) (err error) {
		_, ok, err = tx.FindValue(ctx, key)
		return err
	})
	return ok
}

func TestWhoFailsInAGroupFailsAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		refused := errors.New("refused")
		var wg sync.WaitGroup
		for i := range 60 {
			wg.Go(func() {
				err := s.InTx(context.Background(), func(tx core.Tx) error {
					if err := tx.PutValue(context.Background(), fmt.Sprint("v", i), "x"); err != nil {
						return err
					}
					switch i % 10 {
					case 3:
						return refused
					case 7:
						panic("a mistake of ours")
					}
					return nil
				})
				switch bad := i%10 == 3 || i%10 == 7; {
				case bad && err == nil:
					t.Errorf("%d: no error", i)
				case i%10 == 3 && !errors.Is(err, refused):
					t.Errorf("%d: %v", i, err)
				case !bad && err != nil:
					t.Errorf("%d: %v", i, err)
				}
			})
		}
		wg.Wait()
		for i := range 60 {
			if got, want := hasValue(t, s, fmt.Sprint("v", i)), i%10 != 3 && i%10 != 7; got != want {
				t.Errorf("value %d is there: %v, want %v", i, got, want)
			}
		}
	})
}

func TestAMessageThatFailsInAGroupFailsAlone(t *testing.T) {
	s := storetest.Open(t, store.Config{URL: storetest.SQLite(t)})
	w, link, told := conversation(t, s)
	first := w.Reply(link, "the first", told...)
	accept(t, s, first)
	for _, alone := range []bool{true, false} { // with only messages in the group, and with another's transaction before them
		busy, goOn := make(chan bool), make(chan bool)
		var wg sync.WaitGroup
		wg.Go(func() {
			err := s.InTx(context.Background(), func(tx core.Tx) error { close(busy); <-goOn; return nil })
			if err != nil {
				t.Error(err)
			}
		})
		<-busy
		queued := 0
		if !alone {
			queued++
			wg.Go(func() {
				if err := putValue(context.Background(), s, "among messages"); err != nil {
					t.Error(err)
				}
			})
		}
		for i := range 6 {
			queued++
			wg.Go(func() {
				a := w.Reply(link, fmt.Sprint("reply ", alone, i), told...)
				if i == 3 {
					a.Comments[0].ID = first.Comments[0].ID
				}
				if _, err := s.Accept(context.Background(), a); (err == nil) != (i != 3) {
					t.Errorf("message %d: %v", i, err)
				}
			})
		}
		until(t, "all wait", func() bool { return store.Waiting(s) == queued })
		close(goOn)
		wg.Wait()
	}
	if !hasValue(t, s, "among messages") {
		t.Error("what was written before the messages is gone")
	}
	if c := counts(t, s); c.Messages != 11 || c.Comments != 11 || c.Raw != 11 {
		t.Errorf("11 were accepted, and there are %+v", c)
	}
	if found, err := s.Check(context.Background()); err != nil || len(found) > 0 {
		t.Errorf("self-check: %v %v", found, err)
	}
}

func TestAWriterThatGivesUpBeforeItsTurnWritesNothing(t *testing.T) {
	s := storetest.Open(t, store.Config{URL: storetest.SQLite(t)})
	busy, goOn := make(chan bool), make(chan bool)
	first := make(chan error, 1)
	go func() {
		first <- s.InTx(context.Background(), func(tx core.Tx) error {
			close(busy)
			<-goOn
			return tx.PutValue(context.Background(), "first", "x")
		})
	}()
	<-busy
	ctx, cancel := context.WithCancel(context.Background())
	second := make(chan error, 1)
	go func() { second <- putValue(ctx, s, "second") }()
	cancel()
	if err := <-second; core.KindOf(err) != core.Unavailable || core.CodeOf(err) == "store.unknown" || !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	close(goOn)
	if err := <-first; err != nil {
		t.Error(err)
	}
	if err := putValue(context.Background(), s, "third"); err != nil {
		t.Error(err)
	}
	if !hasValue(t, s, "first") || hasValue(t, s, "second") || !hasValue(t, s, "third") {
		t.Error("first and third must be there, second must not")
	}
}

func TestWhatHasBegunIsFinishedThoughItsCallerGaveUp(t *testing.T) {
	s := storetest.Open(t, store.Config{URL: storetest.SQLite(t)})
	busy, goOn := make(chan bool), make(chan bool)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- s.InTx(ctx, func(tx core.Tx) error {
			close(busy)
			<-goOn
			return tx.PutValue(context.Background(), "late", "x")
		})
	}()
	<-busy
	cancel()
	close(goOn)
	// The function is waited for, its commit is not: it may have been quicker.
	if err := <-done; err != nil && (core.KindOf(err) != core.Unavailable || core.CodeOf(err) != "store.unknown") {
		t.Errorf("who gave up too late got %v", err)
	}
	if err := putValue(context.Background(), s, "next"); err != nil {
		t.Error(err)
	}
	if !hasValue(t, s, "late") {
		t.Error("what had begun was not finished")
	}
}

func TestAFullDiskIsOurTroubleAndPasses(t *testing.T) {
	s := storetest.Open(t, store.Config{URL: storetest.SQLite(t)})
	w, link, told := conversation(t, s)
	inTx(t, s, func(ctx context.Context, tx core.Tx) error { return store.LimitPages(ctx, tx, 1) })
	var accepted, refused int
	for i := range 40 {
		_, err := s.Accept(context.Background(), w.Reply(link, fmt.Sprint("reply ", i), told...))
		switch {
		case err == nil:
			accepted++
		case core.KindOf(err) != core.Unavailable || core.CodeOf(err) != "store.unavailable":
			t.Fatalf("a full disk gives %v", err)
		default:
			refused++
		}
	}
	if refused == 0 {
		t.Fatal("the disk did not get full")
	}
	inTx(t, s, func(ctx context.Context, tx core.Tx) error { return store.LimitPages(ctx, tx, 1<<20) })
	accept(t, s, w.Reply(link, "there is room again", told...))
	if c := counts(t, s); c.Messages != int64(accepted+1) || c.Comments != c.Messages || c.Raw != c.Messages || c.Deliveries != 2*c.Messages {
		t.Errorf("%d were accepted, and there are %+v", accepted+1, c)
	}
	if found, err := s.Check(context.Background()); err != nil || len(found) > 0 {
		t.Errorf("self-check: %v %v", found, err)
	}
}

func TestAViewSeesOneMomentAndCannotWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		view(t, s, func(ctx context.Context, tx core.Tx) error {
			if _, ok, err := tx.FindValue(ctx, "new"); ok || err != nil {
				t.Error("there before it was written", err)
			}
			if err := putValue(ctx, s, "new"); err != nil {
				return err
			}
			if _, ok, err := tx.FindValue(ctx, "new"); ok || err != nil {
				t.Error("a view saw what was committed after its beginning", err)
			}
			return nil
		})
		err := s.View(context.Background(), func(tx core.Tx) error { return tx.PutValue(context.Background(), "by a view", "x") })
		if err == nil || hasValue(t, s, "by a view") {
			t.Errorf("a view could write: %v", err)
		}
		if !hasValue(t, s, "new") {
			t.Error("a later view does not see what was committed")
		}
	})
}

func TestAStoreThatIsClosedIsUnavailable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		open()
		s := open()
		w, link, told := conversation(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		_, err := s.Accept(context.Background(), w.Reply(link, "too late", told...))
		for what, err := range map[string]error{"Accept": err, "InTx": putValue(context.Background(), s, "x"), "Ping": s.Ping(context.Background())} {
			if core.KindOf(err) != core.Unavailable {
				t.Errorf("%s after Close gives %v", what, err)
			}
		}
	})
}

func TestTwoProcessesWriteToOneDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		a, b := open(), open()
		var wg sync.WaitGroup
		for i := range 50 {
			for k, s := range []*store.Store{a, b} {
				wg.Go(func() {
					if err := putValue(context.Background(), s, fmt.Sprint(k, " ", i)); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		for i := range 50 {
			if !hasValue(t, a, fmt.Sprint("1 ", i)) || !hasValue(t, b, fmt.Sprint("0 ", i)) {
				t.Errorf("value %d of the other process is missing", i)
			}
		}
	})
}

func TestALeaseHasOneOwnerUntilItEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		now := storetest.Now()
		steps := []struct {
			owner core.ID
			after time.Duration
			want  bool
		}{{"a", 0, true}, {"b", time.Second, false}, {"a", 50 * time.Second, true}, {"b", 100 * time.Second, false}, {"b", 111 * time.Second, true}, {"a", 112 * time.Second, false}}
		for _, step := range steps {
			got, err := s.Lease(context.Background(), "duty", step.owner, now.Add(step.after), time.Minute)
			if err != nil || got != step.want {
				t.Errorf("%s after %v: %v, %v", step.owner, step.after, got, err)
			}
		}
	})
}

// asked is a context that tells when somebody looks at its error.
type asked struct {
	context.Context
	seen chan struct{}
}

func (a asked) Err() error {
	err := a.Context.Err()
	select {
	case a.seen <- struct{}{}:
	default:
	}
	return err
}

func TestAMessageWhoseWriterIsStuckIsUnknownAndThereOnlyOnce(t *testing.T) {
	url := storetest.SQLite(t)
	s := storetest.Open(t, store.Config{URL: url})
	w, link, told := conversation(t, s)
	other, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for i := range 20 {
		stuck, err := other.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stuck.ExecContext(t.Context(), "begin immediate"); err != nil {
			t.Fatal(err)
		}
		a := w.Reply(link, fmt.Sprint("text ", i), told...)
		ctx, cancel := context.WithCancel(context.Background())
		look, answer := make(chan struct{}, 1), make(chan error)
		go func() {
			_, err := s.Accept(asked{ctx, look}, a)
			answer <- err
		}()
		<-look // the writer has it in its hands, or is about to
		cancel()
		err = <-answer
		if _, err := stuck.ExecContext(t.Context(), "rollback"); err != nil {
			t.Fatal(err)
		}
		_ = stuck.Close()
		if core.KindOf(err) != core.Unavailable {
			t.Fatalf("a caller who gave up got %v", err)
		}
		if core.CodeOf(err) != "store.unknown" {
			continue // the caller was quicker: it was taken back
		}
		again, err := s.Accept(t.Context(), a)
		if err != nil || !again.Duplicate {
			t.Errorf("the message sent again: %+v, %v", again, err)
		}
		return
	}
	t.Error("the writer never had a message whose caller gave up")
}
