package imapworker

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"

	"github.com/emersion/go-imap/v2"
	"golang.org/x/oauth2"
)

// Trouble is what is wrong with a mailbox: a code with words for cause and
// cure ("fetch.error.<Code>", "fetch.cure.<Code>") and what the server said.
type Trouble struct{ Code, Text string }

// lasting tells that trying again soon does not help, and may shut us out: somebody has to do something.
func (t Trouble) lasting() bool {
	switch t.Code {
	case "unknown", "dns", "refused", "timeout", "lost", "unavailable", "throttled", "connections", "quota", "protocol", "folder.gone", "disconnected":
		return false
	}
	return true
}

// sign is words of a server by which a cause is known. Stages are those in which they count, empty for all.
type sign struct {
	code   string
	stages string
	any    []string
}

// signs are looked through in order: what says more comes first. The words are those of Gmail, Microsoft 365,
// Dovecot, Cyrus, Courier, Yahoo, iCloud, Zimbra, Exchange and Stalwart, in lower case.
var signs = []sign{
	{"password.app", "signin", []string{"application-specific password", "app-specific password", "app password", "web login required", "log in via your web browser", "webalert"}},
	{"disconnected", "", []string{"authenticated but not connected"}},
	{"secret.expired", "signin", []string{"aadsts7000222", "client secret keys for app", "client secret has expired"}},
	{"secret.wrong", "signin", []string{"aadsts7000215", "invalid_client", "unauthorized_client", "aadsts700016", "aadsts7000216"}},
	{"consent", "signin", []string{"aadsts65001", "consent_required", "interaction_required", "access_denied", "aadsts65004", "admin consent", "insufficient authentication scopes", "aadsts50105"}},
	{"tenant", "signin", []string{"aadsts90002", "aadsts50020", "aadsts50034", "aadsts900023", "tenant not found", "tenant identifier"}},
	{"token.ended", "signin", []string{"aadsts700082", "aadsts50173", "aadsts70008", "aadsts70043", "aadsts50076", "aadsts50079", "invalid_grant", "token has been expired or revoked", "invalid_rapt"}},
	{"basic.off", "signin", []string{"basic authentication is disabled", "basicauthblocked", "basic auth is disabled", "please use oauth", "logindisabled"}},
	{"imap.off", "signin folder", []string{"imap access is disabled", "not enabled for imap", "imap is disabled", "protocol disabled", "imap4 is disabled", "imap access disabled", "imap is not enabled", "service not allowed"}},
	{"connections", "", []string{"too many simultaneous", "too many connections", "maximum number of connections", "connection limit", "too many logins", "simultaneous connections"}},
	{"throttled", "", []string{"throttl", "bandwidth limit", "command or bandwidth", "rate limit", "too many requests", "backoff", "try again in", "temporarily locked", "slow down"}},
	{"quota", "", []string{"overquota", "over quota", "quota exceeded", "mailbox is full"}},
	{"locked", "signin", []string{"account is locked", "account has been locked", "account is disabled", "account disabled", "account is blocked", "user is disabled", "account suspended", "aadsts50053", "aadsts50057"}},
	{"password.expired", "signin", []string{"password expired", "password has expired", "must change", "aadsts50055"}},
	{"unavailable", "", []string{"server unavailable", "temporarily unavailable", "temporary authentication failure", "internal error", "try again later", "server shutting down", "shutdown in progress", "server is busy", "disconnected for inactivity", "backend", "service unavailable"}},
	{"shared", "folder", []string{"access denied", "permission denied", "not permitted", "no permission", "not shared"}},
	{"folder.gone", "folder fetch", []string{"doesn't exist", "does not exist", "unknown mailbox", "nonexistent", "no such mailbox", "mailbox not found", "unknown namespace", "folder not found"}},
	{"token.refused", "signin", []string{"invalid_token", "xoauth2", "invalid bearer", `"status":"400"`, `"status":"401"`, "invalid access token"}},
	{"password", "signin", []string{"authenticationfailed", "authentication failed", "invalid credentials", "login failed", "bad username", "invalid login", "password mismatch", "incorrect password", "authenticate failed", "login invalid", "authorization failed", "bad credentials"}},
}

