package core_test

import (
	"slices"
	"testing"

	"planpost/core"
)

// signingIn is a contact of the client's firm who signs in.
func (h *house) signingIn(name, address string) core.Person {
	h.t.Helper()
	p, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: name, Address: address, Company: h.client.ID, Access: core.AdvancedAccess})
	h.must(err)
	return p
}

func TestX15AClientSeesTheCompanysProjectsAndThoseOfTheOwnTasksOnly(t *testing.T) {
	each(t, func(h *house) {
		owner, ada := h.as(h.owner), h.signingIn("Ada", "ada@client.test")
		project := func(n core.NewProject) core.Project {
			j, err := h.c.CreateProject(h.ctx, owner, n)
			h.must(err)
			return j
		}
		ours, withTask, foreign := h.project, project(core.NewProject{Name: "With her task", Counterparty: h.other.ID}), project(core.NewProject{Name: "Foreign", Counterparty: h.other.ID})
		hidden := project(core.NewProject{Name: "Hidden", Counterparty: h.client.ID, Hidden: true})
		task := func(j core.Project) {
			_, err := h.c.CreateTask(h.ctx, owner, core.NewTask{Title: "In " + j.Name, Project: j.ID, Assignee: h.eve.ID, Participants: []core.ID{ada.ID}})
			h.must(err)
		}
		listed := func() (ids []core.ID) {
			list, err := h.c.Projects(h.ctx, h.as(ada), "", "", 50)
			h.must(err)
			for _, j := range list {
				ids = append(ids, j.ID)
			}
			slices.Sort(ids)
			return ids
		}
		want := func(list ...core.ID) []core.ID { slices.Sort(list); return list }
		task(withTask)
		if got := listed(); !slices.Equal(got, want(ours.ID, withTask.ID)) {
			t.Errorf("listed %d projects", len(got))
		}
		for _, j := range []core.Project{foreign, hidden} {
			if _, err := h.c.Project(h.ctx, h.as(ada), j.ID); core.KindOf(err) != core.NotFound {
				t.Errorf("%s: %v", j.Name, err)
			}
		}
		task(hidden) // hidden from the company, seen for the task
		if got := listed(); !slices.Equal(got, want(ours.ID, withTask.ID, hidden.ID)) {
			t.Errorf("with a task in the hidden one: %d projects", len(got))
		}
	})
}

func TestX17ATaskWithoutTheClientIsInNoListAndNotAtItsAddress(t *testing.T) {
	each(t, func(h *house) {
		ada := h.as(h.signingIn("Ada", "ada@client.test"))
		list, err := h.c.Tasks(h.ctx, ada, core.TaskFilter{Project: h.project.ID, Status: "any"})
		h.must(err)
		if len(list) != 0 {
			t.Errorf("%d tasks are listed", len(list))
		}
		if _, err := h.c.Task(h.ctx, ada, h.task.Number, ""); core.KindOf(err) != core.NotFound {
			t.Errorf("its address: %v", err)
		}
		if _, err := h.c.Comment(h.ctx, ada, core.NewComment{Task: h.task.ID, Text: "hello"}); core.KindOf(err) != core.NotFound {
			t.Errorf("a comment: %v", err)
		}
	})
}

func TestX21AClientsTaskGoesToManagerOrResponsibleAndToNobodyElse(t *testing.T) {
	each(t, func(h *house) {
		mia, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Mia", Address: "mia@holzbau.test", Role: core.Manager})
		h.must(err)
		_, err = h.c.EditProject(h.ctx, h.as(h.owner), h.project.ID, core.ProjectEdit{ClientManager: &mia.ID})
		h.must(err)
		ada := h.signingIn("Ada", "ada@client.test")
		made := func(assignee core.ID) (core.Task, error) {
			return h.c.CreateTask(h.ctx, h.as(ada), core.NewTask{Title: "A wish", Project: h.project.ID, Assignee: assignee})
		}
		for want, asked := range map[core.ID]core.ID{mia.ID: "", h.eve.ID: h.eve.ID} { // Eve is the responsible person
			if task, err := made(asked); err != nil || !slices.Equal(task.Of(core.Assignee), []core.ID{want}) {
				t.Errorf("asked for %q it is %v: %v", asked, task.Of(core.Assignee), err)
			}
		}
		for _, p := range []core.Person{h.owner, h.karl, ada} {
			if _, err := made(p.ID); core.KindOf(err) != core.Forbidden {
				t.Errorf("for %s: %v", p.Name, err)
			}
		}
	})
}

func TestX23TheClassicClientSeesTheOneTaskHeIsAddedTo(t *testing.T) {
	each(t, func(h *house) {
		ada := h.signingIn("Ada", "ada@client.test")
		owner := h.as(h.owner)
		inner, err := h.c.CreateTask(h.ctx, owner, core.NewTask{Title: "For the staff", Project: h.project.ID, Assignee: h.eve.ID})
		h.must(err)
		h.must(h.c.AddTaskPerson(h.ctx, owner, h.task.ID, ada.ID, core.Participate))
		list, err := h.c.Tasks(h.ctx, h.as(ada), core.TaskFilter{Status: "any"})
		h.must(err)
		if len(list) != 1 || list[0].ID != h.task.ID {
			t.Errorf("%d tasks are listed", len(list))
		}
		if _, err := h.c.Task(h.ctx, h.as(ada), inner.Number, ""); core.KindOf(err) != core.NotFound {
			t.Errorf("the task of the staff: %v", err)
		}
		found, err := h.c.Search(h.ctx, h.as(ada), "staff", 0, 20)
		h.must(err)
		if len(found) != 0 {
			t.Errorf("found by searching: %v", found)
		}
	})
}
