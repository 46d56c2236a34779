package auth

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"blitiri.com.ar/go/spf"
)

// OwnDomain is a domain that we send from and receive for, and what the world
// should find out about it.
type OwnDomain struct {
	Domain string
	// Host is what the server is called that takes its mail; empty when mail is fetched from somebody else's.
	Host string
	// Senders are the addresses its mail leaves from, as the world sees them; empty when that is not known.
	Senders []netip.Addr
	// Ours tells that Senders are our own and not a relay's: their names are our business.
	Ours bool
	// Keys are the DKIM records that should stand: the public key (p=) by name.
	Keys map[string]string
}

// RecordState is what a record is like.
type RecordState string

// The states. Advice is worth doing; without what is Wrong mail is lost or refused.
const (
	RecordFine    RecordState = "fine"
	RecordAdvice  RecordState = "advice"
	RecordWrong   RecordState = "wrong"
	RecordUnknown RecordState = "unknown" // the DNS did not answer
)

// RecordFinding is one record looked at.
type RecordFinding struct {
	// Code is a stable name of what was found, e.g. "spf.without".
	Code  string
	State RecordState
	// Name is where the record stands, Found what stands there, Set the record
	// that should: as a line of a zone file, empty when nothing has to be set.
	Name, Found, Set string
}

// CheckOwnDomain looks at MX, SPF, DKIM, DMARC, PTR, MTA-STS and TLS-RPT, in that order.
func CheckOwnDomain(ctx context.Context, r Resolver, d OwnDomain) (list []RecordFinding) {
	c := ownCheck{dns: &lookups{resolver: r}, d: d}
	if d.Host != "" {
		list = append(list, c.mx(ctx))
	}
	list = append(list, c.spf(ctx))
	list = append(list, c.dkim(ctx)...)
	list = append(list, c.dmarc(ctx))
	if d.Ours {
		for _, a := range d.Senders {
			list = append(list, c.ptr(ctx, a))
		}
	}
	if d.Host != "" {
		list = append(list, c.text(ctx, "mtasts", "_mta-sts."+d.Domain, "v=STSv1", "v=STSv1; id=1"))
	}
	return append(list, c.text(ctx, "tlsrpt", "_smtp._tls."+d.Domain, "v=TLSRPTv1", "v=TLSRPTv1; rua=mailto:postmaster@"+d.Domain))
}

type ownCheck struct {
	dns *lookups
	d   OwnDomain
}

func zoneTXT(name, text string) string { return name + `. TXT "` + text + `"` }

// unknown is the finding when a question failed other than by "no such name".
func unknown(what, name string, err error) (RecordFinding, bool) {
	if err == nil || isNotFound(err) {
		return RecordFinding{}, false
	}
	return RecordFinding{Code: what + ".unknown", State: RecordUnknown, Name: name, Found: note(err.Error())}, true
}

func isNotFound(err error) bool {
	e, ok := err.(*net.DNSError)
	return ok && e.IsNotFound
}

// mx: mail of the domain must come to us (RFC 5321 §5.1).
func (c *ownCheck) mx(ctx context.Context) RecordFinding {
	f := RecordFinding{Code: "mx.fine", State: RecordFine, Name: c.d.Domain, Set: c.d.Domain + ". MX 10 " + c.d.Host + "."}
	list, err := c.dns.LookupMX(ctx, c.d.Domain)
	if u, is := unknown("mx", c.d.Domain, err); is {
		return u
	}
	var hosts []string
	for _, m := range list {
		hosts = append(hosts, strings.ToLower(strings.TrimSuffix(m.Host, ".")))
	}
	f.Found = strings.Join(hosts, ", ")
	switch {
	case len(hosts) == 0:
		f.Code, f.State = "mx.missing", RecordWrong
	case !slices.ContainsFunc(hosts, func(h string) bool { return c.leadsHere(ctx, h) }):
		f.Code, f.State = "mx.elsewhere", RecordWrong
	default:
		f.Set = ""
	}
	return f
}

