package core

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"planpost/core/access"
	"planpost/mail"
)

const (
	viewMailbox, editMailbox access.Action = "mailbox.view", "mailbox.edit"

	mostMailboxFolders = 20
	mostMailboxText    = 500
	// DefaultMailboxSize is the largest message that is fetched unasked, in bytes, unless another is set.
	DefaultMailboxSize = 50 << 20
	// LeastMailboxSize and MostMailboxSize bound what may be set: a message is held in memory while it is read.
	LeastMailboxSize, MostMailboxSize = 64 << 10, 200 << 20
	// DefaultAlarmMinutes is how long mail may lie before somebody is told.
	DefaultAlarmMinutes = 10
	mostAlarmMinutes    = 24 * 60
)

// TrustedFields are the header fields that a mailbox may be trusted to write.
var TrustedFields = [...]string{"Delivered-To", "X-Original-To", "Envelope-To", "Return-Path"}

// withDefaults fills what was left open.
func (m *Mailbox) withDefaults() {
	s := &m.MailboxSettings
	if s.Security == "" {
		s.Security = MailboxTLS
	}
	if s.Port == 0 {
		s.Port = 993
		if s.Security != MailboxTLS {
			s.Port = 143
		}
	}
	if s.Auth == "" {
		s.Auth = MailboxPassword
	}
	if s.User == "" {
		s.User = m.Address.Mailbox()
	}
	if len(s.Folders) == 0 {
		s.Folders = []string{"INBOX"}
	}
	if s.After == "" {
		s.After = LeaveFetched
	}
	if s.Else == "" {
		s.Else = ElseHold
	}
	if s.Size == 0 {
		s.Size = DefaultMailboxSize
	}
	if s.AlarmMinutes == 0 {
		s.AlarmMinutes = DefaultAlarmMinutes
	}
	if m.Name == "" {
		m.Name = m.Address.Mailbox()
	}
}

// check sees that a mailbox can be worked with; its errors say which field is wrong.
func (m *Mailbox) check(secret *MailboxSecret) error {
	s := &m.MailboxSettings
	m.Name, s.Host, s.User = oneLine(m.Name), strings.ToLower(strings.TrimSpace(s.Host)), strings.TrimSpace(s.User)
	m.withDefaults()
	for _, text := range []string{m.Name, s.Host, s.User, s.MoveTo, s.FailedTo, s.AuthServ, s.OAuth.Client, s.OAuth.Tenant, s.OAuth.Scope, s.OAuth.AuthURL, s.OAuth.TokenURL, secret.Password, secret.Client} {
		if len(text) > mostMailboxText || strings.ContainsAny(text, "\r\n\x00") || !utf8.ValidString(text) {
			return Fail(Invalid, "mailbox.text", "most", strconv.Itoa(mostMailboxText))
		}
	}
	switch {
	case m.Address.Local == "" || m.Address.Domain == "":
		return Fail(Invalid, "mailbox.address")
	case !hostName(s.Host):
		return Fail(Invalid, "mailbox.host")
	case s.Port < 1 || s.Port > 65535:
		return Fail(Invalid, "mailbox.port")
	case !slices.Contains([]MailboxSecurity{MailboxTLS, MailboxStartTLS, MailboxPlain}, s.Security):
		return Fail(Invalid, "mailbox.security")
	case s.Security == MailboxPlain && !loopback(s.Host):
		return Fail(Invalid, "mailbox.plain")
	case !slices.Contains([]AfterFetch{LeaveFetched, MarkFetched, MoveFetched, DeleteFetched}, s.After):
		return Fail(Invalid, "mailbox.after")
	case s.After == MoveFetched && s.MoveTo == "":
		return Fail(Invalid, "mailbox.move_to")
	case s.Size < LeastMailboxSize || s.Size > MostMailboxSize:
		return Fail(Invalid, "mailbox.size", "least", strconv.Itoa(LeastMailboxSize>>10), "most", strconv.Itoa(MostMailboxSize>>20))
	case s.AlarmMinutes < 1 || s.AlarmMinutes > mostAlarmMinutes:
		return Fail(Invalid, "mailbox.alarm", "most", strconv.Itoa(mostAlarmMinutes))
	case s.CanaryMinutes < 0 || s.CanaryMinutes > 0 && s.CanaryMinutes < 5 || s.CanaryMinutes > mostAlarmMinutes:
		return Fail(Invalid, "mailbox.canary", "most", strconv.Itoa(mostAlarmMinutes))
	}
	if err := m.checkFolders(); err != nil {
		return err
	}
	return m.checkAuth(secret)
}

