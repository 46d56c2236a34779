package imapworker

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"planpost/core"
)

// tokens gets access tokens and keeps them while they are good. Nothing of it is written anywhere but a refresh token
// that the provider gave in place of another.
type tokens struct {
	core Core
	http *http.Client

	mu   sync.Mutex // guards kept
	kept map[core.ID]keptToken
}

type keptToken struct {
	token string
	until time.Time
}

// beforeEnd is how long before its end a token is used no more.
const beforeEnd = time.Minute

func newTokens(c Core) *tokens {
	refuse := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // a secret goes where it was meant to
	return &tokens{core: c, http: &http.Client{Timeout: silence, CheckRedirect: refuse}, kept: make(map[core.ID]keptToken)}
}

// errAgree: nobody has agreed yet that we may read the mailbox.
var errAgree = errors.New("nobody has agreed at the provider yet")

// get gives a token that should be good now; fresh tells that the provider was just asked.
func (t *tokens) get(ctx context.Context, m *core.Mailbox, secret *core.MailboxSecret) (token string, fresh bool, err error) {
	t.mu.Lock()
	k := t.kept[m.ID]
	t.mu.Unlock()
	if k.token != "" && m.ID != "" && time.Now().Before(k.until) {
		return k.token, false, nil
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, t.http)
	got, err := t.ask(ctx, m, secret)
	if err != nil {
		return "", false, err
	}
	until := got.Expiry
	if until.IsZero() {
		until = time.Now().Add(5 * time.Minute)
	}
	t.mu.Lock()
	t.kept[m.ID] = keptToken{got.AccessToken, until.Add(-beforeEnd)}
	t.mu.Unlock()
	if r := got.RefreshToken; r != "" && r != secret.Refresh && m.ID != "" {
		if err := t.core.KeepMailboxRefresh(ctx, m.ID, secret.Refresh, r); err != nil {
			return "", false, err
		}
		secret.Refresh = r
	}
	return got.AccessToken, true, nil
}

func (t *tokens) ask(ctx context.Context, m *core.Mailbox, secret *core.MailboxSecret) (*oauth2.Token, error) {
	e := m.Endpoint()
	if m.OAuth.Own {
		cfg := clientcredentials.Config{ClientID: m.OAuth.Client, ClientSecret: secret.Client, TokenURL: e.Token, Scopes: strings.Fields(e.Scope), AuthStyle: oauth2.AuthStyleInParams}
		return cfg.Token(ctx)
	}
	if secret.Refresh == "" {
		return nil, errAgree
	}
	return oauthConfig(m, secret, "").TokenSource(ctx, &oauth2.Token{RefreshToken: secret.Refresh}).Token()
}

func oauthConfig(m *core.Mailbox, secret *core.MailboxSecret, back string) *oauth2.Config {
	e := m.Endpoint()
	return &oauth2.Config{ClientID: m.OAuth.Client, ClientSecret: secret.Client, RedirectURL: back, Scopes: strings.Fields(e.Scope),
		Endpoint: oauth2.Endpoint{AuthURL: e.Auth, TokenURL: e.Token, AuthStyle: oauth2.AuthStyleInParams}}
}

// drop forgets a token that was refused.
func (t *tokens) drop(mailbox core.ID, token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept[mailbox].token == token {
		delete(t.kept, mailbox)
	}
}

// forget forgets all of a mailbox, whose settings are others now.
func (t *tokens) forget(mailbox core.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.kept, mailbox)
}

// AgreeURL is the provider's page on which the owner of a mailbox agrees that we read it. state comes back with the
// answer, verifier proves there that it is we who asked (PKCE, RFC 7636); both are the caller's to keep.
func AgreeURL(m *core.Mailbox, back, state, verifier string) string {
	return oauthConfig(m, &core.MailboxSecret{}, back).AuthCodeURL(state, oauth2.AccessTypeOffline, oauth2.S256ChallengeOption(verifier),
		oauth2.SetAuthURLParam("prompt", "consent"), oauth2.SetAuthURLParam("login_hint", m.User))
}

// Agreed turns the code of the provider's answer into the token that gets access tokens.
func (w *Worker) Agreed(ctx context.Context, m *core.Mailbox, secret core.MailboxSecret, back, code, verifier string) (refresh string, err error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, w.dialer.tokens.http)
	got, err := oauthConfig(m, &secret, back).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return "", err
	}
	if got.RefreshToken == "" {
		return "", errNoRefresh
	}
	w.dialer.tokens.forget(m.ID)
	return got.RefreshToken, nil
}

// errNoRefresh: the provider let us in once, but not again.
var errNoRefresh = errors.New("the provider gave no refresh token")
