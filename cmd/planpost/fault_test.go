package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"planpost/core"
	"planpost/templates"
)

// strict is a relay that wants a sign-in over TLS, and refuses it.
type strict struct{ sinkSession }

func (*strict) AuthMechanisms() []string { return []string{sasl.Plain} }

func (*strict) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(string, string, string) error {
		return &gosmtp.SMTPError{Code: 535, EnhancedCode: gosmtp.EnhancedCode{5, 7, 8}, Message: "who are you?"}
	}), nil
}

// certificateFiles makes a certificate that trusts itself, and its key.
func certificateFiles(t *testing.T, ip net.IP, name string, until time.Time) (cert, private string, pair tls.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until, DNSNames: []string{name},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	if ip != nil {
		c.IPAddresses = []net.IP{ip}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	cert, private = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	must(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(private, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	return cert, private, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// strictRelay gives its setting, with a certificate of a name that ends at a time.
func strictRelay(t *testing.T, ip net.IP, name string, until time.Time) relay {
	t.Helper()
	file, _, pair := certificateFiles(t, ip, name, until)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	srv := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return &strict{}, nil }))
	srv.Domain, srv.ErrorLog = "strict.test", quiet{}
	srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(ln) }()
	t.Cleanup(func() { srv.Close(); <-done })
	return relay{Address: ln.Addr().String(), TLS: "required", CA: file, User: "we", Password: "hush"}
}

