package web

import (
	"context"

	"planpost/core"
	"planpost/core/access"
)

// Probes of what is set of a project, who takes part in it, and the bin.
var projectProbes = map[access.Action]probe{
	"project.edit": {ask: posts(atProject("/edit"), fields("name", "Other name"))},
	"project.set_counterparty": {ask: posts(atProject("/edit"), func(w *cellWorld) []string {
		return []string{"counterparty", "", "seen", "1"}
	})},
	"project.set_client_manager": {ask: posts(atProject("/edit"), func(w *cellWorld) []string { return []string{"clientmanager", string(w.assignee.ID)} })},
	"project.set_visibility":     {ask: posts(atProject("/edit"), fields("visibility", "inside"))},
	"project.transfer":           {ask: posts(atProject("/transfer"), func(w *cellWorld) []string { return []string{"owner", string(w.assignee.ID)} })},
	"project.delete":             {ask: posts(atProject("/delete"), fields())},
	"project.settings_backup":    {ask: posts(atProject("/settings"), fields())},

	"participant.list":           {ask: opens(atProject("/participants"))},
	"participant.list_blocked":   {ask: opens(atProject("/blocked"))},
	"participant.invite":         {ask: posts(atProject("/participants"), helper())},
	"participant.set_role":       {ask: posts(atPlaceOf(access.TgtInt, ""), fields("fields", "role", "role", "Carpenter"))},
	"participant.grant_approval": {ask: posts(atPlaceOf(access.TgtInt, ""), fields("fields", "approves", "approves", "1"))},
	"participant.block":          {given: access.FactsOf(access.TgtNotPown, access.TgtExt), ask: posts(atPlaceOf(access.TgtExt, "/block"), fields())},
	"participant.unblock":        {ask: posts(atPlaceOf(access.TgtInt, "/unblock"), fields())},
	"participant.leave":          {ask: posts(atProject("/leave"), fields())},
	"address.block":              {ask: posts(atAddress("/block"), fields())},
	"address.unblock":            {ask: posts(atAddress("/unblock"), fields())},
	"address.set_role":           {ask: setsRole},

	"bin.view":    {ask: shows(func(w *cellWorld) string { w.throwAway(); return "/bin" }, "Task of a cell")},
	"bin.restore": {ask: posts(at("/bin"), func(w *cellWorld) []string { w.throwAway(); return []string{"kind", "task", "id", string(w.task.ID)} })},
}

// atPlaceOf is the page in the project of somebody inside, who takes part, or of an outsider with access.
func atPlaceOf(kind access.Fact, rest string) func(*cellWorld) string {
	return func(w *cellWorld) string {
		who := w.assignee
		if kind == access.TgtExt {
			who = w.person("Outsider", contact(core.BasicAccess, w.firm.ID))
		}
		w.tx(func(tx core.Tx) error {
			return tx.SetParticipant(context.Background(), &core.Participant{Account: w.account.ID, Project: w.project.ID, Person: who.ID})
		})
		return placeURL(w.project.ID, who.ID) + rest
	}
}

// atAddress is the page in the project of a bare address.
func atAddress(rest string) func(*cellWorld) string {
	return func(w *cellWorld) string { return placeURL(w.project.ID, w.client.ID) + rest }
}

// throwAway puts the task into the bin, by the subject or by somebody else.
func (w *cellWorld) throwAway() {
	by := w.assignee.ID
	if w.declared.Has(access.DelBy) {
		by = w.subject.ID
	}
	w.tx(func(tx core.Tx) error {
		ctx := context.Background()
		if w.declared.Has(access.Mine) {
			w.task.People[0].Person = w.subject.ID
			if err := tx.SetTaskPeople(ctx, w.account.ID, w.task.ID, w.task.People); err != nil {
				return err
			}
		}
		return tx.SetBin(ctx, w.account.ID, core.Object{Kind: "task", ID: w.task.ID}, w.core.Now(), by)
	})
}
