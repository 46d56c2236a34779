package mailer

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// provider gives tokens t1, t2, … and remembers what it was asked.
type provider struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
	life  int
	fail  string
}

func newProvider(t *testing.T, life int) *provider {
	p := &provider{life: life}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		r.ParseForm()
		p.asked = append(p.asked, r.PostForm.Encode())
		if p.fail != "" {
			w.WriteHeader(http.StatusBadRequest)
			json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant", "error_description": p.fail})
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"access_token": fmt.Sprint("t", len(p.asked)), "expires_in": p.life, "refresh_token": fmt.Sprint("r", len(p.asked))})
	}))
	t.Cleanup(p.Close)
	return p
}

// wanting is a server that signs in by XOAUTH2 with one token at a time.
func wanting(t *testing.T, token func() string) (*peer, *tls.Config) {
	server, pool := certificate(t)
	return newPeer(t, func(p *peer) {
		p.tls, p.ext = server, []string{"AUTH PLAIN XOAUTH2"}
		p.say = func(_ int, line string) string {
			word, said, _ := strings.Cut(strings.TrimPrefix(line, "AUTH XOAUTH2"), " ")
			switch {
			case line == "":
				return "535 5.7.8 no"
			case !strings.HasPrefix(line, "AUTH") || word != "":
				return ""
			}
			if b, _ := base64.StdEncoding.DecodeString(said); string(b) == "user=we@in.test\x01auth=Bearer "+token()+"\x01\x01" {
				return "235 welcome"
			}
			return "334 " + b64(`{"status":"400"}`)
		}
	}), &tls.Config{RootCAs: pool}
}

func byToken(o *OAuth, trust *tls.Config) func(*RelayConfig) {
	return func(c *RelayConfig) {
		c.Security, c.TLS, c.Username, c.OAuth, c.PerConnection = StartTLS, trust, "we@in.test", o, 1
	}
}

func TestATokenIsKeptWhileItIsGoodAndRenewedWhenItIsRefused(t *testing.T) {
	p := newProvider(t, 3600)
	valid := "t1"
	var mu sync.Mutex
	s, trust := wanting(t, func() string { mu.Lock(); defer mu.Unlock(); return valid })
	r := relayTo(t, s.addr(), byToken(&OAuth{URL: p.URL, Client: "c", Secret: "s", Refresh: "r0", Scope: "mail"}, trust))
	for range 3 {
		if o := r.Send(t.Context(), outgoing()); o.Class != Sent {
			t.Fatalf("%+v", o)
		}
	}
	mu.Lock()
	valid = "t2"
	mu.Unlock()
	if o := r.Send(t.Context(), outgoing()); o.Class != Temporary || o.Code != 535 || strings.Contains(o.Text, "t1") {
		t.Errorf("a token that ended: %+v", o)
	}
	if o := r.Send(t.Context(), outgoing()); o.Class != Sent {
		t.Errorf("%+v", o)
	}
	if want := []string{"client_id=c&client_secret=s&grant_type=refresh_token&refresh_token=r0&scope=mail", "client_id=c&client_secret=s&grant_type=refresh_token&refresh_token=r1&scope=mail"}; fmt.Sprint(p.asked) != fmt.Sprint(want) {
		t.Errorf("the provider was asked %q", p.asked)
	}
}

func TestATokenIsNotUsedBeyondItsLife(t *testing.T) {
	p := newProvider(t, 30) // less than what is left unused of any
	o := &OAuth{URL: p.URL, Client: "c"}
	for i := range 2 {
		if got, err := o.Token(t.Context()); err != nil || got != fmt.Sprint("t", i+1) {
			t.Errorf("%s, %v", got, err)
		}
	}
	if p.asked[0] != "client_id=c&grant_type=client_credentials" {
		t.Errorf("asked %s", p.asked[0])
	}
}

// keeper keeps refresh tokens, or cannot.
type keeper struct {
	token string
	away  bool
}

func (k *keeper) RefreshToken(_ context.Context, configured string) (string, error) {
	if k.token == "" {
		return configured, nil
	}
	return k.token, nil
}

func (k *keeper) KeepRefreshToken(_ context.Context, _, token string) error {
	if k.away {
		return errors.New("the database is away")
	}
	k.token = token
	return nil
}

func TestANewRefreshTokenIsThereForEveryProcessAndTheNextStart(t *testing.T) {
	p, k := newProvider(t, 30), &keeper{}
	process := func() *OAuth { return &OAuth{URL: p.URL, Client: "c", Refresh: "r0", Keeper: k} }
	one, two := process(), process()
	for i, o := range []*OAuth{one, two, process(), one} {
		k.away = i == 2 // what it gets is used by that one alone
		if _, err := o.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var used []string
	for _, asked := range p.asked {
		used = append(used, asked[strings.LastIndexByte(asked, '=')+1:])
	}
	if !slices.Equal(used, []string{"r0", "r1", "r2", "r2"}) {
		t.Errorf("asked with %q", used)
	}
	lost := process()
	k.away = true
	for range 2 {
		if _, err := lost.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if last := p.asked[len(p.asked)-1]; !strings.HasSuffix(last, "refresh_token=r5") {
		t.Errorf("what could not be kept is forgotten: %s", last)
	}
}

func TestATokenOfAFileIsReadAtEachSignIn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	o := &OAuth{File: file}
	for _, want := range []string{"one", "two"} {
		if err := os.WriteFile(file, []byte(want+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := o.Token(t.Context()); err != nil || got != want {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestNoTokenIsToldWithTheProvidersWordsAndNoSecret(t *testing.T) {
	p := newProvider(t, 3600)
	p.fail = "Token has been revoked."
	s, trust := wanting(t, func() string { return "t1" })
	r := relayTo(t, s.addr(), byToken(&OAuth{URL: p.URL, Client: "c", Secret: "hush", Refresh: "r0"}, trust))
	o := r.Send(t.Context(), outgoing())
	if o.Class != Temporary || !strings.Contains(o.Text, "Token has been revoked.") || strings.Contains(o.Text, "hush") || strings.Contains(o.Text, "r0") {
		t.Errorf("%+v", o)
	}
	plain := newPeer(t, func(p *peer) { p.tls = s.tls; p.ext = []string{"AUTH PLAIN"} })
	if o := relayTo(t, plain.addr(), byToken(&OAuth{URL: p.URL, Client: "c"}, trust)).Send(t.Context(), outgoing()); o.Class != Temporary || !strings.Contains(o.Text, "XOAUTH2") {
		t.Errorf("a relay without XOAUTH2: %+v", o)
	}
}

func TestProbingARelaySignsInAndSendsNothing(t *testing.T) {
	s, trust := wanting(t, func() string { return "good" })
	file := filepath.Join(t.TempDir(), "token")
	for token, code := range map[string]int{"good": 0, "bad": 535} {
		if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
		fault := relayTo(t, s.addr(), byToken(&OAuth{File: file}, trust)).Probe(t.Context())
		if (fault == nil) != (code == 0) || fault != nil && fault.Code != code {
			t.Errorf("%s: %+v", token, fault)
		}
	}
	if commands, _, _ := s.seen(); strings.Contains(strings.Join(commands, "\n"), "MAIL") {
		t.Errorf("the server was told %q", commands)
	}
}
