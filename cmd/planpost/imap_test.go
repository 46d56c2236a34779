package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"planpost/core"
	"planpost/imapworker"
)

// imapServer is a private Dovecot, started by the project's own script.
type imapServer struct {
	t                 testing.TB
	dir               string
	imap, imaps, lmtp int
	env               []string
}

func dovecotScript() string { return filepath.Join("..", "..", "testenv", "dovecot") }

// newIMAP starts one that runs until the test ends; env are settings of the script.
func newIMAP(t *testing.T, env ...string) *imapServer {
	t.Helper()
	need(t, "dovecot")
	dir, err := os.MkdirTemp("", "im") // short: sockets lie in it
	must(t, err)
	must(t, os.Chmod(dir, 0o755))
	d := &imapServer{t: t, dir: dir, env: env}
	t.Cleanup(func() {
		if log, _ := os.ReadFile(filepath.Join(dir, "log")); t.Failed() {
			t.Logf("Dovecot's log:\n%s", log[max(0, len(log)-4000):])
		}
		d.run("stop", "kill")
		os.RemoveAll(dir)
	})
	d.start()
	return d
}

func (d *imapServer) run(act string, args ...string) string {
	cmd := exec.Command(dovecotScript(), append([]string{act, d.dir}, args...)...)
	cmd.Env = append(os.Environ(), d.env...)
	out, err := cmd.Output()
	if err != nil && act == "start" {
		d.t.Fatalf("dovecot %s: %v", act, err)
	}
	return strings.TrimSpace(string(out))
}

func (d *imapServer) start() {
	d.t.Helper()
	if _, err := fmt.Sscanf(d.run("start"), "%d %d %d", &d.imap, &d.imaps, &d.lmtp); err != nil {
		d.t.Fatal(err)
	}
}

func (d *imapServer) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(d.imap)) }

// client signs in as a person's mail program.
func (d *imapServer) client(user string) *imapclient.Client {
	d.t.Helper()
	c, err := imapclient.DialInsecure(d.address(), nil)
	must(d.t, err)
	d.t.Cleanup(func() { c.Close() })
	must(d.t, c.Login(user, "secret").Wait())
	return c
}

// put appends a message to a folder as if it had been delivered at a time; zero is now.
func (d *imapServer) put(c *imapclient.Client, folder, raw string, at time.Time, flags ...imap.Flag) {
	d.t.Helper()
	cmd := c.Append(folder, int64(len(raw)), &imap.AppendOptions{Time: at, Flags: flags})
	_, err := io.WriteString(cmd, raw)
	must(d.t, err)
	must(d.t, cmd.Close())
	_, err = cmd.Wait()
	must(d.t, err)
}

// box adds the mailbox of a user of d to the world; change may alter it before. It is replies@in.test when nothing else is said.
func (w *world) box(d *imapServer, user string, change func(*core.Mailbox)) core.Mailbox {
	w.t.Helper()
	m := core.Mailbox{Name: user}
	m.Host, m.Port, m.Security, m.User, m.AuthServ = "127.0.0.1", d.imap, core.MailboxPlain, user, "mx.provider.test"
	var err error
	m.Address, err = core.ParseMailboxAddress(user + "@provider.test")
	must(w.t, err)
	if change != nil {
		change(&m)
	}
	m, err = w.core.PutMailbox(w.ctx, w.as(w.olga), m, core.MailboxSecret{Password: "secret"})
	must(w.t, err)
	return m
}

// view is the mailbox as its page shows it.
func (w *world) view(m core.Mailbox) core.MailboxView {
	w.t.Helper()
	v, err := w.core.MailboxPage(w.ctx, w.as(w.olga), m.ID)
	must(w.t, err)
	return v
}

// opened waits until the worker has looked into the mailbox.
func (w *world) opened(m core.Mailbox) {
	w.t.Helper()
	until(w.t, "the mailbox is looked into", func() bool {
		v := w.view(m)
		return len(v.Folders) > 0 && !v.ContactAt().IsZero() && v.Folders[0].Code == ""
	})
}

