package core

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"slices"
	"time"
)

// VisitClass says who opened a link; counters and dates on pages use only
// VisitPerson, because mail scanners open everything (links.md, 3).
type VisitClass string

// The classes.
const (
	VisitPerson  VisitClass = "person"
	VisitScanner VisitClass = "scanner"
	VisitUnknown VisitClass = "unknown"
)

// Visitor is what a request tells of who sent it.
type Visitor struct {
	IP, Agent string
	// Language tells that a language was asked for, as every browser of a person does.
	Language bool
}

// LinkVisit is one opening of a link.
type LinkVisit struct {
	ID, Account, Link ID
	At                time.Time
	Class             VisitClass
	// Reasons are codes for what speaks against a person.
	Reasons []string
	// IP is dropped after VisitAddressLife; Network, its /24 or /48, stays. Agent is a digest.
	IP, Network, Agent string
}

// VisitAddressLife is how long the whole address of a visit is kept.
const VisitAddressLife = 30 * 24 * time.Hour

const (
	// scanWindow: within it after a mail was handed over, its links are opened by the receiving server.
	scanWindow = time.Minute
	// returnWindow is how soon a browser follows to the page behind a link.
	returnWindow = time.Minute
	// visitsKept and visitsKeptPer bound what is written down of one link.
	visitsKept    = 60
	visitsKeptPer = time.Minute
)

// scanners are words in the names that programs give themselves.
var scanners = []string{"bot", "crawl", "spider", "preview", "scan", "curl", "wget", "python", "go-http", "java/", "headless", "safelinks", "proofpoint", "mimecast", "barracuda"}

// NoteVisit writes down that a link was opened. It is the one thing that
// looking at a link changes.
func (c *Core) NoteVisit(ctx context.Context, l *Link, by Visitor) error {
	if ok, _ := c.limiter.Allow(ctx, "visit:"+string(l.ID), visitsKept, visitsKeptPer); !ok {
		return nil
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		d, _, err := tx.LetterOf(ctx, l.Account, l.ID)
		if err != nil {
			return err
		}
		v := LinkVisit{ID: NewID(), Account: l.Account, Link: l.ID, At: c.Now(), IP: by.IP, Network: networkOf(by.IP), Agent: agentOf(by.Agent)}
		e := Evidence{Visitor: by, At: c.Now(), Sent: d.DoneAt}
		if e.Probed, err = c.probed(ctx, tx, l, v.Network); err != nil {
			return err
		}
		v.Class, v.Reasons = e.Class()
		return tx.CreateLinkVisit(ctx, &v)
	})
}

// probeCounts is how long what a network asked by HEAD speaks against what it
// asks for afterwards.
const probeCounts = 5 * time.Minute

// NoteProbe writes down that somebody asked for a link, or a file behind it,
// by HEAD. It is no visit (links.md, 3): no browser of a person does so.
func (c *Core) NoteProbe(ctx context.Context, l *Link, by Visitor) error {
	if ok, _ := c.limiter.Allow(ctx, "probe:"+string(l.ID)+":"+networkOf(by.IP), 1, time.Minute); !ok {
		return nil
	}
	return c.store.InTx(ctx, func(tx Tx) error { return c.noteLink(ctx, tx, l, LinkProbed, "", by) })
}

// probed tells whether the network asked by HEAD just before.
func (c *Core) probed(ctx context.Context, tx Tx, l *Link, network string) (bool, error) {
	list, err := tx.LinkEvents(ctx, l.Account, l.ID, eventsShown)
	return slices.ContainsFunc(list, func(e LinkEvent) bool {
		return e.Code == LinkProbed && e.Network == network && c.Now().Sub(e.At) < probeCounts
	}), err
}

// NoteReturn writes down that the browser that opened a link kept what it was
// given and came to the page behind it, which scanners seldom do.
func (c *Core) NoteReturn(ctx context.Context, l *Link, by Visitor) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		return tx.RaiseLinkVisit(ctx, l.Account, l.ID, agentOf(by.Agent), c.Now().Add(-returnWindow))
	})
}

// MaskVisits drops addresses that are old; a duty.
func (c *Core) MaskVisits(ctx context.Context) error {
	return c.store.InTx(ctx, func(tx Tx) error { return tx.MaskLinkVisits(ctx, c.Now().Add(-VisitAddressLife)) })
}

// networkOf is what stays of an address: its /24, or /48 of IPv6.
func networkOf(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}
	bits := 48
	if addr = addr.Unmap(); addr.Is4() {
		bits = 24
	}
	p, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

func agentOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:8])
}