// leadsHere: it is our name, or another name of the same addresses.
func (c *ownCheck) leadsHere(ctx context.Context, host string) bool {
	if strings.EqualFold(host, c.d.Host) {
		return true
	}
	theirs, ours := c.addresses(ctx, host), c.addresses(ctx, c.d.Host)
	return slices.ContainsFunc(theirs, func(a netip.Addr) bool { return slices.Contains(ours, a) })
}

func (c *ownCheck) addresses(ctx context.Context, host string) (list []netip.Addr) {
	found, _ := c.dns.LookupIPAddr(ctx, host) // none is an answer, too
	for _, a := range found {
		if ip, ok := netip.AddrFromSlice(a.IP); ok {
			list = append(list, ip.Unmap())
		}
	}
	return list
}

// spf: exactly one record, which lets our senders through and not everybody (RFC 7208).
func (c *ownCheck) spf(ctx context.Context) RecordFinding {
	f := RecordFinding{Code: "spf.fine", State: RecordFine, Name: c.d.Domain}
	texts, err := c.dns.LookupTXT(ctx, c.d.Domain)
	if u, is := unknown("spf", c.d.Domain, err); is {
		return u
	}
	records := slices.DeleteFunc(slices.Clone(texts), func(t string) bool {
		first, _, _ := strings.Cut(t, " ")
		return !strings.EqualFold(first, "v=spf1")
	})
	f.Found = strings.Join(records, " | ")
	switch {
	case len(records) == 0:
		f.Code, f.State, f.Set = "spf.missing", RecordWrong, zoneTXT(c.d.Domain, "v=spf1"+c.mechanisms()+" -all")
		return f
	case len(records) > 1: // RFC 7208 §4.5
		f.Code, f.State, f.Set = "spf.several", RecordWrong, zoneTXT(c.d.Domain, records[0])
		return f
	}
	for _, word := range strings.Fields(strings.ToLower(records[0])) {
		if word == "all" || word == "+all" {
			f.Code, f.State = "spf.everybody", RecordWrong
			f.Set = zoneTXT(c.d.Domain, "v=spf1"+c.mechanisms()+" -all")
			return f
		}
	}
	return c.spfOfSenders(ctx, f, records[0])
}

func (c *ownCheck) spfOfSenders(ctx context.Context, f RecordFinding, record string) RecordFinding {
	for _, a := range c.d.Senders {
		got, err := checkSender(ctx, c.dns, a, c.d.Domain)
		switch {
		case got == spf.TempError:
			return RecordFinding{Code: "spf.unknown", State: RecordUnknown, Name: c.d.Domain, Found: note(fmt.Sprint(err))}
		case got == spf.PermError:
			f.Code, f.State = "spf.invalid", RecordWrong
			f.Found += " (" + note(fmt.Sprint(err)) + ")"
			f.Set = zoneTXT(c.d.Domain, "v=spf1"+c.mechanisms()+" -all")
			return f
		case got != spf.Pass:
			f.Code, f.State = "spf.without", RecordWrong
			rest := strings.TrimSpace(record[len("v=spf1"):])
			f.Set = zoneTXT(c.d.Domain, strings.TrimSpace("v=spf1"+c.mechanisms()+" "+rest))
			return f
		}
	}
	return f
}

func checkSender(ctx context.Context, dns *lookups, a netip.Addr, domain string) (result spf.Result, err error) {
	defer func() { // as in checkSPF
		if p := recover(); p != nil {
			result, err = spf.PermError, fmt.Errorf("evaluation stopped: %v", p)
		}
	}()
	return spf.CheckHostWithSender(net.IP(a.AsSlice()), domain, "postmaster@"+domain, spf.WithContext(ctx), spf.WithResolver(dns))
}

// mechanisms are those that let our senders through.
func (c *ownCheck) mechanisms() string {
	if len(c.d.Senders) == 0 {
		return " mx"
	}
	var b strings.Builder
	for _, a := range c.d.Senders {
		kind := "ip4:"
		if a.Is6() {
			kind = "ip6:"
		}
		b.WriteString(" " + kind + a.String())
	}
	return b.String()
}

