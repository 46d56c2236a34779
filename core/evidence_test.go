package core

import (
	"testing"
	"time"
)

// replay is one thing that somebody did, seconds after the mail was handed over.
type replay struct {
	at     int
	ip     string
	agent  string
	plain  bool // no language was asked for
	probed bool
	// together is what else its network fetched just before; opened when the page was shown whose mark it
	// brought back, in the same seconds, 0 for none.
	together, opened int
	session          bool
}

func (r replay) class() VisitClass {
	sent := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	e := Evidence{Visitor: Visitor{IP: r.ip, Agent: r.agent, Language: !r.plain}, At: sent.Add(time.Duration(r.at) * time.Second), Sent: sent, Session: r.session, Probed: r.probed, Together: r.together}
	if r.opened > 0 {
		e.Opened = sent.Add(time.Duration(r.opened) * time.Second)
	}
	class, _ := e.Class()
	return class
}

const (
	chrome  = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36"
	edge    = chrome + " Edg/131.0.0.0"
	firefox = "Mozilla/5.0 (Windows NT 10.0; rv:133.0) Gecko/20100101 Firefox/133.0"
	iphone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1"
	android = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36"
)

// Idea 13: six scanners, replayed, and not one step of any is a person's.
func TestIdea13NoScannerEverCountsAsAPerson(t *testing.T) {
	for name, steps := range map[string][]replay{
		"a provider's detonation in a real browser, within the minute, that clicks all": {
			{at: 4, ip: "20.50.1.9", agent: chrome}, {at: 5, ip: "20.50.1.9", agent: chrome, opened: 4}, {at: 6, ip: "20.50.1.9", agent: chrome, opened: 4, together: 1}, {at: 9, ip: "20.50.1.9", agent: chrome, opened: 4, together: 3}},
		"the same provider's look at the time of the click, from its own network": {
			{at: 4000, ip: "104.47.2.9", agent: edge}, {at: 4010, ip: "104.47.2.9", agent: edge, opened: 4000}},
		"a gateway that asks by HEAD first, hours later": {
			{at: 9000, ip: "198.51.100.4", agent: chrome, probed: true}, {at: 9004, ip: "198.51.100.4", agent: chrome, probed: true, opened: 9000}},
		"a crawler with a name of its own that keeps what it is given": {
			{at: 300, ip: "198.51.100.5", agent: "BarracudaCentral/1.0 (link scan)"}, {at: 360, ip: "198.51.100.5", agent: "BarracudaCentral/1.0 (link scan)", opened: 300}},
		"a headless browser that waits, scrolls and clicks": {
			{at: 600, ip: "198.51.100.6", agent: "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 HeadlessChrome/131.0.0.0 Safari/537.36"},
			{at: 630, ip: "198.51.100.6", agent: "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 HeadlessChrome/131.0.0.0 Safari/537.36", opened: 600}},
		"a plain fetcher under a browser's name, without language and cookies": {
			{at: 90, ip: "198.51.100.7", agent: firefox, plain: true}, {at: 92, ip: "198.51.100.7", agent: firefox, plain: true, together: 4}},
		"one that has a browser's name and language, keeps nothing and comes late": {
			{at: 7200, ip: "198.51.100.8", agent: chrome}, {at: 7203, ip: "198.51.100.8", agent: chrome}, {at: 7205, ip: "198.51.100.8", agent: chrome, together: 3}},
		"one that keeps what it is given and clicks at once": {
			{at: 7200, ip: "198.51.100.9", agent: chrome}, {at: 7201, ip: "198.51.100.9", agent: chrome, opened: 7200}},
	} {
		for i, s := range steps {
			if got := s.class(); got == VisitPerson {
				t.Errorf("%s: step %d counts as a person", name, i)
			}
		}
	}
}

// Idea 13: six people, replayed; what each fetches counts.
func TestIdea13WhatPeopleFetchCounts(t *testing.T) {
	for name, r := range map[string]replay{
		"an engineer at his desk":                                 {at: 3600, ip: "203.0.113.4", agent: firefox, opened: 3580},
		"a site manager with a telephone on a slow line":          {at: 5000, ip: "203.0.113.5", agent: iphone, opened: 4800},
		"an architect behind a gateway that opened it before her": {at: 95, ip: "203.0.113.6", agent: edge, opened: 80},
		"a print shop that takes one file after the other":        {at: 1200, ip: "203.0.113.7", agent: chrome, opened: 1100, together: 2},
		"a client who opens the mail on the train":                {at: 400, ip: "2001:db8::9", agent: android, opened: 396},
		"a participant who signed in and takes twenty at once":    {at: 20, ip: "203.0.113.9", agent: chrome, together: 20, session: true},
	} {
		if got := r.class(); got != VisitPerson {
			t.Errorf("%s is called %s", name, got)
		}
	}
	for name, r := range map[string]replay{
		"somebody who waited for the mail and was quick": {at: 40, ip: "203.0.113.4", agent: firefox, opened: 30},
		"a browser that keeps nothing":                   {at: 3600, ip: "203.0.113.4", agent: firefox},
	} {
		if got := r.class(); got != VisitUnknown { // not counted, and called no machine either
			t.Errorf("%s is called %s", name, got)
		}
	}
}