// taggedTo is the address with Klara's token behind the plus of a mailbox.
func (w *world) taggedTo(m core.Mailbox) string {
	token, _, _ := strings.Cut(w.replyTo(w.klara), "@")
	return m.Address.Local + "+" + token + "@" + m.Address.Domain
}

// fetchedLetter is an answer of Klara's as it lies in a mailbox, with what its server wrote on top.
func fetchedLetter(to, id, text string) string {
	return fmt.Sprintf("Authentication-Results: mx.provider.test; dmarc=pass header.from=client.test\r\nFrom: Klara Client <klara@client.test>\r\nTo: %s\r\nSubject: Re: [#1] The oak door\r\nMessage-ID: <%s@client.test>\r\nDate: %s\r\n\r\n%s\r\n",
		to, id, time.Now().Format(time.RFC1123Z), text)
}

// comments waits until the task has these comments, in any order, each once.
func (w *world) comments(what string, want ...string) {
	w.t.Helper()
	slices.Sort(want)
	var got []string
	for end := time.Now().Add(patience); ; {
		got = w.texts()
		got = slices.DeleteFunc(got, func(s string) bool { return s == "for us only" })
		slices.Sort(got)
		if slices.Equal(got, want) {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("%s: %d comments %.300q, want %d %.300q", what, len(got), got, len(want), want)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestMailboxAnswersBecomeComments(t *testing.T) {
	t.Parallel()
	bothEngines(t, func(t *testing.T, database string) {
		d := newIMAP(t)
		w := start(t, localConfig(t, database)).furnish()
		c := d.client("replies")
		d.put(c, "INBOX", fetchedLetter("replies@provider.test", "before", "from before"), time.Now().Add(-time.Hour))
		m := w.box(d, "replies", nil)
		w.opened(m)
		d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "one", "Oak, please."), time.Time{})
		w.comments("a new answer", "Oak, please.")
		d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "two", "Somebody opened this one already."), time.Time{}, imap.FlagSeen, imap.FlagAnswered)
		w.comments("read by a person before", "Oak, please.", "Somebody opened this one already.")
		v := w.view(m)
		if v.Counts[core.FetchDone] != 2 || v.Counts[core.FetchBefore] != 1 {
			t.Errorf("ledger: %v", v.Counts)
		}
		// Nothing was changed on the server.
		_, err := c.Select("INBOX", nil).Wait()
		must(t, err)
		list, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{Flags: true}).Collect()
		must(t, err)
		for i, msg := range list {
			if seen := slices.Contains(msg.Flags, imap.FlagSeen); seen != (i == 2) {
				t.Errorf("message %d: flags %v", i+1, msg.Flags)
			}
		}
	})
}

// Where a provider has no plus-tags, our Message-ID leads to the thread, and only who proves who he is gets there.
func TestMailboxWithoutPlusFindsTheThreadByMessageID(t *testing.T) {
	t.Parallel()
	d := newIMAP(t)
	out := newSink(t)
	cfg := localConfig(t, "")
	cfg.Mailer.Relay = out.addr
	w := start(t, cfg).furnish()
	m := w.box(d, "plain", nil)
	w.opened(m)
	must(t, w.core.SetSettings(w.ctx, w.as(w.olga), map[string]string{"replies": m.Address.Mailbox()}))
	_, err := w.core.Comment(w.ctx, w.as(w.olga), core.NewComment{Task: w.task.ID, Text: "Which wood?", Tell: []core.ID{w.klara.ID}})
	must(t, err)
	p := parse(t, out.find(t, "klara@client.test", "Which wood?").raw)
	if len(p.ReplyTo) != 1 || p.ReplyTo[0].Mailbox() != "plain@provider.test" {
		t.Fatalf("Reply-To is %v", p.ReplyTo)
	}
	c := d.client("plain")
	answer := func(id, results, text string) string {
		return fmt.Sprintf("%sFrom: Klara Client <klara@client.test>\r\nTo: plain@provider.test\r\nSubject: Re: x\r\nMessage-ID: <%s@client.test>\r\nIn-Reply-To: <%s>\r\n\r\n%s\r\n", results, id, p.MessageID, text)
	}
	d.put(c, "INBOX", answer("a", "Authentication-Results: mx.provider.test; dmarc=pass header.from=client.test\r\n", "Oak."), time.Time{})
	w.comments("an answer by thread", "Which wood?", "Oak.")
	d.put(c, "INBOX", answer("b", "Authentication-Results: mx.evil.test; dmarc=pass header.from=client.test\r\n", "Gold!"), time.Time{})
	until(t, "what nobody vouches for is held", func() bool {
		list, err := w.core.Messages(w.ctx, w.as(w.olga), core.MessageFilter{Disposition: core.Held, Limit: 5})
		must(t, err)
		return len(list) == 1 && list[0].Receipt.Reason == "auth.thread"
	})
}

