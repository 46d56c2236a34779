package main

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"time"

	"planpost/core"
	"planpost/mail/auth"
	"planpost/templates"
)

// recordsLimit is how long the DNS may take for all records.
const recordsLimit = 20 * time.Second

// checkRecords looks at what the DNS says of the mail domain.
func checkRecords(ctx context.Context, cfg *Config) (list []finding) {
	if strings.HasSuffix(cfg.MailDomain, ".localhost") {
		return []finding{{What: "mail domain", OK: true, Says: cfg.MailDomain + " stays on this machine"}}
	}
	ctx, cancel := context.WithTimeout(ctx, recordsLimit)
	defer cancel()
	resolver := resolverOf(cfg)
	for _, f := range auth.CheckOwnDomain(ctx, resolver, ownDomain(ctx, cfg, resolver)) {
		list = append(list, recordFinding(f))
	}
	return list
}

// recordFinding puts one into words.
func recordFinding(f auth.RecordFinding) finding {
	what, _, _ := strings.Cut(f.Code, ".")
	says := templates.T("en", "health."+f.Code, "name", f.Name, "found", f.Found)
	found := finding{What: templates.T("en", "health."+what), OK: f.State != auth.RecordWrong, Says: says}
	if f.Set != "" {
		found.Cure = templates.T("en", "health.set", "set", f.Set)
	}
	return found
}

// ownDomain is what should be found: our server's name, the addresses that mail
// leaves from, and the keys that sign.
func ownDomain(ctx context.Context, cfg *Config, r auth.Resolver) auth.OwnDomain {
	d := auth.OwnDomain{Domain: cfg.MailDomain, Host: cfg.smtpName(), Keys: recordsOfKeys(ctx, cfg)}
	if relay, _, _ := strings.Cut(cfg.Mailer.Relay, ":"); relay != "" {
		d.Senders = publicAddresses(ctx, r, relay)
	}
	if len(d.Senders) == 0 { // no relay, or one on this machine: mail leaves from here
		d.Senders, d.Ours = publicAddresses(ctx, r, d.Host), true
	}
	return d
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

// recordsOfKeys are the DKIM records that should stand; none while there is no database.
func recordsOfKeys(ctx context.Context, cfg *Config) map[string]string {
	if _, err := os.Stat(cfg.dataPath("planpost.db")); cfg.Database == "" && err != nil {
		return nil
	}
	g, err := openGateway(ctx, *cfg, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return nil // checkDatabase says why
	}
	defer g.close()
	keys, err := g.core.SigningKeys(ctx)
	if err != nil {
		return nil
	}
	records := map[string]string{}
	for i := range keys {
		if keys[i].Domain == cfg.MailDomain && keys[i].State(g.core.Now()) != core.SigningRetired {
			records[keys[i].Name()] = keys[i].Record()
		}
	}
	return records
}
