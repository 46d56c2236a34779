package core

import (
	"context"
	"slices"
	"strings"
)

// trade is the name of a trade as the project spells it already: who is put
// into "elektro" where others are "Elektro" renews the plans of the same trade.
// What was the row's own name may change its spelling, when nobody else has it.
func trade(ctx context.Context, tx Tx, a *Actor, project ID, name string, own ID) (string, error) {
	name = cut(oneLine(name), 60)
	if name == "" {
		return "", nil
	}
	known, err := tx.PlanRoles(ctx, a.Viewer(), project)
	if err != nil {
		return "", err
	}
	places, err := tx.ListParticipants(ctx, a.Account.ID, project)
	if err != nil {
		return "", err
	}
	for _, m := range places {
		if m.Person != own {
			known = append(known, m.TradeRole)
		}
	}
	if i := slices.IndexFunc(known, func(s string) bool { return strings.EqualFold(s, name) }); i >= 0 && !slices.Contains(known, name) {
		return known[i], nil
	}
	return name, nil
}
