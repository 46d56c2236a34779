package mail

import "strings"

// Kind is what sort of message it is.
type Kind string

// The kinds, from a person's words to a machine's.
const (
	// KindMessage was written by a person, as far as can be told.
	KindMessage Kind = "message"
	// KindList came through a mailing list or in bulk, or asks not to be
	// answered: a person may have written it, but no automatic mail may answer it.
	KindList Kind = "list"
	// KindAutoReply was sent by a machine: out-of-office notes and notifications.
	KindAutoReply Kind = "auto-reply"
	// KindReceipt is a disposition notification (RFC 8098).
	KindReceipt Kind = "receipt"
	// KindBounce reports on a delivery (RFC 3464 and what came before it).
	KindBounce Kind = "bounce"
	// KindFeedback is a complaint report (RFC 5965).
	KindFeedback Kind = "feedback"
)

// Class is the judgement on a message and its reason.
type Class struct {
	Kind Kind
	// Rule is a short stable code of the rule that decided; empty for KindMessage.
	Rule string
	// Evidence is the line that decided, shortened.
	Evidence string
	// Auto is the sort of a KindAutoReply, where it can be told.
	Auto Auto
	// Until is, of an AutoAway, the last day of the absence as a civil date
	// "2006-01-02"; where the note names the day of return, the day before it.
	// Empty when the note does not say a date, or not clearly.
	Until string
}

// Auto is a sort of automatic answer.
type Auto string

// The sorts of automatic answers.
const (
	// AutoAway says that a person is not there: out-of-office notes.
	AutoAway Auto = "away"
	// AutoReceived says that something has arrived: help desks, ticket systems.
	AutoReceived Auto = "received"
)

// Automatic tells that no person wrote the message for its reader.
func (c Class) Automatic() bool { return c.Kind != KindMessage && c.Kind != KindList }

// Answerable tells that automatic mail may answer the message (RFC 3834 §2).
func (c Class) Answerable() bool { return c.Kind == KindMessage }

// Classify says what sort of message m is. The envelope, which may be nil,
// counts more than the header: with it, a Return-Path field is only a claim.
//
// Order: reports by their structure, bounces by sender and words, automatic
// mail by the table of header fields, lists, then weaker signs together.
func Classify(m *Message, env *Envelope) Class {
	c := classify(m, env)
	if c.Kind == KindAutoReply {
		c.sort(m, env)
	}
	return c
}

func classify(m *Message, env *Envelope) Class {
	if c, ok := classifyReport(m); ok {
		return c
	}
	signs := gatherSigns(m, env)
	if c, ok := classifyBounce(m, signs); ok {
		return c
	}
	auto, list := matchHeader(m.Header)
	if auto.Kind != "" {
		return auto
	}
	if c, ok := signs.vacation(m, list); ok {
		return c
	}
	switch {
	case signs.nullPath != "":
		return Class{Kind: KindAutoReply, Rule: "path.null", Evidence: signs.nullPath}
	case signs.daemon != "":
		return Class{Kind: KindAutoReply, Rule: "from.daemon", Evidence: signs.daemon}
	case list.Kind != "":
		return list
	case signs.noReply != "":
		return Class{Kind: KindList, Rule: "from.no-reply", Evidence: signs.noReply}
	}
	return Class{Kind: KindMessage}
}

// classifyReport knows the reports that follow RFC 6522.
func classifyReport(m *Message) (Class, bool) {
	byType := func(kind Kind, rule string, types ...string) (Class, bool) {
		for i := range m.Attachments {
			for _, t := range types {
				if m.Attachments[i].Type == t {
					return Class{Kind: kind, Rule: rule, Evidence: "Content-Type: " + t}, true
				}
			}
		}
		return Class{}, false
	}
	if c, ok := byType(KindFeedback, "report.feedback", "message/feedback-report"); ok {
		return c, true
	}
	if c, ok := byType(KindReceipt, "report.disposition", "message/disposition-notification", "message/global-disposition-notification"); ok {
		return c, true
	}
	if m.ReportType == "disposition-notification" {
		return Class{Kind: KindReceipt, Rule: "report.disposition", Evidence: "report-type=" + m.ReportType}, true
	}
	// A person forwards a bounce as an attached message, not as loose parts of one.
	if c, ok := byType(KindBounce, "report.delivery", "message/delivery-status", "message/global-delivery-status"); ok {
		return c, true
	}
	if m.ReportType == "delivery-status" {
		return Class{Kind: KindBounce, Rule: "report.delivery", Evidence: "report-type=" + m.ReportType}, true
	}
	if m.ReportType == "feedback-report" || isOldFeedback(m) {
		return Class{Kind: KindFeedback, Rule: "report.feedback", Evidence: evidence("Subject", m.Subject)}, true
	}
	if isUnsubscribe(m) {
		return Class{Kind: KindFeedback, Rule: "report.unsubscribe", Evidence: evidence("Subject", m.Subject)}, true
	}
	if n, ok := cloudNoticeOf(m); ok {
		return Class{Kind: n.kind(), Rule: "report.cloud", Evidence: evidence("From", m.Header.Get("From"))}, true
	}
	return Class{}, false
}

