package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"planpost/core"
)

// newDovecot starts a private Dovecot that takes mail for some people by LMTP and does with it what the Sieve script
// says. It gives the setting of Postfix that leads there, and the folder of the mailboxes.
func newDovecot(t *testing.T, submission, script string, people ...string) (transport, mailboxes string) {
	t.Helper()
	dovecot := need(t, "dovecot")
	nobody, err := user.Lookup("nobody")
	must(t, err)
	dir, err := os.MkdirTemp("", "dc") // short: sockets lie in it
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755))
	lmtp, conf, sieve := sparePort(t), filepath.Join(dir, "conf"), filepath.Join(dir, "all.sieve")
	mailboxes = filepath.Join(dir, "mail")
	must(t, os.Mkdir(mailboxes, 0o777))
	must(t, os.Chmod(mailboxes, 0o777)) // others write here
	must(t, os.WriteFile(sieve, []byte(script), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "people"), []byte(strings.Join(people, "::::::\n")+"::::::\n"), 0o644))
	_, port, err := net.SplitHostPort(lmtp)
	must(t, err)
	must(t, os.WriteFile(conf, fmt.Appendf(nil, `base_dir = %[1]s/base
state_dir = %[1]s/base
instance_name = test
protocols = lmtp
listen = 127.0.0.1
ssl = no
log_path = %[1]s/log
mail_location = maildir:%[1]s/mail/%%n/Maildir
first_valid_uid = 1
recipient_delimiter = +
submission_host = %[2]s
userdb {
  driver = passwd-file
  args = username_format=%%n %[1]s/people
  default_fields = uid=%[3]s gid=%[4]s home=%[1]s/mail/%%n
}
passdb {
  driver = static
  args = nopassword=yes
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = %[5]s
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
protocol lmtp {
  postmaster_address = postmaster@client.test
  mail_plugins = $mail_plugins sieve
}
plugin {
  sieve = file:%[1]s/mine.sieve
  sieve_before = %[6]s
}
`, dir, submission, nobody.Uid, nobody.Gid, port, sieve), 0o644))
	if out, err := exec.Command(need(t, "sievec"), "-c", conf, sieve).CombinedOutput(); err != nil {
		t.Fatalf("sievec: %v\n%s", err, out)
	}
	if err := exec.Command(dovecot, "-c", conf).Run(); err != nil { // its output would stay open with it
		t.Fatalf("Dovecot: %v", err)
	}
	t.Cleanup(func() {
		if log, _ := os.ReadFile(filepath.Join(dir, "log")); t.Failed() {
			t.Logf("Dovecot's log:\n%s", log)
		}
		_ = exec.Command(dovecot, "-c", conf, "stop").Run()
	})
	return "virtual_transport=lmtp:inet:" + lmtp, mailboxes
}

// Dovecot keeps the mailboxes of the world outside: our mail lies there as we made it, its absence notes go to
// who writes and not to us, and what is for nobody there comes back in its words.
func TestDovecotReceivesOurMailAndAnswersNoneOfIt(t *testing.T) {
	t.Parallel() // see TestPostfixRelaysInAndOut
	need(t, "dovecot")
	relay := sparePort(t)
	_, port, _ := strings.Cut(relay, ":")
	cfg := localConfig(t, "")
	cfg.Mailer.Relay = relay
	w := start(t, cfg).furnish()
	transport, mailboxes := newDovecot(t, relay, `require ["vacation", "envelope"];
if envelope :is "to" "klara@client.test" { vacation :days 1 :addresses "klara@client.test" "I am away until Monday."; }
`, "klara", "eve", "olga", "paul")
	newPostfix(t, port, w.smtpAddresses()[0], transport)
	gone, err := w.core.CreateContact(w.ctx, w.as(w.olga), core.NewContact{Name: "Gustav Gone", Address: "gone@client.test", Company: w.klara.Company})
	must(t, err)
	must(t, w.core.SetPeopleAndDates(w.ctx, w.as(w.olga), w.task.ID, core.TaskPeople{Assignee: w.eve.ID, Participants: []core.ID{w.klara.ID, gone.ID}}))
	_, err = w.core.Comment(w.ctx, w.as(w.olga), core.NewComment{Task: w.task.ID, Text: "Which colour?", Tell: []core.ID{w.klara.ID, gone.ID}})
	must(t, err)

	inbox := func(name string) string { return filepath.Join(mailboxes, name, "Maildir", "new") }
	m := parse(t, inMaildir(t, inbox("klara"), "Which colour?"))
	if len(m.ReplyTo) != 1 || !strings.HasPrefix(m.MessageID, "d-") || m.Header.Get("List-Id") == "" {
		t.Errorf("what lies in the mailbox: %+v", m.Header)
	}
	must(t, sendMail(relay, "paul@paper.test", []byte("From: paul@paper.test\r\nTo: klara@client.test\r\nSubject: lunch\r\nMessage-ID: <lunch@paper.test>\r\n\r\nToday?\r\n"), "klara@client.test"))
	inMaildir(t, inbox("paul"), "I am away until Monday.") // so Klara's note does work, and she got our mail before
	until(t, "the delivery to Gustav has failed in his server's words", func() bool {
		for _, it := range w.mails(t) {
			if it.Delivery.Person == gone.ID && it.Delivery.State == core.DeliveryFailed && strings.Contains(it.Delivery.Text, "User doesn't exist") {
				return true
			}
		}
		return false
	})
	list, err := w.core.Messages(w.ctx, w.as(w.olga), core.MessageFilter{Limit: 10})
	must(t, err)
	for _, it := range list {
		if it.Receipt.Disposition != core.Recorded || strings.Contains(it.Message.Text+it.Message.Subject, "away") {
			t.Errorf("came in: %s %q (%s)", it.Receipt.Disposition, it.Message.Subject, it.Receipt.Reason)
		}
	}
	if got := w.texts(); len(got) != 2 || got[1] != "Which colour?" { // the first says who joined
		t.Errorf("comments %q", got)
	}
}
