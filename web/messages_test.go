package web

import (
	"strings"
	"testing"
	"time"

	"planpost/core"
)

// What came in is found by the day it came on, by its reason, and by the reference that its sender's server was told.
func TestMessagesAreFoundByDayReasonAndReference(t *testing.T) {
	s := newScene(t)
	from := "Clara Client <" + s.client.Address().Mailbox() + ">"
	to := s.replyAddress(s.client)
	said := s.receive(to, from, "The windows", "They are in.")
	held := s.receive(to, "Otto Other <otto@other.example>", "The doors", "They are not.")
	if said.Disposition != core.Posted || held.Disposition != core.Held {
		t.Fatalf("%s and %s", said.Disposition, held.Disposition)
	}
	b := s.as(s.owner)
	zone, err := time.LoadLocation(s.owner.Zone)
	if err != nil || s.owner.Zone == "" {
		zone = time.UTC
	}
	today := s.core.Now().In(zone)
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	for query, want := range map[string]string{
		"":                           "both",
		"?from=" + day(-2):           "both",
		"?from=" + day(2):            "none",
		"?until=" + day(2):           "both",
		"?until=" + day(-2):          "none",
		"?reason=" + held.Reason:     "doors",
		"?reason=nothing":            "none",
		"?q=" + string(said.Message): "windows",
		"?q=" + strings.ToUpper(string(held.Message)): "doors",
		"?from=" + day(-2) + "&reason=" + held.Reason: "doors",
	} {
		page := b.wants(b.get("/messages"+query), 200)
		windows, doors := strings.Contains(page.body, "The windows"), strings.Contains(page.body, "The doors")
		if got := map[[2]bool]string{{true, true}: "both", {true, false}: "windows", {false, true}: "doors", {}: "none"}[[2]bool{windows, doors}]; got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
	b.wants(b.get("/messages"), 200, "all for this reason", "/messages?reason="+held.Reason)
	b.wants(b.get("/messages?reason="+held.Reason), 200, "only for this reason", `name="reason" value="`+held.Reason+`" checked`)
	b.wants(b.get("/messages?from=yesterday"), 422, "yesterday")
	b.wants(b.get("/messages?until=2026-02-30"), 422, "2026-02-30")
}
