package mailer

import (
	"strings"
	"testing"

	"planpost/core"
)

// RFC 8058 §3.1: one click needs HTTPS; what cannot be unsubscribed from has neither field.
func TestUnsubscribeFieldsStandWhereTheyMay(t *testing.T) {
	for url, want := range map[string]string{
		"":                           "",
		"http://plan.test/u/token":   "List-Unsubscribe: <http://plan.test/u/token>",
		"https://plan.test/u/token2": "List-Unsubscribe: <https://plan.test/u/token2>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click",
	} {
		o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
		o.letter = func(d core.Delivery) (core.Letter, error) {
			l, err := letterOf(d)
			l.UnsubscribeURL = url
			return l, err
		}
		idle(t, mailerFor(o, tr))
		var got []string
		for line := range strings.SplitSeq(string(tr.mails()[0].Raw), "\r\n") {
			if line == "" {
				break
			}
			if strings.HasPrefix(line, "List-Unsubscribe") {
				got = append(got, line)
			}
		}
		if strings.Join(got, "\r\n") != want {
			t.Errorf("%q: %q", url, got)
		}
	}
}
