package main

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"testing"

	"planpost/core"
)

// redisServer starts a Redis of the test's own and gives its address.
func redisServer(t *testing.T) string {
	t.Helper()
	path := need(t, "redis-server")
	_, port, err := net.SplitHostPort(sparePort(t))
	must(t, err)
	cmd := exec.Command(path, "--port", port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "no", "--daemonize", "no")
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	until(t, "redis-server to answer", func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return "redis://127.0.0.1:" + port + "/0"
}

// Two processes over one database and one Redis are one host to everybody.
func TestTwoProcessesShareLimitsWakeUpsAndLivePages(t *testing.T) {
	bothEngines(t, func(t *testing.T, database string) {
		cfg := localConfig(t, database)
		cfg.Redis = redisServer(t)
		w := start(t, cfg).furnish()
		log := newLog(&cfg, &terminal{nil, w.said, w.told, none})
		other, err := openGateway(w.ctx, cfg, log)
		must(t, err)
		defer other.close()

		events, end := other.core.Bus().Subscribe(core.TaskTopic(w.task.ID))
		defer end()
		until(t, "a comment to be heard in the other process", func() bool {
			_, err := w.core.Comment(w.ctx, w.as(w.olga), core.NewComment{Task: w.task.ID, Text: "The oak has come."})
			must(t, err)
			select {
			case <-events:
				return true
			default:
				return false
			}
		})

		tried, limited := 0, false
		for i := 0; i < 30 && !limited; i++ {
			c := []*core.Core{w.core, other.core}[i%2]
			_, _, err := c.SignIn(context.Background(), core.Credentials{Login: "olga@holzbau.test", Password: fmt.Sprint("wrong ", i), IP: "192.0.2.7"})
			limited = core.KindOf(err) == core.Limited
			tried++
		}
		if !limited || tried > 12 {
			t.Errorf("after %d tries over two processes: limited %v", tried, limited)
		}
	})
}

func TestCheckTellsThatRedisIsAway(t *testing.T) {
	cfg := localConfig(t, "")
	cfg.Redis = "redis://:secret@127.0.0.1:" + sparePort(t)
	if f := checkRedis(context.Background(), &cfg); f.OK || f.Cure == "" {
		t.Errorf("a Redis that is away is found to be %+v", f)
	}
	cfg.Redis = redisServer(t)
	if f := checkRedis(context.Background(), &cfg); !f.OK {
		t.Errorf("a Redis that answers is found to be %+v", f)
	}
}
