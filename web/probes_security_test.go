package web

import (
	"context"

	"planpost/core"
	"planpost/core/access"
)

var securityProbes = map[access.Action]probe{
	"session.second_factor.edit": {given: access.FactsOf(access.Self), ask: opens(at("/me/factor"))},
	"session.second_factor.reset": {ask: posts(func(w *cellWorld) string {
		who := someone(w, access.TgtLow, access.TgtNotOwner)
		if who == w.assignee.ID {
			withFactor(w, who)
		}
		return "/people/" + string(who) + "/factor/reset"
	}, fields())},
	"user.sessions.end": {ask: opens(func(w *cellWorld) string {
		return "/people/" + string(someone(w, access.TgtLow)) + "/access"
	})},
	"account.impersonate": {ask: posts(func(w *cellWorld) string {
		who := w.owner.ID
		// An administrator needs both facts, the owner one; with one of two the target is somebody who has neither.
		if w.declared.Has(access.TgtNotAdmin) && (w.subject.Role == core.Owner || w.declared.Has(access.TgtLow)) {
			who = w.assignee.ID
		}
		return "/people/" + string(who) + "/view"
	}, fields())},
	"account.2fa_policy.edit": {ask: opens(at("/security"))},
	"account.ip_rules.edit":   {ask: opens(at("/security/ip"))},
	"mailbox.view":            {ask: opens(at("/mailboxes"))},
	"mailbox.edit":            {ask: opens(at("/mailboxes/new"))},
}

// someone is the person a deed is tried on: the subject itself, a lower one
// when one of the facts is declared, otherwise the owner.
func someone(w *cellWorld, lower ...access.Fact) core.ID {
	if w.declared.Has(access.Self) {
		return w.subject.ID
	}
	for _, f := range lower {
		if w.declared.Has(f) {
			return w.assignee.ID
		}
	}
	return w.owner.ID
}

// withFactor gives a person a login with a second factor.
func withFactor(w *cellWorld, id core.ID) {
	w.tx(func(tx core.Tx) error {
		ctx := context.Background()
		p, err := tx.FindPerson(ctx, w.account.ID, id)
		if err != nil {
			return err
		}
		if p.Identity == "" {
			login := core.Identity{ID: core.NewID(), Login: string(id), LoginNorm: string(id), CreatedAt: tx.Now()}
			p.Identity = login.ID
			if err := tx.CreateIdentity(ctx, &login); err != nil {
				return err
			}
			if err := tx.UpdatePerson(ctx, &p); err != nil {
				return err
			}
		}
		return tx.PutSecondFactor(ctx, &core.SecondFactor{Identity: p.Identity, Secret: []byte{1}, CreatedAt: tx.Now(), ConfirmedAt: tx.Now()})
	})
}
