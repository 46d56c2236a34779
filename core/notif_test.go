package core_test

import (
	"slices"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail/auth"
)

// told gives what a person was told: the events by mail, as reasons of refusal, and those shown in pages.
func (h *house) notes(p core.Person) (events []core.Event, mailed int) {
	h.t.Helper()
	h.must(h.store.View(h.ctx, func(tx core.Tx) error {
		list, err := tx.ListNotifications(h.ctx, h.account.ID, p.ID, false, 200)
		events, mailed = nil, 0
		for _, n := range list {
			if n.Page {
				events = append(events, n.Event)
			}
			if n.Delivery == "" {
				continue
			}
			d, err := tx.FindDelivery(h.ctx, h.account.ID, n.Delivery)
			h.must(err)
			if d.State == core.DeliveryDue {
				mailed++
			}
		}
		return err
	}))
	return events, mailed
}

func (h *house) choose(by, of core.Person, event core.Event, ch core.Channel, on bool) error {
	return h.c.SetNotif(h.ctx, h.as(by), of.ID, []core.NotifChoice{{Event: event, Channel: ch, On: on}})
}

// quiet sends what waits, so that only what comes later counts.
func (h *house) quiet() {
	h.pass(time.Hour)
	h.letters()
}

func TestN1TheTableIsEditedByOneselfAndByTheAdministratorOnly(t *testing.T) {
	each(t, func(h *house) {
		max := h.user("Max", core.Employee)
		admin := h.user("Ada", core.Administrator)
		for _, by := range []core.Person{h.eve, admin, h.owner} {
			h.must(h.choose(by, h.eve, core.TaskChanged, core.MailChannel, false))
			if _, rows, err := h.c.NotifTable(h.ctx, h.as(by), h.eve.ID); err != nil || rows[5].Event != core.TaskChanged || rows[5].Hears(core.MailChannel) || !rows[5].Hears(core.PageChannel) {
				t.Errorf("%s: %+v %v", by.Name, rows, err)
			}
			h.must(h.choose(by, h.eve, core.TaskChanged, core.MailChannel, true))
		}
		if err := h.choose(max, h.eve, core.TaskChanged, core.MailChannel, false); err == nil {
			t.Error("a colleague switches it")
		}
		if err := h.choose(admin, h.owner, core.TaskChanged, core.MailChannel, false); err == nil {
			t.Error("an administrator switches the owner's")
		}
		if _, _, err := h.c.NotifTable(h.ctx, h.as(max), h.eve.ID); err == nil {
			t.Error("a colleague reads it")
		}
		if e := h.lastLog("notif.edit"); e.ObjectID != h.eve.ID || len(e.Changes) != 1 || e.Changes[0].Field != "task.changed.mail" {
			t.Errorf("logged %+v", e)
		}
	})
}

func TestN1SecurityAndWhatDoesNotExistYetCannotBeSwitched(t *testing.T) {
	each(t, func(h *house) {
		for code, n := range map[string]core.NotifChoice{
			"notif.fixed":   {Event: core.AccountSafety, Channel: core.MailChannel},
			"notif.later":   {Event: "invoice.paid", Channel: core.MailChannel, On: true},
			"notif.event":   {Event: "no.such", Channel: core.MailChannel},
			"notif.channel": {Event: core.TaskChanged, Channel: "pigeon"},
		} {
			if err := h.c.SetNotif(h.ctx, h.as(h.owner), h.eve.ID, []core.NotifChoice{n}); core.CodeOf(err) != code {
				t.Errorf("%+v: %v", n, err)
			}
		}
		// Each event that has no source yet says from when it works.
		for _, want := range []core.Event{"invoice.paid", "payment.overdue", "payment.reminder", "quote.accepted", "quote.refused", "review.left", "booking.created"} {
			i := slices.IndexFunc(core.EventKinds(true), func(k core.EventKind) bool { return k.Event == want })
			if i < 0 || core.EventKinds(true)[i].Since == "" {
				t.Errorf("%s has no place", want)
			}
		}
	})
}

