package mail

import (
	"strings"
)

// Report is what one delivery report or complaint says about one recipient.
type Report struct {
	// Kind is KindBounce or KindFeedback.
	Kind Kind
	// Recipient is the address the sender had written to, where the report
	// still tells it; it may be zero.
	Recipient Address
	// Action is failed, delayed, delivered, relayed or expanded (RFC 3464
	// §2.3.3); for a complaint its type, such as abuse (RFC 5965 §3.1).
	Action string
	// Status is the enhanced code (RFC 3463), as reported or, where only
	// words were given, as concluded from them; empty for a complaint.
	Status string
	// Permanent tells that the address is of no use: nobody is there, the
	// domain does not exist. A full mailbox, a policy or a size limit is not
	// permanent, even when this message failed for good (Action failed).
	Permanent bool
	// Diagnostic is what the other server said, one line, at most 500 bytes.
	Diagnostic string
	// RemoteMTA is the server that said it, or "".
	RemoteMTA string
	// OriginalMessageID is that of the message reported on, or "".
	OriginalMessageID string
}

// Bounds of what is read out of one report.
const (
	maxReports    = 100
	maxDiagnostic = 500
)

// Reports reads delivery reports (RFC 3464), complaints (RFC 5965) and the
// bounces of systems that follow neither, out of a message that Classify calls
// a bounce or feedback. Nothing in it is authenticated: match it to a delivery
// of ours before acting on it.
func Reports(m *Message) []Report {
	if n, ok := cloudNoticeOf(m); ok {
		list, id := n.reports(), n.originalID()
		for i := range list {
			list[i].OriginalMessageID = id
		}
		return list
	}
	original := originalOf(m)
	list := feedbackReports(m, original)
	if len(list) == 0 {
		list = deliveryReports(m)
	}
	if len(list) == 0 {
		list = textReports(m, original)
	}
	id := originalID(m, original)
	for i := range list {
		list[i].OriginalMessageID = id
	}
	return list
}

// deliveryReports reads the message/delivery-status parts.
func deliveryReports(m *Message) []Report {
	var list []Report
	for i := range m.Attachments {
		a := &m.Attachments[i]
		if a.Type != "message/delivery-status" && a.Type != "message/global-delivery-status" {
			continue
		}
		groups := fieldGroups(a.Content)
		remote := ""
		for _, g := range groups {
			if r, ok := recipientReport(g, m); ok && len(list) < maxReports {
				list = append(list, r)
				continue
			}
			if v := afterType(g.Get("Reporting-MTA")); v != "" && remote == "" {
				remote = v
			}
		}
		for j := range list {
			if list[j].RemoteMTA == "" {
				list[j].RemoteMTA = remote
			}
		}
	}
	return list
}

// fieldGroups splits the groups of fields, parted by blank lines (RFC 3464 §2.1).
func fieldGroups(content []byte) []Header {
	w := &walker{lim: Limits{}.orDefault(), msg: &Message{}}
	var groups []Header
	for len(content) > 0 && len(groups) <= maxReports+1 {
		h, rest, err := w.readHeader(content, true)
		if err != nil || len(rest) == len(content) {
			break
		}
		if len(h) > 0 {
			groups = append(groups, h)
		}
		content = rest
	}
	return groups
}

// recipientReport reads one group about a recipient.
func recipientReport(g Header, m *Message) (Report, bool) {
	if !g.Has("Final-Recipient") && !g.Has("Original-Recipient") && !g.Has("Action") && !g.Has("Status") {
		return Report{}, false
	}
	r := Report{
		Kind:       KindBounce,
		Action:     strings.ToLower(word(g.Get("Action"))),
		Status:     findStatus(g.Get("Status")),
		Diagnostic: diagnostic(afterType(g.Get("Diagnostic-Code"))),
		RemoteMTA:  afterType(g.Get("Remote-MTA")),
	}
	// The address we wrote to comes first: behind a forwarder the final one
	// is somebody we never heard of.
	for _, f := range []string{"Original-Recipient", "Final-Recipient", "X-Actual-Recipient"} {
		if a, ok := reportAddress(g.Get(f)); ok {
			r.Recipient = a
			break
		}
	}
	if r.Diagnostic == "" {
		r.Diagnostic = diagnostic(commentOf(g.Get("Status")))
	}
	said, text := r.Diagnostic, cutBytes(bounceText(m), maxBounceText)
	if said == "" || findStatus(said) == "" && len(said) < 30 {
		said = said + " " + r.inWords(g, text) // some put the reason into the words for people only
	}
	r.settle(said, r.passage(g, text), text)
	return r, true
}

// inWords is what the report for people says about the recipient, or all of
// it where it does not speak of him by himself.
func (r *Report) inWords(g Header, text string) string {
	if p := r.passage(g, text); statusFromText(strings.ToLower(p)) != "" {
		return p
	}
	return cutBytes(text, 4000)
}

// passage is the piece of the report for people that names the recipient.
func (r *Report) passage(g Header, text string) string {
	if a, ok := reportAddress(g.Get("Final-Recipient")); ok {
		if p := passageOf(text, a); p != "" {
			return p
		}
	}
	return passageOf(text, r.Recipient)
}