func TestMailboxUIDValidityIsReset(t *testing.T) {
	t.Parallel()
	d := newIMAP(t)
	w := start(t, localConfig(t, "")).furnish()
	c := d.client("reset")
	d.put(c, "INBOX", fetchedLetter("reset@provider.test", "old", "from before"), time.Now().Add(-24*time.Hour))
	d.put(c, "INBOX", fetchedLetter("reset@provider.test", "ancient", "from long before"), time.Now().Add(-240*time.Hour))
	m := w.box(d, "reset", nil)
	w.opened(m)
	d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "one", "First."), time.Time{})
	w.comments("before the reset", "First.")
	must(t, w.core.PauseMailbox(w.ctx, w.as(w.olga), m.ID, true))
	until(t, "nobody is connected", func() bool { return !w.imapRuns(m) })
	d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "two", "Second, while nobody looked."), time.Time{})
	must(t, c.Logout().Wait())
	d.run("stop")
	// A restored mailbox: other numbers, everything else as it was.
	for _, index := range []string{"dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"} {
		os.Remove(filepath.Join(d.dir, "mail", "reset", "Maildir", index))
	}
	d.start()
	was := w.view(m).Folders[0].Validity
	must(t, w.core.PauseMailbox(w.ctx, w.as(w.olga), m.ID, false))
	w.comments("after the reset", "First.", "Second, while nobody looked.")
	until(t, "it is numbered anew", func() bool { return w.view(m).Folders[0].Validity != was })
	c = d.client("reset")
	d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "three", "Third."), time.Time{})
	w.comments("after the reset, new mail", "First.", "Second, while nobody looked.", "Third.")
	list, err := w.core.Messages(w.ctx, w.as(w.olga), core.MessageFilter{Limit: 50})
	must(t, err)
	if len(list) != 3 {
		t.Errorf("%d messages in the recorder, want 3: old mail is not ours", len(list))
	}
}

// imapRuns tells whether a process has the mailbox.
func (w *world) imapRuns(m core.Mailbox) bool {
	other := core.NewID()
	held, err := w.core.ClaimMailboxes(w.ctx, other, []core.ID{m.ID}, time.Millisecond)
	must(w.t, err)
	return !held[m.ID]
}

