package store_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"planpost/core"
	"planpost/core/access"
	"planpost/store"
	"planpost/store/storetest"
)

// randomLinks mails links to people: to tasks, to projects, and such that cover the person alone.
func (g *graph) randomLinks() (list []core.Link) {
	objects := append(slices.Sorted(maps.Keys(g.tasks)), slices.Sorted(maps.Keys(g.projects))...)
	for i := range 60 {
		l := core.Link{ID: core.NewID(), Account: g.Account.ID, Kind: core.ThreadLink, Person: g.anyone(), Object: pick(g.r, objects), Scope: core.ScopeExternal,
			CreatedBy: g.anyoneOr(""), CreatedAt: storetest.Now()}
		switch i % 6 {
		case 0:
			l.Kind, l.Object = core.ActivationLink, l.Person
		case 1:
			l.ExpiresAt = storetest.Now().Add(-time.Minute)
		case 2:
			l.ConsumedAt = storetest.Now()
		case 3:
			l.RevokedAt, l.RevokeReason = storetest.Now(), "blocked"
		}
		if err := g.S.InTx(context.Background(), func(tx core.Tx) error { return tx.EnsureLink(context.Background(), &l) }); err != nil {
			g.T.Fatal(err)
		}
		if !slices.ContainsFunc(list, func(o core.Link) bool { return o.ID == l.ID }) { // else there was a living one
			list = append(list, l)
		}
	}
	return list
}

func (g *graph) linkFacts(p *core.Person, l *core.Link) (access.Facts, core.ID) {
	project := g.projects[l.Object].ID
	if t, ok := g.tasks[l.Object]; ok {
		project = t.Project
	}
	f := g.capabilities(p) | g.projectFacts(p, project).Without(access.Aud)
	return f.When(l.CreatedBy == p.ID, access.Mine).Closed(), project
}

func (g *graph) compareLinks(ctx context.Context, tx core.Tx, p *core.Person, links []core.Link) error {
	var want, got []core.ID
	for i := range links {
		l := &links[i]
		f, project := g.linkFacts(p, l)
		blocked := g.blockedIn(p, project)
		read, readBlocked, err := tx.LinkFacts(ctx, p, l.ID)
		if err != nil {
			return err
		}
		g.same("link "+string(l.ID), p, read, f, readBlocked, blocked)
		if may(p, "link.list", f, blocked) && l.State(storetest.Now()) == core.LinkLive {
			want = append(want, l.ID)
		}
	}
	for holder := range g.people {
		list, err := tx.LivingLinks(ctx, g.viewer(p), holder, storetest.Now(), 100)
		if err != nil {
			return err
		}
		for i := range list {
			item := &list[i]
			if item.Link.Kind == core.ReplyLink { // made by other rows of the world
				continue
			}
			got = append(got, item.Link.ID)
			f, project := g.linkFacts(p, &item.Link)
			if end := may(p, "link.revoke", f, g.blockedIn(p, project)); end != item.MayEnd || item.Link.Person != holder {
				g.T.Errorf("%s %s may end %s: %v, want %v", p.Subject(), p.ID, item.Link.ID, item.MayEnd, end)
			}
		}
	}
	g.sameIDs("links", p, got, want)
	return nil
}

func TestFactsAndListsOfLinksAgreeWithThePermissionTable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		for seed := range uint64(5) {
			g := randomGraph(t, s, 100+seed)
			links := g.randomLinks()
			view(t, s, func(ctx context.Context, tx core.Tx) error {
				for _, p := range g.people {
					if err := g.compareLinks(ctx, tx, &p, links); err != nil {
						return err
					}
				}
				return nil
			})
		}
	})
}
