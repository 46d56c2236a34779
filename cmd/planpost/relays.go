package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"planpost/mailer"
)

// relay is one mail server that takes our mail. Domain is whose mail it takes, empty for all that no other does.
type relay struct {
	Domain, Address, TLS, CA string
	User, Password           string
	Connections              int
	OAuth                    OAuthConfig
}

// relays are all that are set, the one for the rest first; none without that one.
func (c *MailerConfig) relays() ([]relay, error) {
	if c.Relay == "" {
		if len(c.Relays) > 0 {
			return nil, errors.New("mailer.relay takes the mail of all other domains, and is missing")
		}
		return nil, nil
	}
	list := []relay{{Address: c.Relay, TLS: c.TLS, CA: c.CA, User: c.User, Password: c.Password, Connections: c.Concurrency, OAuth: c.OAuth}}
	for _, text := range c.Relays {
		r, err := parseRelay(text)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(list[1:], func(o relay) bool { return o.Domain == r.Domain }) {
			return nil, fmt.Errorf("%s has two relays", r.Domain)
		}
		if r.Connections == 0 {
			r.Connections = c.Concurrency
		}
		list = append(list, r)
	}
	for i := range list {
		if err := list[i].check(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// parseRelay reads DOMAIN=URL. Its errors hold no secret.
func parseRelay(text string) (relay, error) {
	domain, address, ok := strings.Cut(text, "=")
	r := relay{Domain: strings.ToLower(strings.TrimSpace(domain))}
	if !ok || !strings.Contains(r.Domain, ".") || strings.ContainsAny(r.Domain, " @/:") {
		return r, errors.New("an entry does not begin with DOMAIN=")
	}
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return r, fmt.Errorf("%s: what follows = is no address like smtp://user:password@host:587", r.Domain)
	}
	r.User = u.User.Username()
	r.Password, _ = u.User.Password()
	port := u.Port()
	switch u.Scheme {
	case "smtps":
		r.TLS = "implicit"
		if port == "" {
			port = "465"
		}
	case "smtp":
		r.TLS = "opportunistic"
		if r.User != "" {
			r.TLS = "required"
		}
		if port == "" {
			port = "587"
		}
	default:
		return r, fmt.Errorf("%s: the address begins with smtp:// or smtps://", r.Domain)
	}
	r.Address = net.JoinHostPort(u.Hostname(), port)
	return r, r.options(u.Query())
}

func (r *relay) options(q url.Values) error {
	texts := map[string]*string{"tls": &r.TLS, "tls_ca": &r.CA, "token_file": &r.OAuth.File, "token_url": &r.OAuth.URL, "client": &r.OAuth.Client,
		"secret": &r.OAuth.Secret, "refresh": &r.OAuth.Refresh, "scope": &r.OAuth.Scope}
	for name := range q {
		v := q.Get(name)
		if name == "connections" {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 {
				return fmt.Errorf("%s: connections is a number of 1 or more", r.Domain)
			}
			r.Connections = n
			continue
		}
		p, ok := texts[name]
		if !ok {
			return fmt.Errorf("%s: there is no option %s", r.Domain, name)
		}
		*p = v
	}
	return nil
}

// security are the words of the settings.
var security = map[string]mailer.Security{"none": mailer.NoTLS, "opportunistic": mailer.Opportunistic, "required": mailer.StartTLS, "implicit": mailer.ImplicitTLS}

func (r *relay) check() error {
	name := r.Domain
	if name == "" {
		name = "mailer.relay"
	}
	o := &r.OAuth
	switch {
	case security[r.TLS] == "":
		return fmt.Errorf("%s: tls %q is none of none, opportunistic, required, implicit", name, r.TLS)
	case r.Domain != "" && r.User != "" && (r.TLS == "none" || r.TLS == "opportunistic"):
		return fmt.Errorf("%s: a password is sent over TLS only, with tls required or implicit", name)
	case !o.set():
		return nil
	case r.User == "":
		return fmt.Errorf("%s: a token needs a user whose it is", name)
	case o.File != "" && o.URL != "":
		return fmt.Errorf("%s: the token comes from a file or from an address, not from both", name)
	case o.File == "" && (!safeURL(o.URL) || o.Client == ""):
		return fmt.Errorf("%s: a token is got from an https address, in the name of a client", name)
	}
	return nil
}

// safeURL tells whether a secret may be sent there: by https, or within this machine.
func safeURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && ip != nil && ip.IsLoopback()
}
