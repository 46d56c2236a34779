package web

import (
	"slices"

	"planpost/core"
	"planpost/core/access"
)

// target is whom a right about people is tried on: somebody for whom exactly
// the wanted facts hold beside what is given.
func target(w *cellWorld) core.Person {
	f := w.declared
	switch {
	case f.Has(access.Self):
		return w.subject
	case f.Has(access.MgrTgt):
		return w.person("One of the team", func(p *core.Person) { p.Manager = w.subject.ID })
	case f.Has(access.TgtLow), f.Has(access.TgtNotOwner), f.Has(access.TgtAny):
		return w.person("Somebody")
	}
	return w.owner
}

func atTarget(rest string) func(*cellWorld) string {
	return func(w *cellWorld) string { return "/people/" + string(target(w).ID) + rest }
}

func atClient(rest string) func(*cellWorld) string {
	return func(w *cellWorld) string { return "/contacts/" + string(w.client.ID) + rest }
}

// inactive writes somebody who is inactive already, so that deleting is the question.
func inactive(w *cellWorld) string {
	p := target(w)
	if p.ID != w.subject.ID && p.ID != w.owner.ID {
		p.Status = core.Inactive
		w.update(p)
	}
	return "/people/" + string(p.ID) + "/delete"
}

func (w *cellWorld) update(p core.Person) {
	w.tx(func(tx core.Tx) error { return tx.UpdatePerson(w.t.Context(), &p) })
}

var peopleProbes = map[access.Action]probe{
	"user.edit":           {given: access.FactsOf(access.TgtAny), ask: posts(atTarget("/edit"), fields("name", "Another"))},
	"user.login_name.set": {given: access.FactsOf(access.Self), ask: posts(at("/me/login"), fields("loginname", ""))},
	"user.rate.view":      {ask: opens(atTarget("/rates"))},
	"user.rate.edit":      {ask: posts(atTarget("/rates"), fields("from", "2030-01-01", "amount", "40", "currency", "EUR"))},
	"user.deputy.set":     {ask: posts(atTarget("/deputy"), fields())},
	"user.reassign_work": {ask: posts(func(w *cellWorld) string {
		p := target(w)
		w.setAssignee(p)
		return "/people/" + string(p.ID) + "/work"
	}, func(w *cellWorld) []string {
		return []string{"item", "assignee/" + string(w.task.ID), "to", "nobody"}
	})},
	"user.deactivate": {ask: posts(atTarget("/deactivate"), fields("leave", "1"))},
	"contact.import":  {ask: opens(at("/people/import"))},
	"contact.edit": {ask: posts(atClient("/edit"), func(w *cellWorld) []string {
		return []string{"name", "Client", "address", w.client.Address().Mailbox(), "company", string(w.client.Company), "phone", "+43 1 234"}
	})},
	"contact.set_visibility": {ask: posts(atClient("/visibility"), fields("visibility", "participants"))},
	"contact.delete":         {ask: posts(atClient("/delete"), fields())},
	"contact.revoke_access": {ask: posts(func(w *cellWorld) string {
		w.client.Access = core.BasicAccess
		w.update(w.client)
		return "/people/" + string(w.client.ID) + "/guest"
	}, fields())},
	"user.delete": {ask: posts(inactive, fields())},
}

// setAssignee makes the task of the cell p's to do.
func (w *cellWorld) setAssignee(p core.Person) {
	w.tx(func(tx core.Tx) error {
		people := slices.DeleteFunc(slices.Clone(w.task.People), func(tp core.TaskPerson) bool { return tp.Relation == core.Assignee })
		return tx.SetTaskPeople(w.t.Context(), w.account.ID, w.task.ID, append(people, core.TaskPerson{Person: p.ID, Relation: core.Assignee}))
	})
}
