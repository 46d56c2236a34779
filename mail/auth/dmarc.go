package auth

import (
	"context"
	"net"
	"strconv"
	"strings"
)

// The policies of RFC 7489 §6.3.
const (
	policyNone       = "none"
	policyQuarantine = "quarantine"
	policyReject     = "reject"
)

// policy is what was found when the From domain was asked for its wishes.
type policy struct {
	// found tells that a record applies; result says why when it does not:
	// none, temperror or permerror.
	found  bool
	result Result
	// asks is the policy for this domain, already weakened by pct=0.
	asks                  string
	strictSPF, strictDKIM bool
	detail                string
}

// findPolicy discovers the record for author (RFC 7489 §6.6.3): at the domain
// itself, else at its Organizational Domain.
func findPolicy(ctx context.Context, dns *lookups, author string) policy {
	records, err := policyRecords(ctx, dns, author)
	sub := false
	if org := organization(author); err == nil && len(records) == 0 && org != author {
		sub = true
		records, err = policyRecords(ctx, dns, org)
	}
	switch {
	case err != nil:
		return policy{result: ResultTempError, detail: note(err.Error())}
	case len(records) == 0:
		return policy{result: ResultNone}
	case len(records) > 1: // RFC 7489 §6.6.3, step 5
		return policy{result: ResultPermError, detail: "several records"}
	}
	return parsePolicy(records[0], sub)
}

// policyRecords are the DMARC records at domain; none is no error.
func policyRecords(ctx context.Context, dns *lookups, domain string) ([]string, error) {
	texts, err := dns.LookupTXT(ctx, "_dmarc."+domain)
	if e, ok := err.(*net.DNSError); ok && e.IsNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var records []string
	for _, t := range texts {
		first, _, _ := strings.Cut(t, ";")
		name, version, _ := strings.Cut(first, "=")
		if strings.TrimSpace(name) == "v" && strings.TrimSpace(version) == "DMARC1" {
			records = append(records, t)
		}
	}
	return records, nil
}

// parsePolicy reads a record leniently, as RFC 7489 §6.3 demands: a syntax
// error in what we do not use must not switch the policy off. sub tells that
// the record is of the Organizational Domain and author is below it.
func parsePolicy(record string, sub bool) policy {
	tags := policyTags(record)
	p := policy{
		found:      true,
		strictSPF:  strings.EqualFold(tags["aspf"], "s"),
		strictDKIM: strings.EqualFold(tags["adkim"], "s"),
	}
	asks, ok := policyWord(tags["p"])
	if sp, given := tags["sp"]; given {
		below, valid := policyWord(sp)
		ok = ok && valid
		if sub {
			asks = below
		}
	}
	if !ok { // RFC 7489 §6.6.3, step 6
		if tags["rua"] == "" {
			return policy{result: ResultPermError, detail: "no valid policy in the record"}
		}
		asks, p.detail = policyNone, "no valid policy, reports wanted"
	}
	p.asks = weaken(asks, tags["pct"])
	return p
}

func policyTags(record string) map[string]string {
	tags := make(map[string]string, 8)
	for tag := range strings.SplitSeq(record, ";") {
		name, value, ok := strings.Cut(tag, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := tags[name]; ok && !twice {
			tags[name] = strings.TrimSpace(value)
		}
	}
	return tags
}

func policyWord(s string) (string, bool) {
	switch s = strings.ToLower(s); s {
	case policyNone, policyQuarantine, policyReject:
		return s, true
	}
	return "", false
}

// weaken applies pct (RFC 7489 §6.6.4): at 0 the next lower policy holds. In
// between the domain wants a share of its mail treated by chance; a verdict
// that a person reads must not be chance, so there the policy counts whole.
func weaken(asks, pct string) string {
	if n, err := strconv.Atoi(pct); err != nil || n != 0 {
		return asks
	}
	if asks == policyReject {
		return policyQuarantine
	}
	return policyNone
}
