package core_test

import (
	"slices"
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

func TestMailToPeopleOutsideCanBeTakenBackUntilItLeaves(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		c := h.with(func(cfg *core.Config) { cfg.Undo = time.Minute })
		cm, err := c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "To the wrong ones", Tell: []core.ID{h.klara.ID, h.karl.ID, h.owner.ID}})
		h.must(err)
		shown := func(p core.Person) core.CommentView {
			h.t.Helper()
			v, err := c.Task(h.ctx, h.as(p), h.task.Number, "")
			h.must(err)
			return v.Comments[len(v.Comments)-1]
		}
		if cv := shown(h.eve); cv.Undoable != 2 || cv.LeavesAt.Sub(h.now).Round(time.Second) != time.Minute {
			h.t.Errorf("who wrote it can take back %d, leaving at %v", cv.Undoable, cv.LeavesAt)
		}
		left := func() (people []core.ID) {
			list, err := storetest.Claim(h.ctx, c, 100)
			h.must(err)
			for _, d := range list {
				people = append(people, d.Person)
				h.must(c.RecordAttempt(h.ctx, core.AttemptResult{Delivery: d, State: core.DeliverySent, Attempt: core.Attempt{StartedAt: h.now, Outcome: "sent"}}))
			}
			return people
		}
		if got := left(); len(got) != 1 || got[0] != h.owner.ID {
			h.t.Errorf("at once left mail to %v, want the owner alone", got)
		}
		ted := h.user("Ted", core.Employee)
		_, _, err = c.UndoMail(h.ctx, h.as(ted), cm.ID)
		h.wants(err, core.NotFound, "")
		_, n, err := c.UndoMail(h.ctx, h.as(h.eve), cm.ID)
		h.must(err)
		if n != 2 {
			h.t.Errorf("%d taken back", n)
		}
		h.pass(time.Hour)
		if got := left(); len(got) > 0 {
			h.t.Errorf("after it was taken back left mail to %v", got)
		}
		_, _, err = c.UndoMail(h.ctx, h.as(h.eve), cm.ID)
		h.wants(err, core.Conflict, "undo.late")
		for _, it := range shown(h.owner).Sent {
			if it.Delivery.Person != h.owner.ID && (it.Delivery.State != core.DeliveryCancelled || it.Delivery.Reason != "delivery.undone") {
				h.t.Errorf("%s: %s (%s)", it.PersonName, it.Delivery.State, it.Delivery.Reason)
			}
		}
		_, err = c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "To the right one", Tell: []core.ID{h.klara.ID}})
		h.must(err)
		h.pass(2 * time.Minute)
		if got := left(); !slices.Contains(got, h.klara.ID) {
			h.t.Errorf("left mail to %v", got)
		}
		if cv := shown(h.eve); cv.Undoable != 0 {
			h.t.Errorf("%d of what has left can be taken back", cv.Undoable)
		}
	})
}
