package core

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"planpost/mail"
)

// RouteKind is where an envelope recipient leads.
type RouteKind string

// The kinds of route.
const (
	RouteNone  RouteKind = "none"
	RouteReply RouteKind = "reply"
	// RouteApproval is the reply address of a request for approval.
	RouteApproval RouteKind = "approval"
	RouteProject  RouteKind = "project"
	RouteBounce   RouteKind = "bounce"
	// RouteBox is one mailbox behind many of our addresses: what came there leads on by what stands in it (Resolve).
	RouteBox RouteKind = "box"
	// RouteProbe is a mail of the self-test that came back.
	RouteProbe RouteKind = "probe"
)

// Route is where one envelope recipient leads. Doors ask for it at RCPT and
// hand it on with the message; the link is read again when it is accepted.
type Route struct {
	Kind RouteKind
	// Refuse is a reason code when the address must be refused, worded under "refuse.<Refuse>"; empty when it leads somewhere.
	Refuse string
	// Locale is the likely language of who writes there; empty when nothing is known.
	Locale  string
	Account ID
	// Shown is the recipient without its token, Key what makes its receipt unique.
	Shown, Key string
	Link       ID
	Delivery   ID
	Project    Project
	Probe      ID
	// Named tells that a Message-ID led here and no address: many more people see those, so they prove nothing.
	Named bool
}

// replyGrace is how long the reply addresses of a closed task live (links.md 2).
const replyGrace = 180 * 24 * time.Hour

// Route tells where an address leads. An address that leads nowhere is no
// error: its Route has Refuse set. Errors are our own trouble only.
func (c *Core) Route(ctx context.Context, to mail.Address) (Route, error) {
	if !strings.EqualFold(to.Domain, c.cfg.MailDomain) {
		return Route{Kind: RouteNone, Refuse: "relay", Shown: to.Norm()}, nil
	}
	if r, ok, err := c.tokenRoute(ctx, untagged(to.Local), to); ok || err != nil {
		return r, err
	}
	if r, ok := c.boxed(to); ok {
		return r, nil
	}
	return c.projectRoute(ctx, to)
}

// tokenRoute is where a token leads that stands in an address; false when it is none of ours.
func (c *Core) tokenRoute(ctx context.Context, token string, to mail.Address) (r Route, ok bool, err error) {
	if link, ok := c.keys.OpenReply(token); ok {
		r, err = c.replyRoute(ctx, link)
		return r, true, err
	}
	if delivery, ok := c.keys.OpenBounce(token); ok {
		r, err = c.bounceRoute(ctx, delivery)
		return r, true, err
	}
	if probe, ok := c.keys.OpenProbe(token); ok {
		return probeRoute(probe, to.Mailbox()), true, nil
	}
	return r, false, nil
}

func (c *Core) replyRoute(ctx context.Context, link ID) (Route, error) {
	r := Route{Kind: RouteReply, Link: link, Key: string(link), Shown: replyPrefix + "…@" + c.cfg.MailDomain}
	err := c.store.Ask(ctx, func(tx Tx) error {
		l, err := tx.FindLink(ctx, link)
		if err != nil {
			return err
		}
		r.Account = l.Account
		if l.Kind == ApprovalLink {
			r.Kind = RouteApproval
		}
		r.Refuse = c.deadLink(l)
		return nil
	})
	if KindOf(err) == NotFound {
		r.Refuse, err = "unknown", nil
	}
	return r, err
}

// deadLink is the reason why a link works no more, empty while it does.
func (c *Core) deadLink(l Link) string {
	now := c.Now()
	switch {
	case !l.RevokedAt.IsZero():
		return "link.revoked"
	case !l.ExpiresAt.IsZero() && !now.Before(l.ExpiresAt):
		return "link.expired"
	}
	return ""
}

// deadReply is deadLink for a reply address, which ends some time after its task.
func (c *Core) deadReply(rc *ReplyContext) string {
	if !rc.Task.DeletedAt.IsZero() || !rc.Project.DeletedAt.IsZero() {
		return "in_bin"
	}
	if closed := rc.Task.ClosedAt; !closed.IsZero() && c.Now().After(closed.Add(replyGrace)) {
		return "link.expired"
	}
	return c.deadLink(rc.Link)
}

func (c *Core) bounceRoute(ctx context.Context, delivery ID) (Route, error) {
	r := Route{Kind: RouteBounce, Delivery: delivery, Key: "bounce:" + string(delivery), Shown: bouncePrefix + "…@" + c.cfg.MailDomain}
	err := c.store.Ask(ctx, func(tx Tx) error {
		d, err := tx.FindDelivery(ctx, "", delivery)
		r.Account = d.Account
		return err
	})
	if KindOf(err) == NotFound {
		r.Refuse, err = "unknown", nil
	}
	return r, err
}

func (c *Core) projectRoute(ctx context.Context, to mail.Address) (Route, error) {
	r := Route{Kind: RouteProject, Shown: to.Norm()}
	err := c.store.View(ctx, func(tx Tx) error {
		p, err := tx.FindProjectByInbound(ctx, to.Local)
		if err != nil {
			return err
		}
		r.Project, r.Account, r.Key = p, p.Account, "project:"+string(p.ID)
		if !p.ClosedAt.IsZero() {
			r.Refuse = "project.closed"
		}
		a, err := tx.FindAccount(ctx, p.Account)
		r.Locale = a.Locale
		return err
	})
	if KindOf(err) == NotFound {
		return Route{Kind: RouteNone, Refuse: "unknown", Shown: to.Norm()}, nil
	}
	return r, err
}

// CountRefusal adds n recipients refused at RCPT for one reason to their
// hour's total. Of the peer only the network is kept.
func (c *Core) CountRefusal(ctx context.Context, peer netip.Addr, reason string, n int) error {
	bits := 24
	if peer.Is6() && !peer.Is4In6() {
		bits = 48
	}
	network, _ := peer.Unmap().Prefix(bits)
	return c.store.InTx(ctx, func(tx Tx) error {
		return tx.CountRefusal(ctx, &Refusal{Peer: network.String(), Reason: reason, Hour: c.Now().Truncate(time.Hour), Count: n})
	})
}
