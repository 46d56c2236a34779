package imapworker

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"

	"github.com/emersion/go-imap/v2"
	"golang.org/x/oauth2"
)

func no(code imap.ResponseCode, text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: text}
}

func oauthRefused(code, text string) error {
	return fmt.Errorf("token: %w", &oauth2.RetrieveError{Response: &http.Response{Status: "400 Bad Request"}, ErrorCode: code, ErrorDescription: text})
}

// What servers and providers say, as they say it, and what it means.
func TestEveryProvidersWordsHaveTheirCause(t *testing.T) {
	for _, c := range []struct {
		stage stage
		err   error
		want  string
	}{
		{stageSignIn, no("AUTHENTICATIONFAILED", "Invalid credentials (Failure)"), "password"}, // Gmail
		{stageSignIn, no("AUTHENTICATIONFAILED", "Authentication failed."), "password"},        // Dovecot
		{stageSignIn, no("", "LOGIN failed."), "password"},                                     // Exchange
		{stageSignIn, no("", "[SASL-IR] something nobody ever said"), "password"},              // a refusal is one
		{stageSignIn, no("ALERT", "Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)"), "password.app"},
		{stageSignIn, no("WEBALERT", "https://accounts.google.com/signin/continue Web login required. (Failure)"), "password.app"},
		{stageSignIn, no("ALERT", "Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)"), "password.app"},
		{stageSignIn, no("", "AUTHENTICATE failed. BasicAuthBlocked"), "basic.off"},
		{stageSignIn, no("", "Basic authentication is disabled."), "basic.off"},
		{stageSignIn, no("ALERT", "Your account is not enabled for IMAP use. Please visit your Gmail settings page and enable your account for IMAP access. (Failure)"), "imap.off"},
		{stageFolder, no("", "IMAP access is disabled for your domain. Please contact your domain administrator."), "imap.off"},
		{stageFolder, &imap.Error{Type: imap.StatusResponseTypeBad, Text: "User is authenticated but not connected."}, "disconnected"},
		{stageSignIn, oauthRefused("invalid_grant", "Token has been expired or revoked."), "token.ended"},
		{stageSignIn, oauthRefused("invalid_grant", "AADSTS700082: The refresh token has expired due to inactivity."), "token.ended"},
		{stageSignIn, oauthRefused("invalid_grant", "AADSTS50173: The provided grant has expired due to it being revoked."), "token.ended"},
		{stageSignIn, oauthRefused("invalid_client", "AADSTS7000222: The provided client secret keys for app are expired."), "secret.expired"},
		{stageSignIn, oauthRefused("invalid_client", "AADSTS7000215: Invalid client secret provided."), "secret.wrong"},
		{stageSignIn, oauthRefused("invalid_grant", "AADSTS65001: The user or administrator has not consented to use the application."), "consent"},
		{stageSignIn, oauthRefused("invalid_request", "AADSTS90002: Tenant 'nowhere' not found."), "tenant"},
		{stageSignIn, oauthRefused("", ""), "token.refused"},
		{stageSignIn, fmt.Errorf("%w: %s", errTokenRefused, `{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}`), "token.refused"},
		{stageFolder, no("NOPERM", "Permission denied"), "shared"},
		{stageFolder, no("", "Access denied to the shared mailbox"), "shared"},
		{stageSignIn, no("ALERT", "Too many simultaneous connections. (Failure)"), "connections"},
		{stageSignIn, no("LIMIT", "Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)"), "connections"},
		{stageFetch, no("OVERQUOTA", "Account is over quota"), "quota"},
		{stageFetch, no("ALERT", "Account exceeded command or bandwidth limits. (Failure)"), "throttled"},
		{stageSignIn, no("", "Request is throttled. Suggested Backoff Time: 299978 milliseconds"), "throttled"},
		{stageFolder, no("NONEXISTENT", "Unknown Mailbox: Replies (Failure)"), "folder.gone"},
		{stageFolder, no("", "Mailbox doesn't exist: Replies"), "folder.gone"},
		{stageSignIn, no("UNAVAILABLE", "Temporary authentication failure."), "unavailable"},
		{stageFetch, no("SERVERBUG", "Internal error occurred."), "unavailable"},
		{stageSignIn, no("EXPIRED", "That password isn't any good any more"), "password.expired"},
		{stageSignIn, no("", "Your account is locked"), "locked"},
		{stageSignIn, errMechanism, "mechanism"},
		{stageSignIn, errAgree, "agree"},
		{stageTLS, x509.HostnameError{Certificate: &x509.Certificate{}, Host: "imap.example.org"}, "certificate.name"},
		{stageTLS, x509.CertificateInvalidError{Reason: x509.Expired}, "certificate.expired"},
		{stageTLS, x509.UnknownAuthorityError{}, "certificate.unknown"},
		{stageTLS, &imap.Error{Type: imap.StatusResponseTypeBad, Text: "Command unrecognized"}, "starttls"},
		{stageTLS, errors.New("tls: first record does not look like a TLS handshake"), "tls"},
		{stageReach, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}, "dns"},
		{stageReach, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, "refused"},
		{stageFetch, errSlow, "timeout"},
		{stageFetch, io.ErrUnexpectedEOF, "lost"},
		{stageFetch, errTooMuch, "protocol"},
	} {
		got := troubleOf(&at{c.stage, c.err})
		if got.Code != c.want {
			t.Errorf("%s: %v is %q, want %q", c.stage, c.err, got.Code, c.want)
		}
		if got.Text == "" {
			t.Errorf("%s: %v leaves no words", c.stage, c.err)
		}
	}
}

func TestWhatSomebodyMustMendIsNotTriedAtOnceAgain(t *testing.T) {
	for code, want := range map[string]bool{"password": true, "token.ended": true, "certificate.expired": true, "timeout": false, "unavailable": false, "lost": false, "disconnected": false} {
		if got := (Trouble{Code: code}).lasting(); got != want {
			t.Errorf("%s: lasting is %v", code, got)
		}
	}
}

func TestSetsOfNumbersComeBack(t *testing.T) {
	for text, want := range map[string]int{"": 0, "7": 1, "1:10000": 10000, "1:3,5,9:10": 6, "nonsense,4": 1, "0:3": 0} {
		list := parseSet(text)
		if len(list) != want {
			t.Errorf("%q has %d numbers, want %d", text, len(list), want)
		}
		if again := parseSet(setOf(list).String()); len(again) != want {
			t.Errorf("%q comes back with %d", text, len(again))
		}
	}
	if _, err := numbers(imap.UIDSet{{Start: 1, Stop: lastUID}}); err == nil {
		t.Error("a server may name every number there is")
	}
}
