package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// privatePostgres is a server of the test's own, which it may stop.
type privatePostgres struct {
	t           *testing.T
	script, dir string
	url         string
}

func newPrivatePostgres(t *testing.T) *privatePostgres {
	t.Helper()
	const env = "PLANPOST_TEST_POSTGRES_SERVER"
	script := os.Getenv(env)
	if script == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not set, and with CI=true PostgreSQL must be there", env)
		}
		t.Skipf("%s is not set: no PostgreSQL of its own", env)
	}
	s := &privatePostgres{t: t, script: script, dir: filepath.Join(t.TempDir(), "server")}
	t.Cleanup(func() { _ = exec.Command(script, "stop", s.dir, "immediate").Run() })
	s.start()
	return s
}

func (s *privatePostgres) start() {
	s.t.Helper()
	cmd := exec.Command(s.script, "start", s.dir)
	cmd.Stderr = s.t.Output()
	out, err := cmd.Output()
	must(s.t, err)
	s.url = strings.TrimSpace(string(out))
}

// stop ends the server in the middle of whatever it does.
func (s *privatePostgres) stop() {
	s.t.Helper()
	if out, err := exec.Command(s.script, "stop", s.dir, "immediate").CombinedOutput(); err != nil {
		s.t.Fatalf("stop: %v\n%s", err, out)
	}
}

// An absent database is our own trouble: mail is put off, pages say so, and
// when it is back everything goes on by itself.
func TestADatabaseThatGoesAwayPutsMailOffAndLosesNothing(t *testing.T) {
	server := newPrivatePostgres(t)
	out := newSink(t)
	cfg := localConfig(t, server.url)
	cfg.Mailer.Relay = out.addr
	w := start(t, cfg).furnish()
	must(t, w.core.SetSettings(w.ctx, w.as(w.olga), map[string]string{"mailrate": "0"})) // each message has its mail
	b := newBrowser(t, w.cfg.BaseURL)
	b.signIn("olga@holzbau.test", testPassword)
	to := target{"klara@client.test", w.replyTo(w.klara)}

	const messages = 200
	var next, kept, putOff atomic.Int64
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			var c peer
			defer c.close()
			for i := int(next.Add(1)); i <= messages; i = int(next.Add(1)) {
				raw := []byte(letter(to.from, fmt.Sprint(i), fmt.Sprintf("message %d", i)))
				for end := time.Now().Add(patience); ; <-time.After(20 * time.Millisecond) {
					err := c.send(w.smtpAddresses()[0], to, raw)
					if err == nil {
						break
					}
					if code(err) != 451 || time.Now().After(end) {
						t.Errorf("message %d: %v", i, err)
						return
					}
					putOff.Add(1)
				}
				kept.Add(1)
			}
		})
	}
	until(t, "some messages are taken", func() bool { return kept.Load() > 50 || t.Failed() })
	server.stop()
	until(t, "mail is put off", func() bool { return putOff.Load() >= 4 || t.Failed() })
	for _, path := range []string{"/tasks/1", "/healthz", "/readyz"} {
		if p := b.get(path); p.status != http.StatusServiceUnavailable {
			t.Errorf("%s without a database: %d", path, p.status)
		}
	}
	if kept.Load() == messages {
		t.Error("all messages were taken before the database went")
	}
	server.start()
	clients.Wait()
	until(t, "the pages are back", func() bool { return b.get("/tasks/1").status == http.StatusOK })
	times := map[string]int{}
	for _, c := range allComments(t, w.gateway, w.as(w.olga), 1) {
		times[c.Text]++
	}
	for i := 1; i <= messages; i++ {
		if text := fmt.Sprintf("message %d", i); times[text] != 1 {
			t.Errorf("%q is there %d times", text, times[text])
		}
	}
	if len(times) != messages || kept.Load() != messages {
		t.Errorf("%d comments, %d answers 250", len(times), kept.Load())
	}
	out.find(t, "eve@holzbau.test", fmt.Sprintf("message %d", messages)) // and the mailer goes on
}
