package web

import (
	"net/http"
	"time"

	"planpost/core"
)

type heldView struct {
	Frame
	Items []heldRow
	More  string
}

// heldRow is a held message with what can be decided about it.
type heldRow struct {
	URL, Subject, From, FromName string
	Verified                     string
	TaskNumber                   int64
	TaskTitle                    string
	// OwnerName is whose reply address was used.
	OwnerName string
	At        time.Time
	Reason    string
	Params    []string
	Text      string
	// Release and Refuse are the addresses of the forms; empty when not allowed.
	Release, Refuse string
	// As is the known person with the From address; empty for a stranger.
	As      string
	MayJoin bool
}

// heldPage is how many held messages are shown at once; each is read whole.
const heldPage = 20

func (s *Site) held(w http.ResponseWriter, v *visit) error {
	items, err := s.core.Messages(v.Context(), v.actor, core.MessageFilter{Disposition: core.Held, Before: v.asked("before"), Limit: heldPage + 1})
	if err != nil {
		return err
	}
	view := heldView{}
	if len(items) > heldPage {
		items = items[:heldPage]
		view.More = v.after("before", string(items[heldPage-1].Receipt.ID))
	}
	for i := range items {
		m, err := s.core.Message(v.Context(), v.actor, items[i].Receipt.ID)
		if err != nil {
			return err
		}
		if row := s.heldRowOf(v, &m); row.Release != "" || row.Refuse != "" {
			view.Items = append(view.Items, row)
		}
	}
	if len(view.Items) == 0 {
		if err := s.mayDecide(v); err != nil {
			return err
		}
	}
	view.Frame = s.frame(v, v.t("page.held"))
	return s.render(w, v, http.StatusOK, "held", view)
}

// mayDecide keeps the empty page from who could never decide: everybody
// inside may become somebody who has to do with a task.
func (s *Site) mayDecide(v *visit) error {
	if v.staff() && v.actor.Person.Role != core.TechnicalAdministrator {
		return nil
	}
	return s.need(v, "inbound.quarantine.view", core.Object{})
}

func (s *Site) heldRowOf(v *visit, m *core.MessageView) heldRow {
	r := &m.Receipt
	row := heldRow{URL: "/messages/" + string(r.ID), Subject: m.Message.Subject, From: m.Message.From, FromName: m.Message.FromName, Verified: m.Message.Verified,
		TaskNumber: m.Task.Number, TaskTitle: m.Task.Title, OwnerName: m.Person.Name, At: r.ReceivedAt, Reason: r.Reason, Params: r.Params, Text: m.Words, As: m.Sender.Name}
	if m.May["inbound.quarantine.release"] && m.Releasable {
		row.Release = "/held/" + string(r.ID) + "/release"
		row.MayJoin = s.may(v, "task.add_participant", core.Object{Kind: "task", ID: m.Task.ID})
	}
	if m.May["inbound.quarantine.refuse"] {
		row.Refuse = "/held/" + string(r.ID) + "/refuse"
	}
	return row
}

func (s *Site) release(w http.ResponseWriter, v *visit) error {
	return s.decide(w, v, "released", func(id core.ID) error {
		_, err := s.core.Release(v.Context(), v.actor, id, core.Release{Join: v.PostFormValue("join") != ""})
		return err
	})
}

func (s *Site) refuse(w http.ResponseWriter, v *visit) error {
	return s.decide(w, v, "refused", func(id core.ID) error { return s.core.RefuseHeld(v.Context(), v.actor, id) })
}

func (s *Site) decide(w http.ResponseWriter, v *visit, done string, do func(core.ID) error) error {
	return act(w, v, "/messages/", done, do, s.messagePage)
}