// TestTheTwelveFaultsAreEachNamedWithTheirCure plants one after the other into
// a domain, its relay and the way of its mail, of which else everything is right.
func TestTheTwelveFaultsAreEachNamedWithTheirCure(t *testing.T) {
	dns := &nameServer{txt: map[string]string{}, mx: map[string]string{}, ip: map[string]string{}}
	provider := newPlantedRelay(t)
	cfg := localConfig(t, "")
	cfg.SMTP.Resolver, cfg.SMTP.Hostname, cfg.Mailer.Relay = dns.serve(t), "mail.in.test", provider.sink.addr
	g, err := newHost(t.Context(), cfg, &terminal{strings.NewReader(""), &screen{}, &screen{}, none}, []string{"smtp"})
	must(t, err)
	w := &world{host: g, t: t, ctx: t.Context()}
	ended := make(chan error, 1)
	go func() { ended <- g.run(t.Context()) }()
	t.Cleanup(func() { must(t, <-ended); must(t, g.gateway.close()) })
	provider.door = w.smtpAddresses()[0]
	keys, err := w.core.NewSigningKeys(w.ctx, "in.test")
	must(t, err)
	right := func() {
		provider.plant(untouched)
		w.cfg.Mailer.Relay, w.cfg.Mailer.Relays = provider.sink.addr, nil
		w.cfg.Mailer.TLS, w.cfg.Mailer.CA, w.cfg.Mailer.User, w.cfg.Mailer.Password = "none", "", "", ""
		dns.mx["in.test"], dns.ip["mail.in.test"] = "mail.in.test", "192.0.2.25"
		dns.txt["in.test"], dns.txt["_dmarc.in.test"] = "v=spf1 ip4:192.0.2.25 -all", "v=DMARC1; p=reject"
		dns.txt["_mta-sts.in.test"], dns.txt["_smtp._tls.in.test"] = "v=STSv1; id=1", "v=TLSRPTv1; rua=mailto:x@in.test"
		for i := range keys {
			dns.txt[keys[i].Name()] = keys[i].Record()
		}
	}
	dns.change(right)
	_, err = w.core.CheckSigningKeys(w.ctx, w.resolver())
	must(t, err)
	use := func(r relay) {
		m := &w.cfg.Mailer
		m.Relay, m.TLS, m.CA, m.User, m.Password = r.Address, r.TLS, r.CA, r.User, r.Password
	}
	here := net.IPv4(127, 0, 0, 1)
	for _, c := range []struct {
		name, group, code string
		plant             func()
		cure              string // part of it in every language
	}{
		{"no MX", core.HealthRecords, "mx.missing", func() { delete(dns.mx, "in.test") }, "in.test. MX 10 mail.in.test."},
		{"MX elsewhere", core.HealthRecords, "mx.elsewhere", func() { dns.mx["in.test"] = "mx.other.test" }, "in.test. MX 10 mail.in.test."},
		{"no SPF", core.HealthRecords, "spf.missing", func() { delete(dns.txt, "in.test") }, `in.test. TXT "v=spf1 ip4:192.0.2.25 -all"`},
		{"SPF without us", core.HealthRecords, "spf.without", func() { dns.txt["in.test"] = "v=spf1 ip4:198.51.100.1 -all" }, `"v=spf1 ip4:192.0.2.25 ip4:198.51.100.1 -all"`},
		{"DKIM record missing", core.HealthRecords, "dkim.missing", func() { delete(dns.txt, keys[1].Name()) }, keys[1].Record()},
		{"DKIM of another key", core.HealthRecords, "dkim.other", func() { dns.txt[keys[0].Name()] = "v=DKIM1; k=rsa; p=AAAA" }, keys[0].Record()},
		{"DMARC missing", core.HealthRecords, "dmarc.missing", func() { delete(dns.txt, "_dmarc.in.test") }, `_dmarc.in.test. TXT "v=DMARC1; p=quarantine`},
		{"From not aligned", core.HealthSelfTest, "aligned.from", func() {
			provider.plant(func(m *kept) error { rewrite(m, "From", "we@provider.test"); return nil })
		}, "planpost@in.test"},
		{"certificate expired", core.HealthSignIn, "relay.expired", func() { use(strictRelay(t, here, "strict.test", time.Now().Add(-time.Hour))) }, "127.0.0.1:"},
		{"certificate of another name", core.HealthSignIn, "relay.name", func() { use(strictRelay(t, nil, "other.test", time.Now().Add(time.Hour))) }, ""},
		{"plus-tag dropped", core.HealthSelfTest, "tag.dropped", func() { provider.plant(toBox) }, "recipient_delimiter = +"},
		{"Message-ID rewritten", core.HealthSelfTest, "msgid.rewritten", func() {
			provider.plant(func(m *kept) error { rewrite(m, "Message-ID", "<1@provider.test>"); return nil })
		}, "Message-ID"},
		{"relay refuses the sign-in", core.HealthSignIn, "relay.refused", func() { use(strictRelay(t, here, "strict.test", time.Now().Add(time.Hour))) }, ""},
	} {
		for _, f := range w.found(t, c.group) {
			if f.State != core.FindingFine {
				t.Fatalf("before %s: %+v", c.name, f)
			}
		}
		dns.change(c.plant)
		var named *core.Finding
		for _, f := range w.found(t, c.group) {
			switch {
			case f.Code == c.code:
				named = &f
			case f.State != core.FindingFine && f.What() != "mode":
				t.Errorf("%s: also %+v", c.name, f)
			}
		}
		dns.change(right)
		if named == nil || named.State != core.FindingWrong {
			t.Errorf("%s is not named: %+v", c.name, named)
			continue
		}
		said := map[string]bool{}
		for _, locale := range templates.Locales() {
			cure := templates.T(locale, named.Cure(), named.Params()...)
			if said[cure] || cure == named.Cure() || !strings.Contains(cure, c.cure) || strings.Contains(cure, "hush") {
				t.Errorf("%s, cure in %s: %q", c.name, locale, cure)
			}
			said[cure] = true
		}
	}
}

