package web

import (
	"context"

	"planpost/core"
	"planpost/core/access"
)

var linkProbes = map[access.Action]probe{
	"link.list": {ask: opens(func(w *cellWorld) string {
		mailedBy(w)
		return "/people/" + string(w.client.ID) + "/links"
	})},
	"link.extend": {ask: posts(func(w *cellWorld) string {
		_, l := w.sentTo(w.drawn(core.DrawingKind), w.client)
		return "/links/" + string(l.ID) + "/extend"
	}, fields())},
	"link.revoke": {ask: posts(func(w *cellWorld) string { return "/links/" + string(mailedBy(w)) + "/revoke" }, fields())},
}

// mailedBy makes a link to the client's conversation, by the subject where that is declared.
func mailedBy(w *cellWorld) core.ID {
	l := core.Link{ID: core.NewID(), Account: w.account.ID, Kind: core.ThreadLink, Person: w.client.ID, Object: w.task.ID, Scope: core.ScopeExternal, CreatedBy: w.assignee.ID, CreatedAt: w.core.Now()}
	if w.declared.Has(access.Mine) {
		l.CreatedBy = w.subject.ID
	}
	w.tx(func(tx core.Tx) error { return tx.EnsureLink(context.Background(), &l) })
	return l.ID
}
