package core_test

import (
	"slices"
	"testing"

	"planpost/core"
)

func ref[T any](v T) *T { return &v }

// onlyWhoIsInside takes everybody from outside off the house's task.
func (h *house) onlyWhoIsInside() {
	h.t.Helper()
	h.must(h.c.SetPeopleAndDates(h.ctx, h.as(h.owner), h.task.ID, core.TaskPeople{Assignee: h.eve.ID}))
}

func TestP13ATasksOwnCounterpartyCountsElseTheProjects(t *testing.T) {
	each(t, func(h *house) {
		h.onlyWhoIsInside()
		ours, theirs := h.basic("Kim", "kim@client.test"), h.contact("Otto", "otto@other.test", h.other.ID)
		for _, p := range []*core.Person{&ours, &theirs} {
			p.Access, p.CompanyTasks = core.BasicAccess, true
			h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { return tx.UpdatePerson(h.ctx, p) }))
		}
		e := core.TaskEdit{Counterparty: &h.other.ID}
		sight, err := h.c.PreviewTaskEdit(h.ctx, h.as(h.owner), h.task.ID, e)
		h.must(err)
		got := map[string]string{}
		for _, x := range sight {
			got[x.Gains.Person.Name] = map[bool]string{true: "loses", false: "gains"}[x.Gains.Nothing()]
		}
		if len(got) != 2 || got["Kim"] != "loses" || got["Otto"] != "gains" {
			h.t.Fatalf("the preview says %v", got)
		}
		sees := func(p core.Person) bool { _, err := h.c.Task(h.ctx, h.as(p), h.task.Number, ""); return err == nil }
		if !sees(ours) || sees(theirs) {
			h.t.Fatal("the preview changed something, or the project's counterparty does not count")
		}
		_, err = h.c.EditTask(h.ctx, h.as(h.owner), h.task.ID, e)
		h.must(err)
		if sees(ours) || !sees(theirs) {
			h.t.Error("the task's own counterparty does not count")
		}
		_, err = h.c.EditTask(h.ctx, h.as(h.owner), h.task.ID, core.TaskEdit{NoCompanyAccess: ref(true)})
		h.must(err)
		if sees(theirs) {
			h.t.Error("X27: no automatic access does not take the task away")
		}
	})
}

func TestATaskEditAsksForItsPartsAndLeavesOneLine(t *testing.T) {
	each(t, func(h *house) {
		eve := h.as(h.eve) // the assignee: may set people and dates, not more
		for name, e := range map[string]core.TaskEdit{"title": {Title: ref("x")}, "visibility": {Visibility: ref(core.VisibleInside)}, "counterparty": {Counterparty: &h.other.ID}} {
			h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
				p, err := tx.FindProject(h.ctx, h.account.ID, h.project.ID)
				p.Responsible = ""
				if err != nil {
					return err
				}
				return tx.UpdateProject(h.ctx, &p)
			}))
			if _, err := h.c.EditTask(h.ctx, eve, h.task.ID, e); core.KindOf(err) != core.Forbidden {
				h.t.Errorf("%s by the assignee: %v", name, err)
			}
		}
		_, err := h.c.EditTask(h.ctx, h.as(h.owner), h.task.ID, core.TaskEdit{Title: ref("Gate"), Description: ref("oak"), Project: ref(core.ID("")), Visibility: ref(core.VisibleInside)})
		h.must(err)
		log, err := h.log(h.as(h.owner))
		h.must(err)
		var fields []string
		for _, ch := range log[0].Changes {
			fields = append(fields, ch.Field)
		}
		if !slices.Equal(fields, []string{"title", "description", "project", "visibility"}) || log[0].Changes[0] != (core.Change{Field: "title", Was: "Door", Now: "Gate"}) {
			h.t.Errorf("the log says %+v", log[0])
		}
		if v := h.view(h.owner); v.Task.Title != "Gate" || v.Description != "oak" || v.Task.Project != "" || v.Task.Visibility != core.VisibleInside {
			h.t.Errorf("the task is %+v", v.Task)
		}
		if _, err := h.c.EditTask(h.ctx, h.as(h.owner), h.task.ID, core.TaskEdit{Title: ref(" ")}); core.CodeOf(err) != "task.title" {
			h.t.Errorf("an empty title: %v", err)
		}
	})
}

