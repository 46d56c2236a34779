package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"planpost/core"
)

// A mail of ours to the mailbox comes back through it: the way is proven, and whether plus-tags arrive is seen.
func TestMailboxWayIsProvenAndPlusLearnt(t *testing.T) {
	t.Parallel()
	d := newIMAP(t)
	out := newSink(t)
	cfg := localConfig(t, "")
	cfg.Mailer.Relay = out.addr
	w := start(t, cfg).furnish()
	m := w.box(d, "proof", nil)
	w.opened(m)
	c := d.client("proof")
	must(t, w.core.SetSettings(w.ctx, w.as(w.olga), map[string]string{"replies": m.Address.Mailbox()}))
	// The world outside: what is sent to the mailbox lands in it.
	arrived := map[string]bool{}
	until(t, "both forms are sent", func() bool {
		for _, k := range out.mails() {
			if strings.HasPrefix(k.to, "proof") && !arrived[k.to] {
				arrived[k.to] = true
				d.put(c, "INBOX", strings.ReplaceAll(k.raw, "\r\n", "\n"), time.Time{})
			}
		}
		return len(arrived) == 2
	})
	until(t, "the way is proven", func() bool { v := w.view(m); return !v.Watch.ProvenAt.IsZero() && v.Mailbox.Plus })
	if v := w.view(m); v.Counts[core.FetchDone] != 2 {
		t.Errorf("ledger: %v", v.Counts)
	}
	if list, _ := w.core.Messages(w.ctx, w.as(w.olga), core.MessageFilter{Limit: 5}); len(list) != 0 {
		t.Errorf("our own proof is in the recorder: %d", len(list))
	}
	// From now on answers have an address of their own.
	_, err := w.core.Comment(w.ctx, w.as(w.olga), core.NewComment{Task: w.task.ID, Text: "Which wood?", Tell: []core.ID{w.klara.ID}})
	must(t, err)
	p := parse(t, out.find(t, "klara@client.test", "Which wood?").raw)
	if len(p.ReplyTo) != 1 || !strings.HasPrefix(p.ReplyTo[0].Local, "proof+r-") || p.ReplyTo[0].Domain != "provider.test" {
		t.Fatalf("Reply-To is %v", p.ReplyTo)
	}
	d.put(c, "INBOX", fetchedLetter(p.ReplyTo[0].Mailbox(), "ans", "Oak."), time.Time{})
	w.comments("the answer", "Which wood?", "Oak.")
}

// tokenServer is a provider of access tokens, and who tells a mail server whether one is good.
type tokenServer struct {
	*httptest.Server
	good    atomic.Value // the token that is good now
	proof   atomic.Value // the code challenge of who agreed (RFC 7636)
	asked   atomic.Int64
	revoked atomic.Bool
}