func TestN2N3AMessageOfAClientReachesMailAndPageAsChosen(t *testing.T) {
	for _, c := range []struct{ mail, page bool }{{true, true}, {false, true}, {true, false}, {false, false}} {
		each(t, func(h *house) {
			h.quiet()
			h.must(h.choose(h.eve, h.eve, core.ClientMessage, core.MailChannel, c.mail))
			h.must(h.choose(h.eve, h.eve, core.ClientMessage, core.PageChannel, c.page))
			before, _ := h.notes(h.eve)
			h.one(h.letter("klara@client.test", "when do you come?"), auth.Pass, h.replyTo(h.klara))
			events, mailed := h.notes(h.eve)
			if shown := len(events) > len(before) && events[0] == core.ClientMessage; shown != c.page || (mailed == 1) != c.mail {
				t.Errorf("%+v: shown %v, mailed %d", c, events, mailed)
			}
			h.pass(time.Hour)
			if sent, _ := h.letters(); (sent["Eve"].Task.ID != "") != c.mail {
				t.Errorf("%+v: sent %+v", c, sent["Eve"].Event)
			}
		})
	}
}

func TestN4N5NewWorkReachesMailAndPageAsChosen(t *testing.T) {
	for _, c := range []struct{ mail, page bool }{{true, true}, {false, true}, {true, false}} {
		each(t, func(h *house) {
			h.quiet()
			h.must(h.choose(h.eve, h.eve, core.TaskAssigned, core.MailChannel, c.mail))
			h.must(h.choose(h.eve, h.eve, core.TaskAssigned, core.PageChannel, c.page))
			before, _ := h.notes(h.eve)
			_, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "Window", Project: h.project.ID, Assignee: h.eve.ID})
			h.must(err)
			events, _ := h.notes(h.eve)
			if shown := len(events) > len(before) && events[0] == core.TaskAssigned; shown != c.page {
				t.Errorf("%+v: shown %v", c, events)
			}
			if sent, _ := h.letters(); (sent["Eve"].Task.Title == "Window") != c.mail {
				t.Errorf("%+v: sent %+v", c, sent["Eve"].Task)
			}
		})
	}
}

func TestN12NoPhoneIsReachedWithoutADevice(t *testing.T) {
	each(t, func(h *house) {
		if err := h.choose(h.eve, h.eve, core.TaskAssigned, core.PhoneChannel, true); core.CodeOf(err) != "notif.later" {
			t.Error(err)
		}
		_, rows, err := h.c.NotifTable(h.ctx, h.as(h.eve), h.eve.ID)
		h.must(err)
		for _, r := range rows {
			if r.Hears(core.PhoneChannel) {
				t.Errorf("%s reaches a phone", r.Event)
			}
		}
	})
}

func TestN16ACommentReachesTheContactsItIsAddressedTo(t *testing.T) {
	each(t, func(h *house) {
		h.quiet()
		h.must(h.choose(h.owner, h.karl, core.CommentTold, core.MailChannel, false))
		cm, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "On Monday.", Tell: []core.ID{h.klara.ID, h.karl.ID}})
		h.must(err)
		sent, _ := h.letters()
		if len(sent["Klara"].Entries) != 1 || sent["Karl"].Task.ID != "" || sent["Sub"].Task.ID != "" {
			t.Errorf("sent to %v", keys(sent))
		}
		// Who wrote sees at the comment why no mail went.
		h.must(h.store.View(h.ctx, func(tx core.Tx) error {
			list, err := tx.ListDeliveries(h.ctx, h.account.ID, core.DeliveryFilter{Comment: cm.ID, Person: h.karl.ID})
			if len(list) != 1 || list[0].Delivery.State != core.DeliveryCancelled || list[0].Delivery.Reason != "delivery.switched_off" {
				t.Errorf("%+v", list)
			}
			return err
		}))
	})
}

func TestN1WhatIsSwitchedOffMeanwhileIsNotSent(t *testing.T) {
	each(t, func(h *house) {
		h.quiet()
		_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "for all inside"})
		h.must(err)
		h.must(h.choose(h.eve, h.eve, core.CommentAdded, core.MailChannel, false))
		h.pass(time.Hour)
		if sent, refused := h.letters(); sent["Eve"].Task.ID != "" || refused["Eve"] != "delivery.switched_off" {
			t.Errorf("%v %v", keys(sent), refused)
		}
	})
}

