package core_test

import (
	"slices"
	"testing"

	"planpost/core"
)

// listed tells whether a person finds a task in his list.
func (h *house) findsTask(p core.Person, t core.ID) bool {
	h.t.Helper()
	list, err := h.c.Tasks(h.ctx, h.as(p), core.TaskFilter{Status: "any"})
	h.must(err)
	return slices.ContainsFunc(list, func(i core.TaskItem) bool { return i.ID == t })
}

func (h *house) findsProject(p core.Person, id core.ID) bool {
	h.t.Helper()
	list, err := h.c.Projects(h.ctx, h.as(p), "", "", 50)
	h.must(err)
	return slices.ContainsFunc(list, func(i core.ProjectItem) bool { return i.ID == id })
}

func TestA12AProjectAdministratorDoesEverythingButDeleteAndBlockTheOwner(t *testing.T) {
	each(t, func(h *house) {
		m := h.user("Manfred", core.Employee)
		p, err := h.c.CreateProject(h.ctx, h.as(h.owner), core.NewProject{Name: "Under the owner's login", Visibility: core.VisibleParticipants})
		h.must(err)
		_, err = h.c.InviteParticipant(h.ctx, h.as(h.owner), p.ID, core.NewParticipant{Person: m.ID, PlaceEdit: core.PlaceEdit{Admin: ptr(true)}})
		h.must(err)
		as := h.as(m)
		_, err = h.c.EditProject(h.ctx, as, p.ID, core.ProjectEdit{Name: ptr("Renamed")})
		h.must(err)
		_, err = h.c.InviteParticipant(h.ctx, as, p.ID, core.NewParticipant{Person: h.eve.ID})
		h.must(err)
		_, err = h.c.RenewInbound(h.ctx, as, p.ID)
		h.must(err)
		_, err = h.c.CreateTask(h.ctx, as, core.NewTask{Title: "First", Project: p.ID, Assignee: h.eve.ID})
		h.must(err)
		_, err = h.c.BlockParticipant(h.ctx, as, p.ID, h.eve.ID)
		h.must(err)
		h.must(h.c.UnblockParticipant(h.ctx, as, p.ID, h.eve.ID))
		h.wants(h.c.DeleteProject(h.ctx, as, p.ID), core.Forbidden, "")
		h.wants(h.c.TransferProject(h.ctx, as, p.ID, m.ID), core.Forbidden, "")
		_, err = h.c.BlockParticipant(h.ctx, as, p.ID, h.owner.ID)
		h.wants(err, core.Conflict, "")
	})
}

func TestA14WhatIsSeenFollowsTheSwitchInListsAndByAddress(t *testing.T) {
	each(t, func(h *house) {
		max := h.user("Max", core.Employee)
		p, err := h.c.CreateProject(h.ctx, h.as(h.owner), core.NewProject{Name: "Quiet", Visibility: core.VisibleParticipants})
		h.must(err)
		task, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "Quiet work", Project: p.ID, Visibility: core.VisibleParticipants})
		h.must(err)
		see := func(want bool, what string) {
			h.t.Helper()
			_, direct := h.c.Project(h.ctx, h.as(max), p.ID)
			if listed := h.findsProject(max, p.ID); listed != want || (direct == nil) != want {
				h.t.Errorf("%s, the project: listed %v, opened %v, want %v", what, listed, direct, want)
			}
		}
		seeTask := func(want bool, what string) {
			h.t.Helper()
			_, direct := h.c.Task(h.ctx, h.as(max), task.Number, "")
			if listed := h.findsTask(max, task.ID); listed != want || (direct == nil) != want {
				h.t.Errorf("%s, the task: listed %v, opened %v, want %v", what, listed, direct, want)
			}
		}
		see(false, "participants only")
		seeTask(false, "participants only")
		_, err = h.c.EditProject(h.ctx, h.as(h.owner), p.ID, core.ProjectEdit{Visibility: ptr(core.VisibleInside)})
		h.must(err)
		see(true, "everyone inside")
		seeTask(false, "the project open, the task not")
		_, err = h.c.EditTask(h.ctx, h.as(h.owner), task.ID, core.TaskEdit{Visibility: ptr(core.VisibleInside)})
		h.must(err)
		seeTask(true, "everyone inside")
		kim := h.basic("Kim", "kim@client.test")
		h.must(h.c.AddTaskPerson(h.ctx, h.as(h.owner), h.task.ID, kim.ID, core.Participate))
		cm, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "For Kim, perhaps", Tell: []core.ID{kim.ID}})
		h.must(err)
		reads := func() bool {
			return slices.ContainsFunc(h.view(kim).Comments, func(c core.CommentView) bool { return c.ID == cm.ID })
		}
		if !reads() {
			h.t.Error("a comment that was addressed to her is not read")
		}
		_, err = h.c.HideComment(h.ctx, h.as(h.eve), cm.ID)
		h.must(err)
		if reads() {
			h.t.Error("an outsider reads a hidden comment")
		}
		_, _, readers, err := h.c.CommentReaders(h.ctx, h.as(h.eve), cm.ID)
		h.must(err)
		var seen []core.ID
		for _, r := range readers {
			seen = append(seen, r.ID)
		}
		_, err = h.c.PublishComment(h.ctx, h.as(h.eve), cm.ID, seen)
		h.must(err)
		if !reads() {
			h.t.Error("a published comment is not read")
		}
	})
}

func TestP9AnAuditorOfAProjectHasFullAccessToItsTasks(t *testing.T) {
	each(t, func(h *house) {
		max := h.user("Max", core.Employee)
		p, err := h.c.CreateProject(h.ctx, h.as(h.owner), core.NewProject{Name: "Watched", Visibility: core.VisibleParticipants})
		h.must(err)
		task, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "Watched work", Project: p.ID, Visibility: core.VisibleParticipants})
		h.must(err)
		if h.findsTask(max, task.ID) {
			h.t.Fatal("it is seen before")
		}
		h.must(h.c.AddParticipant(h.ctx, h.as(h.owner), p.ID, max.ID, false, true))
		as := h.as(max)
		if !h.findsTask(max, task.ID) {
			h.t.Error("the auditor does not find it")
		}
		_, err = h.c.EditTask(h.ctx, as, task.ID, core.TaskEdit{Title: ptr("Renamed")})
		h.must(err)
		h.must(h.c.SetStatus(h.ctx, as, task.ID, core.TaskDone))
		h.must(h.c.DeleteTask(h.ctx, as, task.ID))
		h.wants(h.c.DeleteProject(h.ctx, as, p.ID), core.Forbidden, "")
	})
}

func TestR6TheChangeLogIsForOwnersAndAdministrators(t *testing.T) {
	each(t, func(h *house) {
		for p, want := range map[*core.Person]bool{ptr(h.owner): true, ptr(h.user("Ada", core.Administrator)): true, ptr(h.user("Tina", core.TechnicalAdministrator)): false,
			ptr(h.user("Mona", core.Manager)): false, ptr(h.eve): false, ptr(h.basic("Kim", "kim@client.test")): false} {
			list, err := h.log(h.as(*p))
			if want && (err != nil || len(list) == 0) || !want && (core.KindOf(err) != core.Forbidden || list != nil) {
				h.t.Errorf("%s gets %d entries, %v", p.Name, len(list), err)
			}
		}
	})
}
