package cluster

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// server is a real redis-server of the test's own.
type server struct {
	t    *testing.T
	path string
	port int
	cmd  *exec.Cmd
}

func newServer(t *testing.T) *server {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("redis-server is not installed")
		}
		t.Skip("redis-server is not installed")
	}
	s := &server{t: t, path: path, port: freePort(t)}
	t.Cleanup(s.stop)
	s.start()
	return s
}

// freePort is below the ports that the system gives to outgoing connections, so it is still free after a restart.
func freePort(t *testing.T) int {
	for range 100 {
		port := 20000 + rand.IntN(12000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

func (s *server) url() string { return fmt.Sprintf("redis://127.0.0.1:%d/0", s.port) }

func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.path, "--port", fmt.Sprint(s.port), "--bind", "127.0.0.1", "--dir", s.t.TempDir(), "--save", "", "--appendonly", "no", "--daemonize", "no")
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, "redis-server to answer", func() bool {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

func (s *server) stop() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// eventually waits for a condition; its bound is only there so that a test that cannot succeed ends.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("waited a minute for %s", what)
}

// lines is a log that can be read.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) has(s string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.b.String(), s)
}

func dial(t *testing.T, url string) (*Redis, *lines) {
	t.Helper()
	log := &lines{}
	r, err := DialRedis(url, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r, log
}

// heard waits until the topic comes; others before it are passed over.
func heard(t *testing.T, events <-chan string, topic string) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case got := <-events:
			if got == topic {
				return
			}
		case <-limit:
			t.Fatalf("%s was not heard", topic)
		}
	}
}

// joined waits until r's subscription stands: it then hears everything once.
func joined(t *testing.T, r *Redis) {
	t.Helper()
	events, end := r.Subscribe("joined")
	defer end()
	other, _ := dial(t, "redis://"+r.client.Options().Addr)
	eventually(t, "the subscription", func() bool {
		other.Publish("joined")
		return len(events) > 0
	})
}

func TestATopicReachesEveryProcess(t *testing.T) {
	s := newServer(t)
	one, _ := dial(t, s.url())
	two, _ := dial(t, s.url())
	joined(t, one)
	joined(t, two)
	here, endHere := one.Subscribe("task:1", "task:2")
	defer endHere()
	there, endThere := two.Subscribe("task:1", "task:2")
	defer endThere()
	one.Publish("task:2")
	heard(t, there, "task:2")
	heard(t, here, "task:2")
	two.Publish("task:1")
	heard(t, here, "task:1")
	heard(t, there, "task:1")
	if more := drain(there); len(more) != 0 {
		t.Errorf("what was published once came again: %v", more)
	}
}

func TestWhatWasMissedIsFetchedWhenRedisIsBack(t *testing.T) {
	s := newServer(t)
	one, log := dial(t, s.url())
	two, _ := dial(t, s.url())
	joined(t, one)
	joined(t, two)
	there, end := two.Subscribe("task:1", "task:2")
	defer end()
	s.stop()
	own, endOwn := one.Subscribe("task:1")
	defer endOwn()
	one.Publish("task:1") // the others cannot hear it, the own pages do
	heard(t, own, "task:1")
	eventually(t, "the warning", func() bool { return log.has("does not answer") })
	s.start()
	missing := map[string]bool{"task:1": true, "task:2": true}
	eventually(t, "both topics", func() bool {
		for _, topic := range drain(there) {
			delete(missing, topic)
		}
		return len(missing) == 0
	})
	eventually(t, "the good news", func() bool { return log.has("answers again") })
}

func TestTriesAreCountedOverAllProcesses(t *testing.T) {
	s := newServer(t)
	one, _ := dial(t, s.url())
	two, _ := dial(t, s.url())
	ctx := context.Background()
	allowed := 0
	for i := range 20 {
		r := []*Redis{one, two}[i%2]
		ok, wait := r.Allow(ctx, "signin:a@example.org", 5, time.Hour)
		if ok {
			allowed++
		} else if wait <= 0 || wait > time.Hour {
			t.Errorf("the wait is %v", wait)
		}
	}
	if allowed != 5 {
		t.Errorf("%d tries were allowed, not 5", allowed)
	}
	if ok, _ := two.Allow(ctx, "signin:b@example.org", 5, time.Hour); !ok {
		t.Error("another key is not free")
	}
}

// A try comes back after its time, by the clock of Redis.
func TestTriesComeBackInRedis(t *testing.T) {
	s := newServer(t)
	one, _ := dial(t, s.url())
	two, _ := dial(t, s.url())
	ctx := context.Background()
	if ok, _ := one.Allow(ctx, "k", 1, 50*time.Millisecond); !ok {
		t.Fatal("the first try is refused")
	}
	eventually(t, "the try to come back", func() bool { ok, _ := two.Allow(ctx, "k", 1, 50*time.Millisecond); return ok })
}

func TestWithoutRedisLimitsAreLocalAndHold(t *testing.T) {
	s := newServer(t)
	one, _ := dial(t, s.url())
	ctx := context.Background()
	for range 3 {
		if ok, _ := one.Allow(ctx, "k", 5, time.Hour); !ok {
			t.Fatal("refused too early")
		}
	}
	s.stop()
	allowed := 0
	for range 20 {
		if ok, _ := one.Allow(ctx, "k", 5, time.Hour); ok {
			allowed++
		}
	}
	if allowed != 2 {
		t.Errorf("without Redis %d more tries were allowed, not the 2 that were left", allowed)
	}
	s.start()
	eventually(t, "Redis to be asked again", func() bool { one.Allow(ctx, "other", 1000, time.Hour); return one.away.Load() == 0 })
	if ok, _ := one.Allow(ctx, "k", 5, time.Hour); ok {
		t.Error("an empty Redis gave back tries that this process saw spent")
	}
}

func TestTheKeysInRedisNameNobody(t *testing.T) {
	s := newServer(t)
	one, _ := dial(t, s.url())
	ctx := context.Background()
	one.Allow(ctx, "signin:anna@example.org", 5, time.Hour)
	keys, err := one.client.Keys(ctx, "*").Result()
	if err != nil || len(keys) != 1 {
		t.Fatalf("keys %v, %v", keys, err)
	}
	if strings.Contains(keys[0], "anna") {
		t.Errorf("the key %s names a person", keys[0])
	}
	if left, err := one.client.PTTL(ctx, keys[0]).Result(); err != nil || left <= 0 {
		t.Errorf("the key stays for ever: %v, %v", left, err)
	}
}

func TestAWrongAddressOfRedisIsSaidWithoutItsPassword(t *testing.T) {
	_, err := DialRedis("redis://:secret@host:port/x", nil)
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error is %v", err)
	}
}

func TestAFloodOfTopicsBecomesEverything(t *testing.T) {
	q := newQueue()
	for i := range mostWaiting + 1 {
		q.add(fmt.Sprint("task:", i))
	}
	if got := q.take(); len(got) != 1 || got[0] != everything {
		t.Errorf("%d topics wait", len(got))
	}
}