func TestMailboxOldMailComesQuietly(t *testing.T) {
	t.Parallel()
	d := newIMAP(t)
	out := newSink(t)
	cfg := localConfig(t, "")
	cfg.Mailer.Relay = out.addr
	w := start(t, cfg).furnish()
	c := d.client("archive")
	address := core.Mailbox{}
	address.Address, _ = core.ParseMailboxAddress("archive@provider.test")
	written := time.Date(2026, 3, 4, 9, 30, 0, 0, time.UTC)
	var want []string
	for i := range 30 {
		text := fmt.Sprintf("Old answer %02d.", i)
		d.put(c, "INBOX", fetchedLetter(w.taggedTo(address), fmt.Sprintf("old%d", i), text), written.Add(time.Duration(i)*time.Hour))
		want = append(want, text)
	}
	d.put(c, "INBOX", fetchedLetter(w.taggedTo(address), "too-old", "Too old."), written.AddDate(-1, 0, 0))
	m := w.box(d, "archive", func(m *core.Mailbox) { m.Since = written.Add(-time.Hour) })
	w.comments("old mail", want...)
	d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "new", "And a new one."), time.Time{})
	w.comments("old and new mail", append(want, "And a new one.")...)
	view, err := w.core.Task(w.ctx, w.as(w.olga), w.task.Number, "")
	must(t, err)
	n := 0
	for _, cm := range view.Comments {
		if strings.HasPrefix(cm.Text, "Old answer") {
			if want := fmt.Sprintf("Old answer %02d.", n); cm.Text != want || !cm.CreatedAt.Equal(written.Add(time.Duration(n)*time.Hour)) {
				t.Errorf("comment %d: %q of %s, want %q", n, cm.Text, cm.CreatedAt, want)
			}
			n++
		}
	}
	if n != 30 {
		t.Errorf("%d old comments on the page", n)
	}
	out.find(t, "eve@holzbau.test", "And a new one.")
	for _, k := range out.mails() {
		if strings.Contains(parse(t, k.raw).Text, "Old answer 0") && !strings.Contains(k.raw, "And a new one.") {
			t.Errorf("old mail was told:\n%s", k.raw)
		}
	}
	if v := w.view(m); v.Folders[0].Total != 30 || v.Folders[0].Left != 0 {
		t.Errorf("progress: %d of %d left", v.Folders[0].Left, v.Folders[0].Total)
	}
}

func TestMailboxAfterwards(t *testing.T) {
	t.Parallel()
	d := newIMAP(t)
	w := start(t, localConfig(t, "")).furnish()
	for _, after := range []core.AfterFetch{core.MarkFetched, core.MoveFetched, core.DeleteFetched} {
		user := string(after)
		c := d.client(user)
		d.put(c, "INBOX", fetchedLetter(user+"@provider.test", "mine-"+user, "private"), time.Now().Add(-time.Hour))
		m := w.box(d, user, func(m *core.Mailbox) {
			m.After = after
			if after == core.MoveFetched {
				m.MoveTo = "Planpost/Done"
			}
		})
		w.opened(m)
		d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "x-"+user, "Take this: "+user), time.Time{})
		until(t, "it is kept", func() bool { return slices.Contains(w.texts(), "Take this: "+user) })
		until(t, "nothing is due any more: "+user, func() bool {
			v := w.view(m)
			due, err := w.core.DueFetched(w.ctx, &v.Folders[0], 10)
			must(t, err)
			return v.Counts[core.FetchDone] == 1 && len(due) == 0
		})
		count := func(folder string) (n, seen int) {
			sel, err := c.Select(folder, nil).Wait()
			must(t, err)
			if sel.NumMessages == 0 {
				return 0, 0
			}
			list, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{Flags: true}).Collect()
			must(t, err)
			for _, msg := range list {
				if slices.Contains(msg.Flags, imap.FlagSeen) {
					seen++
				}
			}
			return len(list), seen
		}
		n, seen := count("INBOX")
		switch after {
		case core.MarkFetched:
			if n != 2 || seen != 1 {
				t.Errorf("mark: %d messages, %d read", n, seen)
			}
		case core.MoveFetched:
			if moved, _ := count("Planpost/Done"); n != 1 || moved != 1 {
				t.Errorf("move: %d stayed, %d moved", n, moved)
			}
		case core.DeleteFetched:
			if n != 1 {
				t.Errorf("delete: %d stayed, want the one from before", n)
			}
		}
	}
}