// dkim: each key's record says the key (RFC 6376 §3.6.1).
func (c *ownCheck) dkim(ctx context.Context) (list []RecordFinding) {
	if len(c.d.Keys) == 0 {
		return []RecordFinding{{Code: "dkim.none", State: RecordWrong, Name: c.d.Domain}}
	}
	var names []string
	for name := range c.d.Keys {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		list = append(list, c.key(ctx, name, c.d.Keys[name]))
	}
	return list
}

func (c *ownCheck) key(ctx context.Context, name, record string) RecordFinding {
	f := RecordFinding{Code: "dkim.fine", State: RecordFine, Name: name}
	texts, err := c.dns.LookupTXT(ctx, name)
	if u, is := unknown("dkim", name, err); is {
		return u
	}
	f.Found = strings.Join(texts, " | ")
	for _, t := range texts {
		if SamePublicKey(t, record) {
			return f
		}
	}
	f.Code, f.State, f.Set = "dkim.other", RecordWrong, zoneTXT(name, record)
	if len(texts) == 0 {
		f.Code = "dkim.missing"
	}
	return f
}

// SamePublicKey tells whether two DKIM records carry the same key; spaces in p= count for nothing (RFC 6376 §3.2).
func SamePublicKey(a, b string) bool {
	p := func(record string) string { return strings.Join(strings.Fields(policyTags(record)["p"]), "") }
	return p(a) != "" && p(a) == p(b)
}

// dmarc: there is one policy, and it is more than a wish (RFC 7489 §6.3).
func (c *ownCheck) dmarc(ctx context.Context) RecordFinding {
	f := RecordFinding{Code: "dmarc.fine", State: RecordFine, Name: "_dmarc." + c.d.Domain}
	p := findPolicy(ctx, c.dns, c.d.Domain)
	f.Found = p.asks
	wanted := zoneTXT(f.Name, "v=DMARC1; p=quarantine; rua=mailto:postmaster@"+c.d.Domain)
	switch {
	case p.result == ResultTempError:
		return RecordFinding{Code: "dmarc.unknown", State: RecordUnknown, Name: f.Name, Found: p.detail}
	case p.result == ResultPermError:
		f.Code, f.State, f.Found, f.Set = "dmarc.invalid", RecordWrong, p.detail, wanted
	case !p.found:
		f.Code, f.State, f.Set = "dmarc.missing", RecordWrong, wanted
	case p.asks == policyNone:
		f.Code, f.State, f.Set = "dmarc.weak", RecordAdvice, wanted
	}
	return f
}

// ptr: the sender's address has a name that leads back to it; many refuse mail without (RFC 1912 §2.1).
func (c *ownCheck) ptr(ctx context.Context, a netip.Addr) RecordFinding {
	f := RecordFinding{Code: "ptr.fine", State: RecordFine, Name: a.String()}
	names, err := ask(ctx, c.dns, a.String(), c.dns.resolver.LookupAddr)
	if u, is := unknown("ptr", f.Name, err); is {
		return u
	}
	f.Found = strings.Join(names, ", ")
	for _, name := range names {
		if slices.Contains(c.addresses(ctx, name), a) {
			return f
		}
	}
	f.Code, f.State = "ptr.other", RecordWrong
	if len(names) == 0 {
		f.Code = "ptr.missing"
	}
	if c.d.Host != "" {
		f.Set = a.String() + " PTR " + c.d.Host + "."
	}
	return f
}

// text is for records of which the beginning is enough, and which are advice.
func (c *ownCheck) text(ctx context.Context, what, name, version, wanted string) RecordFinding {
	texts, err := c.dns.LookupTXT(ctx, name)
	if u, is := unknown(what, name, err); is {
		return u
	}
	for _, t := range texts {
		if first, _, _ := strings.Cut(t, ";"); strings.TrimSpace(first) == version {
			return RecordFinding{Code: what + ".fine", State: RecordFine, Name: name, Found: t}
		}
	}
	return RecordFinding{Code: what + ".missing", State: RecordAdvice, Name: name, Set: zoneTXT(name, wanted)}
}
