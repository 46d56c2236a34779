package auth

import (
	"context"
	"fmt"
	"net"
	"strings"

	"blitiri.com.ar/go/spf"

	"planpost/mail"
)

// checkSPF asks whether the peer may send for the envelope's domain. A broken
// record of a stranger must not take the process down, hence the recover.
func checkSPF(ctx context.Context, dns *lookups, env *mail.Envelope) (result SPFResult) {
	local, given := env.ReversePath.Local, env.ReversePath.Domain
	if given == "" { // RFC 7208 §2.4: the null reverse-path is judged by HELO.
		local, given = "postmaster", env.Helo
		result.Helo = true
	}
	result.Result = ResultNone
	domain, ok := asciiDomain(given)
	if !ok { // RFC 7208 §4.3
		result.Detail = "no domain to ask"
		return result
	}
	result.Domain = domain
	if !env.Peer.IsValid() {
		result.Detail = "no peer address"
		return result
	}
	defer func() {
		if p := recover(); p != nil {
			result.Result, result.Detail = ResultPermError, note(fmt.Sprint("evaluation stopped: ", p))
		}
	}()
	got, err := spf.CheckHostWithSender(net.IP(env.Peer.Unmap().AsSlice()), env.Helo, sender(local, domain),
		spf.WithContext(ctx), spf.WithResolver(dns))
	result.Result = Result(got)
	if err != nil {
		result.Detail = note(err.Error())
	}
	if dns.cut.Load() {
		// Some mechanisms take a lookup without answer for one without match
		// (RFC 7208 §5.5), so nothing that was found after it can be relied on.
		result.Result, result.Detail = ResultTempError, "no answer in time"
	}
	return result
}

// sender builds the identity for the macros. The library takes the first @ for
// the separator, so a quoted local part with one in it would choose the domain.
func sender(local, domain string) string {
	if local == "" {
		local = "postmaster" // RFC 7208 §4.3
	}
	return strings.ReplaceAll(local, "@", "_") + "@" + domain
}