func TestN1AMutedThreadIsSilentButForWhatIsAddressed(t *testing.T) {
	each(t, func(h *house) {
		h.quiet()
		thread, project := core.Object{Kind: "task", ID: h.task.ID}, core.Object{Kind: "project", ID: h.project.ID}
		say := func(tell ...core.ID) (staff, client bool) {
			t.Helper()
			before, _ := h.notes(h.eve)
			_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "hm", Tell: tell})
			h.must(err)
			h.pass(time.Hour)
			sent, _ := h.letters()
			after, _ := h.notes(h.eve)
			staff, client = sent["Eve"].Task.ID != "", sent["Klara"].Task.ID != ""
			if staff != (len(after) > len(before)) {
				t.Errorf("mail %v, page %d to %d", staff, len(before), len(after))
			}
			return staff, client
		}
		for _, o := range []core.Object{thread, project} {
			h.must(h.c.SetMute(h.ctx, h.as(h.eve), o, true))
			if staff, _ := say(); staff {
				t.Errorf("%s: muted and told", o.Kind)
			}
			if staff, _ := say(h.eve.ID); !staff {
				t.Errorf("%s: what is addressed was lost", o.Kind)
			}
			h.must(h.c.SetMute(h.ctx, h.as(h.eve), o, false))
			if staff, _ := say(); !staff {
				t.Errorf("%s: still muted", o.Kind)
			}
		}
		h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { // as a link in a mail does
			_, err := tx.SetMute(h.ctx, &core.Mute{Account: h.account.ID, Person: h.klara.ID, Kind: "task", Object: h.task.ID, CreatedAt: tx.Now()})
			return err
		}))
		if _, client := say(h.klara.ID); client {
			t.Error("a client who muted the thread is mailed")
		}
		stranger := h.contact("Zoe", "zoe@zoe.test", "")
		if err := h.c.SetMute(h.ctx, h.as(stranger), thread, true); core.KindOf(err) != core.NotFound {
			t.Errorf("muted without sight: %v", err)
		}
	})
}

func TestN3AHeldMessageIsToldUntilItIsDecided(t *testing.T) {
	each(t, func(h *house) {
		r := h.one(h.letter("mallory@evil.test", "pay the bill"), auth.Pass, h.replyTo(h.klara))
		unread := func(p core.Person) (events []core.Event) {
			t.Helper()
			list, _, err := h.c.Notes(h.ctx, h.as(p), core.NoteFilter{Unread: true, Limit: 50})
			h.must(err)
			for _, n := range list {
				events = append(events, n.Event)
			}
			if n, err := h.c.UnreadNotes(h.ctx, h.as(p)); err != nil || n != len(list) {
				t.Errorf("%d are listed, %d counted: %v", len(list), n, err)
			}
			return events
		}
		if !slices.Contains(unread(h.eve), core.MessageHeld) || slices.Contains(unread(h.klara), core.MessageHeld) {
			t.Errorf("Eve %v, Klara %v", unread(h.eve), unread(h.klara))
		}
		h.must(h.c.RefuseHeld(h.ctx, h.as(h.eve), r.ID))
		if slices.Contains(unread(h.eve), core.MessageHeld) {
			t.Error("decided and told still")
		}
		if !slices.Contains(unread(h.eve), core.TaskAssigned) {
			t.Fatal("nothing else is told")
		}
		h.must(h.c.SawTask(h.ctx, h.as(h.eve), h.task.ID))
		if left := unread(h.eve); len(left) != 0 {
			t.Errorf("left unread: %v", left)
		}
		if list, more, err := h.c.Notes(h.ctx, h.as(h.eve), core.NoteFilter{Limit: 1}); err != nil || len(list) != 1 || !more || list[0].ReadAt.IsZero() || list[0].Number != h.task.Number {
			t.Errorf("%+v %v %v", list, more, err)
		}
	})
}

func TestN1SecurityLettersReachWhoSwitchedEverythingOffAndMutedAll(t *testing.T) {
	each(t, func(h *house) {
		h.quiet()
		_, rows, err := h.c.NotifTable(h.ctx, h.as(h.eve), h.eve.ID)
		h.must(err)
		for i := range rows {
			for _, ch := range core.Channels {
				if rows[i].Choosable(ch) {
					h.must(h.choose(h.eve, h.eve, rows[i].Event, ch, false))
				}
			}
		}
		h.must(h.c.SetMute(h.ctx, h.as(h.eve), core.Object{Kind: "project", ID: h.project.ID}, true))
		_, err = h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "for all inside"})
		h.must(err)
		h.must(h.c.AskReset(h.ctx, "eve@holzbau.test", "192.0.2.1"))
		sent, refused := h.letters()
		if l := sent["Eve"]; l.Link.Kind != core.ResetLink || len(refused) != 0 {
			t.Errorf("sent %+v, refused %v", l.Link.Kind, refused)
		}
		h.pass(time.Hour)
		if later, _ := h.letters(); later["Eve"].Task.ID != "" {
			t.Error("and what was switched off")
		}
	})
}