// TestWhatWasAskedForIsLookedAtAndKept asks for all groups, as the page's button does.
func TestWhatWasAskedForIsLookedAtAndKept(t *testing.T) {
	cfg := localConfig(t, "")
	cfg.SMTP.Resolver = (&nameServer{}).serve(t)
	g, err := openGateway(t.Context(), cfg, newLog(&cfg, &terminal{strings.NewReader(""), &screen{}, &screen{}, none}))
	must(t, err)
	defer g.close()
	must(t, g.core.CheckHealth(t.Context(), &core.Actor{Operator: true}))
	must(t, g.checkHealth(t.Context()))
	list, err := g.core.Findings(t.Context())
	must(t, err)
	seen := map[string]string{}
	for _, f := range list {
		seen[f.What()] = f.Group + " " + f.Code
	}
	for what, want := range map[string]string{"mx": "records mx.missing", "relay": "signin relay.none", "probe": "selftest probe.unsent", "mode": "selftest mode.plain"} {
		if seen[what] != want {
			t.Errorf("%s: %q, want %q", what, seen[what], want)
		}
	}
	if due, err := g.core.HealthDue(t.Context(), g.started); err != nil || len(due) > 0 {
		t.Errorf("still due: %v, %v", due, err)
	}
}

// TestDomainsWithRelaysOfTheirOwnAreLookedAtToo wants each domain's SPF to name its own relay.
func TestDomainsWithRelaysOrSendersOfTheirOwnAreLookedAtToo(t *testing.T) {
	dns := &nameServer{txt: map[string]string{"in.test": "v=spf1 -all", "other.test": "v=spf1 -all"}}
	cfg := localConfig(t, "")
	cfg.SMTP.Resolver, cfg.Mailer.Relay = dns.serve(t), "192.0.2.1:25"
	cfg.Mailer.Relays = []string{"other.test=smtp://192.0.2.2", "in.test=smtp://192.0.2.3"}
	cfg.Mailer.Senders.Digest = "news@news.test"
	found := map[string]string{}
	for _, f := range recordFindings(t.Context(), &cfg, nil) {
		if f.Code == "spf.without" || f.Code == "dkim.none" {
			found[f.Code+" "+f.Name] = f.Set
		}
	}
	for what, want := range map[string]string{"spf.without in.test": "ip4:192.0.2.3", "spf.without other.test": "ip4:192.0.2.2", "dkim.none in.test": "", "dkim.none other.test": "", "dkim.none news.test": ""} {
		if set, ok := found[what]; !ok || !strings.Contains(set, want) {
			t.Errorf("%s: %q", what, set)
		}
	}
}

// TestOurOwnCertificateIsLookedAt gives us one of each sort.
func TestOurOwnCertificateIsLookedAt(t *testing.T) {
	now := time.Now()
	for code, c := range map[string]struct {
		name  string
		until time.Duration
	}{"fine": {"mail.in.test", 90 * 24 * time.Hour}, "soon": {"mail.in.test", 24 * time.Hour}, "expired": {"mail.in.test", -time.Hour}, "name": {"other.test", 90 * 24 * time.Hour}} {
		cfg := Config{SMTP: SMTPConfig{Hostname: "mail.in.test"}}
		cfg.SMTP.Cert, cfg.SMTP.Key, _ = certificateFiles(t, nil, c.name, now.Add(c.until))
		if f := certificateFinding(&cfg, now); f.Code != "certificate."+code || notFine(t, []core.Finding{f}) == nil != (code == "fine") {
			t.Errorf("%s: %+v", code, f)
		}
	}
	if f := certificateFinding(&Config{SMTP: SMTPConfig{Cert: "/nowhere"}}, now); f.Code != "certificate.unreadable" {
		t.Errorf("%+v", f)
	}
}

// TestABadCertificateIsAdviceWhereEncryptionIsNotRequired looks at a relay that takes mail all the same.
func TestABadCertificateIsAdviceWhereEncryptionIsNotRequired(t *testing.T) {
	r := strictRelay(t, nil, "other.test", time.Now().Add(time.Hour))
	r.User, r.Password, r.TLS = "", "", "opportunistic"
	if f := relayFinding(t.Context(), &Config{MailDomain: "in.test"}, nil, &r); f.Code != "relay.name" || f.State != core.FindingAdvice {
		t.Errorf("%+v", f)
	}
}

// found is what a group finds now.
func (w *world) found(t *testing.T, group string) []core.Finding {
	t.Helper()
	if group == core.HealthSelfTest {
		return w.tested(t)
	}
	list, _, err := w.look(w.ctx, group)
	must(t, err)
	return list
}
