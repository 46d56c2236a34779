package smtpd

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// need finds a client of others; on the host that tests changes it must be there.
func need(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", name)
	}
	if err != nil {
		t.Skip(name, " is not installed")
	}
	return path
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestSwaksDeliversInTheClearEncryptedAndPipelined(t *testing.T) {
	swaks := need(t, "swaks")
	w := serve(t, false, withCertificate(t))
	for i, more := range [][]string{nil, {"--tls"}, {"--pipeline"}, {"--tls", "--pipeline"}, {"--protocol", "SMTP"}} {
		out := run(t, swaks, append([]string{"--server", w.addr(), "--helo", "swaks.test", "--from", "a@x.test", "--to", "ok@in.test,two@in.test", "--body", ".a line with a dot"}, more...)...)
		got := w.road.messages()
		if len(got) != i+1 || !strings.Contains(got[i].raw, "\r\n.a line with a dot\r\n") || len(got[i].env.Recipients) != 2 {
			t.Fatalf("%v: %s", more, out)
		}
		want := "ESMTP"
		switch {
		case strings.Contains(strings.Join(more, " "), "--tls"):
			want = "ESMTPS"
		case len(more) == 2:
			want = "SMTP"
		}
		if got[i].env.Protocol != want {
			t.Errorf("%v: %s", more, got[i].env.Protocol)
		}
	}
}

func TestSwaksSpeaksLMTP(t *testing.T) {
	swaks := need(t, "swaks")
	w := serve(t, false, func(c *Config) { c.Listeners = []Listener{{Address: "127.0.0.1:0", LMTP: true}} })
	out := run(t, swaks, "--protocol", "LMTP", "--server", w.addr(), "--from", "a@x.test", "--to", "ok@in.test,two@in.test")
	if strings.Count(out, "kept as m1") != 2 {
		t.Error(out)
	}
}

func TestPostfixsGeneratorLosesNothing(t *testing.T) {
	source := need(t, "smtp-source")
	for _, more := range [][]string{nil, {"-d"}, {"-l", "102400"}} {
		w := serve(t, false, nil)
		const n = 200
		run(t, source, append(more, "-s", "10", "-m", strconv.Itoa(n), "-f", "a@x.test", "-t", "ok@in.test", w.addr())...)
		if got := len(w.road.messages()); got != n {
			t.Errorf("%v: %d of %d kept", more, got, n)
		}
	}
}

// Postfix relays here as it does in front of a gateway: what we refuse it
// reports to the sender, what we take it delivers once.
func TestPostfixRelaysHere(t *testing.T) {
	need(t, "postfix")
	swaks := need(t, "swaks")
	if os.Getuid() != 0 {
		t.Skip("Postfix is started by root only")
	}
	w := serve(t, false, withCertificate(t))
	dir, port := t.TempDir(), freePort(t)
	script, err := filepath.Abs("../testenv/postfix")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exec.Command(script, "stop", dir, "wipe").Run() })
	cmd := exec.Command(script, "start", dir, port, "peer", w.addr(), "in.test")
	cmd.Env = append(os.Environ(), "BENCH_PF_EXTRA=smtp_tls_security_level=may")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, to := range []string{"no+unknown@in.test", "ok@in.test"} {
		run(t, swaks, "--server", "127.0.0.1:"+port, "--helo", "x.test", "--from", "a@x.test", "--to", to, "--h-Subject", "by Postfix")
	}
	deadline := time.After(30 * time.Second)
	for {
		refused := w.road.count("unknown") > 0
		if got := w.road.messages(); len(got) > 0 && refused {
			if env := got[0].env; len(got) != 1 || env.Protocol != "ESMTPS" || env.Recipients[0].Local != "ok" || !strings.Contains(got[0].raw, "Subject: by Postfix\r\n") {
				t.Errorf("kept %+v", got)
			}
			return
		}
		select {
		case <-deadline:
			t.Fatalf("kept %d, refused %v", len(w.road.messages()), refused)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
