package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"planpost/core"
	"planpost/imapworker"
)

// openIMAP makes the worker that fetches from mailboxes.
func (g *gateway) openIMAP(change func(*imapworker.Config)) (*imapworker.Worker, error) {
	cfg := imapworker.Config{CA: g.cfg.IMAP.CA, Poll: g.cfg.IMAP.Poll, Idle: g.cfg.IMAP.Idle, Compare: g.cfg.IMAP.Compare, Silence: g.cfg.IMAP.Timeout}
	if change != nil {
		change(&cfg)
	}
	w, err := imapworker.New(cfg, g.core, g.road, g.core.Bus(), g.log)
	if err != nil {
		return nil, fmt.Errorf("imap.tls_ca: %w", err)
	}
	return w, nil
}

// mailboxLink is how pages reach the servers of mailboxes.
func (h *host) mailboxLink() core.MailboxLink {
	if h.imap == nil {
		return nil
	}
	return h.imap
}

// syncMailboxes makes the mailboxes of the configuration those of the accounts.
func (g *gateway) syncMailboxes(ctx context.Context) error {
	accounts, err := g.core.Accounts(ctx)
	if err != nil {
		return err
	}
	var list []core.ConfiguredMailbox
	for _, text := range g.cfg.IMAP.Mailboxes {
		m, account, err := parseMailbox(text)
		if err != nil {
			return fmt.Errorf("imap.mailboxes: %w", err)
		}
		a, err := pickAccount(accounts, account)
		if err != nil {
			return fmt.Errorf("imap.mailboxes: %s: %w", m.Host, err)
		}
		m.Account = a.ID
		list = append(list, m)
	}
	if _, err = g.core.SyncMailboxes(ctx, list); err != nil {
		return fmt.Errorf("imap.mailboxes: %s", words(err))
	}
	return nil
}

// parseMailbox reads URL?options; folders stand in the path, several with commas. Its errors hold no secret.
func parseMailbox(text string) (m core.ConfiguredMailbox, account string, err error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Host == "" {
		return m, "", errors.New("an entry is no address like imaps://user:password@host/INBOX")
	}
	m.Host, m.User = u.Hostname(), u.User.Username()
	m.Secret.Password, _ = u.User.Password()
	switch u.Scheme {
	case "imaps":
		m.Security, m.Port = core.MailboxTLS, 993
	case "imap":
		m.Security, m.Port = core.MailboxStartTLS, 143
		if ip := net.ParseIP(m.Host); ip != nil && ip.IsLoopback() || m.Host == "localhost" {
			m.Security = core.MailboxPlain
		}
	default:
		return m, "", fmt.Errorf("%s: the address begins with imaps:// or imap://", m.Host)
	}
	if p := u.Port(); p != "" {
		if m.Port, err = strconv.Atoi(p); err != nil {
			return m, "", fmt.Errorf("%s: the port is no number", m.Host)
		}
	}
	for f := range strings.SplitSeq(strings.Trim(u.Path, "/"), ",") {
		if f != "" {
			m.Folders = append(m.Folders, f)
		}
	}
	q := u.Query()
	if err := mailboxOptions(&m, q); err != nil {
		return m, "", fmt.Errorf("%s: %w", m.Host, err)
	}
	return m, q.Get("account"), nil
}

// mailboxOptions reads what follows the question mark.
func mailboxOptions(m *core.ConfiguredMailbox, q url.Values) (err error) {
	address := q.Get("address")
	if address == "" {
		address = m.User
	}
	if m.Address, err = core.ParseMailboxAddress(address); err != nil {
		return errors.New("the user is no mail address; say with address= where people write to")
	}
	texts := map[string]*string{"name": &m.Name, "move_to": &m.MoveTo, "failed_to": &m.FailedTo, "authserv": &m.AuthServ, "else": &m.Else,
		"tenant": &m.OAuth.Tenant, "client": &m.OAuth.Client, "auth_url": &m.OAuth.AuthURL, "token_url": &m.OAuth.TokenURL, "scope": &m.OAuth.Scope,
		"secret": &m.Secret.Client, "refresh": &m.Secret.Refresh}
	for name := range q {
		v := q.Get(name)
		if p, ok := texts[name]; ok {
			*p = v
			continue
		}
		switch name {
		case "account", "address":
		case "after":
			m.After = core.AfterFetch(v)
		case "auth":
			m.Auth = core.MailboxAuth(v)
		case "own":
			m.OAuth.Own = v == "true"
		case "plus":
			m.Plus = v == "true"
		case "trust":
			m.Trust = strings.Split(v, ",")
		case "since":
			if m.Since, err = time.Parse(time.DateOnly, v); err != nil {
				return errors.New("since is a day like 2026-01-31")
			}
		case "size":
			if m.Size, err = strconv.ParseInt(v, 10, 64); err != nil {
				return errors.New("size is a number of bytes")
			}
		case "alarm":
			if m.AlarmMinutes, err = strconv.Atoi(v); err != nil {
				return errors.New("alarm is a number of minutes")
			}
		default:
			return fmt.Errorf("there is no option %s", name)
		}
	}
	return nil
}

// mistakes are those of the mailboxes, as far as can be told without the accounts.
func (c *IMAPConfig) mistakes() error {
	seen := make([]string, 0, len(c.Mailboxes))
	for _, text := range c.Mailboxes {
		m, _, err := parseMailbox(text)
		if err != nil {
			return err
		}
		name := m.User + "@" + m.Host
		if slices.Contains(seen, name) {
			return fmt.Errorf("%s stands there twice", name)
		}
		seen = append(seen, name)
	}
	return nil
}
