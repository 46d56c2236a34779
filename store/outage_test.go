package store_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

// server is a PostgreSQL of the test's own, which it may stop.
type server struct {
	t           *testing.T
	script, dir string
}

func ownServer(t *testing.T) *server {
	script := os.Getenv("PLANPOST_TEST_POSTGRES_SERVER")
	if script == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("PLANPOST_TEST_POSTGRES_SERVER is not set, and with CI=true PostgreSQL must be there")
		}
		t.Skip("PLANPOST_TEST_POSTGRES_SERVER is not set: no PostgreSQL that may be stopped")
	}
	dir, err := os.MkdirTemp("", "planpost-outage")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // the server runs as another user
		t.Fatal(err)
	}
	s := &server{t, script, dir}
	t.Cleanup(func() {
		_ = exec.Command(script, "stop", dir, "immediate").Run()
		_ = os.RemoveAll(dir)
	})
	return s
}

func (s *server) run(args ...string) string {
	s.t.Helper()
	out, err := exec.Command(s.script, args...).Output()
	if err != nil {
		s.t.Fatalf("%v: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

func TestPostgresMayStopAndComeBack(t *testing.T) {
	server := ownServer(t)
	url := server.run("start", server.dir)
	s := storetest.Open(t, store.Config{URL: url})
	w, link, told := conversation(t, s)

	var mu sync.Mutex
	accepted, refused := make(map[string]bool), 0
	var wg sync.WaitGroup
	stop := make(chan bool)
	for k := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				text := fmt.Sprint("reply ", k, " ", i)
				_, err := s.Accept(context.Background(), w.Reply(link, text, told...))
				mu.Lock()
				if err == nil {
					accepted[text] = true
				} else {
					refused++
				}
				mu.Unlock()
				if err != nil && core.KindOf(err) != core.Unavailable {
					t.Errorf("an outage gives %v", err)
				}
			}
		})
	}
	number := func() (int, int) { mu.Lock(); defer mu.Unlock(); return len(accepted), refused }
	until(t, "some are accepted", func() bool { a, _ := number(); return a > 50 })
	server.run("stop", server.dir, "immediate") // as after a fall of the current
	until(t, "some are refused", func() bool { _, r := number(); return r > 20 })

	start := time.Now()
	if err := s.Ping(context.Background()); core.KindOf(err) != core.Unavailable || core.CodeOf(err) != "store.unavailable" {
		t.Errorf("without a server: %v", err)
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("it took %v to say so", took)
	}

	server.run("start", server.dir)
	before, _ := number()
	until(t, "some are accepted again", func() bool { a, _ := number(); return a > before+50 })
	close(stop)
	wg.Wait()

	view(t, s, func(ctx context.Context, tx core.Tx) error {
		list := 0
		var last core.ID
		there := make(map[string]bool)
		for {
			page, err := tx.ListComments(ctx, core.Viewer{Account: w.Account.ID, All: true}, link.Object, last, 500)
			if err != nil || len(page) == 0 {
				break
			}
			for _, c := range page {
				there[c.Text], last = true, c.ID
				list++
			}
		}
		if list != len(there) {
			t.Errorf("%d comments, %d different", list, len(there))
		}
		for text := range accepted {
			if !there[text] {
				t.Errorf("%s was accepted and is lost", text)
			}
		}
		return nil
	})
	if found, err := s.Check(context.Background()); err != nil || len(found) > 0 {
		t.Errorf("self-check: %v %v", found, err)
	}
}

// until waits for a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestAnAbsentPostgresIsSaidQuickly(t *testing.T) {
	start := time.Now()
	_, err := store.Open(context.Background(), store.Config{URL: "postgres://nobody:secret-word@127.0.0.1:1/none?sslmode=disable"})
	if core.KindOf(err) != core.Unavailable {
		t.Errorf("an absent server gives %v", err)
	}
	if err != nil && strings.Contains(err.Error(), "secret-word") {
		t.Errorf("the password is in the error: %v", err)
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("it took %v", took)
	}
	_, err = store.Open(context.Background(), store.Config{URL: "postgres://nobody:secret-word@[::1:badport/none"})
	if err == nil || strings.Contains(err.Error(), "secret-word") {
		t.Errorf("a bad address gives %v", err)
	}
}