func TestMailboxTooLargeIsListedAndFetchedWhenAsked(t *testing.T) {
	t.Parallel()
	d := newIMAP(t)
	w := start(t, localConfig(t, "")).furnish()
	c := d.client("large")
	m := w.box(d, "large", func(m *core.Mailbox) { m.Size = core.LeastMailboxSize })
	w.opened(m)
	d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "big", "Big words. "+strings.Repeat("line\r\n", 20000)), time.Time{})
	d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "small", "Small words."), time.Time{})
	w.comments("the small one", "Small words.")
	var v core.MailboxView
	until(t, "the large one is listed", func() bool {
		v = w.view(m)
		return len(v.Aside) == 1 && v.Aside[0].State == core.FetchLarge
	})
	if e := v.Aside[0]; !strings.Contains(e.From, "klara@client.test") || !strings.Contains(e.Subject, "The oak door") || e.Size < 100<<10 {
		t.Errorf("listed as %+v", e)
	}
	e := v.Aside[0]
	must(t, w.core.AskFetched(w.ctx, w.as(w.olga), m.ID, core.FetchedName{Folder: e.Folder, Validity: e.Validity, UID: e.UID}))
	until(t, "it is fetched", func() bool {
		return slices.ContainsFunc(w.texts(), func(s string) bool { return strings.HasPrefix(s, "Big words.") })
	})
	if v := w.view(m); len(v.Aside) != 0 || v.Counts[core.FetchDone] != 2 {
		t.Errorf("ledger: %v, %d aside", v.Counts, len(v.Aside))
	}
}

// Mail that leads nowhere is held, ignored or becomes a task, as the mailbox says; always it is in the recorder.
func TestMailboxOtherMail(t *testing.T) {
	t.Parallel()
	d := newIMAP(t)
	w := start(t, localConfig(t, "")).furnish()
	stranger := "Authentication-Results: mx.provider.test; dmarc=pass header.from=new.test\r\nFrom: Nora New <nora@new.test>\r\nTo: %s@provider.test\r\nSubject: A wall for %s\r\nMessage-ID: <n-%[1]s@new.test>\r\n\r\nWhat does a wall cost?\r\n"
	for user, c := range map[string]struct {
		other string
		want  core.Disposition
	}{"hold": {core.ElseHold, core.Held}, "ignore": {core.ElseIgnore, core.Ignored}, "task": {string(w.project.ID), core.Created}} {
		m := w.box(d, user, func(m *core.Mailbox) { m.Else = c.other })
		w.opened(m)
		d.put(d.client(user), "INBOX", fmt.Sprintf(stranger, user, user), time.Time{})
		until(t, user, func() bool {
			list, err := w.core.Messages(w.ctx, w.as(w.olga), core.MessageFilter{Query: "wall for " + user, Limit: 5})
			must(t, err)
			return len(list) == 1 && list[0].Receipt.Disposition == c.want
		})
	}
}

// Two processes share mailboxes: one fetches, and when it dies the other takes over.
func TestMailboxIsFetchedByOneProcessAndTakenOver(t *testing.T) {
	t.Parallel()
	d := newIMAP(t)
	w := start(t, localConfig(t, "")).furnish()
	c := d.client("shared")
	m := w.box(d, "shared", nil)
	w.opened(m)
	second, err := w.openIMAP(func(cfg *imapworker.Config) { cfg.Lease = 400 * time.Millisecond })
	must(t, err)
	ctx, cancel := context.WithCancel(w.ctx)
	var running sync.WaitGroup
	running.Go(func() { _ = second.Run(ctx) })
	defer running.Wait()
	defer cancel()
	if _, err := second.Pull(w.ctx, &m); core.CodeOf(err) != "mailbox.elsewhere" {
		t.Errorf("two fetch from one mailbox: %v", err)
	}
	var want []string
	for i := range 10 {
		text := fmt.Sprintf("Answer %d.", i)
		d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), fmt.Sprintf("s%d", i), text), time.Time{})
		want = append(want, text)
	}
	w.comments("two processes", want...)
	// The first one is heard of no more: its lease ends, and the second has the mailbox.
	must(t, w.core.LeaveMailboxes(w.ctx, w.imap.Owner(), []core.ID{m.ID}))
	until(t, "somebody has it", func() bool { return w.imapRuns(m) })
	d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "after", "After the change."), time.Time{})
	w.comments("after a take-over", append(want, "After the change.")...)
}

