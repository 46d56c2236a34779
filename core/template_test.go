package core_test

import (
	"slices"
	"testing"

	"planpost/core"
)

// template makes one as the owner.
func (h *house) template(e core.TemplateEdit) core.TaskTemplate {
	h.t.Helper()
	t, err := h.c.SaveTemplate(h.ctx, h.as(h.owner), "", e)
	h.must(err)
	return t
}

func TestX20TheProjectIsThatOfTheTemplateThenTheFilterThenTheFirstThenNone(t *testing.T) {
	each(t, func(h *house) {
		klara := h.dashboard(h.klara)
		project := func(name string, company core.ID) core.ID {
			p, err := h.c.CreateProject(h.ctx, h.as(h.owner), core.NewProject{Name: name, Counterparty: company})
			h.must(err)
			return p.ID
		}
		second, third, foreign := project("A second", h.client.ID), project("A third", h.client.ID), project("Foreign", h.other.ID)
		named := h.template(core.TemplateEdit{Title: ref("Named"), Project: &third, Outside: ref(true)})
		without := h.template(core.TemplateEdit{Title: ref("Without"), Outside: ref(true)})
		elsewhere := h.template(core.TemplateEdit{Title: ref("Elsewhere"), Project: &foreign, Outside: ref(true)})
		for _, c := range []struct {
			name             string
			template, filter core.ID
			want             core.ID
		}{
			{"template before filter", named.ID, second, third},
			{"filter", without.ID, second, second},
			{"filter without a template", "", second, second},
			{"the first available, which is the oldest", "", "", h.project.ID},
			{"a template's project that is not seen", elsewhere.ID, second, second},
			{"a filter that is not seen", "", foreign, h.project.ID},
		} {
			n, err := h.c.DraftTask(h.ctx, h.as(klara), c.template, c.filter)
			h.must(err)
			if n.Project != c.want {
				h.t.Errorf("%s: %q, want %q", c.name, n.Project, c.want)
			}
		}
		h.letters()
		made, err := h.c.CreateTask(h.ctx, h.as(klara), core.NewTask{Title: "x", Template: named.ID})
		h.must(err)
		if made.Project != third {
			h.t.Errorf("made in %q", made.Project)
		}
		made, err = h.c.CreateTask(h.ctx, h.as(klara), core.NewTask{Title: "x"})
		h.must(err)
		if made.Project != h.project.ID || !slices.Equal(made.Of(core.Assignee), []core.ID{h.eve.ID}) {
			h.t.Errorf("made in %q for %v", made.Project, made.People)
		}
		sent, _ := h.letters()
		if got := sent["Klara"].Delivery.Params; len(got) < 2 || got[1] != "task.created.in" || !slices.Contains(got, "Haus am See") {
			h.t.Errorf("the confirmation says %v", got)
		}
		if n, err := h.c.DraftTask(h.ctx, h.as(h.owner), "", ""); err != nil || n.Project != "" {
			h.t.Errorf("somebody inside: %q %v", n.Project, err)
		}
	})
}

func TestX19ATaskOfSomebodyInvolvedNowhereHasNoProject(t *testing.T) {
	each(t, func(h *house) {
		alone := h.dashboard(h.contact("Alone", "alone@nowhere.test", ""))
		made, err := h.c.CreateTask(h.ctx, h.as(alone), core.NewTask{Title: "Hello"})
		h.must(err)
		if made.Project != "" || !slices.Equal(made.Of(core.Assignee), []core.ID{h.owner.ID}) {
			h.t.Errorf("made in %q for %v", made.Project, made.People)
		}
		if sent, _ := h.letters(); sent["Alone"].Delivery.Params[1] != "task.created" {
			h.t.Errorf("the confirmation says %v", sent["Alone"].Delivery.Params)
		}
	})
}

