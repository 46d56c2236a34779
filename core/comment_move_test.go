package core_test

import (
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail/auth"
)

// elsewhere is a second task, with these people.
func (h *house) elsewhere(people ...core.ID) core.Task {
	h.t.Helper()
	t, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "Window", Project: h.project.ID, Assignee: h.eve.ID, Participants: people})
	h.must(err)
	return t
}

func ids(people []core.Person) (list []core.ID) {
	for _, p := range people {
		list = append(list, p.ID)
	}
	return list
}

func TestAWronglyThreadedCommentMovesWithItsFilesAndBothTasksShowIt(t *testing.T) {
	each(t, func(h *house) {
		klara, karl := h.dashboard(h.klara), h.dashboard(h.karl)
		there := h.elsewhere(klara.ID)
		cm, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "about the window", Tell: []core.ID{h.klara.ID, h.karl.ID},
			Files: []core.Upload{{Name: "window.txt", Type: "text/plain", Content: strings.NewReader("drawing")}}})
		h.must(err)
		m, err := h.c.ForeseeMove(h.ctx, h.as(h.eve), cm.ID, there.Number)
		h.must(err)
		if len(m.Readers) != 1 || m.Readers[0].ID != h.klara.ID {
			h.t.Fatalf("readers there: %v", m.Readers)
		}
		if h.lastComment().ID != cm.ID {
			h.t.Fatal("the preview moved it")
		}
		if _, err := h.c.MoveComment(h.ctx, h.as(h.eve), cm.ID, there.Number, nil); core.CodeOf(err) != "comment.readers" {
			h.t.Errorf("moved to a reader nobody saw: %v", err)
		}
		_, err = h.c.MoveComment(h.ctx, h.as(h.eve), cm.ID, there.Number, ids(m.Readers))
		h.must(err)
		if last := h.lastComment(); last.Change != core.MovedAway || last.To != "2" {
			h.t.Errorf("the old task ends with %+v", last.Comment)
		}
		v, err := h.c.Task(h.ctx, h.as(klara), there.Number, "")
		h.must(err)
		if len(v.Comments) != 2 || v.Comments[0].ID != cm.ID || len(v.Comments[0].Attachments) != 1 || v.Comments[1].Change != core.MovedHere || v.Comments[1].From != "1" {
			h.t.Errorf("the new task shows %+v", v.Comments)
		}
		// Karl had read it and may not see where it went, nor its number.
		v, err = h.c.Task(h.ctx, h.as(karl), h.task.Number, "")
		h.must(err)
		for _, c := range v.Comments {
			if c.ID == cm.ID || c.Change == core.MovedAway && c.From+c.To != "" {
				h.t.Errorf("Karl sees %+v", c.Comment)
			}
		}
		if log := h.lastLog("comment.move"); log.Changes[0] != (core.Change{Field: "task", Was: string(h.task.ID), Now: string(there.ID)}) {
			h.t.Errorf("the log says %+v", log)
		}
		found, err := h.c.Search(h.ctx, h.as(klara), "window", 0, 10)
		h.must(err)
		for _, f := range found {
			if f.Comment == cm.ID && f.Task != there.ID {
				h.t.Error("it is found in the old task")
			}
		}
	})
}

func TestAnAnswerToAMovedCommentGoesWhereItsAddressLeads(t *testing.T) {
	each(t, func(h *house) {
		there := h.elsewhere()
		h.letters()
		r := h.one(h.letter("klara@client.test", "about the window"), auth.Pass, h.replyTo(h.klara))
		h.pass(time.Hour)
		sent, _ := h.letters() // Eve is told of it in the old task
		_, err := h.c.MoveComment(h.ctx, h.as(h.eve), r.Comment, there.Number, nil)
		h.must(err)
		answer := strings.Replace(h.letter("eve@holzbau.test", "which one?"), "Message-ID:", "In-Reply-To: <"+sent["Eve"].MessageID+">\nMessage-ID:", 1)
		if !strings.Contains(answer, "In-Reply-To") {
			h.t.Fatal("the answer names no mail")
		}
		got := h.one(answer, auth.Pass, sent["Eve"].ReplyTo.Mailbox())
		if got.Disposition != core.Posted || got.Task != h.task.ID {
			h.t.Errorf("the answer by the old address: %+v", got)
		}
		// The receipt of the moved mail follows it.
		list, err := h.c.Messages(h.ctx, h.as(h.owner), core.MessageFilter{Task: there.ID})
		h.must(err)
		if len(list) != 1 || list[0].Receipt.ID != r.ID || list[0].Receipt.Task != there.ID {
			h.t.Errorf("messages of the new task: %+v", list)
		}
		a, err := h.c.ReplyAddress(h.ctx, h.account.ID, h.eve.ID, there.ID)
		h.must(err)
		if got := h.one(h.letter("eve@holzbau.test", "the one in the hall"), auth.Pass, a.Mailbox()); got.Task != there.ID || got.Disposition != core.Posted {
			h.t.Errorf("an answer to the new task: %+v", got)
		}
	})
}

func TestMailThatWaitsSpeaksOfACommentOnlyWhereItIs(t *testing.T) {
	each(t, func(h *house) {
		max := h.user("max", core.Employee)
		there := h.elsewhere(max.ID)
		h.letters()
		cm, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "about the window"})
		h.must(err)
		_, err = h.c.MoveComment(h.ctx, h.as(h.owner), cm.ID, there.Number, nil)
		h.must(err)
		h.pass(time.Hour)
		sent, refused := h.letters()
		for _, name := range []string{"max", "Eve"} {
			if l, ok := sent[name]; !ok || l.Task.ID != there.ID || len(l.Entries) != 1 {
				h.t.Errorf("%s, who works there, got %+v", name, l)
			}
		}
		if refused["Eve"] != "delivery.nothing_left" {
			h.t.Errorf("Eve is told of it in the old task: %v", refused)
		}
	})
}

func TestWhatCannotBeMovedIsSaid(t *testing.T) {
	each(t, func(h *house) {
		max := h.user("max", core.Employee)
		secret, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "Secret", Assignee: max.ID})
		h.must(err)
		cm, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "words"})
		h.must(err)
		move := func(who core.Person, id core.ID, number int64) error {
			_, err := h.c.MoveComment(h.ctx, h.as(who), id, number, nil)
			return err
		}
		h.wants(move(h.eve, cm.ID, h.task.Number), core.Invalid, "comment.same_task")
		h.wants(move(h.eve, cm.ID, 99), core.Invalid, "comment.no_task")
		h.wants(move(h.eve, cm.ID, secret.Number), core.Invalid, "comment.no_task") // as if it were not there
		h.wants(move(h.klara, cm.ID, h.task.Number), core.NotFound, "")
		h.must(h.c.SetStatus(h.ctx, h.as(h.eve), h.task.ID, core.TaskWorking))
		h.wants(move(h.owner, h.lastComment().ID, secret.Number), core.Conflict, "comment.system")
	})
}
