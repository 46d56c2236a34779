package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"

	"planpost/mailer"
)

// relayTransport is the way to the relays, or nil while there is none: then all mail waits.
func relayTransport(cfg *Config, keeper mailer.RefreshKeeper, log *slog.Logger) (mailer.Transport, error) {
	list, err := cfg.Mailer.relays()
	if err != nil {
		return nil, fmt.Errorf("mailer: %w", err)
	}
	if len(list) == 0 {
		log.Info("no relay is set: mail waits in the queue")
		return nil, nil
	}
	rest, err := list[0].transport(cfg, keeper)
	if err != nil {
		return nil, err
	}
	if len(list) == 1 {
		return rest, nil
	}
	routes := &mailer.Routes{By: make(map[string]mailer.Transport), Else: rest}
	for i := range list[1:] {
		r := &list[i+1]
		if routes.By[r.Domain], err = r.transport(cfg, keeper); err != nil {
			return nil, fmt.Errorf("relay of %s: %w", r.Domain, err)
		}
	}
	return routes, nil
}

func (r *relay) transport(cfg *Config, keeper mailer.RefreshKeeper) (*mailer.Relay, error) {
	check, err := relayTLS(r.CA)
	if err != nil {
		return nil, err
	}
	name := cfg.Mailer.Hostname
	if name == "" {
		name = cfg.smtpName()
	}
	c := mailer.RelayConfig{Address: r.Address, Hostname: name, Security: security[r.TLS], Username: r.User, Password: r.Password, TLS: check, Connections: r.Connections}
	if o := &r.OAuth; o.set() {
		c.OAuth = &mailer.OAuth{File: o.File, URL: o.URL, Client: o.Client, Secret: o.Secret, Refresh: o.Refresh, Scope: o.Scope, Keeper: keeper}
	}
	return mailer.NewRelay(c)
}

// relayTLS trusts the certificates of a file besides the system's.
func relayTLS(file string) (*tls.Config, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("mailer.tls_ca: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("mailer.tls_ca: %s holds no certificate", file)
	}
	return &tls.Config{RootCAs: pool}, nil
}