func (m *Mailbox) checkFolders() error {
	s := &m.MailboxSettings
	var folders []string
	for _, f := range s.Folders {
		if f = strings.TrimSpace(f); strings.EqualFold(f, "INBOX") { // RFC 9051 §5.1
			f = "INBOX"
		}
		switch {
		case f == "" || slices.Contains(folders, f):
		case len(f) > mostMailboxText || strings.ContainsAny(f, "\r\n\x00*%"):
			return Fail(Invalid, "mailbox.folder", "folder", cut(oneLine(f), 80))
		default:
			folders = append(folders, f)
		}
	}
	if len(folders) == 0 || len(folders) > mostMailboxFolders {
		return Fail(Invalid, "mailbox.folders", "most", strconv.Itoa(mostMailboxFolders))
	}
	s.Folders = folders
	for _, to := range []string{s.MoveTo, s.FailedTo} {
		if to != "" && slices.ContainsFunc(folders, func(f string) bool { return strings.EqualFold(f, to) }) {
			return Fail(Invalid, "mailbox.circle", "folder", cut(oneLine(to), 80))
		}
	}
	for _, t := range s.Trust {
		if !slices.Contains(TrustedFields[:], t) {
			return Fail(Invalid, "mailbox.trust", "field", cut(oneLine(t), 80))
		}
	}
	return nil
}

func (m *Mailbox) checkAuth(secret *MailboxSecret) error {
	s := &m.MailboxSettings
	switch s.Auth {
	case MailboxPassword:
		if secret.Password == "" {
			return Fail(Invalid, "mailbox.password")
		}
		return nil
	case MailboxGoogle, MailboxMicrosoft, MailboxOAuth:
	default:
		return Fail(Invalid, "mailbox.auth")
	}
	switch {
	case s.OAuth.Client == "":
		return Fail(Invalid, "mailbox.client")
	case s.Auth == MailboxMicrosoft && !plainName(s.OAuth.Tenant):
		return Fail(Invalid, "mailbox.tenant")
	case s.Auth == MailboxOAuth && (!safeEndpoint(s.OAuth.TokenURL) || !s.OAuth.Own && !safeEndpoint(s.OAuth.AuthURL)):
		return Fail(Invalid, "mailbox.endpoint")
	case s.OAuth.Own && s.Auth == MailboxGoogle:
		return Fail(Invalid, "mailbox.own")
	case s.OAuth.Own && secret.Client == "":
		return Fail(Invalid, "mailbox.secret")
	}
	return nil
}

// plainName is a tenant: a domain or an identifier, which becomes part of an address.
func plainName(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789.-") == ""
}

// safeEndpoint tells whether a secret may be sent there: by https, or within this machine.
func safeEndpoint(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()))
}

func hostName(s string) bool {
	if net.ParseIP(s) != nil {
		return true
	}
	return s != "" && len(s) <= 253 && !strings.HasPrefix(s, "-") && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == ""
}

// loopback: a name that leads to this machine whatever the DNS says.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// OpenMailboxSecret opens what signs in. It is a live secret: it goes to the server alone.
func (c *Core) OpenMailboxSecret(m *Mailbox) (s MailboxSecret, err error) {
	plain, err := c.keys.openSecret(purposeMailbox, m.ID, m.Sealed)
	if err != nil {
		return s, fmt.Errorf("secret of mailbox %s: %w", m.ID, err)
	}
	return s, json.Unmarshal(plain, &s)
}

func (c *Core) sealMailbox(m *Mailbox, s *MailboxSecret) error {
	plain, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("secret of mailbox: %w", err)
	}
	m.Sealed, err = c.keys.sealSecret(purposeMailbox, m.ID, plain)
	return err
}

// KeepMailboxRefresh keeps the refresh token that the provider gave in place of was; somebody who agreed anew meanwhile goes before.
func (c *Core) KeepMailboxRefresh(ctx context.Context, mailbox ID, was, token string) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		m, err := tx.FindMailbox(ctx, "", mailbox)
		if err != nil {
			return err
		}
		s, err := c.OpenMailboxSecret(&m)
		if err != nil || s.Refresh != was {
			return err
		}
		s.Refresh, s.RefreshedAt = token, c.Now()
		if err := c.sealMailbox(&m, &s); err != nil {
			return err
		}
		return tx.PutMailbox(ctx, &m)
	})
}

// CheckMailbox sees that a mailbox could be worked with, for a test before it is kept. What a form leaves empty of the
// secret is as it was. It gives the mailbox as it would be.
func (c *Core) CheckMailbox(ctx context.Context, a *Actor, m Mailbox, s MailboxSecret) (Mailbox, MailboxSecret, error) {
	err := c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, editMailbox, Object{}); err != nil {
			return err
		}
		return c.completeMailbox(ctx, tx, a, &m, &s)
	})
	return m, s, err
}

