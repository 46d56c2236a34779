package core_test

import (
	"slices"
	"testing"

	"planpost/core"
	"planpost/core/access"
	"planpost/mail/auth"
)

func (h *house) user(name string, role core.Role) core.Person {
	h.t.Helper()
	p, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: name, Address: name + "@holzbau.test", Role: role})
	h.must(err)
	return p
}

func (h *house) wants(err error, kind core.Kind, code string) {
	h.t.Helper()
	if core.KindOf(err) != kind || code != "" && core.CodeOf(err) != code {
		h.t.Errorf("got %v, want %s %s", err, kind, code)
	}
}

func ptr[T any](v T) *T { return &v }

// lastLog is the newest line of the change log with the code.
func (h *house) lastLog(code string) core.LogEntry {
	h.t.Helper()
	list, err := h.log(h.as(h.owner))
	h.must(err)
	for _, e := range list {
		if e.Code == code {
			return e
		}
	}
	h.t.Errorf("the change log has no %s", code)
	return core.LogEntry{}
}

func TestP7ACounterpartyIsChangedWithOneLogLineAndAPreviewOfWhoSees(t *testing.T) {
	each(t, func(h *house) {
		e := core.ProjectEdit{Counterparty: &h.other.ID}
		before, err := h.c.Project(h.ctx, h.as(h.owner), h.project.ID)
		h.must(err)
		sight, err := h.c.PreviewProject(h.ctx, h.as(h.owner), h.project.ID, e)
		h.must(err)
		gains, loses := []string{}, []string{}
		for _, c := range sight {
			if c.Gains.Project {
				gains = append(gains, c.Gains.Person.Name)
			}
			if c.Loses.Project {
				loses = append(loses, c.Loses.Person.Name)
			}
		}
		// All three have a task in it and keep sight of the project through that.
		if len(gains)+len(loses) != 0 {
			h.t.Errorf("gains %v, loses %v", gains, loses)
		}
		fresh := h.contact("Fresh", "fresh@other.test", h.other.ID)
		leaving := h.contact("Leaving", "leaving@client.test", h.client.ID)
		sight, err = h.c.PreviewProject(h.ctx, h.as(h.owner), h.project.ID, e)
		h.must(err)
		if len(sight) != 2 || sight[0].Gains.Person.ID != fresh.ID || !sight[0].Gains.Project || sight[1].Loses.Person.ID != leaving.ID || !sight[1].Loses.Project {
			h.t.Errorf("sight %+v", sight)
		}
		after, err := h.c.Project(h.ctx, h.as(h.owner), h.project.ID)
		h.must(err)
		if after.Project != before.Project {
			h.t.Error("the preview changed something")
		}
		_, err = h.c.EditProject(h.ctx, h.as(h.owner), h.project.ID, e)
		h.must(err)
		log := h.lastLog("project.edit")
		if want := []core.Change{{Field: "counterparty", Was: string(h.client.ID), Now: string(h.other.ID)}}; !slices.Equal(log.Changes, want) {
			h.t.Errorf("changes %+v", log.Changes)
		}
	})
}

func TestP8ClientManagerAndResponsibleAreStaff(t *testing.T) {
	each(t, func(h *house) {
		p, err := h.c.EditProject(h.ctx, h.as(h.owner), h.project.ID, core.ProjectEdit{ClientManager: &h.eve.ID, Responsible: ptr(core.ID(""))})
		h.must(err)
		if p.ClientManager != h.eve.ID || p.Responsible != "" || p.Name != h.project.Name {
			h.t.Errorf("%+v", p)
		}
		_, err = h.c.EditProject(h.ctx, h.as(h.owner), h.project.ID, core.ProjectEdit{ClientManager: &h.klara.ID})
		h.wants(err, core.Invalid, "project.manager_outside")
		_, err = h.c.EditProject(h.ctx, h.as(h.eve), h.project.ID, core.ProjectEdit{Counterparty: ptr(core.ID(""))})
		h.wants(err, core.Forbidden, "") // who manages the client edits, and does not decide what clients see
	})
}

func TestX22AProjectWithoutClientManagerWarns(t *testing.T) {
	each(t, func(h *house) {
		warned := func() []string {
			v, err := h.c.Project(h.ctx, h.as(h.owner), h.project.ID)
			h.must(err)
			return v.Warnings
		}
		if got := warned(); !slices.Equal(got, []string{"no_client_manager_responsible"}) {
			h.t.Errorf("with a responsible person: %v", got)
		}
		_, err := h.c.EditProject(h.ctx, h.as(h.owner), h.project.ID, core.ProjectEdit{Responsible: ptr(core.ID(""))})
		h.must(err)
		if got := warned(); !slices.Equal(got, []string{"no_client_manager"}) {
			h.t.Errorf("without: %v", got)
		}
		task, err := h.c.CreateTask(h.ctx, h.as(h.dashboard(h.klara)), core.NewTask{Title: "Please", Project: h.project.ID})
		h.must(err)
		if got := task.Of(core.Assignee); !slices.Equal(got, []core.ID{h.owner.ID}) {
			h.t.Errorf("the client's task went to %v", got)
		}
		_, err = h.c.EditProject(h.ctx, h.as(h.owner), h.project.ID, core.ProjectEdit{ClientManager: &h.eve.ID})
		h.must(err)
		if got := warned(); len(got) != 0 {
			h.t.Errorf("with a client manager: %v", got)
		}
	})
}

