package core_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail/auth"
	"planpost/store/storetest"
)

func TestOutsidersNeverLearnOfOneAnother(t *testing.T) {
	each(t, func(h *house) {
		sam, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "Sam", Address: "sam@other.test", Company: h.other.ID, Access: core.AdvancedAccess})
		h.must(err)
		h.must(h.c.SetPeopleAndDates(h.ctx, h.as(h.owner), h.task.ID, core.TaskPeople{Assignee: h.sub.ID, Participants: []core.ID{sam.ID, h.klara.ID, h.karl.ID, h.eve.ID}}))
		_, err = h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "to two firms", Tell: []core.ID{sam.ID, h.klara.ID}})
		h.must(err)
		h.must(h.c.AddParticipant(h.ctx, h.as(h.owner), h.project.ID, sam.ID, false, false))
		h.must(h.c.AddParticipant(h.ctx, h.as(h.owner), h.project.ID, h.klara.ID, false, false))

		task, err := h.c.Task(h.ctx, h.as(sam), h.task.Number, "")
		h.must(err)
		tasks, err := h.c.Tasks(h.ctx, h.as(sam), core.TaskFilter{})
		h.must(err)
		project, err := h.c.Project(h.ctx, h.as(sam), h.project.ID)
		h.must(err)
		projects, err := h.c.Projects(h.ctx, h.as(sam), "", "", 10)
		h.must(err)
		sent, _ := h.letters()
		if len(task.Comments) != 2 || task.Comments[0].Change != core.LineJoined || len(tasks) != 1 || len(projects) != 1 || len(sent["Sam"].Task.People) == 0 {
			h.t.Fatalf("%d comments, %d tasks, %d projects", len(task.Comments), len(tasks), len(projects))
		}
		for what, v := range map[string]any{"task": task, "tasks": tasks, "project": project, "projects": projects, "task people of the mail": sent["Sam"].Task.People, "readers": sent["Sam"].Readers} {
			all := fmt.Sprintf("%+v", v)
			for _, secret := range []string{string(h.klara.ID), "Klara", "klara@", string(h.karl.ID), "Sub", string(h.sub.ID), "Client", h.project.Inbound} {
				if secret == "Client" {
					all = strings.ReplaceAll(all, "ClientManager", "")
				}
				if strings.Contains(all, secret) {
					h.t.Errorf("%s shows %s", what, secret)
				}
			}
		}
	})
}

func TestAMaskedViewTellsNoAddressAndAnswersNoQuestion(t *testing.T) {
	each(t, func(h *house) {
		tech, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Theo", Address: "theo@holzbau.test", Role: core.TechnicalAdministrator, Password: "a phrase of mine"})
		h.must(err)
		h.one(h.letter("klara@client.test", "hello"), auth.Pass, h.replyTo(h.klara))
		for _, query := range []string{"Door", "klara@client.test", "nothing like it"} {
			list, err := h.c.Messages(h.ctx, h.as(tech), core.MessageFilter{Query: query})
			h.must(err)
			if len(list) != 1 {
				h.t.Errorf("%q finds %d: what is masked can be asked for", query, len(list))
			}
		}
		due, err := storetest.Claim(h.ctx, h.c, 1)
		h.must(err)
		h.must(h.c.RecordAttempt(h.ctx, core.AttemptResult{Delivery: due[0], State: core.DeliveryFailed, Attempt: core.Attempt{Code: 550, Text: "5.1.1 <klara@client.test> unknown", Outcome: "failed"}}))
		v, err := h.c.Delivery(h.ctx, h.as(tech), due[0].ID)
		h.must(err)
		if all := fmt.Sprintf("%+v", v); strings.Contains(all, "klara@") || v.Attempts[0].Text != "5.1.1 … unknown" {
			h.t.Errorf("delivery: %s", all)
		}
	})
}

func TestASubjectSpeaksOnlyOfWhatIsLeft(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		held := h.one(h.letter("stranger@nowhere.test", "let me in"), auth.Pass, h.replyTo(h.klara))
		h.must(h.c.RefuseHeld(h.ctx, h.as(h.owner), held.ID))
		_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "nobody", Hidden: true})
		h.must(err)
		h.pass(time.Hour)
		sent, _ := h.letters()
		if l := sent["Eve"]; l.Event != core.CommentAdded || len(l.Held) != 0 {
			h.t.Errorf("event %s", l.Event)
		}
	})
}

func TestABlockEndsSessionsForGood(t *testing.T) {
	each(t, func(h *house) {
		token, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: "eve@holzbau.test", Password: "another long phrase", IP: "2001:db8::1"})
		h.must(err)
		_, err = h.c.BlockPerson(h.ctx, h.as(h.owner), h.eve.ID)
		h.must(err)
		if _, err := h.c.Session(h.ctx, token, "127.0.0.1"); core.KindOf(err) != core.Unauthenticated {
			h.t.Errorf("blocked: %v", err)
		}
		h.must(h.c.UnblockPerson(h.ctx, h.as(h.owner), h.eve.ID))
		if _, err := h.c.Session(h.ctx, token, "127.0.0.1"); core.KindOf(err) != core.Unauthenticated {
			h.t.Errorf("unblocked: %v", err)
		}
	})
}

func TestManyAddressesOfOneNetworkAreOneClient(t *testing.T) {
	each(t, func(h *house) {
		for i := range 30 {
			_, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: fmt.Sprintf("nobody%d@x.test", i), Password: "wrong", IP: fmt.Sprintf("2001:db8::%x", i+1)})
			if core.KindOf(err) == core.Limited {
				return
			}
		}
		h.t.Error("thirty logins from one /64 were tried")
	})
}