func TestATaskBeginsWithWhatItsTemplateSays(t *testing.T) {
	each(t, func(h *house) {
		max := h.user("max", core.Employee)
		e := core.TemplateEdit{Name: ref("Measure"), Title: ref("Take measures"), Description: ref("with the laser"), Assignee: &h.eve.ID, Participants: &[]core.ID{h.klara.ID, max.ID},
			Visibility: ref(core.VisibleInside), DueDays: ref(3)}
		tpl := h.template(e)
		n, err := h.c.DraftTask(h.ctx, h.as(h.owner), tpl.ID, h.project.ID)
		h.must(err)
		if n.Title != "Take measures" || n.Description != "with the laser" || n.Assignee != h.eve.ID || !slices.Equal(n.Participants, []core.ID{h.klara.ID, max.ID}) ||
			n.Visibility != core.VisibleInside || n.DueDate != h.day(3) || n.Project != h.project.ID {
			h.t.Errorf("the draft is %+v", n)
		}
		_, err = h.c.CreateTask(h.ctx, h.as(h.owner), n)
		h.must(err)
		h.must(h.c.Deactivate(h.ctx, h.as(h.owner), max.ID, core.Leaving{Leave: true}))
		if n, err = h.c.DraftTask(h.ctx, h.as(h.owner), tpl.ID, ""); err != nil || !slices.Equal(n.Participants, []core.ID{h.klara.ID}) {
			h.t.Errorf("somebody who left is named still: %v %v", n.Participants, err)
		}
		// It is not meant for people from outside, and its people never are.
		klara := h.dashboard(h.klara)
		_, err = h.c.DraftTask(h.ctx, h.as(klara), tpl.ID, "")
		h.wants(err, core.NotFound, "template.unknown")
		_, err = h.c.CreateTask(h.ctx, h.as(klara), core.NewTask{Title: "x", Template: tpl.ID})
		h.wants(err, core.NotFound, "template.unknown")
		_, err = h.c.SaveTemplate(h.ctx, h.as(h.owner), tpl.ID, core.TemplateEdit{Outside: ref(true)})
		h.must(err)
		if n, err = h.c.DraftTask(h.ctx, h.as(klara), tpl.ID, ""); err != nil || n.Title != "Take measures" || n.Assignee != "" || len(n.Participants) != 0 || n.Visibility != core.VisibleParticipants {
			h.t.Errorf("for Klara: %+v %v", n, err)
		}
		list, err := h.c.OfferedTemplates(h.ctx, h.as(klara))
		h.must(err)
		if len(list) != 1 || list[0].Description != "" {
			h.t.Errorf("offered to Klara: %+v", list)
		}
	})
}

func TestTemplatesAreEditedByWhoMayAndLogged(t *testing.T) {
	each(t, func(h *house) {
		_, err := h.c.SaveTemplate(h.ctx, h.as(h.eve), "", core.TemplateEdit{Title: ref("x")})
		h.wants(err, core.Forbidden, "")
		_, err = h.c.SaveTemplate(h.ctx, h.as(h.owner), "", core.TemplateEdit{Title: ref(" ")})
		h.wants(err, core.Invalid, "task.title")
		_, err = h.c.SaveTemplate(h.ctx, h.as(h.owner), "", core.TemplateEdit{Title: ref("x"), DueDays: ref(-1)})
		h.wants(err, core.Invalid, "template.days")
		tpl := h.template(core.TemplateEdit{Title: ref("Measure"), Assignee: &h.eve.ID})
		if tpl.Name != "Measure" {
			h.t.Errorf("its name is %q", tpl.Name)
		}
		_, err = h.c.SaveTemplate(h.ctx, h.as(h.owner), tpl.ID, core.TemplateEdit{DueDays: ref(5)})
		h.must(err)
		if log := h.lastLog("template.edit"); !slices.Equal(log.Changes, []core.Change{{Field: "due_days", Was: "0", Now: "5"}}) {
			h.t.Errorf("the log says %+v", log.Changes)
		}
		h.must(h.c.DeleteTemplate(h.ctx, h.as(h.owner), tpl.ID))
		_, _, err = h.c.Template(h.ctx, h.as(h.owner), tpl.ID)
		h.wants(err, core.NotFound, "template.unknown")
		h.lastLog("template.delete")
	})
}