// dashboard is the contact with the client's page.
func (h *house) dashboard(p core.Person) core.Person {
	h.t.Helper()
	h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
		q, err := tx.FindPerson(h.ctx, p.Account, p.ID)
		if err != nil {
			return err
		}
		q.Kind, q.Access = core.ContactKind, core.BasicAccess
		p = q
		return tx.UpdatePerson(h.ctx, &q)
	}))
	return p
}

func TestX16WhatTheCompanyCannotSeeDoesNotLinkIt(t *testing.T) {
	each(t, func(h *house) {
		unlinked := func(who core.Person) bool {
			h.must(h.c.SetAccess(h.ctx, h.as(h.owner), who.ID, core.BasicAccess))
			v, err := h.c.Person(h.ctx, h.as(h.owner), who.ID)
			h.must(err)
			return v.Unlinked
		}
		set := func(e core.TaskEdit) {
			_, err := h.c.EditTask(h.ctx, h.as(h.owner), h.task.ID, e)
			h.must(err)
		}
		set(core.TaskEdit{Counterparty: &h.other.ID})
		if unlinked(h.sub) {
			h.t.Error("a task of its own does not count")
		}
		set(core.TaskEdit{NoCompanyAccess: ref(true)})
		if !unlinked(h.sub) {
			h.t.Error("a task without access of the company counts")
		}
		hide := func(hidden bool) {
			_, err := h.c.EditProject(h.ctx, h.as(h.owner), h.project.ID, core.ProjectEdit{Hidden: &hidden})
			h.must(err)
		}
		hide(true)
		if !unlinked(h.klara) {
			h.t.Error("a hidden project counts")
		}
		hide(false)
		if unlinked(h.klara) {
			h.t.Error("a project that is shown does not count")
		}
		hide(true)
		set(core.TaskEdit{NoCompanyAccess: ref(false)})
		if unlinked(h.sub) {
			h.t.Error("a task of its own counts in a hidden project too")
		}
		h.must(h.c.DeleteProject(h.ctx, h.as(h.owner), h.project.ID))
		if !unlinked(h.sub) {
			h.t.Error("a task counts whose project lies in the bin")
		}
	})
}

func TestP3OnlyTheProjectOwnerDeletesAndNothingOfItIsFoundUntilItIsRestored(t *testing.T) {
	each(t, func(h *house) {
		admin, runs := h.user("adam", core.Administrator), h.user("rosa", core.Employee)
		h.must(h.c.AddParticipant(h.ctx, h.as(h.owner), h.project.ID, runs.ID, true, false))
		h.letters()
		h.wants(h.c.DeleteProject(h.ctx, h.as(admin), h.project.ID), core.Forbidden, "")
		h.wants(h.c.DeleteProject(h.ctx, h.as(runs), h.project.ID), core.Forbidden, "")
		_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "wonderwords", Tell: []core.ID{h.klara.ID}})
		h.must(err)
		reply := h.replyTo(h.klara)
		h.must(h.c.DeleteProject(h.ctx, h.as(h.owner), h.project.ID))
		for _, who := range []core.Person{h.owner, admin, runs, h.eve} {
			a := h.as(who)
			list, err := h.c.Projects(h.ctx, a, "", "", 50)
			h.must(err)
			tasks, err := h.c.Tasks(h.ctx, a, core.TaskFilter{Status: "any"})
			h.must(err)
			found, err := h.c.Search(h.ctx, a, "wonderwords", 0, 10)
			h.must(err)
			if len(list)+len(tasks)+len(found) != 0 {
				h.t.Errorf("%s finds %d projects, %d tasks, %d texts", who.Name, len(list), len(tasks), len(found))
			}
		}
		_, err = h.c.Project(h.ctx, h.as(h.owner), h.project.ID)
		h.wants(err, core.Conflict, "") // knows that it lies in the bin
		_, err = h.c.Project(h.ctx, h.as(h.eve), h.project.ID)
		h.wants(err, core.NotFound, "")
		_, err = h.c.Task(h.ctx, h.as(h.eve), h.task.Number, "")
		h.wants(err, core.NotFound, "")
		if sent, refused := h.letters(); len(sent) != 0 || len(refused) != 0 {
			h.t.Errorf("mail about it: %v %v", keys(sent), refused)
		}
		for _, to := range []string{reply, h.project.Inbound + "@" + domain} {
			if r := h.one(h.letter("klara@client.test", "I answer"), auth.Pass, to); r.Disposition != core.Held || r.Reason != "in_bin" {
				h.t.Errorf("mail to %s: %s %s", to, r.Disposition, r.Reason)
			}
		}
		bin, err := h.c.Bin(h.ctx, h.as(admin), core.BinFilter{})
		h.must(err)
		if len(bin) != 1 || bin[0].Object.ID != h.project.ID || bin[0].DeletedBy != h.owner.ID {
			h.t.Fatalf("the bin has %+v", bin)
		}
		h.wants(h.c.Restore(h.ctx, h.as(h.eve), bin[0].Object), core.NotFound, "")
		h.must(h.c.Restore(h.ctx, h.as(h.owner), bin[0].Object))
		v, err := h.c.Project(h.ctx, h.as(h.owner), h.project.ID)
		h.must(err)
		if !slices.ContainsFunc(v.Participants, func(p core.ParticipantView) bool { return p.Person == runs.ID && p.Admin }) {
			h.t.Error("its relations did not come back")
		}
		found, err := h.c.Search(h.ctx, h.as(h.owner), "wonderwords", 0, 10)
		h.must(err)
		if len(found) != 1 {
			h.t.Errorf("found %d texts after restoring", len(found))
		}
	})
}

