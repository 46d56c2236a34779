package imapworker

import (
	netmail "net/mail"
	"strings"
	"time"

	"planpost/mail"
)

// messageIDOf is the Message-ID without its brackets; empty when there is none.
func messageIDOf(h mail.Header) string {
	id := strings.TrimSpace(h.Get("Message-ID"))
	id = strings.TrimSuffix(strings.TrimPrefix(id, "<"), ">")
	if len(id) > 998 {
		return ""
	}
	return id
}

// dateOf is when the author says it was written; zero when nobody can tell.
func dateOf(h mail.Header) time.Time {
	t, err := netmail.ParseDate(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
