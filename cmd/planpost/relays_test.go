package main

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"reflect"
	"strings"
	"testing"

	"planpost/mailer"
)

func TestRelaysOfSenderDomainsAreRead(t *testing.T) {
	c := MailerConfig{Relay: "127.0.0.1:25", TLS: "opportunistic", Concurrency: 8, Relays: []string{
		"Bau.example=smtp://we:p%2Cw@smtp.bau.example", "hof.example=smtps://mail.hof.example", "alt.example=smtp://10.0.0.1:2525?tls=none&connections=2",
		"wolke.example=smtp://post@smtp.wolke.example?token_url=https%3A%2F%2Flogin.example%2Ftoken&client=c&secret=s&refresh=r"}}
	got, err := c.relays()
	must(t, err)
	want := []relay{{Address: "127.0.0.1:25", TLS: "opportunistic", Connections: 8},
		{Domain: "bau.example", Address: "smtp.bau.example:587", TLS: "required", User: "we", Password: "p,w", Connections: 8},
		{Domain: "hof.example", Address: "mail.hof.example:465", TLS: "implicit", Connections: 8},
		{Domain: "alt.example", Address: "10.0.0.1:2525", TLS: "none", Connections: 2},
		{Domain: "wolke.example", Address: "smtp.wolke.example:587", TLS: "required", User: "post", Connections: 8, OAuth: OAuthConfig{URL: "https://login.example/token", Client: "c", Secret: "s", Refresh: "r"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	tr, err := relayTransport(&Config{Mailer: c}, nil, slog.New(slog.DiscardHandler))
	must(t, err)
	if routes, ok := tr.(*mailer.Routes); !ok || len(routes.By) != 4 || routes.By["bau.example"] == nil || routes.Else == nil {
		t.Errorf("%T %+v", tr, tr)
	}
}

func TestMistakesInRelaysAreNamedAndNoSecretIs(t *testing.T) {
	for text, want := range map[string]string{
		"smtp://we:hush@host":                                "does not begin with DOMAIN=",
		"bau.example=host:25":                                "no address like",
		"bau.example=smtp://we:hush@host:nowhere":            "no address like",
		"bau.example=imap://we:hush@host":                    "begins with smtp:// or smtps://",
		"bau.example=smtp://we:hush@host?tls=maybe":          `tls "maybe" is none of`,
		"bau.example=smtp://we:hush@host?tls=none":           "over TLS only",
		"bau.example=smtp://we:hush@host?colour=blue":        "no option colour",
		"bau.example=smtp://we:hush@host?connections=0":      "1 or more",
		"bau.example=smtp://host?token_file=x":               "needs a user",
		"bau.example=smtp://we@host?token_url=http://a.test": "https address",
		"bau.example=smtp://a, bau.example=smtp://b":         "bau.example has two relays",
	} {
		_, err := loadConfig(writeFile(t, "mailer:\n  relay: 127.0.0.1:25\n  relays: "+fmt.Sprintf("%q", text)+"\n"), none)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s:\n got %v\nwant %q", text, err, want)
		}
	}
	if _, err := loadConfig(writeFile(t, "mailer:\n  relays: bau.example=smtp://a\n"), none); err == nil || !strings.Contains(err.Error(), "mailer.relay takes the mail of all other domains") {
		t.Errorf("no relay for the rest: %v", err)
	}
}

// TestCheckSignsInAtEveryRelay plants a relay that refuses the sign-in of
// nobody in particular, one that is gone and one that is well.
func TestCheckSignsInAtEveryRelay(t *testing.T) {
	well, refuses := greeter(t, "220 well"), greeter(t, "530 5.7.0 sign in")
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	gone.Close()
	found := signInFindings(t.Context(), &Config{MailDomain: "in.test", Mailer: MailerConfig{Relay: well, TLS: "none", Relays: []string{
		"a.test=smtp://" + refuses + "?tls=none", "b.test=smtp://" + gone.Addr().String(), "c.test=smtp://we:hush@" + well}}}, nil)
	for i, want := range []struct{ code, name string }{{"relay.fine", well}, {"relay.refused", "(a.test)"}, {"relay.unreachable", "(b.test)"}, {"relay.tls", "(c.test)"}} {
		f := found[i]
		if f.Code != want.code || !strings.Contains(f.Name, want.name) || strings.Contains(f.Found, "hush") {
			t.Errorf("%+v, want %+v", f, want)
		}
	}
}

// greeter is a server that knows EHLO only.
func greeter(t *testing.T, greeting string) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				io.WriteString(c, greeting+"\r\n")
				for r := bufio.NewScanner(c); r.Scan(); {
					io.WriteString(c, "250 greeter\r\n")
				}
			}()
		}
	}()
	return ln.Addr().String()
}