func TestP3ATransferIsLoggedAndLetsTheNewOwnerDelete(t *testing.T) {
	each(t, func(h *house) {
		admin := h.user("adam", core.Administrator)
		h.wants(h.c.TransferProject(h.ctx, h.as(h.eve), h.project.ID, h.eve.ID), core.Forbidden, "")
		h.wants(h.c.TransferProject(h.ctx, h.as(h.owner), h.project.ID, h.klara.ID), core.Invalid, "project.owner_outside")
		h.must(h.c.TransferProject(h.ctx, h.as(h.owner), h.project.ID, admin.ID))
		if log := h.lastLog("project.transfer"); len(log.Changes) != 1 || log.Changes[0] != (core.Change{Field: "owner", Was: string(h.owner.ID), Now: string(admin.ID)}) {
			h.t.Errorf("changes %+v", log.Changes)
		}
		h.wants(h.c.DeleteProject(h.ctx, h.as(h.owner), h.project.ID), core.Forbidden, "")
		h.must(h.c.DeleteProject(h.ctx, h.as(admin), h.project.ID))
	})
}

func TestR7ATaskInTheBinComesBackWithItsPeopleOnceItsProjectIsThere(t *testing.T) {
	each(t, func(h *house) {
		o := core.Object{Kind: "task", ID: h.task.ID}
		h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { return tx.SetBin(h.ctx, h.account.ID, o, h.now, h.eve.ID) }))
		ans, err := h.c.May(h.ctx, h.as(h.owner), "task.view", o)
		h.must(err)
		if ans.Allowed || ans.Deny != access.Conflict {
			h.t.Errorf("%+v", ans)
		}
		own, err := h.c.Bin(h.ctx, h.as(h.eve), core.BinFilter{})
		h.must(err)
		if len(own) != 1 || own[0].Number != h.task.Number {
			h.t.Errorf("who put it there finds %+v", own)
		}
		h.must(h.c.DeleteProject(h.ctx, h.as(h.owner), h.project.ID))
		h.wants(h.c.Restore(h.ctx, h.as(h.owner), o), core.Conflict, "bin.project_first")
		h.must(h.c.Restore(h.ctx, h.as(h.owner), core.Object{Kind: "project", ID: h.project.ID}))
		h.must(h.c.Restore(h.ctx, h.as(h.owner), o))
		v, err := h.c.Task(h.ctx, h.as(h.eve), h.task.Number, "")
		h.must(err)
		if len(v.Task.People) != len(h.task.People) {
			h.t.Errorf("%d people, had %d", len(v.Task.People), len(h.task.People))
		}
	})
}

func TestR8TheProjectsSettingsAreForItsAdministrators(t *testing.T) {
	each(t, func(h *house) {
		_, err := h.c.RenewInbound(h.ctx, h.as(h.eve), h.project.ID)
		h.wants(err, core.Forbidden, "")
		h.must(h.c.AddParticipant(h.ctx, h.as(h.owner), h.project.ID, h.eve.ID, true, false))
		p, err := h.c.RenewInbound(h.ctx, h.as(h.eve), h.project.ID)
		h.must(err)
		if got := h.refusal(h.project.Inbound + "@" + domain); got != "unknown" || p.Inbound == h.project.Inbound {
			h.t.Errorf("the old address: %q", got)
		}
	})
}
