package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/demo"
)

var setupCode = regexp.MustCompile(`works once:\n\n  (\S+)\n`)

// code is the one-time code on the console, empty when there is none.
func (w *world) code() string {
	if found := setupCode.FindStringSubmatch(w.said.String()); found != nil {
		return found[1]
	}
	return ""
}

func TestTheFirstVisitNeedsTheCodeOfTheConsole(t *testing.T) {
	bothEngines(t, func(t *testing.T, database string) {
		cfg := localConfig(t, database)
		w := start(t, cfg)
		old := w.code()
		w.end()
		w = start(t, cfg)
		if old == "" || w.code() == "" || w.code() == old {
			t.Fatalf("codes %q and %q", old, w.code())
		}
		b := newBrowser(t, w.cfg.BaseURL)
		first := b.get("/")
		if first.path != "/setup" {
			t.Fatalf("an empty host shows %s", first.path)
		}
		form := func(code string) url.Values {
			return url.Values{"code": {code}, "account": {"Holzbau"}, "name": {"Olga"}, "address": {"office@holzbau.test"}, "password": {testPassword}}
		}
		for _, wrong := range []string{"", "aaaa-aaaa-aaaa", old} {
			p := b.submit(first, "/setup", form(wrong))
			if needed, err := w.core.SetupNeeded(w.ctx); err != nil || !needed || p.status < 400 || p.status >= 500 {
				t.Errorf("with the code %q: %d, still empty: %v, %v", wrong, p.status, needed, err)
			}
		}
		if p := b.submit(first, "/setup", form(strings.ToUpper(w.code()))); p.status != http.StatusOK || !strings.Contains(p.body, "Olga") {
			t.Errorf("with the right code: %d at %s", p.status, p.path)
		}
		p := newBrowser(t, w.cfg.BaseURL).submit(first, "/setup", form(w.code()))
		if accounts, err := w.core.Accounts(w.ctx); err != nil || p.status != http.StatusNotFound || len(accounts) != 1 {
			t.Errorf("the code used again: %d, accounts %v, %v", p.status, accounts, err)
		}
		w.end()
		if w = start(t, cfg); w.code() != "" {
			t.Error("a host with an account prints a code")
		}
		if p := newBrowser(t, w.cfg.BaseURL).signIn("office@holzbau.test", testPassword); p.status != http.StatusOK || p.path == "/signin" {
			t.Errorf("the owner signs in after a restart: %d at %s", p.status, p.path)
		}
	})
}

// A port that is taken is told with its setting and a cure, and nothing stays open behind it.
func TestATakenPortIsSaidClearly(t *testing.T) {
	held, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer held.Close()
	busy, free := held.Addr().String(), sparePort(t)
	for _, c := range []struct{ web, smtp, setting string }{{busy, "127.0.0.1:0", "web.listen"}, {free, busy, "smtp.listen"}} {
		env := map[string]string{"PLANPOST_DATA": t.TempDir(), "PLANPOST_WEB_LISTEN": c.web, "PLANPOST_SMTP_LISTEN": c.smtp}
		var out, told bytes.Buffer
		status := run(t.Context(), []string{"serve"}, &terminal{strings.NewReader(""), &out, &told, func(k string) string { return env[k] }})
		for _, want := range []string{c.setting, busy, "in use", "choose another address"} {
			if status != 1 || !strings.Contains(told.String(), want) {
				t.Errorf("%s taken: status %d, %q is missing in: %s", c.setting, status, want, &told)
			}
		}
	}
	l, err := net.Listen("tcp", free)
	if err != nil {
		t.Fatalf("the port of the pages stays open after a failed start: %v", err)
	}
	l.Close()
}

// demonstration is a demo that runs until end.
type demonstration struct {
	said   *screen
	cancel context.CancelFunc
	status chan int
}

func startDemo(t *testing.T, data, web string) *demonstration {
	t.Helper()
	d := &demonstration{said: &screen{}, status: make(chan int, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel = cancel
	t.Cleanup(cancel)
	go func() {
		d.status <- run(ctx, []string{"demo", "--data", data, "--web", web, "--smtp", "127.0.0.1:0"}, &terminal{strings.NewReader(""), d.said, d.said, none})
	}()
	until(t, "the demo runs", func() bool {
		select {
		case status := <-d.status:
			t.Fatalf("the demo ended with %d: %s", status, d.said)
		default:
		}
		return strings.Contains(d.said.String(), "End with Ctrl-C")
	})
	return d
}

func (d *demonstration) end(t *testing.T) {
	t.Helper()
	d.cancel()
	select {
	case status := <-d.status:
		if status != 0 {
			t.Errorf("the demo ended with %d: %s", status, d.said)
		}
	case <-time.After(patience):
		t.Fatal("the demo does not end")
	}
}

// demoCounts opens the data of a demo that has ended.
func demoCounts(t *testing.T, data string) core.Counts {
	t.Helper()
	cfg := localConfig(t, "")
	cfg.Data = data
	g, err := openGateway(context.Background(), cfg, newLog(&cfg, &terminal{err: t.Output()}))
	must(t, err)
	defer g.close()
	if found, err := g.store.Check(context.Background()); err != nil || len(found) > 0 {
		t.Errorf("self-check: %v, %v", found, err)
	}
	n, err := g.core.Counts(context.Background())
	must(t, err)
	return n
}

func TestASecondStartOfTheDemoKeepsTheData(t *testing.T) {
	data := t.TempDir()
	held, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer held.Close()
	d := startDemo(t, data, held.Addr().String())
	if !strings.Contains(d.said.String(), held.Addr().String()+" is taken by another program") {
		t.Errorf("a taken port is not said: %s", d.said)
	}
	d.end(t)
	before := demoCounts(t, data)
	if before.Tasks < 8 || before.Messages == 0 || before.Comments == 0 {
		t.Errorf("the company is poor: %+v", before)
	}
	d = startDemo(t, data, "127.0.0.1:0")
	if strings.Contains(d.said.String(), "Making a sample company") {
		t.Error("the company is made again")
	}
	page := regexp.MustCompile(`pages +(http://\S+)`).FindStringSubmatch(d.said.String())[1]
	login := demo.Logins()[0]
	if p := newBrowser(t, page).signIn(login.Login, login.Password); p.status != http.StatusOK || p.path == "/signin" {
		t.Errorf("sign in as the printed owner: %d at %s", p.status, p.path)
	}
	if n := status(t, page+"/mailbox/"); n != http.StatusOK {
		t.Errorf("the mailbox: %d", n)
	}
	d.end(t)
	after := demoCounts(t, data)
	if after.Tasks != before.Tasks || after.Comments != before.Comments || after.Messages != before.Messages || after.Deliveries != before.Deliveries {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

func TestTheDemoKeepsOffDataThatIsNotItsOwn(t *testing.T) {
	cfg := localConfig(t, "")
	start(t, cfg).furnish().end()
	var told bytes.Buffer
	status := run(t.Context(), []string{"demo", "--data", cfg.Data, "--web", "127.0.0.1:0", "--smtp", "127.0.0.1:0"}, &terminal{strings.NewReader(""), &told, &told, none})
	if status != 1 || !strings.Contains(told.String(), "choose another folder with --data") {
		t.Errorf("status %d: %s", status, &told)
	}
}
