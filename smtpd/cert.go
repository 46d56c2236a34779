package smtpd

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookEvery is how often the certificate files are looked at.
const lookEvery = 10 * time.Second

// certificates serves one certificate from files and takes a new one when
// they change, so that a renewal needs no restart.
type certificates struct {
	certFile, keyFile string
	log               *slog.Logger
	now               func() time.Time

	mu      sync.Mutex // guards what follows
	cert    *tls.Certificate
	looked  time.Time
	changed [2]time.Time
}

func newCertificates(certFile, keyFile string, log *slog.Logger) (*certificates, error) {
	c := &certificates{certFile: certFile, keyFile: keyFile, log: log, now: time.Now}
	c.changed = c.times()
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("certificate for STARTTLS: %w", err)
	}
	c.cert, c.looked = &cert, c.now()
	return c, nil
}

// config is the TLS side of STARTTLS. The wire learns from the handshake that
// what it carries from now on is not SMTP.
func (c *certificates) config() *tls.Config {
	base := &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(), nil },
	}
	outer := base.Clone()
	outer.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if w, ok := hello.Conn.(*wire); ok {
			w.secure()
		}
		return base, nil
	}
	return outer
}

func (c *certificates) times() (t [2]time.Time) {
	for i, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil {
			t[i] = info.ModTime()
		}
	}
	return t
}

// current is the certificate in force. While new files do not fit together
// (one of them is written before the other) the old one stays.
func (c *certificates) current() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if now.Sub(c.looked) < lookEvery {
		return c.cert
	}
	c.looked = now
	changed := c.times()
	if changed == c.changed {
		return c.cert
	}
	cert, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		c.log.Warn("new certificate cannot be used, the old one stays", slog.Any("error", err))
		return c.cert
	}
	c.cert, c.changed = &cert, changed
	c.log.Info("new certificate in use")
	return c.cert
}
