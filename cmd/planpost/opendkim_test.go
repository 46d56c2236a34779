package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"planpost/core"
)

// dkimField is one signature with its folded lines.
var dkimField = regexp.MustCompile(`(?m)^DKIM-Signature:.*\r?\n(?:[ \t].*\r?\n)*`)

// What went through Postfix to the reader's mailbox bears two signatures, and OpenDKIM finds each of them good;
// what was changed on the way, or is looked up under another key, it finds bad. The absence note of
// the reader's mailbox comes back through Postfix, is kept, and nobody is told.
func TestOpenDKIMVerifiesWhatWentThroughPostfix(t *testing.T) {
	t.Parallel() // see TestPostfixRelaysInAndOut
	opendkim := need(t, "opendkim")
	relay := sparePort(t)
	_, port, _ := strings.Cut(relay, ":")
	cfg := localConfig(t, "")
	cfg.Mailer.Relay = relay
	w := start(t, cfg).furnish()
	made, err := w.core.NewSigningKeys(w.ctx, "in.test")
	must(t, err)
	keys, swapped := filepath.Join(t.TempDir(), "keys"), filepath.Join(t.TempDir(), "swapped")
	var records, wrong strings.Builder
	for i, k := range made {
		_, err := w.core.BeginSigning(w.ctx, k.Selector, k.Domain)
		must(t, err)
		fmt.Fprintf(&records, "%s %s\n", k.Name(), k.Record())
		fmt.Fprintf(&wrong, "%s %s\n", k.Name(), made[len(made)-1-i].Record())
	}
	must(t, os.WriteFile(keys, []byte(records.String()), 0o600))
	must(t, os.WriteFile(swapped, []byte(wrong.String()), 0o600))
	maildir := newPostfix(t, port, w.smtpAddresses()[0])

	b := newBrowser(t, w.cfg.BaseURL)
	b.signIn("olga@holzbau.test", testPassword)
	b.submit(b.get("/tasks/1"), "/tasks/1/comments", url.Values{"text": {"Grüße: which colour?\n.\nFrom here  on  with spaces \n" + strings.Repeat("a long line ", 90)}, "tell": {string(w.klara.ID)}})
	raw := inMaildir(t, maildir, "Grüße: which colour?", "Delivered-To: klara@client.test")
	signatures := dkimField.FindAllString(raw, -1)
	if len(signatures) != 2 || len(made) != 2 {
		t.Fatalf("%d signatures of %d keys in\n%s", len(signatures), len(made), raw)
	}
	found := map[string]bool{}
	for i, other := range signatures {
		one := signatures[1-i]
		kept := strings.Replace(raw, other, "", 1) // so that the good one does not stand in for the other
		for what, text := range map[string]string{
			"as it arrived":     kept,
			"another subject":   strings.Replace(kept, "\nSubject: ", "\nSubject: X", 1),
			"another body":      kept + "X\n",
			"another signature": strings.Replace(kept, one, strings.Replace(one, "t=", "t=1", 1), 1),
		} {
			out, good := verified(t, opendkim, keys, text)
			for _, k := range made {
				if good && strings.Contains(out, "header.a="+k.Algorithm+" ") {
					found[k.Algorithm] = true
				}
			}
			if good != (what == "as it arrived") {
				t.Errorf("%s, %s: good is %v: %s", what, strings.Join(strings.Fields(one), " ")[:60], good, out)
			}
		}
		if out, good := verified(t, opendkim, swapped, kept); good {
			t.Errorf("good under a key that is not ours: %s", out)
		}
	}

	if !found["rsa-sha256"] || !found["ed25519-sha256"] {
		t.Errorf("found good: %v", found)
	}

	m := parse(t, raw)
	note := strings.Replace(letter("klara@client.test", "absence", "I am away until Monday."), "\r\nDate:", "\r\nAuto-Submitted: auto-replied\r\nIn-Reply-To: <"+m.MessageID+">\r\nDate:", 1)
	before := len(w.mails(t))
	for _, to := range []string{m.ReplyTo[0].Mailbox(), returnPath.FindStringSubmatch(raw)[1]} { // RFC 3834 §4: to the return path; many send it to the reply address
		must(t, sendMail(relay, "", []byte(strings.Replace(note, "absence@", "absence-"+to[:1]+"@", 1)), to))
	}
	var list []core.MessageItem
	until(t, "both notes are kept", func() bool {
		list, err = w.core.Messages(w.ctx, w.as(w.olga), core.MessageFilter{Limit: 10})
		must(t, err)
		return len(list) == 2
	})
	for _, it := range list {
		if it.Receipt.Disposition != core.Recorded {
			t.Errorf("the note to %s: %s (%s)", it.Receipt.Recipient, it.Receipt.Disposition, it.Receipt.Reason)
		}
	}
	if now := len(w.mails(t)); now != before || len(w.texts()) != 1 {
		t.Errorf("%d mails before the notes, %d after; comments %q", before, now, w.texts())
	}
}

var returnPath = regexp.MustCompile(`(?m)^Return-Path: <(b-[^>]+)>`)

// mails are all that are owed or were sent.
func (w *world) mails(t *testing.T) []core.DeliveryItem {
	t.Helper()
	list, err := w.core.Deliveries(w.ctx, w.as(w.olga), core.DeliveryFilter{})
	must(t, err)
	return list
}

// verified asks OpenDKIM about a mail, with keys instead of the DNS.
func verified(t *testing.T, opendkim, keys, raw string) (said string, good bool) {
	t.Helper()
	dir := t.TempDir()
	conf, file := filepath.Join(dir, "conf"), filepath.Join(dir, "mail")
	must(t, os.WriteFile(conf, []byte("TestPublicKeys "+keys+"\nMode v\n"), 0o600))
	must(t, os.WriteFile(file, []byte(strings.ReplaceAll(strings.ReplaceAll(raw, "\r\n", "\n"), "\n", "\r\n")), 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, opendkim, "-x", conf, "-t", file, "-vv").CombinedOutput()
	return string(out), err == nil && strings.Contains(string(out), "verification") && strings.Contains(string(out), "succeeded")
}
