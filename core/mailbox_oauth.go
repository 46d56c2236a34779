package core

import "strings"

// Endpoint is where a mailbox's provider lets people agree and gives tokens, and what is asked for there.
type Endpoint struct{ Auth, Token, Scope string }

// Endpoint gives the provider's.
func (m *Mailbox) Endpoint() Endpoint {
	switch m.Auth {
	case MailboxGoogle:
		return Endpoint{"https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token", "https://mail.google.com/"}
	case MailboxMicrosoft:
		base := "https://login.microsoftonline.com/" + strings.ToLower(m.OAuth.Tenant) + "/oauth2/v2.0/"
		e := Endpoint{base + "authorize", base + "token", "https://outlook.office.com/IMAP.AccessAsUser.All offline_access"}
		if m.OAuth.Own {
			e.Scope = "https://outlook.office365.com/.default"
		}
		return e
	}
	return Endpoint{m.OAuth.AuthURL, m.OAuth.TokenURL, m.OAuth.Scope}
}
