package core

import (
	"context"
	"slices"
	"time"
)

// LinkEvent is one thing that happened to a link besides its being opened
// (links.md, 6).
type LinkEvent struct {
	ID, Account, Link ID
	At                time.Time
	Code              string
	// Actor is who did it; empty for what the system did, or somebody not known.
	Actor ID
	// IP is dropped after VisitAddressLife; Network, its /24 or /48, stays. Agent is a digest.
	IP, Network, Agent string
	// Delivery is the mail that it tells of; empty for others. It is not in the row.
	Delivery ID
	// Reason is why the link ended, of LinkRevoked that the row of the link tells. It is not in the row either.
	Reason string
}

// What happens to links. Those below the line are read from the link and its mails, not written again.
const (
	LinkCodeWrong  = "code_wrong"
	LinkCodeGiven  = "code_given"
	LinkAskedAgain = "asked_again"
	LinkRaised     = "raised"
	LinkRevoked    = "revoked"
	LinkReceipt    = "receipt"
	LinkExtended   = "extended"
	LinkProbed     = "probed"
	// ---
	LinkCreated = "created"
	LinkMailed  = "mailed"
	LinkWasUsed = "used"
	LinkRanOut  = "expired"
)

// eventsShown is how many events, and how many mails, a page shows of one link.
const eventsShown = 100

// noteLink writes down what happened to a link; by is empty for what came from no browser.
func (c *Core) noteLink(ctx context.Context, tx Tx, l *Link, code string, actor ID, by Visitor) error {
	e := LinkEvent{ID: NewID(), Account: l.Account, Link: l.ID, At: c.Now(), Code: code, Actor: actor, IP: by.IP, Network: networkOf(by.IP)}
	if by.Agent != "" {
		e.Agent = agentOf(by.Agent)
	}
	return tx.CreateLinkEvent(ctx, &e)
}

// linkEvents is all that happened to a link, the newest first.
func (c *Core) linkEvents(ctx context.Context, tx Tx, l *Link) (list []LinkEvent, err error) {
	if list, err = tx.LinkEvents(ctx, l.Account, l.ID, eventsShown); err != nil {
		return nil, err
	}
	mails, err := tx.MailsOfLink(ctx, l, eventsShown)
	if err != nil {
		return nil, err
	}
	for i := range mails {
		list = append(list, LinkEvent{At: mails[i].DoneAt, Code: LinkMailed, Delivery: mails[i].ID})
	}
	list = append(list, LinkEvent{At: l.CreatedAt, Code: LinkCreated, Actor: l.CreatedBy})
	if !l.ConsumedAt.IsZero() {
		list = append(list, LinkEvent{At: l.ConsumedAt, Code: LinkWasUsed, Actor: l.Person})
	}
	byHand := slices.IndexFunc(list, func(e LinkEvent) bool { return e.Code == LinkRevoked })
	switch {
	case !l.RevokedAt.IsZero() && byHand >= 0:
		list[byHand].Reason = l.RevokeReason
	case !l.RevokedAt.IsZero():
		list = append(list, LinkEvent{At: l.RevokedAt, Code: LinkRevoked, Reason: l.RevokeReason})
	case l.State(c.Now()) == LinkExpired && !(l.Kind == CodeLink && slices.ContainsFunc(list, func(e LinkEvent) bool { return e.Code == LinkCodeGiven })): // a code that was given is over with that
		list = append(list, LinkEvent{At: l.ExpiresAt, Code: LinkRanOut})
	}
	slices.SortStableFunc(list, func(x, y LinkEvent) int { return y.At.Compare(x.At) })
	return list, nil
}
