package web

import (
	"net/http"
	"time"

	"planpost/core"
)

// holderRoutes: who holds which index of a plan.
var holderRoutes = []route{
	{"GET", "/plans/{id}/holders", "plan.view", (*Site).holders},
	{"POST", "/plans/{id}/holders", "plan.send", (*Site).handedOnPaper},
}

type holdersView struct {
	Frame
	core.HoldersPage
	// Indices and Receivers are the choices of the form for a receipt on paper; empty for who may not write one down.
	Indices, Receivers []option
	Day                string
	// SendTo and SendAddresses are who holds an older index: people of the project, and addresses, a line each.
	SendTo        []core.ID
	SendAddresses string
}

func (s *Site) holders(w http.ResponseWriter, v *visit) error { return s.holdersPage(w, v, nil) }

func (s *Site) holdersPage(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	p, err := s.core.PlanHolders(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := holdersView{Frame: s.frame(v, v.t("holder.list")), HoldersPage: p, Day: s.today(v)}
	status := http.StatusOK
	version, person := string(p.Now.ID), ""
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
		version, person, view.Day = v.PostFormValue("version"), v.PostFormValue("person"), v.PostFormValue("day")
	}
	for i := range p.Versions {
		n := &p.Versions[i]
		view.Indices = append(view.Indices, option{string(n.ID), n.Index, string(n.ID) == version})
	}
	for i := range p.People {
		of := &p.People[i]
		view.Receivers = append(view.Receivers, option{string(of.ID), of.Name, string(of.ID) == person})
	}
	for i := range p.Rows {
		switch r := &p.Rows[i]; {
		case !r.Behind:
		case r.Of.Kind == core.AddressKind:
			view.SendAddresses += r.Of.Address().Mailbox() + "\n"
		default:
			view.SendTo = append(view.SendTo, r.Person)
		}
	}
	return s.render(w, v, status, "holders", view)
}

func (s *Site) handedOnPaper(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	plan, err := v.id("id")
	if err != nil {
		return err
	}
	version, _ := core.ParseID(v.PostFormValue("version"))
	person, ok := core.ParseID(v.PostFormValue("person"))
	if !ok {
		return s.holdersPage(w, v, core.Fail(core.Invalid, "holder.person"))
	}
	day, err := s.pastDay(v, v.PostFormValue("day"))
	if err == nil {
		err = s.core.HandedOnPaper(v.Context(), v.actor, plan, version, person, day)
	}
	switch {
	case err == nil:
		return redirect(w, v, planURL(plan)+"/holders", "holderpaper", "")
	case mendable(err):
		return s.holdersPage(w, v, err)
	}
	return err
}

// pastDay is the end of a day in the reader's zone; of today it is now, and so is no day at all.
func (s *Site) pastDay(v *visit, day string) (time.Time, error) {
	if day == "" || day == s.today(v) {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, day, s.zone(v.actor.Account.Zone))
	if err != nil {
		return at, core.Fail(core.Invalid, "holder.day")
	}
	return at.AddDate(0, 0, 1).Add(-time.Minute), nil
}