// A process that fetches from several mailboxes is killed while mail arrives in them; another one, which had none, takes
// them over when the leases end, and every message is there once.
func TestMailboxesOfADeadProcessAreTakenOver(t *testing.T) {
	t.Parallel()
	bothEngines(t, func(t *testing.T, database string) {
		t.Parallel()
		d := newIMAP(t)
		w := start(t, localConfig(t, database), "web", "smtp", "mailer", "duties").furnish()
		boxes := []core.Mailbox{w.box(d, "one", nil), w.box(d, "two", nil), w.box(d, "three", nil)}
		var want []string
		arrive := func(n int) {
			for i := range n {
				for j, m := range boxes {
					text := fmt.Sprintf("Answer %d of %d.", len(want), j)
					d.put(d.client(m.Name), "INBOX", fetchedLetter(w.taggedTo(m), fmt.Sprintf("m%d-%d-%d", len(want), i, j), text), time.Time{})
					want = append(want, text)
				}
			}
		}
		first := machineIn(t, w.cfg.Data, w.cfg.Database, "").serve()
		for _, m := range boxes {
			w.opened(m)
		}
		arrive(2)
		w.comments("the first process", want...)
		second, err := w.openIMAP(nil)
		must(t, err)
		ctx, cancel := context.WithCancel(w.ctx)
		var running sync.WaitGroup
		running.Go(func() { _ = second.Run(ctx) })
		defer running.Wait()
		defer cancel()
		arrive(3)
		first.kill()
		arrive(3)
		w.comments("after the first process died", want...)
	})
}

// With TLS from the start and by STARTTLS an answer comes in; a certificate that nobody trusts, or for another name, is
// said to be that, and the password stays here.
func TestMailboxOverTLS(t *testing.T) {
	t.Parallel()
	d := newIMAP(t)
	cfg := localConfig(t, "")
	cfg.IMAP.CA = filepath.Join(d.dir, "cert.pem")
	w := start(t, cfg).furnish()
	var want []string
	for user, change := range map[string]func(*core.Mailbox){
		"implicit": func(m *core.Mailbox) { m.Security, m.Port, m.Host = core.MailboxTLS, d.imaps, "localhost" },
		"upgraded": func(m *core.Mailbox) { m.Security, m.Port = core.MailboxStartTLS, d.imap },
	} {
		m := w.box(d, user, change)
		w.opened(m)
		text := "Answer by " + user + "."
		d.put(d.client(user), "INBOX", fetchedLetter(w.taggedTo(m), user, text), time.Time{})
		want = append(want, text)
	}
	w.comments("over TLS", want...)

	m := w.box(d, "wrong", func(m *core.Mailbox) { m.Security, m.Port, m.Host = core.MailboxTLS, d.imaps, "imap.provider.test" })
	misled, err := imapworker.New(imapworker.Config{CA: cfg.IMAP.CA, Dial: func(ctx context.Context, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(d.imaps)))
	}}, w.core, w.road, w.core.Bus(), w.log)
	must(t, err)
	if r := misled.Try(w.ctx, &m, core.MailboxSecret{Password: "secret"}); r.Code != "certificate.name" || r.Failed != "certificate" {
		t.Errorf("another name: %+v", r)
	}
	trusting, err := imapworker.New(imapworker.Config{}, w.core, w.road, w.core.Bus(), w.log)
	must(t, err)
	m.Host = "localhost"
	if r := trusting.Try(w.ctx, &m, core.MailboxSecret{Password: "secret"}); r.Code != "certificate.unknown" || r.Failed != "certificate" {
		t.Errorf("a certificate that nobody trusts: %+v", r)
	}
	m.Security, m.Port = core.MailboxStartTLS, d.imap
	if r := trusting.Try(w.ctx, &m, core.MailboxSecret{Password: "secret"}); r.Code != "certificate.unknown" || r.Failed != "certificate" {
		t.Errorf("a certificate that nobody trusts, by STARTTLS: %+v", r)
	}
}
