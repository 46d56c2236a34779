package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"net/textproto"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail"
	"planpost/store/storetest"
)

// patience is how long a test waits for what should come within moments; the
// machine may be busy, and the race detector is slow.
const patience = 60 * time.Second

const testPassword = "paper lanterns over water"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// until waits for a condition.
func until(t testing.TB, what string, met func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !met(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// bothEngines gives the test the setting "database" for each engine.
func bothEngines(t *testing.T, test func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "") })
	t.Run("postgres", func(t *testing.T) { test(t, storetest.Postgres(t)) })
}

// need finds a program of others; on the host that tests changes it must be there.
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

// localConfig is a host in a temporary folder, on free ports.
func localConfig(t testing.TB, database string) Config {
	t.Helper()
	cfg, err := loadConfig("", none)
	must(t, err)
	cfg.Data, cfg.Database = t.TempDir(), database
	cfg.Web.Listen, cfg.SMTP.Listen = "127.0.0.1:0", []string{"127.0.0.1:0"}
	cfg.MailDomain, cfg.Log.Level = "in.test", "error"
	cfg.Notify.Quiet, cfg.Notify.QuietMax, cfg.Notify.Undo = 0, 0, 200*time.Millisecond // it is waited, and not long
	cfg.Mailer.TLS, cfg.Mailer.Retry = "none", []time.Duration{time.Second}
	return cfg
}

// world is a running host for one test.
type world struct {
	*host
	t   testing.TB
	ctx context.Context

	account    core.Account
	olga, eve  core.Person // the owner, who can sign in, and the employee who does the work
	klara      core.Person // a contact outside
	project    core.Project
	task       core.Task
	stop       context.CancelFunc
	ended      chan error
	stopped    sync.Once
	said, told *screen
}

// screen is a terminal's output that can be read while it is written.
type screen struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// start runs a host until the test ends; with no roles named, all of them.
func start(t testing.TB, cfg Config, roles ...string) *world {
	t.Helper()
	if len(roles) == 0 {
		roles = []string{"web", "smtp", "imap", "mailer", "duties"}
	}
	w := &world{t: t, ctx: context.Background(), ended: make(chan error, 1), said: &screen{}, told: &screen{}}
	var err error
	w.host, err = newHost(w.ctx, cfg, &terminal{strings.NewReader(""), w.said, w.told, none}, roles)
	must(t, err)
	t.Cleanup(func() {
		w.end()
		if t.Failed() && w.told.String() != "" {
			t.Logf("log of the host:\n%s", w.told)
		}
	})
	must(t, w.welcome(w.ctx))
	var running context.Context
	running, w.stop = context.WithCancel(w.ctx)
	go func() { w.ended <- w.run(running) }()
	return w
}

// end stops the host in order, as a signal does, and checks its database when all went well.
func (w *world) end() {
	w.stopped.Do(func() {
		w.stop()
		select {
		case err := <-w.ended:
			if err != nil {
				w.t.Errorf("run: %v", err)
			}
		case <-time.After(patience):
			w.t.Error("the host does not stop")
			return
		}
		if !w.t.Failed() {
			found, err := w.store.Check(w.ctx)
			if err != nil || len(found) > 0 {
				w.t.Errorf("self-check: %v, %v", found, err)
			}
		}
		if err := w.close(); err != nil {
			w.t.Errorf("close: %v", err)
		}
	})
}

// furnish makes a firm with a client and a task.
func (w *world) furnish() *world {
	w.t.Helper()
	var err error
	w.account, w.olga, err = w.core.CreateAccount(w.ctx, core.Setup{AccountName: "Holzbau", Locale: "en", Zone: "Europe/Vienna", Name: "Olga Owner", Address: "olga@holzbau.test", Password: testPassword})
	must(w.t, err)
	a := w.as(w.olga)
	w.eve, err = w.core.CreateUser(w.ctx, a, core.NewUser{Name: "Eve Employee", Address: "eve@holzbau.test", Role: core.Employee})
	must(w.t, err)
	firm, err := w.core.CreateCompany(w.ctx, a, "Client & Sons")
	must(w.t, err)
	w.klara, err = w.core.CreateContact(w.ctx, a, core.NewContact{Name: "Klara Client", Address: "klara@client.test", Company: firm.ID})
	must(w.t, err)
	w.project, err = w.core.CreateProject(w.ctx, a, core.NewProject{Name: "Lake House", Counterparty: firm.ID})
	must(w.t, err)
	w.task, err = w.core.CreateTask(w.ctx, a, core.NewTask{Title: "The oak door", Description: "for us only", Project: w.project.ID, Assignee: w.eve.ID, Participants: []core.ID{w.klara.ID}})
	must(w.t, err)
	return w
}

func (w *world) as(p core.Person) *core.Actor {
	return &core.Actor{Person: p, Account: w.account, Via: "page"}
}

// replyTo is the address at which p answers on the task.
func (w *world) replyTo(p core.Person) string {
	w.t.Helper()
	a, err := w.core.ReplyAddress(w.ctx, w.account.ID, p.ID, w.task.ID)
	must(w.t, err)
	return a.Mailbox()
}

// intake is the address at which mail becomes a task of the project.
func (w *world) intake() string { return w.project.Inbound + "@" + w.cfg.MailDomain }

// letter is a plain message.
func letter(from, id, text string) string {
	return fmt.Sprintf("From: %s\r\nTo: planpost@in.test\r\nSubject: Re: [#1] The oak door\r\nMessage-ID: <%s@client.test>\r\nDate: %s\r\n\r\n%s\r\n",
		from, id, time.Now().Format(time.RFC1123Z), text)
}

// send brings a message in by SMTP; the error is the server's refusal.
func (w *world) send(from string, raw []byte, to ...string) error {
	return sendMail(w.smtpAddresses()[0], from, raw, to...)
}

// sendMail gives up after a while where net/smtp would wait for ever.
func sendMail(server, from string, raw []byte, to ...string) error {
	conn, err := net.DialTimeout("tcp", server, 10*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	c, err := smtp.NewClient(conn, "127.0.0.1")
	if err != nil {
		return err
	}
	if err := transact(c, from, raw, to...); err != nil {
		return err
	}
	_ = c.Quit()
	return nil
}

// transact sends one message over an open connection.
func transact(c *smtp.Client, from string, raw []byte, to ...string) error {
	if err := c.Mail(from); err != nil {
		return err
	}
	for _, r := range to {
		if err := c.Rcpt(r); err != nil {
			return err
		}
	}
	body, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := body.Write(raw); err != nil {
		return err
	}
	return body.Close()
}

// code is the SMTP code of an error: 250 for none, 0 for what is no answer.
func code(err error) int {
	var e *textproto.Error
	switch {
	case err == nil:
		return 250
	case errors.As(err, &e):
		return e.Code
	}
	return 0
}

// texts are the comments of the task, oldest first.
func (w *world) texts() (list []string) {
	w.t.Helper()
	v, err := w.core.Task(w.ctx, core.OperatorOf(w.account), w.task.Number, "")
	must(w.t, err)
	for _, c := range v.Comments {
		list = append(list, c.Text)
	}
	return list
}

func count(list []string, text string) (n int) {
	for _, s := range list {
		if s == text {
			n++
		}
	}
	return n
}

// status asks a page without a session.
func status(t testing.TB, url string) int {
	t.Helper()
	client := &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// parse reads a mail that the test got.
func parse(t testing.TB, raw string) *mail.Message {
	t.Helper()
	m, err := mail.Parse([]byte(raw), mail.Limits{})
	must(t, err)
	return m
}