// isUnsubscribe knows the mail that Apple's programs send for a reader who
// chose to have no more of ours: a complaint in its mildest form.
func isUnsubscribe(m *Message) bool {
	return isYes(strings.ToLower(m.Header.Get("X-Apple-Unsubscribe")))
}

// isOldFeedback knows the complaint mail of Hotmail, older than RFC 5965: it
// has no report part, only a fixed subject and fields of its own.
func isOldFeedback(m *Message) bool {
	return m.Header.Has("X-HmXmrOriginalRecipient") ||
		len(m.Attachments) > 0 && strings.HasPrefix(strings.ToLower(m.Subject), "complaint about message from ")
}

// signs are the weak hints; none decides alone except where no person has it.
type signs struct {
	nullPath, daemon, noReply string
}

func gatherSigns(m *Message, env *Envelope) signs {
	var s signs
	switch path := strings.TrimSpace(m.Header.Get("Return-Path")); {
	case env != nil && env.ReversePath.IsZero() && env.Protocol != Fetched: // no envelope came with what was fetched
		s.nullPath = "MAIL FROM:<>"
	case env != nil && isDaemon(env.ReversePath.Local):
		s.daemon = "MAIL FROM:<" + env.ReversePath.Mailbox() + ">"
	case (env == nil || env.Protocol == Fetched) && path == "<>":
		s.nullPath = "Return-Path: <>"
	}
	from := m.Header.Get("From")
	for _, a := range m.From {
		if isDaemon(a.Local) {
			s.daemon = evidence("From", from)
		}
		if isNoReply(a.Local) {
			s.noReply = evidence("From", from)
		}
	}
	if len(m.From) == 0 && isDaemon(firstWord(from)) { // "From: MAILER-DAEMON (Mail Delivery System)"
		s.daemon = evidence("From", from)
	}
	if s.daemon == "" && containsAny(strings.ToLower(from), "mail delivery s", "mailer daemon", "mailer-daemon", "mail deliver system") {
		s.daemon = evidence("From", from)
	}
	return s
}

func isDaemon(local string) bool {
	l := strings.ToLower(local)
	switch l {
	case "mailer-daemon", "mailerdaemon", "mail-daemon", "postmaster", "post_master", "mail.delivery.system", "maildaemon", "mailer_daemon":
		return true
	}
	return strings.HasPrefix(l, "mailer-daemon+") || strings.HasPrefix(l, "postmaster-")
}

func isNoReply(local string) bool {
	l := strings.ToLower(local)
	if strings.ContainsAny(l, "-_.") {
		l = strings.Map(func(r rune) rune {
			if r == '-' || r == '_' || r == '.' {
				return -1
			}
			return r
		}, l)
	}
	return containsAny(l, "noreply", "donotreply", "nepasrepondre", "nichtantworten")
}

// vacation puts a subject that announces an absence together with a second
// sign; alone it could be a person writing about an absence.
func (s signs) vacation(m *Message, list Class) (Class, bool) {
	if !hasVacationSubject(m.Subject) {
		return Class{}, false
	}
	second := s.nullPath != "" || s.daemon != "" || s.noReply != "" || list.Kind != "" ||
		m.Header.Has("X-Auto-Response-Suppress") || hasRulesLoop(m.Header) || hasVacationWords(m.Text)
	return Class{Kind: KindAutoReply, Rule: "subject.vacation", Evidence: evidence("Subject", m.Subject)}, second
}

// hasRulesLoop knows the field by which Exchange marks what its mailbox rules sent.
func hasRulesLoop(h Header) bool {
	for i := range h {
		if n := len(h[i].Name); n > 16 && strings.EqualFold(h[i].Name[n-16:], "Inbox-Rules-Loop") {
			return true
		}
	}
	return false
}

// evidence is one header line, short enough for a log and a page.
func evidence(name, value string) string { return cutBytes(name+": "+oneLine(value), 160) }

func firstWord(s string) string {
	f := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '<' || r == '>' || r == '"' || r == '@' })
	if len(f) == 0 {
		return ""
	}
	return f[0]
}

// containsAny tells whether s holds one of the words; s is lower case.
func containsAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