// settle fills the status from the words and judges the address. said is what
// was answered, beside is said of the same recipient elsewhere, text the whole
// report for people.
func (r *Report) settle(said, beside, text string) {
	low := strings.ToLower(said)
	if r.Status == "" || strings.HasSuffix(r.Status, ".0.0") {
		if s := statusFromText(low); s != "" && (r.Status == "" || s[0] == r.Status[0]) {
			r.Status = s
		}
	}
	if r.Action == "" {
		r.Action = "failed"
		if strings.HasPrefix(r.Status, "4") {
			r.Action = "delayed"
		}
	}
	if r.Status == "" {
		switch r.Action {
		case "failed":
			r.Status = "5.0.0"
		case "delayed":
			r.Status = "4.0.0"
		default:
			r.Status = "2.0.0"
		}
	}
	if r.Action != "failed" || strings.HasPrefix(r.Status, "4") {
		return
	}
	text = strings.ToLower(cutBytes(text, maxBounceText))
	if containsAny(text, pausedWords[:]...) {
		return
	}
	low += "\n" + stage(strings.ToLower(beside), text)
	r.Permanent = addressIsDead(r.Status, low) && !afterData(low, text)
}

// afterType cuts the type off "rfc822; user@example.com".
func afterType(v string) string {
	if kind, rest, ok := strings.Cut(v, ";"); ok && len(kind) < 30 && strings.IndexByte(strings.TrimSpace(kind), ' ') < 0 {
		v = rest
	}
	return strings.TrimSpace(v)
}

func commentOf(v string) string {
	if i := strings.IndexByte(v, '('); i >= 0 {
		return strings.Trim(v[i:], "() ")
	}
	return ""
}

func reportAddress(v string) (Address, bool) {
	v = afterType(v)
	if v == "" {
		return Address{}, false
	}
	list, _ := ParseAddressList(v, 1)
	if len(list) == 0 {
		return Address{}, false
	}
	return Address{Local: list[0].Local, Domain: list[0].Domain}, true
}

func diagnostic(s string) string { return cutBytes(oneLine(s), maxDiagnostic) }

// feedbackReports reads the abuse reporting format.
func feedbackReports(m *Message, original Header) []Report {
	for i := range m.Attachments {
		if m.Attachments[i].Type != "message/feedback-report" {
			continue
		}
		r := Report{Kind: KindFeedback}
		groups := fieldGroups(m.Attachments[i].Content)
		if len(groups) > 0 {
			g := groups[0]
			r.Action = strings.ToLower(word(g.Get("Feedback-Type")))
			r.RemoteMTA = afterType(g.Get("Reporting-MTA"))
			r.Diagnostic = diagnostic(g.Get("User-Agent"))
			for _, f := range []string{"Original-Rcpt-To", "Removal-Recipient"} {
				if a, ok := reportAddress(g.Get(f)); ok {
					r.Recipient = a
					break
				}
			}
		}
		return []Report{r.complete(original)}
	}
	if isUnsubscribe(m) {
		r := Report{Kind: KindFeedback, Action: "opt-out"}
		if len(m.From) > 0 {
			r.Recipient = Address{Local: m.From[0].Local, Domain: m.From[0].Domain}
		}
		return []Report{r}
	}
	if isOldFeedback(m) {
		r := Report{Kind: KindFeedback}
		if a, ok := reportAddress(m.Header.Get("X-HmXmrOriginalRecipient")); ok {
			r.Recipient = a
		}
		return []Report{r.complete(original)}
	}
	return nil
}

// complete takes the recipient of a complaint from the returned message;
// most providers take it out, few leave it.
func (r Report) complete(original Header) Report {
	if r.Action == "" {
		r.Action = "abuse"
	}
	if r.Recipient.IsZero() {
		if a, ok := reportAddress(original.Get("To")); ok {
			r.Recipient = a
		}
	}
	return r
}

// originalOf finds the header of the message reported on among the parts.
func originalOf(m *Message) Header {
	w := &walker{lim: Limits{}.orDefault(), msg: &Message{}}
	for i := range m.Attachments {
		a := &m.Attachments[i]
		switch a.Type {
		case "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers", "text/rfc822-header", "text/plain", "message/rfc822-headers":
		default:
			continue
		}
		h, _, err := w.readHeader(w.skipEnvelope(a.Content), true)
		if err == nil && (h.Has("Message-ID") || h.Has("To") || h.Has("Subject")) {
			return h
		}
	}
	return nil
}

// originalID is the Message-ID of the message reported on: from its returned
// header, from the text below the report, or from what the report answers.
func originalID(m *Message, original Header) string {
	if ids := messageIDs(original.Get("Message-ID"), 1); len(ids) > 0 {
		return ids[0]
	}
	for line := range strings.SplitSeq(m.Text, "\n") {
		line = strings.TrimLeft(line, " \t>|")
		if len(line) > 11 && strings.EqualFold(line[:11], "message-id:") {
			if ids := messageIDs(line[11:], 1); len(ids) > 0 {
				return ids[0]
			}
		}
	}
	if len(m.InReplyTo) == 1 {
		return m.InReplyTo[0]
	}
	return ""
}
