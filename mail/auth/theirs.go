package auth

import (
	"strings"

	"planpost/mail"
)

// theirs judges by what the server wrote that took the message in for the
// mailbox: the topmost Authentication-Results field, if it is in that server's
// name (RFC 8601 §5). What stands below came with the message, and anybody can
// write it; so nothing is searched for further down.
func theirs(raw []byte, server, author string) Verdict {
	value := mail.ReadHeader(raw).Get("Authentication-Results")
	if id, _ := splitResults(value); !strings.EqualFold(id, server) {
		value = ""
	}
	v := said(value, author)
	v.Server = note(server)
	return v
}

// said is what the value of an Authentication-Results field says about author.
func said(value, author string) Verdict {
	v := Verdict{Outcome: None, Reason: ReasonNoEvidence, SPF: SPFResult{Result: ResultNone}, DMARC: DMARCResult{Result: ResultNone, Domain: author}}
	_, results := splitResults(value)
	if len(results) == 0 {
		return v
	}
	for _, text := range results {
		r := readMethod(text)
		switch r.method {
		case "spf":
			v.SPF = SPFResult{Result: r.result, Domain: domainOf(r.property["smtp.mailfrom"])}
			if v.SPF.Domain == "" {
				v.SPF.Domain, v.SPF.Helo = domainOf(r.property["smtp.helo"]), true
			}
			v.SPF.Aligned = aligned(v.SPF.Domain, author, false)
		case "dkim":
			d := DKIMResult{Result: r.result, Domain: domainOf(r.property["header.d"]), Selector: note(r.property["header.s"])}
			if d.Domain == "" {
				d.Domain = domainOf(r.property["header.i"])
			}
			d.Aligned = aligned(d.Domain, author, false)
			if len(v.DKIM) < DefaultMaxSignatures {
				v.DKIM = append(v.DKIM, d)
			}
		case "dmarc":
			if domainOf(r.property["header.from"]) == author {
				v.DMARC.Result = r.result
			}
		}
	}
	v.weigh()
	return v
}

// weigh says what follows from a server's results. Its DMARC counts most: it knew the domain's policy.
func (v *Verdict) weigh() {
	switch v.DMARC.Result {
	case ResultPass:
		v.Outcome, v.Reason = Pass, ReasonServer
		return
	case ResultFail:
		v.Outcome, v.Reason = Fail, ReasonPolicy
		return
	case ResultTempError:
		v.Outcome, v.Reason = Temporary, ReasonDNS
		return
	}
	switch proof := passing(v.DMARC.Domain, evidence{spf: v.SPF, dkim: v.DKIM}); {
	case proof != "":
		v.Outcome, v.Reason = Pass, ReasonServer
	case v.SPF.Aligned && v.SPF.Result == ResultFail:
		v.Outcome, v.Reason = Fail, ReasonSPFFail
	default:
		v.Reason = noProof(evidence{spf: v.SPF, dkim: v.DKIM})
	}
}

// domainOf is the domain of an address or a domain alone; empty for what is neither.
func domainOf(s string) string {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	d, ok := asciiDomain(s)
	if !ok {
		return ""
	}
	return d
}

// methodResult is one resinfo (RFC 8601 §2.2).
type methodResult struct {
	method   string
	result   Result
	property map[string]string
}

func readMethod(text string) methodResult {
	r := methodResult{property: make(map[string]string)}
	for i, word := range resultWords(text) {
		name, value, _ := strings.Cut(word, "=")
		name = strings.ToLower(name)
		if i > 0 {
			if _, twice := r.property[name]; !twice {
				r.property[name] = value
			}
			continue
		}
		name, _, _ = strings.Cut(name, "/") // a version may follow
		r.method, r.result = name, Result(strings.ToLower(value))
	}
	return r
}

// splitResults parts a field's value at its semicolons: the name of who wrote it, and its results. Comments are
// left out; what is quoted holds together, or a sender could write results of his own into his address.
func splitResults(value string) (id string, results []string) {
	var parts []string
	var part strings.Builder
	quoted, depth := false, 0
	for i := 0; i < len(value); i++ {
		b := value[i]
		switch {
		case b == '\\' && (quoted || depth > 0) && i+1 < len(value):
			i++
			if quoted && depth == 0 {
				part.WriteByte('_')
			}
		case depth == 0 && b == '"':
			quoted = !quoted
			part.WriteByte('"')
		case !quoted && b == '(':
			depth++
		case !quoted && depth > 0 && b == ')':
			depth--
			part.WriteByte(' ')
		case depth > 0:
		case !quoted && b == ';':
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(b)
		}
	}
	if quoted || depth > 0 { // not whole: nothing in it can be relied on
		return "", nil
	}
	parts = append(parts, part.String())
	if first := resultWords(parts[0]); len(first) > 0 { // a version may follow (RFC 8601 §2.2)
		id = first[0]
	}
	return id, parts[1:]
}

// resultWords parts text at white space outside quotes, spaces around "=" left out and quotes taken off.
func resultWords(text string) (list []string) {
	var word strings.Builder
	quoted := false
	flush := func() {
		if word.Len() > 0 {
			list = append(list, word.String())
			word.Reset()
		}
	}
	for i := 0; i < len(text); i++ {
		b := text[i]
		switch {
		case b == '"':
			quoted = !quoted
		case !quoted && (b == ' ' || b == '\t' || b == '\r' || b == '\n'):
			rest := strings.TrimLeft(text[i:], " \t\r\n")
			if strings.HasPrefix(rest, "=") || strings.HasSuffix(word.String(), "=") {
				continue
			}
			flush()
		default:
			word.WriteByte(b)
		}
	}
	flush()
	return list
}
