package mailer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// OAuth gets the access tokens for XOAUTH2, as big providers want them in
// place of a password: from a file that another program renews, or from the
// provider, by a refresh token or else in the client's own name (RFC 6749 §6, §4.4).
type OAuth struct {
	File                                string
	URL, Client, Secret, Refresh, Scope string
	// Keeper keeps what the provider gives in place of Refresh; without one it is forgotten with the process.
	Keeper RefreshKeeper
	// HTTP asks the provider; one with a limit of time unless set.
	HTTP *http.Client

	mu    sync.Mutex // held while the provider is asked: nobody else asks meanwhile
	token string
	until time.Time
	// newest is what came in place of Refresh and nobody keeps.
	newest string
}

// RefreshKeeper keeps refresh tokens for every process, under the one that was configured.
type RefreshKeeper interface {
	// RefreshToken gives the newest, which is the configured one at first.
	RefreshToken(ctx context.Context, configured string) (string, error)
	KeepRefreshToken(ctx context.Context, configured, token string) error
}

// beforeEnd is how long before its end a token is used no more.
const beforeEnd = time.Minute

// Token gives one that is good now.
func (o *OAuth) Token(ctx context.Context) (string, error) {
	if o.File != "" {
		b, err := os.ReadFile(o.File)
		if err != nil {
			return "", fmt.Errorf("access token: %w", err)
		}
		return strings.TrimSpace(string(b)), nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.token != "" && time.Now().Before(o.until) {
		return o.token, nil
	}
	if err := o.renew(ctx); err != nil {
		return "", fmt.Errorf("access token: %w", err)
	}
	return o.token, nil
}

// drop forgets a token that was refused, so that the next sign-in gets another.
func (o *OAuth) drop(token string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.token == token {
		o.token = ""
	}
}

// renew asks the provider. Errors hold its words, never a secret. o is locked.
func (o *OAuth) renew(ctx context.Context) error {
	form := url.Values{"client_id": {o.Client}, "grant_type": {"client_credentials"}}
	refresh, err := o.refresh(ctx)
	if err != nil {
		return err
	}
	if refresh != "" {
		form.Set("grant_type", "refresh_token")
		form.Set("refresh_token", refresh)
	}
	for name, v := range map[string]string{"client_secret": o.Secret, "scope": o.Scope} {
		if v != "" {
			form.Set(name, v)
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := o.HTTP
	if client == nil {
		client = &http.Client{Timeout: 30 * time.Second}
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var said struct {
		Token   string `json:"access_token"`
		Life    int    `json:"expires_in"`
		Refresh string `json:"refresh_token"`
		Error   string `json:"error"`
		Text    string `json:"error_description"`
	}
	err = json.NewDecoder(io.LimitReader(res.Body, replyLimit)).Decode(&said)
	switch {
	case said.Error != "":
		return fmt.Errorf("%s: %s", said.Error, said.Text)
	case res.StatusCode != http.StatusOK:
		return errors.New(res.Status)
	case err != nil:
		return err
	case said.Token == "":
		return errors.New("the provider gave none")
	}
	o.token, o.until = said.Token, time.Now().Add(time.Duration(said.Life)*time.Second-beforeEnd)
	if said.Refresh == "" || said.Refresh == refresh {
		return nil
	}
	o.newest = said.Refresh // some give another each time and end the first
	if o.Keeper != nil && o.Keeper.KeepRefreshToken(ctx, o.Refresh, said.Refresh) == nil {
		o.newest = ""
	}
	return nil
}

// refresh is the token in force: what could not be kept, else what another process may have been given.
func (o *OAuth) refresh(ctx context.Context) (string, error) {
	switch {
	case o.newest != "":
		return o.newest, nil
	case o.Refresh != "" && o.Keeper != nil:
		return o.Keeper.RefreshToken(ctx, o.Refresh)
	}
	return o.Refresh, nil
}

// xoauth2 is the client of that mechanism (developers.google.com/workspace/gmail/imap/xoauth2-protocol).
type xoauth2 struct{ user, token string }

// Start gives all there is to say.
func (x *xoauth2) Start() (mechanism string, first []byte, err error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next answers what explains a refusal: with nothing, after which the refusal itself comes.
func (x *xoauth2) Next([]byte) ([]byte, error) { return []byte{}, nil }