func TestN1OnesOwnActionsSendNothing(t *testing.T) {
	each(t, func(h *house) {
		h.quiet()
		before, _ := h.notes(h.eve)
		_, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "mine", Tell: []core.ID{h.eve.ID, h.owner.ID}})
		h.must(err)
		h.must(h.c.SetStatus(h.ctx, h.as(h.eve), h.task.ID, core.TaskWorking))
		h.pass(time.Hour)
		sent, _ := h.letters()
		if after, _ := h.notes(h.eve); len(after) != len(before) || sent["Eve"].Task.ID != "" || sent["Olga"].Task.ID == "" {
			t.Errorf("told %v, sent to %v", after, keys(sent))
		}
	})
}

// The mail that waits was not seen by who answers an earlier one.
func TestAnAnswerByMailMarksWhatItsMailsToldAsRead(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		h.say(h.klara, "a question", false)
		h.tellOf(h.task.ID, "told in a mail that waits")
		unread := func() (texts []string) {
			notes, _, err := h.c.Notes(h.ctx, h.as(h.eve), core.NoteFilter{Unread: true, Limit: 50})
			h.must(err)
			for _, n := range notes {
				texts = append(texts, string(n.Event))
			}
			return texts
		}
		before := len(unread())
		if r := h.one(h.letter("eve@holzbau.test", "an answer"), auth.Pass, h.replyTo(h.eve)); r.Disposition != core.Posted {
			h.t.Fatal(r.Disposition, r.Reason)
		}
		if got := unread(); before < 2 || !slices.Equal(got, []string{string(core.CommentAdded)}) {
			h.t.Errorf("of %d are unread: %q", before, got)
		}
	})
}

func TestNoticesOfWorkAreSwitchedOffAndThoseOfSafetyAreNot(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		told := func() bool {
			ben := h.user("Ben"+string(core.NewID())[20:], core.Employee)
			h.must(h.c.SetNotif(h.ctx, h.as(h.owner), ben.ID, []core.NotifChoice{{Event: core.TaskShared, Channel: core.MailChannel, On: false}}))
			h.must(h.c.AddParticipant(h.ctx, h.as(h.owner), h.project.ID, ben.ID, false, false))
			list, err := h.c.Deliveries(h.ctx, h.as(h.owner), core.DeliveryFilter{Limit: 50})
			h.must(err)
			for i := range list {
				if d := &list[i].Delivery; d.Person == ben.ID && d.Kind == core.NoticeLetter && slices.Contains(d.Params, "project.added") {
					h.must(h.c.SetNotif(h.ctx, h.as(h.owner), ben.ID, []core.NotifChoice{{Event: core.ProjectJoined, Channel: core.MailChannel, On: false}}))
					if _, err := h.c.Letter(h.ctx, *d); core.CodeOf(err) != "delivery.switched_off" {
						h.t.Errorf("switched off before it left: %v", err)
					}
					return true
				}
			}
			return false
		}
		if !told() {
			h.t.Fatal("who joins a project is not told")
		}
		off := []core.NotifChoice{{Event: core.ProjectHanded, Channel: core.MailChannel, On: false}}
		h.must(h.c.SetNotif(h.ctx, h.as(h.owner), h.eve.ID, off))
		h.wants(h.c.SetNotif(h.ctx, h.as(h.owner), h.eve.ID, []core.NotifChoice{{Event: core.ProjectHanded, Channel: core.PageChannel, On: true}}), core.Conflict, "notif.mailonly")
		h.wants(h.c.SetNotif(h.ctx, h.as(h.owner), h.eve.ID, []core.NotifChoice{{Event: core.AccountSafety, Channel: core.MailChannel, On: false}}), core.Conflict, "notif.fixed")
	})
}
