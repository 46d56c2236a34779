package web

import (
	"fmt"
	"time"

	"planpost/core"
	"planpost/core/access"
)

var suppressionProbes = map[access.Action]probe{
	"suppression.view": {ask: opens(at("/suppressed"))},
	"suppression.add": {ask: posts(at("/suppressed"), func(w *cellWorld) []string {
		w.n++
		return []string{"address", fmt.Sprintf("full%d@example.net", w.n), "stream", "work", "why", "asked for it"}
	})},
	"suppression.lift": {ask: posts(func(w *cellWorld) string { return "/suppressed/" + string(stopped(w)) + "/lift" }, fields())},
}

// stopped is an address whose mail is stopped.
func stopped(w *cellWorld) core.ID {
	w.n++
	s := core.Suppression{ID: core.NewID(), Account: w.account.ID, Address: fmt.Sprintf("gone%d@example.net", w.n), Stream: core.WorkStream, Reason: core.SuppressBounce,
		Evidence: "5.1.1 no such user", CreatedAt: w.core.Now().Add(-time.Hour)}
	w.tx(func(tx core.Tx) error { return tx.Suppress(w.t.Context(), &s) })
	return s.ID
}