func newTokenServer(t *testing.T) *tokenServer {
	s := &tokenServer{}
	s.good.Store("token-0")
	mux := http.NewServeMux()
	say := func(w http.ResponseWriter, status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("/introspect", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("token") == s.good.Load() {
			say(w, http.StatusOK, map[string]any{"active": true, "email": "oauth"})
			return
		}
		say(w, http.StatusOK, map[string]any{"active": false})
	})
	// The owner of the mailbox agrees, or does not: state tells.
	mux.HandleFunc("/authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("code_challenge_method") != "S256" || q.Get("client_id") != "planpost" || q.Get("response_type") != "code" {
			http.Error(w, "not asked for as the standard wants", http.StatusBadRequest)
			return
		}
		s.proof.Store(q.Get("code_challenge"))
		answer := url.Values{"state": {q.Get("state")}, "code": {"agreed"}}
		if s.revoked.Load() {
			answer = url.Values{"state": {q.Get("state")}, "error": {"access_denied"}, "error_description": {"The user <b>declined</b>."}}
		}
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+answer.Encode(), http.StatusFound)
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		switch {
		case s.revoked.Load():
			say(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant", "error_description": "Token has been expired or revoked."})
		case r.FormValue("grant_type") == "authorization_code" && r.FormValue("code") == "agreed" && s.challenged(r.FormValue("code_verifier")):
			say(w, http.StatusOK, map[string]any{"access_token": s.good.Load(), "expires_in": 3600, "refresh_token": "refresh-1", "token_type": "Bearer"})
		case r.FormValue("grant_type") == "refresh_token" && strings.HasPrefix(r.FormValue("refresh_token"), "refresh-"):
			say(w, http.StatusOK, map[string]any{"access_token": s.good.Load(), "expires_in": 3600, "refresh_token": "refresh-2", "token_type": "Bearer"})
		case r.FormValue("grant_type") == "client_credentials" && r.FormValue("client_secret") == "hush":
			say(w, http.StatusOK, map[string]any{"access_token": s.good.Load(), "expires_in": 3600, "token_type": "Bearer"})
		default:
			say(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client", "error_description": "AADSTS7000222: The provided client secret keys are expired."})
		}
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *tokenServer) challenged(verifier string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return verifier != "" && s.proof.Load() == base64.RawURLEncoding.EncodeToString(sum[:])
}

// OAuth 2 against a real server: a refresh token that changes, a client in its own name, a token that the server
// refuses in the middle, and a permission that was taken back, told in plain words.
func TestMailboxSignsInByToken(t *testing.T) {
	t.Parallel()
	provider := newTokenServer(t)
	d := newIMAP(t, "PLANPOST_DOVECOT_OAUTH="+provider.URL+"/introspect")
	w := start(t, localConfig(t, "")).furnish()
	m := core.Mailbox{Name: "oauth"}
	m.Host, m.Port, m.Security, m.User, m.AuthServ, m.Auth = "127.0.0.1", d.imap, core.MailboxPlain, "oauth", "mx.provider.test", core.MailboxOAuth
	m.OAuth = core.MailboxGrant{Client: "planpost", AuthURL: provider.URL + "/authorize", TokenURL: provider.URL + "/token", Scope: "imap"}
	m.Address, _ = core.ParseMailboxAddress("oauth@provider.test")
	m, err := w.core.PutMailbox(w.ctx, w.as(w.olga), m, core.MailboxSecret{})
	must(t, err)
	until(t, "somebody must agree", func() bool { v := w.view(m); f, bad := v.Trouble(); return bad && f.Code == "agree" })
	// The owner is led to the provider and back, and declines first. To open the address of the answer changes nothing.
	b := newBrowser(t, w.cfg.BaseURL)
	b.signIn("olga@holzbau.test", testPassword)
	agree := func() page {
		at := "/mailboxes/" + string(m.ID) + "/agree"
		if p := b.get("/mailboxes/" + string(m.ID)); !strings.Contains(p.body, `href="`+at+`"`) {
			t.Fatalf("nothing leads to the provider: %s", p.body)
		}
		return b.get(at)
	}
	provider.revoked.Store(true)
	if p := agree(); p.path != "/mailboxes/agreed" || !strings.Contains(p.body, "declined") || strings.Contains(p.body, "<b>declined") {
		t.Errorf("after a refusal at %s: %.600s", p.path, p.body)
	}
	provider.revoked.Store(false)
	back := agree()
	if back.path != "/mailboxes/agreed" || provider.asked.Load() != 0 {
		t.Fatalf("back at %s, %d tokens asked for", back.path, provider.asked.Load())
	}
	if p := b.get("/mailboxes/agreed?code=agreed&state=made-up"); p.status < 400 || strings.Contains(p.body, `value="made-up"`) {
		t.Errorf("somebody else's answer: %d", p.status)
	}
	if p := b.submit(back, "/mailboxes/agreed", nil); p.path != "/mailboxes/"+string(m.ID) {
		t.Fatalf("at %s: %.600s", p.path, p.body)
	}
	w.opened(m)
	c := d.client("oauth")
	d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "one", "By token."), time.Time{})
	w.comments("by a refresh token", "By token.")
	_, secret, err := w.core.MailboxForTest(w.ctx, w.as(w.olga), m.ID)
	must(t, err)
	if secret.Refresh != "refresh-2" {
		t.Errorf("the newest refresh token is %q", secret.Refresh)
	}
	// The access token ends before its time: the server refuses it, and the next try has another.
	provider.good.Store("token-1")
	d.run("stop", "kill")
	d.start()
	c = d.client("oauth")
	d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "two", "By another."), time.Time{})
	w.comments("after a refused token", "By token.", "By another.")
	// The permission is taken back.
	provider.revoked.Store(true)
	provider.good.Store("token-2")
	d.run("stop", "kill")
	d.start()
	until(t, "it is said that the permission ended", func() bool { v := w.view(m); f, bad := v.Trouble(); return bad && f.Code == "token.ended" })
	if v := w.view(m); strings.Contains(v.Folders[0].Text, "refresh-") || !strings.Contains(v.Folders[0].Text, "expired or revoked") {
		t.Errorf("the provider's words: %q", v.Folders[0].Text)
	}
	// A client in its own name, as for shared mailboxes.
	provider.revoked.Store(false)
	own := m
	own.OAuth.Own = true
	_, err = w.core.PutMailbox(w.ctx, w.as(w.olga), own, core.MailboxSecret{Client: "wrong"})
	must(t, err)
	until(t, "it is said that the secret is expired", func() bool {
		v := w.view(m)
		f, bad := v.Trouble()
		return bad && f.Code == "secret.expired"
	})
	_, err = w.core.PutMailbox(w.ctx, w.as(w.olga), own, core.MailboxSecret{Client: "hush"})
	must(t, err)
	c = d.client("oauth")
	d.put(c, "INBOX", fetchedLetter(w.taggedTo(m), "three", "By the client itself."), time.Time{})
	w.comments("in the client's own name", "By token.", "By another.", "By the client itself.")
}