// byCode are response codes (RFC 5530, RFC 9208) that say enough by themselves.
var byCode = map[imap.ResponseCode]string{
	imap.ResponseCodeUnavailable: "unavailable", imap.ResponseCodeServerBug: "unavailable", imap.ResponseCodeInUse: "unavailable", imap.ResponseCodeLimit: "connections",
	imap.ResponseCodeOverQuota: "quota", imap.ResponseCodeExpired: "password.expired", imap.ResponseCodeNonExistent: "folder.gone", imap.ResponseCodeTryCreate: "folder.gone",
	imap.ResponseCodeNoPerm: "shared", imap.ResponseCodeAuthorizationFailed: "shared", imap.ResponseCodePrivacyRequired: "starttls",
}

// troubleOf finds the cause of an error. The text is for people: the server's words, never a secret.
func troubleOf(err error) Trouble {
	var where *at
	st := stageFetch
	if errors.As(err, &where) {
		st, err = where.stage, where.err
	}
	var refused *imap.Error
	var oauth *oauth2.RetrieveError
	switch {
	case errors.As(err, &oauth):
		text := strings.TrimSpace(oauth.ErrorCode + " " + oauth.ErrorDescription)
		if text == "" && oauth.Response != nil {
			text = oauth.Response.Status
		}
		return bySigns(stageSignIn, text, "token.refused")
	case errors.As(err, &refused):
		text := strings.TrimSpace(string(refused.Code) + " " + refused.Text)
		t := bySigns(st, text, "")
		if t.Code == "" {
			t.Code = byCode[refused.Code]
		}
		if t.Code == "" {
			t.Code = map[stage]string{stageSignIn: "password", stageTLS: "starttls", stageFolder: "folder.gone"}[st]
		}
		if t.Code == "" {
			t.Code = "unknown"
		}
		return t
	case errors.Is(err, errTokenRefused):
		return bySigns(stageSignIn, err.Error(), "token.refused")
	}
	return Trouble{byNetwork(st, err), textOf(err)}
}

func bySigns(st stage, text, otherwise string) Trouble {
	low := strings.ToLower(text)
	for _, s := range signs {
		if s.stages != "" && !strings.Contains(s.stages, string(st)) {
			continue
		}
		for _, words := range s.any {
			if strings.Contains(low, words) {
				return Trouble{s.code, clip(text)}
			}
		}
	}
	return Trouble{otherwise, clip(text)}
}

// byNetwork is the cause of what no server said.
func byNetwork(st stage, err error) string {
	var dns *net.DNSError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var timeout net.Error
	var asked *url.Error
	switch {
	case errors.Is(err, errAgree):
		return "agree"
	case errors.Is(err, errNoRefresh):
		return "agree.again"
	case errors.Is(err, errMechanism):
		return "mechanism"
	case errors.As(err, &name):
		return "certificate.name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "certificate.expired"
	case errors.As(err, &unknown), errors.As(err, &invalid):
		return "certificate.unknown"
	case errors.As(err, &dns):
		return "dns"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.As(err, &asked):
		return "provider"
	case errors.Is(err, errTooMuch), errors.Is(err, errTooMany):
		return "protocol"
	case errors.Is(err, errSlow), errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "lost"
	case errors.As(err, &timeout):
		return "unreachable"
	case st == stageTLS:
		return "tls"
	case strings.HasPrefix(err.Error(), "imapclient:"), strings.HasPrefix(err.Error(), "in "):
		return "protocol"
	}
	return "unknown"
}

func textOf(err error) string {
	var asked *url.Error // it holds the address, which is no secret, but the cause says more
	if errors.As(err, &asked) {
		err = asked.Err
	}
	return clip(err.Error())
}

// clip makes a server's words fit for a page: one short line.
func clip(s string) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))), " ")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return s
}
