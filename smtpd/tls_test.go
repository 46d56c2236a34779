package smtpd

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeCertificate makes a key and a certificate with the serial number.
func writeCertificate(t *testing.T, dir string, serial int64) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tpl := &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: []string{"gw.test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tpl, tpl, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	pk, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pk}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func withCertificate(t *testing.T) func(*Config) {
	return func(c *Config) { c.CertFile, c.KeyFile = writeCertificate(t, t.TempDir(), 1) }
}

// startTLS greets and encrypts.
func (p *peer) startTLS() *peer {
	p.t.Helper()
	p.expect("220")
	if got := p.do("EHLO c", "250-"); !strings.Contains(got, "STARTTLS") {
		p.t.Fatalf("not offered: %q", got)
	}
	p.do("STARTTLS", "220")
	c := tls.Client(p.Conn, &tls.Config{InsecureSkipVerify: true})
	if err := c.Handshake(); err != nil {
		p.t.Fatal(err)
	}
	return &peer{c, p.t, bufio.NewReader(c)}
}

func TestSTARTTLSCarriesAMessage(t *testing.T) {
	w := serve(t, false, withCertificate(t))
	p := w.dial().startTLS()
	p.do("MAIL FROM:<a@x.test>", "502") // RFC 3207 §4.2: the greeting is forgotten
	if got := p.do("EHLO c2", "250-"); strings.Contains(got, "STARTTLS") {
		t.Errorf("offered again: %q", got)
	}
	p.do("MAIL FROM:<a@x.test>", "250")
	p.do("RCPT TO:<ok@in.test>", "250")
	p.do("DATA", "354")
	p.send("a\r\n.\r\n")
	p.expect("250 2.0.0 kept")
	p.do("MAIL FROM:<a@x.test>", "250")
	p.do("RCPT TO:<ok@in.test>", "250")
	p.do("DATA", "354")
	p.send("a\nb\r\n.\r\n")
	p.expect("550 5.5.2")
	if env := w.road.messages()[0].env; !env.TLS || env.Protocol != "ESMTPS" || env.Helo != "c2" {
		t.Errorf("envelope %+v", env)
	}
}

// What is sent in the clear behind STARTTLS comes from somebody in between (RFC 3207 §5).
func TestCommandsInjectedBeforeTLSAreNotObeyed(t *testing.T) {
	w := serve(t, false, withCertificate(t))
	p := w.dial()
	p.expect("220")
	p.do("EHLO c", "250-")
	p.send("MAIL FROM:<evil@x.test>\r\nRCPT TO:<evil@in.test>\r\nSTARTTLS\r\nEHLO injected\r\nMAIL FROM:<evil@x.test>\r\n")
	p.expect("250")
	p.expect("250")
	p.expect("220")
	c := tls.Client(p.Conn, &tls.Config{InsecureSkipVerify: true})
	if err := c.Handshake(); err != nil {
		return // the injected bytes broke the handshake: nothing was obeyed either
	}
	q := &peer{c, t, bufio.NewReader(c)}
	q.do("DATA", "502")
	q.do("EHLO c", "250-Hello c")
	q.do("RCPT TO:<ok@in.test>", "502")
}

func TestARenewedCertificateIsUsedWithoutRestart(t *testing.T) {
	dir := t.TempDir()
	w := serve(t, false, func(c *Config) { c.CertFile, c.KeyFile = writeCertificate(t, dir, 1) })
	now := time.Now()
	w.srv.certs.now = func() time.Time { return now }
	serial := func() string {
		p := w.dial().startTLS()
		return p.Conn.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.String()
	}
	if got := serial(); got != "1" {
		t.Fatalf("serial %s", got)
	}
	cert, _ := writeCertificate(t, dir, 2)
	later := now.Add(time.Minute)
	if err := os.Chtimes(cert, later, later); err != nil {
		t.Fatal(err)
	}
	now = later
	if got := serial(); got != "2" {
		t.Errorf("serial %s after the change", got)
	}
	if err := os.WriteFile(cert, []byte("half written"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	if got := serial(); got != "2" {
		t.Errorf("serial %s while the file is broken", got)
	}
}

func TestAMissingCertificateIsToldAtTheStart(t *testing.T) {
	if _, err := New(Config{CertFile: "/nonexistent", KeyFile: "/nonexistent"}, &fakeRoad{}, &fakeLimiter{}, nil); err == nil {
		t.Error("no error")
	}
}
