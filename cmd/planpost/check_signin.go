package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"planpost/core"
	"planpost/mailer"
)

const (
	// signInLimit is how long one relay may take to let us in.
	signInLimit = 10 * time.Second
	// certificateSoon is how long before its end a certificate is spoken of.
	certificateSoon = 14 * 24 * time.Hour
)

// checkSignIn signs in at every relay, with the tokens of the database where there is one.
func checkSignIn(ctx context.Context, cfg *Config) []core.Finding {
	g := openThere(ctx, cfg)
	if g == nil {
		return signInFindings(ctx, cfg, nil)
	}
	defer g.close()
	return signInFindings(ctx, cfg, g.core)
}

// signInFindings signs in at every relay, as the mailer does, and sends
// nothing; and it looks at the certificate that we show ourselves.
func signInFindings(ctx context.Context, cfg *Config, keeper mailer.RefreshKeeper) (found []core.Finding) {
	list, err := cfg.Mailer.relays()
	switch {
	case err != nil:
		found = append(found, core.Finding{Code: "relay.setting", State: core.FindingWrong, Found: err.Error()})
	case len(list) == 0:
		found = append(found, core.Finding{Code: "relay.none", State: core.FindingAdvice})
	}
	for i := range list {
		found = append(found, relayFinding(ctx, cfg, keeper, &list[i]))
	}
	if cfg.SMTP.Cert != "" {
		found = append(found, certificateFinding(cfg, time.Now()))
	}
	for i := range found {
		found[i].Group = core.HealthSignIn
	}
	return found
}

func relayFinding(ctx context.Context, cfg *Config, keeper mailer.RefreshKeeper, r *relay) core.Finding {
	f := core.Finding{Code: "relay.fine", State: core.FindingFine, Name: r.Address}
	if r.Domain != "" {
		f.Name += " (" + r.Domain + ")"
	}
	if keeper == nil && r.OAuth.Refresh != "" { // asking may end the token, and nobody would keep the next
		f.Code, f.State = "relay.unasked", core.FindingUnknown
		return f
	}
	fault, err := probeRelay(ctx, cfg, keeper, r)
	switch {
	case err != nil:
		f.Code, f.State, f.Found = "relay.setting", core.FindingWrong, err.Error()
	case fault != nil:
		f.Code, f.State, f.Found = "relay."+relayFault(fault), core.FindingWrong, fault.Remote+": "+fault.Text
	case r.TLS == "opportunistic":
		// Mail goes out whatever the certificate is like. It would not once encryption is required, so it is advice.
		strict := *r
		strict.TLS = "required"
		if fault, err = probeRelay(ctx, cfg, keeper, &strict); err == nil && fault != nil && badCertificate(fault) != "" {
			f.Code, f.State, f.Found = "relay."+badCertificate(fault), core.FindingAdvice, fault.Remote+": "+fault.Text
		}
	}
	return f
}

func probeRelay(ctx context.Context, cfg *Config, keeper mailer.RefreshKeeper, r *relay) (*mailer.Outcome, error) {
	t, err := r.transport(cfg, keeper)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, signInLimit)
	defer cancel()
	return t.Probe(ctx), nil
}

// relayFault names what kept us out.
func relayFault(o *mailer.Outcome) string {
	if bad := badCertificate(o); bad != "" {
		return bad
	}
	switch word, _, _ := strings.Cut(o.Text, ":"); {
	case o.Code == 530, o.Code == 535, o.Code == 538, word == "AUTH":
		return "refused"
	case word == "TLS", word == "STARTTLS":
		return "tls"
	}
	return "unreachable"
}

// badCertificate tells what is wrong with the relay's certificate; empty when something else is.
func badCertificate(o *mailer.Outcome) string {
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(o.Cause, &name):
		return "name"
	case errors.As(o.Cause, &invalid) && invalid.Reason == x509.Expired:
		return "expired"
	}
	return ""
}

// certificateFinding looks at the certificate that others see who bring us mail.
func certificateFinding(cfg *Config, now time.Time) core.Finding {
	f := core.Finding{Code: "certificate.fine", State: core.FindingFine, Name: cfg.smtpName()}
	pair, err := tls.LoadX509KeyPair(cfg.SMTP.Cert, cfg.SMTP.Key)
	if err != nil {
		f.Code, f.State, f.Found = "certificate.unreadable", core.FindingWrong, err.Error()
		return f
	}
	f.Found = pair.Leaf.NotAfter.UTC().Format(time.DateOnly)
	switch {
	case now.After(pair.Leaf.NotAfter) || now.Before(pair.Leaf.NotBefore):
		f.Code, f.State = "certificate.expired", core.FindingWrong
	case pair.Leaf.VerifyHostname(f.Name) != nil:
		f.Code, f.State, f.Found = "certificate.name", core.FindingWrong, strings.Join(pair.Leaf.DNSNames, ", ")
	case now.Add(certificateSoon).After(pair.Leaf.NotAfter):
		f.Code, f.State = "certificate.soon", core.FindingAdvice
	}
	return f
}