// completeMailbox takes from the mailbox as it stands what a form does not say, and checks it.
func (c *Core) completeMailbox(ctx context.Context, tx Tx, a *Actor, m *Mailbox, s *MailboxSecret) error {
	m.Account = a.Account.ID
	if m.ID != "" {
		was, err := tx.FindMailbox(ctx, a.Account.ID, m.ID)
		if err != nil {
			return err
		}
		if was.Configured {
			return Fail(Conflict, "mailbox.configured")
		}
		kept, err := c.OpenMailboxSecret(&was)
		if err != nil {
			return err
		}
		// A password is never sent to another server than the one it was given for.
		same := was.Host == strings.ToLower(strings.TrimSpace(m.Host)) && was.Auth == m.Auth && was.OAuth.TokenURL == m.OAuth.TokenURL && was.OAuth.Tenant == m.OAuth.Tenant
		if same && s.Password == "" {
			s.Password = kept.Password
		}
		if same && s.Client == "" {
			s.Client = kept.Client
		}
		if same && s.Refresh == "" && was.OAuth.Client == m.OAuth.Client {
			s.Refresh, s.RefreshedAt = kept.Refresh, kept.RefreshedAt
		}
		m.CreatedAt, m.PausedAt, m.Since = was.CreatedAt, was.PausedAt, was.Since
		if was.Address == m.Address && was.Host == m.Host {
			m.Plus = m.Plus || was.Plus
		}
	}
	if err := m.check(s); err != nil {
		return err
	}
	if m.Else != ElseHold && m.Else != ElseIgnore {
		if _, err := tx.FindProject(ctx, a.Account.ID, ID(m.Else)); err != nil {
			return err
		}
	}
	return c.checkMailboxOther(ctx, tx, m)
}

// checkMailboxOther: two that fetch from one place would each take in all mail.
func (c *Core) checkMailboxOther(ctx context.Context, tx Tx, m *Mailbox) error {
	all, err := tx.ListMailboxes(ctx, "")
	if err != nil {
		return err
	}
	for i := range all {
		o := &all[i]
		if o.ID != m.ID && o.Host == m.Host && o.Port == m.Port && strings.EqualFold(o.User, m.User) &&
			slices.ContainsFunc(o.Folders, func(f string) bool { return slices.Contains(m.Folders, f) }) {
			return Fail(Conflict, "mailbox.twice")
		}
	}
	return nil
}

// PutMailbox adds a mailbox, or changes the one with its ID. What is left empty of the secret stays as it was.
func (c *Core) PutMailbox(ctx context.Context, a *Actor, m Mailbox, s MailboxSecret) (kept Mailbox, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, editMailbox, Object{}); err != nil {
			return err
		}
		m, s := m, s // begun anew each time
		if err := c.completeMailbox(ctx, tx, a, &m, &s); err != nil {
			return err
		}
		code, now := "mailbox.edit", c.Now()
		if m.ID == "" {
			m.ID, m.CreatedAt, code = NewID(), now, "mailbox.add"
		}
		m.UpdatedAt = now
		if err := c.sealMailbox(&m, &s); err != nil {
			return err
		}
		if err := tx.PutMailbox(ctx, &m); err != nil {
			return err
		}
		kept = m
		if err := c.repliesFollow(ctx, tx, a, &m, false); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, code, Object{"mailbox", m.ID}, []Change{{"mailbox", "", m.Name}})
	})
	if err == nil {
		c.mailboxesChanged(a.Account.ID)
	}
	return kept, err
}

func (c *Core) mailboxesChanged(account ID) {
	c.bus.Publish(MailboxesTopic)
	c.bus.Publish(MailboxTopic(account))
}

// changeMailbox changes one that stands; not one of the configuration, unless configured.
func (c *Core) changeMailbox(ctx context.Context, a *Actor, id ID, code string, configured bool, change func(Tx, *Mailbox) error) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, editMailbox, Object{}); err != nil {
			return err
		}
		m, err := tx.FindMailbox(ctx, a.Account.ID, id)
		if err != nil {
			return err
		}
		if m.Configured && !configured {
			return Fail(Conflict, "mailbox.configured")
		}
		if err := change(tx, &m); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, code, Object{"mailbox", id}, []Change{{"mailbox", m.Name, ""}})
	})
	if err == nil {
		c.mailboxesChanged(a.Account.ID)
	}
	return err
}

// PauseMailbox stops fetching from a mailbox, or goes on with it.
func (c *Core) PauseMailbox(ctx context.Context, a *Actor, id ID, pause bool) error {
	code := "mailbox.resume"
	if pause {
		code = "mailbox.pause"
	}
	return c.changeMailbox(ctx, a, id, code, true, func(tx Tx, m *Mailbox) error {
		m.PausedAt, m.UpdatedAt = time.Time{}, c.Now()
		if pause {
			m.PausedAt = c.Now()
		}
		return tx.PutMailbox(ctx, m)
	})
}

