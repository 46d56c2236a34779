package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"planpost/core"
)

// newPostfix starts a private Postfix that is the outside world of a gateway at
// relay: it hands mail for in.test to it and keeps all other mail in a Maildir.
// What extra sets counts more than what the script does.
func newPostfix(t *testing.T, port, relay string, extra ...string) (maildir string) {
	t.Helper()
	const env = "PLANPOST_TEST_POSTFIX"
	script := os.Getenv(env)
	if script == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not set, and with CI=true Postfix must be there", env)
		}
		t.Skipf("%s is not set: no Postfix", env)
	}
	dir := t.TempDir()
	t.Cleanup(func() { _ = exec.Command(script, "stop", dir, "wipe").Run() })
	cmd := exec.Command(script, "start", dir, port, "peer", relay, "in.test")
	cmd.Env = append(os.Environ(), "BENCH_PF_EXTRA="+strings.Join(extra, ";"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("Postfix: %v\n%s", err, out)
	}
	return filepath.Join(dir, "mail", "all", "Maildir", "new")
}

// inMaildir waits for a delivered mail that holds all the words.
func inMaildir(t *testing.T, dir string, words ...string) (raw string) {
	t.Helper()
	until(t, fmt.Sprintf("a mail in the Maildir with %q", words), func() bool {
		files, _ := os.ReadDir(dir)
		for _, f := range files {
			b, err := os.ReadFile(filepath.Join(dir, f.Name()))
			if err != nil {
				continue
			}
			m := parse(t, string(b))
			if seen := string(b) + m.Text; holdsAll(seen, words) {
				raw = string(b)
				return true
			}
		}
		return false
	})
	return raw
}

func holdsAll(s string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

// Postfix is on both sides: what we send goes through it to the reader's
// mailbox, and the reader's answer comes back through it.
func TestPostfixRelaysInAndOut(t *testing.T) {
	t.Parallel() // Postfix takes seconds to start, and no processor for it
	relay := sparePort(t)
	_, port, _ := strings.Cut(relay, ":")
	cfg := localConfig(t, "")
	cfg.Mailer.Relay, cfg.Mailer.TLS = relay, "opportunistic"
	w := start(t, cfg).furnish()
	maildir := newPostfix(t, port, w.smtpAddresses()[0])

	b := newBrowser(t, w.cfg.BaseURL)
	b.signIn("olga@holzbau.test", testPassword)
	b.submit(b.get("/tasks/1"), "/tasks/1/comments", url.Values{"text": {"Grüße: which colour?"}, "tell": {string(w.klara.ID)}})
	question := inMaildir(t, maildir, "Grüße: which colour?", "Delivered-To: klara@client.test")
	m := parse(t, question)
	if len(m.ReplyTo) != 1 || m.MessageID == "" || !strings.Contains(question, "Return-Path: <b-") {
		t.Errorf("what arrived: %s", question)
	}

	answer := strings.Replace(letter("klara@client.test", "postfix", "Dark green."), "\r\nDate:", "\r\nIn-Reply-To: <"+m.MessageID+">\r\nDate:", 1)
	must(t, sendMail(relay, "klara@client.test", []byte(answer), m.ReplyTo[0].Mailbox()))
	until(t, "the answer is a comment", func() bool { return count(w.texts(), "Dark green.") == 1 })
	inMaildir(t, maildir, "Dark green.", "Delivered-To: eve@holzbau.test")

	// An address that does not exist is refused to Postfix, which tells the sender; we send no report of our own.
	must(t, sendMail(relay, "klara@client.test", []byte(letter("klara@client.test", "lost", "anybody?")), "r-wrong@in.test"))
	report := inMaildir(t, maildir, "Delivered-To: klara@client.test", "r-wrong@in.test", "5.1.1")
	if !strings.Contains(report, "This address does not exist here") {
		t.Errorf("the report: %s", report)
	}
}

// A report about mail that could not be delivered marks the delivery; nobody is written to about it.
func TestPostfixReportsAMailThatCannotBeDelivered(t *testing.T) {
	t.Parallel() // Postfix takes seconds to start, and no processor for it
	relay := sparePort(t)
	_, port, _ := strings.Cut(relay, ":")
	cfg := localConfig(t, "")
	cfg.Mailer.Relay = relay
	w := start(t, cfg).furnish()
	// This Postfix delivers nothing but what is for us: all other mail comes back.
	newPostfix(t, port, w.smtpAddresses()[0], "virtual_transport=error:5.1.1 no such mailbox")
	_, err := w.core.Comment(w.ctx, w.as(w.olga), core.NewComment{Task: w.task.ID, Text: "Which colour?", Tell: []core.ID{w.klara.ID}})
	must(t, err)
	until(t, "the delivery to Klara has failed", func() bool {
		list, err := w.core.Deliveries(w.ctx, w.as(w.olga), core.DeliveryFilter{Person: w.klara.ID})
		must(t, err)
		for _, it := range list {
			if it.Delivery.State == core.DeliveryFailed && strings.Contains(it.Delivery.Text, "no such mailbox") {
				return true
			}
		}
		return false
	})
	if got := w.texts(); len(got) != 1 {
		t.Errorf("comments: %q", got)
	}
}

// swaks runs the client and gives what was said.
func swaks(t *testing.T, args ...string) (dialogue string, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, need(t, "swaks"), append([]string{"--helo", "client.test"}, args...)...).CombinedOutput()
	return string(out), err == nil
}

func TestSwaksRepliesAndIsRefusedInWords(t *testing.T) {
	need(t, "swaks")
	cfg := localConfig(t, "")
	cfg.SMTP.Cert, cfg.SMTP.Key = selfSigned(t)
	w := start(t, cfg).furnish()
	server := w.smtpAddresses()[0]
	for i, more := range [][]string{nil, {"--tls"}, {"--tls", "--pipeline"}} {
		body := fmt.Sprintf("answer number %d", i)
		out, ok := swaks(t, append([]string{"--server", server, "--from", "klara@client.test", "--to", w.replyTo(w.klara), "--body", body, "--h-Subject", "Re: [#1] The oak door"}, more...)...)
		if !ok || !strings.Contains(out, "250 2.0.0 kept as") || count(w.texts(), body) != 1 {
			t.Errorf("%v: comments %q\n%s", more, w.texts(), out)
		}
	}
	list, err := w.core.Messages(w.ctx, w.as(w.olga), core.MessageFilter{Limit: 1})
	must(t, err)
	if list[0].Message.Protocol != "ESMTPS" {
		t.Errorf("protocol %s", list[0].Message.Protocol)
	}
	for to, want := range map[string]string{
		"nobody@in.test": "550 5.1.1 This address does not exist here",
		"r-" + strings.Repeat("a", 45) + "@in.test": "550 5.1.1 This address does not exist here",
		"else@elsewhere.test":                       "550 5.7.1",
	} {
		if out, ok := swaks(t, "--server", server, "--from", "klara@client.test", "--to", to); ok || !strings.Contains(out, want) {
			t.Errorf("%s:\n%s", to, out)
		}
	}
	if out, _ := swaks(t, "--server", server, "--from", "klara@kunde.de", "--to", "nobody@in.test"); !strings.Contains(out, "Diese Adresse gibt es hier nicht") {
		t.Errorf("a German sender reads:\n%s", out)
	}
}

// selfSigned makes a certificate that nobody vouches for, as most mail servers have.
func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	tpl := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"in.test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tpl, tpl, &k.PublicKey, k)
	must(t, err)
	pk, err := x509.MarshalPKCS8PrivateKey(k)
	must(t, err)
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	must(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pk}), 0o600))
	return cert, key
}
