package core_test

import (
	"fmt"
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

// Of what happens in a burst a bystander gets one mail for each task.
func TestFiveHundredEventsInFiveMinutesAreThreeMailsToABystander(t *testing.T) {
	each(t, func(h *house) {
		by := h.user("Ben", core.Employee)
		tasks := []core.ID{h.task.ID}
		for i := range 2 {
			task, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: fmt.Sprint("Window ", i), Project: h.project.ID})
			h.must(err)
			tasks = append(tasks, task.ID)
		}
		h.must(h.c.AddParticipant(h.ctx, h.as(h.owner), h.project.ID, by.ID, false, false))
		for _, id := range tasks {
			h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
				task, err := tx.FindTask(h.ctx, h.account.ID, id)
				h.must(err)
				return tx.SetTaskPeople(h.ctx, h.account.ID, id, append(task.People, core.TaskPerson{Person: by.ID, Relation: core.Auditor}))
			}))
		}
		h.quiet()
		mails, news := 0, 0
		send := func() {
			list, err := storetest.Claim(h.ctx, h.c, 100)
			h.must(err)
			for _, d := range list {
				l, err := h.c.Letter(h.ctx, d)
				h.must(err)
				if d.Person == by.ID {
					mails, news = mails+1, news+len(l.Entries)
				}
				h.must(h.c.RecordAttempt(h.ctx, core.AttemptResult{Delivery: l.Delivery, State: core.DeliverySent, Attempt: core.Attempt{StartedAt: h.now, Outcome: "sent"}}))
			}
		}
		for i := range 500 {
			h.tellOf(tasks[i%3], fmt.Sprint("Event ", i))
			h.pass(570 * time.Millisecond)
			send()
		}
		h.pass(10 * time.Minute)
		send()
		if mails != 3 || news != 500 {
			t.Errorf("%d mails with %d of 500 events", mails, news)
		}
	})
}

// tellOf writes into a task without choosing anybody.
func (h *house) tellOf(task core.ID, text string) {
	h.t.Helper()
	_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: task, Text: text})
	h.must(err)
}

func TestWhatWasReadMeanwhileFallsOutOfTheMail(t *testing.T) {
	each(t, func(h *house) {
		h.quiet()
		h.tellOf(h.task.ID, "read in the page")
		h.read(h.eve)
		h.pass(time.Second)
		h.tellOf(h.task.ID, "not read yet")
		h.pass(time.Hour)
		sent, _ := h.letters()
		if l := sent[h.eve.Name]; len(l.Entries) != 1 || l.Entries[0].Comment.Text != "not read yet" {
			t.Errorf("the mail brings %+v", l.Entries)
		}
		h.tellOf(h.task.ID, "all of it is read")
		h.read(h.eve)
		h.pass(time.Hour)
		if _, refused := h.letters(); refused[h.eve.Name] != "delivery.read" {
			t.Errorf("what is all read: %q", refused[h.eve.Name])
		}
		_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "for her", Tell: []core.ID{h.eve.ID}})
		h.must(err)
		h.read(h.eve)
		if sent, _ := h.letters(); len(sent[h.eve.Name].Entries) != 1 {
			t.Error("what is addressed to her comes by mail too")
		}
	})
}

// read opens the task's page.
func (h *house) read(p core.Person) {
	h.t.Helper()
	h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
		_, err := tx.MarkRead(h.ctx, h.account.ID, p.ID, h.task.ID, h.now)
		return err
	}))
}
