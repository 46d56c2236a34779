package main

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"planpost/core"
	"planpost/mail/auth"
	"planpost/templates"
)

// recordsLimit is how long the DNS may take for all records.
const recordsLimit = 20 * time.Second

// checkRecords looks at what the DNS says, with the keys of the database where there is one.
func checkRecords(ctx context.Context, cfg *Config) []core.Finding {
	g := openThere(ctx, cfg)
	if g == nil {
		return recordFindings(ctx, cfg, nil)
	}
	defer g.close()
	return recordFindings(ctx, cfg, g.core)
}

// openThere opens the database if there is one to open; checkDatabase says what is wrong with it. Nil when there is none.
func openThere(ctx context.Context, cfg *Config) *gateway {
	if _, err := os.Stat(cfg.dataPath("planpost.db")); cfg.Database == "" && err != nil {
		return nil
	}
	g, err := openGateway(ctx, *cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil
	}
	return g
}

// recordFindings looks at what the DNS says of the mail domain, and of every
// domain that has a relay of its own. Without a core no keys are known.
func recordFindings(ctx context.Context, cfg *Config, c *core.Core) (list []core.Finding) {
	if cfg.local() {
		return []core.Finding{{Group: core.HealthRecords, Code: "domain.local", State: core.FindingFine, Name: cfg.MailDomain}}
	}
	ctx, cancel := context.WithTimeout(ctx, recordsLimit)
	defer cancel()
	resolver := resolverOf(cfg)
	for _, d := range ownDomains(ctx, cfg, resolver, c) {
		for _, f := range auth.CheckOwnDomain(ctx, resolver, d) {
			list = append(list, core.Finding{Group: core.HealthRecords, Code: f.Code, State: core.FindingState(f.State), Name: f.Name, Found: f.Found, Set: f.Set})
		}
	}
	return list
}

// local tells that the mail domain stays on this machine (RFC 6761 §6.3).
func (c *Config) local() bool { return strings.HasSuffix(c.MailDomain, ".localhost") }

// findingOf puts one into words for the terminal.
func findingOf(f *core.Finding) finding {
	found := finding{What: templates.T("en", "health."+f.What()), OK: f.State != core.FindingWrong, Says: templates.T("en", "health."+f.Code, f.Params()...)}
	if cure := f.Cure(); cure != "" {
		found.Cure = templates.T("en", cure, f.Params()...)
	}
	return found
}

// ownDomains are the mail domain, and the other domains that mail comes from,
// with what should be found of each: our server's name, the addresses that
// mail leaves from, and the keys that sign.
func ownDomains(ctx context.Context, cfg *Config, r auth.Resolver, c *core.Core) []auth.OwnDomain {
	relays, _ := cfg.Mailer.relays() // a mistake in them is a finding of its own
	of := map[string]string{}
	for i := range relays {
		of[relays[i].Domain] = relays[i].Address
	}
	own := auth.OwnDomain{Domain: cfg.MailDomain, Host: cfg.smtpName(), Keys: recordsOfKeys(ctx, c, cfg.MailDomain)}
	own.Senders = relayAddresses(ctx, r, or(of[strings.ToLower(cfg.MailDomain)], of[""]))
	if len(own.Senders) == 0 { // no relay, or one on this machine: mail leaves from here
		own.Senders, own.Ours = publicAddresses(ctx, r, own.Host), true
	}
	list := []auth.OwnDomain{own}
	for _, d := range otherDomains(cfg, relays) {
		list = append(list, auth.OwnDomain{Domain: d, Senders: relayAddresses(ctx, r, or(of[d], of[""])), Keys: recordsOfKeys(ctx, c, d)})
	}
	return list
}

// otherDomains are those that mail of ours comes from besides the mail domain: that have a relay, or a sender.
func otherDomains(cfg *Config, relays []relay) (list []string) {
	for _, a := range cfg.Mailer.Senders.addresses() {
		list = append(list, strings.ToLower(a.Domain))
	}
	for i := range relays {
		list = append(list, relays[i].Domain)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(d string) bool { return d == "" || strings.EqualFold(d, cfg.MailDomain) })
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// relayAddresses are those of a HOST:PORT that the world can see.
func relayAddresses(ctx context.Context, r auth.Resolver, address string) []netip.Addr {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil // none is set
	}
	return publicAddresses(ctx, r, host)
}

// publicAddresses are those the world can see.
func publicAddresses(ctx context.Context, r auth.Resolver, host string) (list []netip.Addr) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return public(ip.Unmap())
	}
	found, _ := r.LookupIPAddr(ctx, host) // none is an answer, too
	for _, a := range found {
		if ip, ok := netip.AddrFromSlice(a.IP); ok {
			list = append(list, public(ip.Unmap())...)
		}
	}
	return list
}

func public(ip netip.Addr) []netip.Addr {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return nil
	}
	return []netip.Addr{ip}
}

// recordsOfKeys are the DKIM records of a domain that should stand.
func recordsOfKeys(ctx context.Context, c *core.Core, domain string) map[string]string {
	if c == nil {
		return nil
	}
	keys, err := c.SigningKeys(ctx)
	if err != nil {
		return nil
	}
	records := map[string]string{}
	for i := range keys {
		if strings.EqualFold(keys[i].Domain, domain) && keys[i].State(c.Now()) != core.SigningRetired {
			records[keys[i].Name()] = keys[i].Record()
		}
	}
	return records
}
