package core

import (
	"context"
	"slices"

	"planpost/mail"
)

// Resolve finds where a message leads that came to the one mailbox behind all
// our addresses, from what stands in it: a probe by its name, a report by the
// mail it is about, an answer by the Message-ID of ours that it names. It is
// asked once the message is read; NotFound "route.unknown" when it leads nowhere.
func (c *Core) Resolve(ctx context.Context, in *Inbound) error {
	if in.Fetched != nil {
		return c.resolveFetched(ctx, in)
	}
	box := func(r Route) bool { return r.Kind == RouteBox }
	if !slices.ContainsFunc(in.Routes, box) {
		return nil
	}
	routes := slices.DeleteFunc(slices.Clone(in.Routes), box)
	for i := range in.Routes {
		if !box(in.Routes[i]) {
			continue
		}
		r, err := c.boxRoute(ctx, in, &in.Routes[i])
		if err != nil {
			return err
		}
		known := slices.ContainsFunc(routes, func(o Route) bool { return o.Key == r.Key })
		if r.Kind != RouteBox && r.Refuse == "" && !known {
			routes = append(routes, r)
		}
	}
	if len(routes) == 0 {
		return Fail(NotFound, "route.unknown")
	}
	in.Routes = routes
	return nil
}

func (c *Core) boxRoute(ctx context.Context, in *Inbound, r *Route) (Route, error) {
	if in.Message == nil {
		return *r, nil
	}
	if probe, ok := c.keys.OpenProbe(in.Message.Header.Get(probeHeader)); ok {
		return probeRoute(probe, r.Shown), nil
	}
	report := in.Class.Kind == mail.KindBounce || in.Class.Kind == mail.KindFeedback
	for i := 0; report && i < len(in.Reports); i++ {
		if d, ok := c.keys.OpenMessageID(in.Reports[i].OriginalMessageID, c.cfg.MailDomain); ok {
			to, err := c.bounceRoute(ctx, d)
			to.Named = true
			return to, err
		}
	}
	answered := c.answeredDelivery(in.Message)
	if answered == "" {
		return *r, nil
	}
	var link ID
	test := false
	err := c.store.Ask(ctx, func(tx Tx) error {
		d, err := tx.FindDelivery(ctx, "", answered)
		link, test = d.Link, d.isTest()
		return err
	})
	if test && err == nil {
		return probeRoute(answered, r.Shown), nil
	}
	if link == "" || err != nil {
		if KindOf(err) == NotFound {
			err = nil
		}
		return *r, err
	}
	to, err := c.replyRoute(ctx, link)
	to.Named = true
	return to, err
}

func probeRoute(probe ID, shown string) Route {
	return Route{Kind: RouteProbe, Probe: probe, Key: "probe:" + string(probe), Shown: shown}
}

// boxed is the route of the mailbox itself; false when the address is another.
func (c *Core) boxed(to mail.Address) (Route, bool) {
	return Route{Kind: RouteBox, Key: "box", Shown: to.Mailbox()}, c.ownBox(to)
}
