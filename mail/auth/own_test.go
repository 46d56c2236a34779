package auth

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
)

const ownKey = "v=DKIM1; k=ed25519; p=AAAA"

// ownZone is a domain of which everything is right, and what should be found of it.
func ownZone() (*zone, OwnDomain) {
	z := newZone()
	z.mx["firm.example"] = []*net.MX{{Host: "mail.firm.example.", Pref: 10}}
	z.ip["mail.firm.example"] = []net.IP{net.ParseIP("192.0.2.25")}
	z.ptr["192.0.2.25"] = []string{"mail.firm.example."}
	z.txt["firm.example"] = []string{"some other text", "v=spf1 ip4:192.0.2.25 -all"}
	z.txt["e1._domainkey.firm.example"] = []string{"v=DKIM1; k=ed25519; p=AA AA"}
	z.txt["_dmarc.firm.example"] = []string{"v=DMARC1; p=reject"}
	z.txt["_mta-sts.firm.example"] = []string{"v=STSv1; id=2026"}
	z.txt["_smtp._tls.firm.example"] = []string{"v=TLSRPTv1; rua=mailto:x@firm.example"}
	return z, OwnDomain{Domain: "firm.example", Host: "mail.firm.example", Senders: []netip.Addr{netip.MustParseAddr("192.0.2.25")}, Ours: true,
		Keys: map[string]string{"e1._domainkey.firm.example": ownKey}}
}

func TestADomainInOrderIsFoundInOrder(t *testing.T) {
	z, d := ownZone()
	list := CheckOwnDomain(context.Background(), z, d)
	if len(list) != 7 {
		t.Errorf("%d findings", len(list))
	}
	for _, f := range list {
		if f.State != RecordFine || f.Set != "" {
			t.Errorf("%+v", f)
		}
	}
}

func TestEachFaultOfADomainIsNamedWithItsRecord(t *testing.T) {
	for code, c := range map[string]struct {
		plant func(*zone, *OwnDomain)
		set   string // part of the record to set
	}{
		"mx.missing":   {func(z *zone, _ *OwnDomain) { delete(z.mx, "firm.example") }, "firm.example. MX 10 mail.firm.example."},
		"mx.elsewhere": {func(z *zone, _ *OwnDomain) { z.mx["firm.example"][0].Host = "mx.other.example." }, "firm.example. MX 10 mail.firm.example."},
		"spf.missing":  {func(z *zone, _ *OwnDomain) { delete(z.txt, "firm.example") }, `firm.example. TXT "v=spf1 ip4:192.0.2.25 -all"`},
		"spf.several": {func(z *zone, _ *OwnDomain) {
			z.txt["firm.example"] = []string{"v=spf1 mx -all", "v=spf1 ip4:192.0.2.25 -all"}
		}, "v=spf1"},
		"spf.everybody": {func(z *zone, _ *OwnDomain) { z.txt["firm.example"] = []string{"v=spf1 +all"} }, "-all"},
		"spf.without": {func(z *zone, _ *OwnDomain) {
			z.txt["firm.example"] = []string{"v=spf1 ip4:198.51.100.1 ~all"}
		}, `"v=spf1 ip4:192.0.2.25 ip4:198.51.100.1 ~all"`},
		"spf.invalid":    {func(z *zone, _ *OwnDomain) { z.txt["firm.example"] = []string{"v=spf1 ip4:nonsense -all"} }, "-all"},
		"dkim.none":      {func(_ *zone, d *OwnDomain) { d.Keys = nil }, ""},
		"dkim.missing":   {func(z *zone, _ *OwnDomain) { delete(z.txt, "e1._domainkey.firm.example") }, ownKey},
		"dkim.other":     {func(z *zone, _ *OwnDomain) { z.txt["e1._domainkey.firm.example"] = []string{"v=DKIM1; p=BBBB"} }, ownKey},
		"dmarc.missing":  {func(z *zone, _ *OwnDomain) { delete(z.txt, "_dmarc.firm.example") }, `_dmarc.firm.example. TXT "v=DMARC1; p=quarantine`},
		"dmarc.invalid":  {func(z *zone, _ *OwnDomain) { z.txt["_dmarc.firm.example"] = []string{"v=DMARC1; p=perhaps"} }, "p=quarantine"},
		"dmarc.weak":     {func(z *zone, _ *OwnDomain) { z.txt["_dmarc.firm.example"] = []string{"v=DMARC1; p=none"} }, "p=quarantine"},
		"ptr.missing":    {func(z *zone, _ *OwnDomain) { delete(z.ptr, "192.0.2.25") }, "192.0.2.25 PTR mail.firm.example."},
		"ptr.other":      {func(z *zone, _ *OwnDomain) { z.ptr["192.0.2.25"] = []string{"elsewhere.example."} }, "192.0.2.25 PTR mail.firm.example."},
		"mtasts.missing": {func(z *zone, _ *OwnDomain) { delete(z.txt, "_mta-sts.firm.example") }, `_mta-sts.firm.example. TXT "v=STSv1;`},
		"tlsrpt.missing": {func(z *zone, _ *OwnDomain) { delete(z.txt, "_smtp._tls.firm.example") }, "v=TLSRPTv1; rua=mailto:"},
		"mx.unknown":     {func(z *zone, _ *OwnDomain) { z.errs["firm.example"] = errors.New("server failure") }, ""},
		"dmarc.unknown":  {func(z *zone, _ *OwnDomain) { z.errs["_dmarc.firm.example"] = errors.New("server failure") }, ""},
	} {
		z, d := ownZone()
		c.plant(z, &d)
		named, wrong := false, 0
		for _, f := range CheckOwnDomain(context.Background(), z, d) {
			if f.State == RecordFine {
				continue
			}
			wrong++
			if f.Code == code {
				named = true
				if !strings.Contains(f.Set, c.set) || c.set == "" && f.Set != "" {
					t.Errorf("%s: set %q", code, f.Set)
				}
			}
		}
		if !named || wrong != 1 && code != "mx.unknown" {
			t.Errorf("%s: named %v among %d findings", code, named, wrong)
		}
	}
}

func TestWhatOthersDoForADomainIsNotAskedOfIt(t *testing.T) {
	z, d := ownZone()
	delete(z.mx, "firm.example")
	delete(z.ptr, "192.0.2.25")
	d.Host, d.Ours, d.Senders = "", false, nil
	for _, f := range CheckOwnDomain(context.Background(), z, d) {
		if f.State != RecordFine {
			t.Errorf("%+v", f)
		}
	}
}