func TestX24BeforeAnOutsiderIsAddedOneSeesWhatBecomesVisible(t *testing.T) {
	each(t, func(h *house) {
		h.onlyWhoIsInside()
		for text, hidden := range map[string]bool{"said openly": false, "said inside": true} {
			_, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: text, Hidden: hidden})
			h.must(err)
		}
		n := core.TaskPeople{Assignee: h.eve.ID, Participants: []core.ID{h.sub.ID}}
		sight, err := h.c.PreviewTaskEdit(h.ctx, h.as(h.owner), h.task.ID, core.TaskEdit{People: &n})
		h.must(err)
		if len(sight) != 1 || sight[0].Gains.Person.ID != h.sub.ID || len(sight[0].Gains.Tasks) != 1 {
			h.t.Fatalf("the preview is %+v", sight)
		}
		for _, cm := range sight[0].Gains.Tasks[0].Newest {
			if cm.Text == "said inside" {
				h.t.Error("the preview promises a hidden comment")
			}
		}
		if v := h.view(h.owner); len(v.Task.Of(core.Participate)) != 0 {
			h.t.Error("the preview wrote something")
		}
		h.must(h.c.SetPeopleAndDates(h.ctx, h.as(h.owner), h.task.ID, n))
		again, err := h.c.PreviewTaskEdit(h.ctx, h.as(h.owner), h.task.ID, core.TaskEdit{People: &n})
		h.must(err)
		if len(again) != 0 {
			h.t.Errorf("nothing changes, but the preview says %+v", again)
		}
	})
}

func TestX25AnOutsiderIsNeverAuditorAndTheReasonIsSaid(t *testing.T) {
	each(t, func(h *house) {
		err := h.c.AddTaskPerson(h.ctx, h.as(h.owner), h.task.ID, h.klara.ID, core.Auditor)
		if core.KindOf(err) != core.Forbidden || core.CodeOf(err) != "auditor.outside" {
			h.t.Errorf("added: %v", err)
		}
		err = h.c.SetPeopleAndDates(h.ctx, h.as(h.owner), h.task.ID, core.TaskPeople{Assignee: h.eve.ID, Auditors: []core.ID{h.klara.ID}})
		if core.CodeOf(err) != "auditor.outside" {
			h.t.Errorf("set: %v", err)
		}
		_, err = h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "x", Auditors: []core.ID{h.klara.ID}})
		if core.CodeOf(err) != "auditor.outside" {
			h.t.Errorf("created: %v", err)
		}
		h.must(h.c.AddTaskPerson(h.ctx, h.as(h.owner), h.task.ID, h.eve.ID, core.Auditor))
	})
}

func TestP10EachRelationIsAddedByItsRight(t *testing.T) {
	each(t, func(h *house) {
		h.onlyWhoIsInside()
		h.letters()
		for r, p := range map[core.Relation]core.Person{core.Participate: h.klara, core.CoAssignee: h.karl} {
			h.must(h.c.AddTaskPerson(h.ctx, h.as(h.eve), h.task.ID, p.ID, r))
			if v := h.view(h.owner); !slices.Contains(v.Task.Of(r), p.ID) {
				h.t.Errorf("%s: %v", r, v.Task.People)
			}
			if err := h.c.AddTaskPerson(h.ctx, h.as(h.klara), h.task.ID, h.sub.ID, r); err == nil {
				h.t.Errorf("%s added by an outsider", r)
			}
		}
		sent, _ := h.letters()
		if names := keys(sent); !slices.Equal(names, []string{"Karl", "Klara"}) {
			h.t.Errorf("told: %v", names)
		}
		if err := h.c.AddTaskPerson(h.ctx, h.as(h.owner), h.task.ID, h.karl.ID, core.Assigner); core.CodeOf(err) != "task.relation" {
			h.t.Errorf("a second assigner: %v", err)
		}
	})
}

func TestATasksWordsPeopleAndDatesAreChangedTogetherOrNotAtAll(t *testing.T) {
	each(t, func(h *house) {
		title := "Gate"
		e := core.TaskEdit{Title: &title, People: &core.TaskPeople{Assignee: h.eve.ID, Auditors: []core.ID{h.klara.ID}}}
		if _, err := h.c.EditTask(h.ctx, h.as(h.owner), h.task.ID, e); core.CodeOf(err) != "auditor.outside" {
			h.t.Errorf("an outsider as auditor: %v", err)
		}
		if v := h.view(h.owner); v.Task.Title != "Door" {
			h.t.Error("half of it was written")
		}
		h.letters()
		max := h.user("max", core.Employee)
		e.People = &core.TaskPeople{Assignee: max.ID, Participants: []core.ID{h.klara.ID}, DueDate: "2031-02-03", DueTime: "10:30"}
		_, err := h.c.EditTask(h.ctx, h.as(h.owner), h.task.ID, e)
		h.must(err)
		if v := h.view(h.owner); v.Task.Title != "Gate" || v.Task.DueDate != "2031-02-03" || !slices.Equal(v.Task.Of(core.Assignee), []core.ID{max.ID}) {
			h.t.Errorf("the task is %+v", v.Task)
		}
		log := h.lastLog("task.edit")
		want := []core.Change{{Field: "title", Was: "Door", Now: "Gate"}, {Field: "due", Now: "2031-02-03 10:30"}, {Field: "assignee", Was: string(h.eve.ID), Now: string(max.ID)},
			{Field: "participant", Was: string(h.karl.ID)}, {Field: "participant", Was: string(h.sub.ID)}}
		if !slices.Equal(log.Changes, want) {
			h.t.Errorf("the log says %+v", log.Changes)
		}
		if sent, _ := h.letters(); len(sent) != 1 || sent["max"].Event != core.TaskAssigned {
			h.t.Errorf("told: %v", keys(sent))
		}
	})
}
