package core_test

import (
	"slices"
	"testing"

	"planpost/core"
)

// linesSeen are the lines of the system that somebody sees of the task, as codes with what they tell.
func (h *house) linesSeen(p core.Person) (lines []string) {
	h.t.Helper()
	v, err := h.c.Task(h.ctx, h.as(p), h.task.Number, "")
	h.must(err)
	for _, c := range v.Comments {
		if c.Change == "" {
			continue
		}
		text := c.Change + " " + c.From + ">"
		for _, id := range core.LinePeople(c.To) {
			text += v.People[id].Name + ","
		}
		if len(core.LinePeople(c.To)) == 0 {
			text += c.To
		}
		lines = append(lines, text)
	}
	return lines
}

func TestX18WhoChangedWhatStandsInTheConversation(t *testing.T) {
	each(t, func(h *house) {
		klara, max := h.dashboard(h.klara), h.user("max", core.Employee)
		// Karl, from outside, goes; max comes, and oversees, too.
		_, err := h.c.EditTask(h.ctx, h.as(h.owner), h.task.ID, core.TaskEdit{Visibility: ref(core.VisibleInside), People: &core.TaskPeople{Assignee: max.ID, CoAssignees: []core.ID{h.eve.ID},
			Participants: []core.ID{klara.ID, h.sub.ID}, Auditors: []core.ID{max.ID}, DueDate: "2031-02-03", DueTime: "10:30"}})
		h.must(err)
		h.must(h.c.SetStatus(h.ctx, h.as(h.owner), h.task.ID, core.TaskWorking))
		inside := []string{"visibility participants>inside", "due >2031-02-03 10:30", "assignee " + string(h.eve.ID) + ">max,", "joined coassignee>Eve,", "left participant>Karl,", "joined auditor>max,", "status new>working"}
		if got := h.linesSeen(h.owner); !slices.Equal(got, inside) {
			h.t.Errorf("inside: %q", got)
		}
		outside := []string{inside[1], inside[2], inside[3], inside[6]}
		if got := h.linesSeen(klara); !slices.Equal(got, outside) {
			h.t.Errorf("outside: %q", got)
		}
		if sent, _ := h.letters(); len(sent["Klara"].Entries) != 0 {
			h.t.Error("a line was mailed")
		}
		_, err = h.c.EditTask(h.ctx, h.as(h.owner), h.task.ID, core.TaskEdit{Title: ref("Gate")})
		h.must(err)
		h.must(h.c.AddTaskPerson(h.ctx, h.as(h.owner), h.task.ID, h.karl.ID, core.Participate))
		if got := h.linesSeen(h.owner); len(got) != len(inside)+1 || got[len(inside)] != "joined participant>Karl," {
			h.t.Errorf("then: %q", got)
		}
	})
}

func TestX18TwoModesOfWhatOutsidersRead(t *testing.T) {
	each(t, func(h *house) {
		klara, alone := h.dashboard(h.klara), h.dashboard(h.contact("Kim", "kim@client.test", h.client.ID))
		say := func(text string, hidden bool, tell ...core.ID) core.ID {
			cm, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: text, Hidden: hidden, Tell: tell})
			h.must(err)
			return cm.ID
		}
		told, open := say("to Klara", false, klara.ID), say("to nobody", false)
		say("inside", true)
		reads := func(p core.Person) (ids []core.ID) {
			v, err := h.c.Task(h.ctx, h.as(p), h.task.Number, "")
			h.must(err)
			for _, c := range v.Comments {
				ids = append(ids, c.ID)
			}
			return ids
		}
		if got := reads(klara); !slices.Equal(got, []core.ID{told}) {
			h.t.Errorf("what was addressed to her: %v", got)
		}
		mode := func(value string) {
			h.must(h.c.SetSettings(h.ctx, h.as(h.owner), map[string]string{"unhidden": value}))
		}
		mode("on")
		if got := reads(klara); !slices.Equal(got, []core.ID{told, open}) {
			h.t.Errorf("all that is not hidden: %v", got)
		}
		// It opens no task: Kim has nothing to do with this one.
		if _, err := h.c.Task(h.ctx, h.as(alone), h.task.Number, ""); core.KindOf(err) != core.NotFound {
			h.t.Errorf("Kim opens the task: %v", err)
		}
		ans, err := h.c.May(h.ctx, h.as(alone), "comment.view_public", core.Object{Kind: "comment", ID: open})
		if err == nil && ans.Allowed {
			h.t.Error("Kim reads a comment of a task that is not hers")
		}
		mode("off")
		if got := reads(klara); !slices.Equal(got, []core.ID{told}) {
			h.t.Errorf("switched off again: %v", got)
		}
		admin := h.user("ted", core.TechnicalAdministrator)
		h.wants(h.c.SetSettings(h.ctx, h.as(admin), map[string]string{"unhidden": "on"}), core.Forbidden, "")
	})
}
