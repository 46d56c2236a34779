package core

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Evidence is what is known of somebody who opened a link or fetched a file by
// it. Who it was is guessed from this alone.
type Evidence struct {
	Visitor
	At time.Time
	// Sent is when the mail with the link was handed over; zero where that is not known.
	Sent time.Time
	// Session tells that it is somebody who signed in.
	Session bool
	// Probed tells that the same network asked for the same link by HEAD just before.
	Probed bool
	// Together is how much else of the same mail its network fetched within burstWindow before.
	Together int
	// Opened is when the page was shown whose mark this browser brought back; zero where it brought none.
	Opened time.Time
}

const (
	// burstWindow and burst: whoever fetches so much of a mail in so short a time has not read it.
	burstWindow = 3 * time.Second
	burst       = 3
	// lookTime is what a person needs at least to find on a page what to click.
	lookTime = 2 * time.Second
)

// scanNetworks are those from which providers look through their customers'
// mail (Microsoft's list of Exchange Online Protection). Nobody sits there.
var scanNetworks = []netip.Prefix{
	netip.MustParsePrefix("40.92.0.0/15"), netip.MustParsePrefix("40.107.0.0/16"), netip.MustParsePrefix("52.100.0.0/14"), netip.MustParsePrefix("104.47.0.0/17"),
	netip.MustParsePrefix("2a01:111:f400::/48"), netip.MustParsePrefix("2a01:111:f403::/48"),
}

// Class tells who it probably was, with codes for what speaks against a
// person. A person is only who signed in, or whose browser brought back what a
// page gave it after the time that a look takes, when nothing speaks against
// it. Haste alone makes nobody a machine whose browser came back so.
func (e *Evidence) Class() (VisitClass, []string) {
	if e.Session {
		return VisitPerson, []string{}
	}
	hasty, machine := e.haste(), e.machine()
	reasons := slices.Concat(hasty, machine)
	if reasons == nil {
		reasons = []string{}
	}
	came := !e.Opened.IsZero() && e.At.Sub(e.Opened) >= lookTime
	switch {
	case len(machine) > 0 || len(hasty) > 0 && !came:
		return VisitScanner, reasons
	case len(hasty) == 0 && came:
		return VisitPerson, reasons
	}
	return VisitUnknown, reasons
}

// haste is what a person does too, though seldom.
func (e *Evidence) haste() (reasons []string) {
	if !e.Sent.IsZero() && e.At.Sub(e.Sent) < scanWindow {
		reasons = append(reasons, "at_once")
	}
	if e.Together >= burst {
		reasons = append(reasons, "together")
	}
	return reasons
}

// machine is what no browser of a person does.
func (e *Evidence) machine() (reasons []string) {
	if !e.Language {
		reasons = append(reasons, "no_language")
	}
	agent := strings.ToLower(e.Agent)
	if slices.ContainsFunc(scanners, func(word string) bool { return strings.Contains(agent, word) }) {
		reasons = append(reasons, "program")
	}
	if agent == "" {
		reasons = append(reasons, "no_name")
	}
	if e.Probed {
		reasons = append(reasons, "probed")
	}
	ip, err := netip.ParseAddr(e.IP)
	if err == nil && slices.ContainsFunc(scanNetworks, func(n netip.Prefix) bool { return n.Contains(ip.Unmap()) }) {
		reasons = append(reasons, "network")
	}
	return reasons
}
