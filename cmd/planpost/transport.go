package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"

	"planpost/mailer"
)

// relayTransport is the relay, or nil while there is none: then all mail waits.
func relayTransport(cfg *Config, log *slog.Logger) (mailer.Transport, error) {
	c := &cfg.Mailer
	if c.Relay == "" {
		log.Info("no relay is set: mail waits in the queue")
		return nil, nil
	}
	security := map[string]mailer.Security{"none": mailer.NoTLS, "opportunistic": mailer.Opportunistic, "required": mailer.StartTLS, "implicit": mailer.ImplicitTLS}[c.TLS]
	check, err := relayTLS(c.CA)
	if err != nil {
		return nil, err
	}
	name := c.Hostname
	if name == "" {
		name = cfg.smtpName()
	}
	return mailer.NewRelay(mailer.RelayConfig{Address: c.Relay, Hostname: name, Security: security, Username: c.User, Password: c.Password, TLS: check, Connections: c.Concurrency})
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
