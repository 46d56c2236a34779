package smtpd

import (
	"log/slog"
	"strings"

	"github.com/emersion/go-smtp"

	"planpost/core"
	"planpost/templates"
)

// status is what a refusal is in SMTP: code and enhanced code (RFC 5321 §4.2, RFC 3463).
type status struct {
	code     int
	enhanced smtp.EnhancedCode
}

// statusOf is the one table from refusals to replies. Its words are those of
// templates under "refuse.". 4yz: try again; 5yz: only what the sender can mend.
func statusOf(code string) status {
	switch code {
	// Recipients, from core.Route.
	case "unknown":
		return status{550, smtp.EnhancedCode{5, 1, 1}}
	case "relay":
		return status{550, smtp.EnhancedCode{5, 7, 1}}
	case "link.revoked":
		return status{550, smtp.EnhancedCode{5, 7, 1}}
	case "link.expired":
		return status{550, smtp.EnhancedCode{5, 1, 6}}
	case "project.closed":
		return status{550, smtp.EnhancedCode{5, 2, 1}}
	case "address":
		return status{553, smtp.EnhancedCode{5, 1, 3}}
	case "utf8":
		return status{553, smtp.EnhancedCode{5, 6, 7}} // RFC 6531 §3.4
	case "tries":
		return status{421, smtp.EnhancedCode{4, 7, 0}}
	// Senders and connections.
	case "sender":
		return status{553, smtp.EnhancedCode{5, 1, 7}}
	case "flood":
		return status{450, smtp.EnhancedCode{4, 7, 1}}
	case "messages", "stopping":
		return status{421, smtp.EnhancedCode{4, 3, 2}}
	// Messages.
	case "bare":
		return status{550, smtp.EnhancedCode{5, 5, 2}}
	case "size":
		return status{552, smtp.EnhancedCode{5, 3, 4}}
	case "line":
		return status{554, smtp.EnhancedCode{5, 6, 0}}
	case "memory":
		return status{452, smtp.EnhancedCode{4, 3, 1}}
	case "broken":
		return status{421, smtp.EnhancedCode{4, 4, 2}}
	}
	return status{550, smtp.EnhancedCode{5, 7, 1}} // the core refuses for a reason this table does not know yet
}

// statusOfKind is the table for errors of the core. Only what the sender can
// mend is permanent; everything unknown is our own trouble.
func statusOfKind(k core.Kind) (status, string) {
	switch k {
	case core.TooLarge:
		return status{552, smtp.EnhancedCode{5, 3, 4}}, "refuse.size"
	case core.Limited:
		return status{450, smtp.EnhancedCode{4, 7, 1}}, "refuse.flood"
	}
	return status{451, smtp.EnhancedCode{4, 3, 0}}, "refuse.trouble"
}

// refuse makes the reply and logs it. detail is for the log: a shown address,
// a reason. The words are in the language given, or the likely one of tx.
func (s *session) refuse(code, detail, locale string, tx *transaction) *smtp.SMTPError {
	if locale == "" && tx != nil {
		locale = localeOf(tx.from.Domain)
	}
	s.srv.log.LogAttrs(s.srv.base, slog.LevelInfo, "refused", slog.String("why", code), slog.String("detail", detail),
		slog.String("peer", s.wire.peer.String()), slog.String("helo", clip(s.greeting())))
	st := statusOf(code)
	return &smtp.SMTPError{Code: st.code, EnhancedCode: st.enhanced, Message: words(locale, "refuse."+code, tx != nil && tx.utf8)}
}

// trouble answers an error of ours. Its text is for the log only.
func (s *session) trouble(station string, err error) error {
	st, key := statusOfKind(core.KindOf(err))
	level := slog.LevelInfo
	if st.code == 451 {
		level = slog.LevelError
	}
	if core.KindOf(err) == core.Unavailable || s.srv.base.Err() != nil {
		level = slog.LevelWarn
	}
	s.srv.log.LogAttrs(s.srv.base, level, "put off", slog.String("station", station), slog.Any("error", err),
		slog.String("peer", s.wire.peer.String()))
	return &smtp.SMTPError{Code: st.code, EnhancedCode: st.enhanced, Message: words(localeOf(s.current().from.Domain), key, false)}
}

// words are one line for a person. Replies are ASCII unless the peer said
// SMTPUTF8 in this transaction (RFC 6531 §3.7.4.2); letters with a sign lose
// it, and a script that has no ASCII gives way to English.
func words(locale, key string, utf8 bool) string {
	text := templates.T(locale, key)
	if utf8 {
		return text
	}
	if plain, ok := toASCII(text); ok {
		return plain
	}
	plain, _ := toASCII(templates.T("en", key))
	return plain
}

// asciiFor are the letters and signs of our Latin languages.
var asciiFor = strings.NewReplacer(
	"ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ß", "ss",
	"à", "a", "â", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "î", "i", "ï", "i", "ô", "o", "ù", "u", "û", "u", "œ", "oe",
	"À", "A", "Â", "A", "Ç", "C", "É", "E", "È", "E", "Ê", "E", "Î", "I", "Ô", "O", "Œ", "Oe",
	"’", "'", "‘", "'", "“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`, "–", "-", "—", "-", "…", "...", "\u00a0", " ", "\u202f", " ",
)

// toASCII writes s without other characters; false when that loses letters.
func toASCII(s string) (string, bool) {
	s = asciiFor.Replace(s)
	if ascii(s) {
		return s, true
	}
	return strings.Map(func(r rune) rune {
		if r > '~' {
			return '?'
		}
		return r
	}, s), false
}

// localeOf guesses the language of a sender by the country of the domain.
func localeOf(domain string) string {
	switch tld := strings.ToLower(domain[strings.LastIndexByte(domain, '.')+1:]); tld {
	case "de", "at", "li":
		return "de"
	case "fr", "mc":
		return "fr"
	case "bg", "xn--90ae", "бг":
		return "bg"
	}
	return "en"
}