// RemoveMailbox ends a mailbox here; on its server nothing changes. What was taken in stays.
func (c *Core) RemoveMailbox(ctx context.Context, a *Actor, id ID) error {
	return c.changeMailbox(ctx, a, id, "mailbox.remove", false, func(tx Tx, m *Mailbox) error {
		if err := c.repliesFollow(ctx, tx, a, m, true); err != nil {
			return err
		}
		return tx.DeleteMailbox(ctx, m.Account, m.ID)
	})
}

// SetMailboxSecret keeps what signs in at a mailbox that stands: what the provider gave when somebody agreed.
func (c *Core) SetMailboxSecret(ctx context.Context, a *Actor, id ID, set func(*MailboxSecret)) error {
	return c.changeMailbox(ctx, a, id, "mailbox.agree", false, func(tx Tx, m *Mailbox) error {
		s, err := c.OpenMailboxSecret(m)
		if err != nil {
			return err
		}
		set(&s)
		m.UpdatedAt = c.Now()
		if err := c.sealMailbox(m, &s); err != nil {
			return err
		}
		return tx.PutMailbox(ctx, m)
	})
}

// ConfiguredMailbox is a mailbox of the host's configuration.
type ConfiguredMailbox struct {
	Mailbox
	Secret MailboxSecret
}

// SyncMailboxes makes the mailboxes of the configuration those of the accounts: new ones are added, those that stand
// there no more are paused. They are known by account, server, port and user. It gives them as they stand.
func (c *Core) SyncMailboxes(ctx context.Context, list []ConfiguredMailbox) (kept []Mailbox, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		kept = nil
		all, err := tx.ListMailboxes(ctx, "")
		if err != nil {
			return err
		}
		used := make(map[ID]bool)
		for i := range list {
			m, err := c.syncMailbox(ctx, tx, all, &list[i])
			if err != nil {
				return err
			}
			used[m.ID] = true
			kept = append(kept, m)
		}
		for i := range all {
			m := &all[i]
			if !m.Configured || used[m.ID] || !m.PausedAt.IsZero() {
				continue
			}
			m.Configured, m.PausedAt, m.UpdatedAt = false, c.Now(), c.Now()
			if err := tx.PutMailbox(ctx, m); err != nil {
				return err
			}
		}
		return nil
	})
	return kept, err
}

func (c *Core) syncMailbox(ctx context.Context, tx Tx, all []Mailbox, want *ConfiguredMailbox) (Mailbox, error) {
	m, secret := want.Mailbox, want.Secret
	if err := m.check(&secret); err != nil {
		return m, err
	}
	m.Configured, m.CreatedAt = true, c.Now()
	for i := range all {
		o := &all[i]
		if o.Account == m.Account && o.Host == m.Host && o.Port == m.Port && strings.EqualFold(o.User, m.User) {
			m.ID, m.CreatedAt, m.Plus, m.UpdatedAt = o.ID, o.CreatedAt, m.Plus || o.Plus, o.UpdatedAt
			if o.Configured {
				m.PausedAt = o.PausedAt
			}
			if kept, err := c.OpenMailboxSecret(o); err == nil && secret.Refresh == "" {
				secret.Refresh, secret.RefreshedAt = kept.Refresh, kept.RefreshedAt
			}
		}
	}
	if m.ID == "" {
		m.ID = NewID()
		m.UpdatedAt = m.CreatedAt
	}
	if err := c.sealMailbox(&m, &secret); err != nil {
		return m, err
	}
	return m, tx.PutMailbox(ctx, &m)
}

// MailboxOf reads the mailbox that an address names in a list, for a command line.
func MailboxOf(list []Mailbox, name string) (Mailbox, bool) {
	for i := range list {
		if string(list[i].ID) == name || strings.EqualFold(list[i].Name, name) || strings.EqualFold(list[i].Address.Mailbox(), name) {
			return list[i], true
		}
	}
	return Mailbox{}, false
}

// ParseMailboxAddress reads the address of a mailbox as somebody typed it.
func ParseMailboxAddress(text string) (mail.Address, error) {
	a, err := mail.ParseMailbox(strings.TrimSpace(text))
	if err != nil {
		return a, Fail(Invalid, "mailbox.address")
	}
	return mail.Address{Local: a.Local, Domain: a.Domain}, nil
}

// MailboxForTest gives a mailbox with what signs in at it, to connect on behalf of somebody who may change it.
func (c *Core) MailboxForTest(ctx context.Context, a *Actor, id ID) (m Mailbox, s MailboxSecret, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, editMailbox, Object{}); err != nil {
			return err
		}
		if m, err = tx.FindMailbox(ctx, a.Account.ID, id); err != nil {
			return err
		}
		s, err = c.OpenMailboxSecret(&m)
		return err
	})
	return m, s, err
}
