package web

import (
	"context"
	"fmt"

	"planpost/core"
	"planpost/core/access"
)

// Probes of what is set of a task.
var taskProbes = map[access.Action]probe{
	"task.edit":             {ask: posts(atTask("/edit"), fields("title", "Other title"))},
	"task.set_visibility":   {ask: posts(atTask("/edit"), fields("visibility", "inside"))},
	"task.set_counterparty": {ask: posts(atTask("/edit"), fields("counterparty", "", "seen", "1"))},
	"task.add_participant":  {ask: posts(atTask("/add"), helper("relation", "participant"))},
	"task.set_auditor":      {given: access.FactsOf(access.TgtInt), ask: posts(atTask("/add"), helper("relation", "auditor"))},
	"task.delete":           {ask: posts(atTask("/delete"), fields())},

	"comment.set_hidden": {ask: posts(atComment(false, "/hide"), fields())},
	"comment.publish": {ask: posts(atComment(true, "/publish"), func(w *cellWorld) []string {
		return []string{"reader", string(w.client.ID), "reader", string(w.subject.ID)}
	})},
	"template.edit": {ask: posts(func(*cellWorld) string { return "/templates" }, fields("title", "Often done"))},
	"comment.move": {ask: posts(atComment(false, "/move"), func(w *cellWorld) []string {
		other := w.place.task("Where it belongs", with(w.subject, core.Participate))
		return []string{"number", fmt.Sprint(other.Number), "seen", "1", "reader", string(w.client.ID), "reader", string(w.subject.ID)}
	})},
	"comment.delete": {ask: posts(atComment(false, "/delete"), fields())},
	"attachment.delete": {ask: posts(func(w *cellWorld) string {
		f := core.Attachment{ID: core.NewID(), Account: w.account.ID, Task: w.task.ID, Comment: w.public.ID, Name: "plan.pdf", Fate: core.FileKept, CreatedAt: w.core.Now()}
		w.tx(func(tx core.Tx) error { return tx.CreateAttachment(context.Background(), &f) })
		return taskURL(w.task.Number) + "/attachments/" + string(f.ID) + "/delete"
	}, fields())},
}

// atComment is an address of the public comment, hidden first when told.
func atComment(hidden bool, rest string) func(*cellWorld) string {
	return func(w *cellWorld) string {
		w.public.Hidden = hidden
		w.tx(func(tx core.Tx) error { return tx.UpdateComment(context.Background(), &w.public) })
		return taskURL(w.task.Number) + "/comments/" + string(w.public.ID) + rest
	}
}
